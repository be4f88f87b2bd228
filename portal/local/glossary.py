"""The glossary governs the Chinese words: one row a term, and a word that is changed there is changed in every sentence that uses the term.

`locale/glossary.csv` is for people. `locale/glossary.lock` says with which words the catalogue was written last, and which sentences a person has
still to look at since; only the command writes it.
Knows texts and no catalogue: `translations.py` asks it of each message.
"""

import ast
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

FILE, LOCK = Path("locale/glossary.csv"), Path("locale/glossary.lock")
COLUMNS, KEPT = ("english", "chinese", "also", "note"), ("english", "chinese", "also", "open")
HAN = re.compile(r"[\u3400-\u9fff]")
# What a word is made of. A mark, a tag or a placeholder would be written into every sentence.
WORD = re.compile(r"[A-Za-z0-9 \u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af-]+")
# A term stands in a text but in another sense, or Chinese says it without a word of its own: (term, the English).
OTHER_SENSES = {
    ("verify", "Verify Your Email Address"),
    ("signature", "Awaiting signature"),  # the act, 签署
    ("clause", "Clause set , clauses , each accepted"),  # 第 1、2 条
    ("released", "Released"),  # the day of a letter, 签发
    ("party", "All {} parties"),  # 全部 5 方
}
# Signed with another word, and left so: a page that reads otherwise than when it was released is not sealed.
SIGNED = {
    ("attestation", "End-Use Attestation"),
    ("sealed", "Sealed by a local test authority made on this installation. It proves nothing outside it."),
    ("territory", "The distributor's authorisation for these goods and this territory on {}"),
    ("attestation", "It is no end-use attestation: nothing was declared or checked about what the goods will be used for"),
    ("attestation", "It releases no goods: each delivery needs a signed end-use declaration of the end user and its attestation"),
    (
        "case",
        "No biometric data of any person will be collected with the goods without a lawful basis for that case and that person's consent.",
    ),
    (
        "party",
        "The goods will not leave the named place of use or pass to a party not named here without the manufacturer's written consent.",
    ),
    ("goods", "The end user accepts a visit to verify the goods at the place of use, announced ten working days before."),
}
# Chinese that stands in no catalogue: what is frozen into documents and signed, in both languages at once. Folders and files.
OUTSIDE = ("templates/pdf", "certifications/attestations/compose.py", "certifications/letters/compose.py", "certifications/catalogue/seed.py",
           "portal/templatetags/pdf.py")  # fmt: skip


class Term(NamedTuple):
    """A row: the English, its Chinese words (where there are several, each is right somewhere) and what else may stand for it."""

    english: str
    chinese: tuple[str, ...]
    also: tuple[str, ...]

    @property
    def allowed(self) -> tuple[str, ...]:
        return (*self.chinese, *self.also)


class Unclear(NamedTuple):
    """What a person has to look at: the singular and the context of a message, its Chinese as it stands, and why."""

    english: str
    chinese: str
    context: str
    why: str


class Pair(NamedTuple):
    """A text in both languages that stands in no catalogue, and where: file:line."""

    place: str
    english: str
    chinese: str


# Reading and writing


def _text(path: Path) -> str:
    """A file as a spreadsheet program may have left it: with a mark in front, or in the encoding of a Chinese Windows."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _words(cell: str | None) -> tuple[str, ...]:
    return tuple(word for part in (cell or "").replace("／", "/").split("/") if (word := part.strip()))


def _table(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row with anything in it, the heads first. ValueError where a quotation mark is not closed."""
    reader, line = csv.reader(io.StringIO(_text(path), newline=""), strict=True), 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"line {line}: a quotation mark is not closed, or text stands behind it") from error


def _rows(path: Path) -> list[dict[str, str]]:
    heads, *rows = [cells for _line, cells in _table(path)] or [[]]
    return [dict.fromkeys((*COLUMNS, *KEPT), "") | dict(zip(heads, cells, strict=False)) for cells in rows]


def terms(path: Path) -> list[Term]:
    """The rows of a glossary without faults, or of a lock, in their order."""
    return [Term(row["english"], _words(row["chinese"]), _words(row["also"])) for row in _rows(path) if row["english"] and not row["open"]]


def unclear(lock: Path) -> list[Unclear]:
    """What a person had still to look at when the lock was written."""
    return (
        [Unclear(row["english"], row["chinese"], row["also"], row["open"]) for row in _rows(lock) if row["open"]] if lock.exists() else []
    )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()


def lock_bytes(found: Iterable[Term], look: Iterable[Unclear] = ()) -> bytes:
    return _csv(KEPT, [*((term.english, "/".join(term.chinese), "/".join(term.also), "") for term in found), *look])


def tidy(path: Path) -> None:
    """Write the glossary as it was before a spreadsheet program saved it: UTF-8, one way to quote, one kind of line end."""
    rows = [row for row in _rows(path) if row["english"]]
    plain = [[row["english"], "/".join(_words(row["chinese"])), "/".join(_words(row["also"])), row["note"]] for row in rows]
    path.write_bytes(_csv(COLUMNS, plain))


# The words of a text


@cache
def _english(term: str) -> re.Pattern[str]:
    plural = re.escape(term[:-1]) + "(?:y|ies)" if term.endswith("y") else re.escape(term) + "(?:s|es)?"
    return re.compile(rf"(?<![\w-]){plural}(?![\w-])", re.IGNORECASE)


def used(english: str, known: Iterable[Term]) -> dict[str, int]:
    """The terms that a text uses, each with how often. A term inside a longer one is not used: "declaration" in "end-use declaration"."""
    text = re.sub(r"%\(\w+\)[sd]", "", english)
    found: dict[str, int] = {}
    for term in sorted(known, key=lambda one: -len(one.english)):
        # Most texts use few terms: a pattern is asked only where its term may be.
        if term.english[:-1].casefold() not in text.casefold():
            continue
        text, n = _english(term.english).subn("\N{NULL}", text)
        if n:
            found[term.english] = n
    return found


def breaches(english: str, chinese: str, known: Sequence[Term]) -> list[str]:
    """Terms that the English uses and the Chinese has no word of."""
    there = used(english, known)
    return [
        term.english
        for term in known
        if term.english in there
        and not any(word in chinese for word in term.allowed)
        and (term.english, english) not in OTHER_SENSES | SIGNED
    ]


# What is wrong with the glossary itself


def faults(path: Path) -> list[str]:
    """One sentence for each line that cannot be meant, or of which something would be lost when the file is written anew."""
    try:
        (_line, heads), *rows = list(_table(path)) or [(1, [])]
    except ValueError as error:
        return [f"glossary.csv, {error}."]
    named = [head for head in heads if head]
    said = [f"glossary.csv, line 1: {head!r} is no column of it." for head in named if head not in COLUMNS]
    said += [f"glossary.csv, line 1: the column {head!r} has to stand in it once." for head in COLUMNS if named.count(head) != 1]
    first: dict[str, int] = {}
    for line, cells in rows if not said else ():
        row = dict(zip(heads, cells, strict=False))
        english, words = row.get("english", ""), (*_words(row.get("chinese")), *_words(row.get("also")))
        found = []
        if any(cell for place, cell in enumerate(cells) if place >= len(heads) or not heads[place]):
            found.append('more cells than columns. Put a text with a comma between quotation marks: "..."')
        if not english:
            found.append("its English is missing")
        elif first.setdefault(english.casefold(), line) != line:
            found.append(f"{english!r} stands in it twice, first in line {first[english.casefold()]}")
        if english and not _words(row.get("chinese")):
            found.append(f"{english!r} has no Chinese word")
        for word in words:
            if not HAN.search(word):
                found.append(f"{word!r} of {english!r} is not Chinese")
            elif not WORD.fullmatch(word):
                found.append(
                    f"{word!r} of {english!r} holds more than Chinese and Latin letters, digits, spaces and hyphens; / parts several words"
                )
        said += [f"glossary.csv, line {line}: {one}." for one in found]
    return said


def not_written(found: Iterable[Term], lock: Path) -> list[str]:
    """One sentence for each row that is otherwise than when the catalogue was written."""
    old = {term.english: term for term in terms(lock)} if lock.exists() else {}
    new = {term.english: term for term in found}
    return [
        f"glossary.csv was changed at {name!r}, and the sentences were not: run the command without --check."
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


# Changing a word


class Changes:
    """What of the glossary was changed since the catalogue was written, and what that makes of a text."""

    def __init__(self, old: Sequence[Term], new: Sequence[Term]) -> None:
        self.terms = new
        before = {term.english: term for term in old}
        # By term: each word that it has no more, with the one that takes its place, or "" where the rows do not say which.
        self.of: dict[str, dict[str, str]] = {}
        for term in new:
            if term.english in before and (lost := dict(_lost(before[term.english], term))):
                self.of[term.english] = lost
        self.lost = {word for lost in self.of.values() for word in lost}
        words = {word for term in (*old, *new) for word in term.allowed}
        # The longest first: a word inside a longer one is left whole.
        self._pattern = re.compile("|".join(map(re.escape, sorted(words, key=lambda one: (-len(one), one))))) if words else None

    def __bool__(self) -> bool:
        return bool(self.of)

    def free(self, chinese: str) -> list[str]:
        """The words of a text that some term has no more, where they stand for themselves and are no part of a longer word."""
        return [found[0] for found in self._pattern.finditer(chinese) if found[0] in self.lost] if self._pattern else []

    def longer(self) -> list[str]:
        """Sentences on rows that hold a changed word inside a longer one, and were left."""
        return [
            f"The row {term.english!r} still says {word}, with {lost} in it. Change it as well if it is meant."
            for term in self.terms
            for word in term.allowed
            for lost in sorted(self.lost)
            if lost in word and lost != word
        ]

    def applied(self, english: str, chinese: str, plural: str = "") -> tuple[str, str]:
        """(the text with the new words, why a person shall look at it or ""); `plural` where the English has two forms and Chinese one.

        Changed is only a word whose term the English uses, and only where it is clear which term the word stands for.
        """
        if not any(word in chinese for word in self.lost):
            return chinese, ""
        there = used(english, self.terms)
        # Chinese says once what English says in both forms.
        there |= {name: max(n, there.get(name, 0)) for name, n in used(plural, self.terms).items()}
        new: dict[str, set[str]] = {}
        stays: set[str] = set()
        for term in self.terms:
            if term.english in there:
                for lost, now in self.of.get(term.english, {}).items():
                    new.setdefault(lost, set()).add(now)
                stays |= self.lost & set(term.allowed)
        why: list[str] = []
        mapping: dict[str, str] = {}
        held = self.free(chinese)
        for word in dict.fromkeys(held):
            if word in stays and word not in new:
                continue  # another term's, and still right
            if word not in new:
                why.append(f"{word} stands here, and the English does not name its term")
            elif word in stays or len(new[word]) > 1 or "" in new[word]:
                why.append(f"it is not clear what takes the place of {word}")
            else:
                mapping[word] = next(iter(new[word]))
                names = [name for name, lost in self.of.items() if word in lost and name in there]
                if held.count(word) > sum(there[name] for name in names):
                    why.append(f"{word} was changed more often than the English says it")
        for name in there:
            why += [
                f"{word} stands here only inside a longer word"
                for word in self.of.get(name, {})
                if word in chinese and word not in held and not _within(word, chinese, there, self.terms)
            ]
        pattern = self._pattern
        text = pattern.sub(lambda found: mapping.get(found[0], found[0]), chinese) if pattern and mapping else chinese
        return text, "; ".join(why)


def _within(word: str, chinese: str, there: Iterable[str], known: Iterable[Term]) -> bool:
    """Whether the longer word that holds it is that of a term which the English uses as well."""
    names = set(there)
    return any(word in held and word != held and held in chinese for term in known if term.english in names for held in term.allowed)


def _lost(old: Term, new: Term) -> Iterator[tuple[str, str]]:
    """Each word that a row has no more and the new one in its place, or "" where the row does not say which.

    A word that the row had before takes no other's place: it was moved, or an alternative before it was taken out.
    """
    for before, after in ((old.chinese, new.chinese), (old.also, new.also)):
        gone = [word for word in before if word not in new.allowed]
        came = [word for word in after if word not in old.allowed]
        for place, word in enumerate(before):
            if word not in gone:
                continue
            if len(before) == len(after) and after[place] in came:
                yield word, after[place]
            else:
                yield word, came[0] if len(gone) == len(came) == 1 else ""


# Chinese outside the catalogue


def outside(root: Path) -> Iterator[Pair]:
    """Every text in both languages of OUTSIDE, in its order."""
    for name in OUTSIDE:
        path = root / name
        files = sorted(path.rglob("*.html")) if path.is_dir() else [path] if path.exists() else []
        for file in files:
            place = file.relative_to(root).as_posix()
            found = _of_template if file.suffix == ".html" else _of_code
            yield from (Pair(f"{place}:{line}", english, chinese) for line, english, chinese in found(file.read_text(encoding="utf-8")))


def _of_code(text: str) -> Iterator[tuple[int, str, str]]:
    """An English string and the Chinese one behind it: of a row, or under "en" and "zh"."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Tuple | ast.List):
            cells: Sequence[ast.expr] = node.elts
        elif isinstance(node, ast.Dict):
            cells = node.values
        else:
            continue
        said = [(cell.lineno, _constant(cell)) for cell in cells]
        for (_line, english), (line, chinese) in pairwise(said):
            if english and not HAN.search(english) and HAN.search(chinese):
                yield line, english, chinese


def _constant(node: ast.expr) -> str:
    """What of a string stands in the code; {} where it is made by running."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


_CHINESE = re.compile(r"<(span|p)\b[^>]*\blang=\"zh-Hans\"[^>]*>(.*?)</\1>", re.DOTALL)


def _of_template(text: str) -> Iterator[tuple[int, str, str]]:
    """What is marked as Chinese, with the English in front of it in the same element, or in the paragraph before."""
    # What is made by running is no word of either language.
    plain = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{% comment %\}.*?\{% endcomment %\}|\{%.*?%\}", "", text)
    end = 0
    for found in _CHINESE.finditer(plain):
        before = plain[end : found.start()]
        english = _words_of(before) or (_words_of(re.sub(r"<p\b[^>]*>\s*$|</p>\s*$", "", before.rstrip())) if found[1] == "p" else "")
        yield plain.count("\n", 0, found.start()) + 1, english, _words_of(found[2])
        end = found.end()


def _words_of(html: str) -> str:
    """The text behind the last heading, cell or list row that begins or ends in a piece of HTML."""
    piece = re.split(r"</?(?:p|dt|dd|h\d|li|td|th|div|section|ul|table|footer|header)\b[^>]*>", html)[-1]
    return " ".join(re.sub(r"<[^>]*>", " ", piece).split())
