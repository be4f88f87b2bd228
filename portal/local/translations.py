"""Gathers the words of pages and code into locale/<language>/LC_MESSAGES/django.po, checks them and compiles django.mo.

Needs Babel, a requirement of development alone: the .mo is in the repository, so that a server needs nothing of this.
A word that was changed in locale/glossary.csv is changed in every sentence that uses its term (glossary.py).
Needs no settings and no database: `python -m portal.local.translations [--check]` is `manage.py compile_translations`.
"""

import argparse
import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from portal.local import glossary
from portal.local.borrowed import BORROWED

ROOT = Path(__file__).resolve().parents[2]
LANGUAGE = "zh_Hans"
FOLDER = ROOT / "locale" / LANGUAGE / "LC_MESSAGES"
CODE = ("portal", "certifications")
TEMPLATES = "templates"

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = """\
# Simplified Chinese words of the end-use certification portal.
# Terms are those of locale/glossary.csv. After a change: ./dev manage compile_translations
#"""
FIELDS = [
    ("Project-Id-Version", "end-use-certification-portal"),
    ("Language", LANGUAGE),
    ("MIME-Version", "1.0"),
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Transfer-Encoding", "8bit"),
    ("Plural-Forms", "nplurals=1; plural=0;"),
]
# What a translation must hold as often as its original does: tags, entities, named, bare and braced values.
PLACEHOLDER = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w+;|%\(\w+\)[a-z]|%[sdr%]|\{\w*(?:[.!:\[][^{}]*)?\}")

Key = tuple[str, str]  # context or "", the singular


class Words(Catalog):
    """A catalogue whose header never names a date, a person or a version, so that the same words make the same bytes."""

    mime_headers = FIELDS  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__(locale=LANGUAGE, header_comment=HEADER, fuzzy=False)


def singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def original(message: Message) -> str:
    """The form that a language without a singular translates: the plural where there is one."""
    return message.id if isinstance(message.id, str) else message.id[1]


def translated(message: Message) -> str:
    return message.string if isinstance(message.string, str) else next(iter(message.string or ()), "")


def english(message: Message) -> str:
    """Both forms where there are two."""
    return "\n".join(dict.fromkeys((singular(message), original(message))))


def key(message: Message) -> Key:
    return (message.context or "", singular(message))


def _python_of(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    # A template's own indentation means nothing to Python's tokenizer, and would stop it.
    return "\n".join(line.lstrip() for line in templatize(text, origin=path.name).splitlines())


def sources(root: Path = ROOT) -> list[Path]:
    """Every file that may hold words: code without migrations, and templates of pages, letters and documents."""
    code = [path for folder in CODE for path in (root / folder).rglob("*.py") if "migrations" not in path.parts]
    pages = [path for path in (root / TEMPLATES).rglob("*") if path.suffix in {".html", ".txt"}]
    return sorted(code + pages)


def found_in(path: Path) -> Iterator[tuple[str, str, str | tuple[str, str]]]:
    """(context, singular, singular or both forms) of each call of gettext in a file, in its order."""
    text = _python_of(path).encode()
    for _line, function, arguments, _comments in extract_python(io.BytesIO(text), list(KEYWORDS), [], {"encoding": "utf-8"}):
        given = [arguments] if isinstance(arguments, str) else list(arguments or ())
        spec = KEYWORDS[function] or (1,)
        context = given.pop(0) if isinstance(spec[0], tuple) else ""
        forms = tuple(given[: len(spec) - bool(isinstance(spec[0], tuple))])
        if forms and all(isinstance(form, str) and form for form in forms):
            yield context or "", forms[0], forms if len(forms) > 1 else forms[0]


def gather(root: Path = ROOT) -> Words:
    """Every message of the sources, then those borrowed from packages, none translated: by the first file that holds it,
    then by its place there.

    A message that is plural anywhere is plural everywhere, as in gettext itself.
    """
    words = Words()
    for path in sources(root):
        for context, _first, form in found_in(path):
            words.add(form, locations=[(path.relative_to(root).as_posix(), 1)], context=context or None)
    for package, forms in BORROWED.items() if root == ROOT else ():
        for form in forms:
            words.add(form, locations=[(package, 1)])
    return words


def read(folder: Path = FOLDER) -> Catalog:
    path = folder / "django.po"
    if not path.exists():
        return Words()
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def merged(folder: Path = FOLDER, root: Path = ROOT) -> tuple[Words, list[str]]:
    """The gathered words with the translations that are there, and the singulars that nothing uses any more."""
    words, kept = gather(root), {key(message): message for message in read(folder) if message.id}
    for message in words:
        old = kept.pop(key(message), None) if message.id else None
        if old is not None and not old.fuzzy:
            message.string = translated(old) if isinstance(message.id, str) else (translated(old),)
    return words, [first for _context, first in kept]


def po_bytes(words: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, words, width=0, include_lineno=False)
    return file.getvalue()


def mo_bytes(words: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, words)
    return file.getvalue()


def placeholders(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text))


def faults(message: Message) -> list[str]:
    """What is wrong with one translation."""
    text, wanted = translated(message), original(message)
    if message.fuzzy:
        return ["is marked fuzzy"]
    if not text.strip():
        return ["has no translation"]
    found = []
    if placeholders(text) != placeholders(wanted):
        lost, extra = placeholders(wanted) - placeholders(text), placeholders(text) - placeholders(wanted)
        found.append(f"lacks {sorted(lost)} and has {sorted(extra)} too much")
    if (text != text.strip()) != (wanted != wanted.strip()):
        found.append("begins or ends with a space where the original does not, or the other way round")
    return found


def uncounted(root: Path = ROOT) -> list[str]:
    """Singulars that one place asks for without a number, and another with one that stands in its plural alone.

    gettext answers both with the one translation, and the first place would show `%(n)s` where Chinese has the number.
    """
    alone, plural = set(), {}
    for path in sources(root):
        for context, first, form in found_in(path):
            if isinstance(form, str):
                alone.add((context, first))
            else:
                plural[context, first] = form[1]
    return sorted(
        first for (context, first), many in plural.items() if (context, first) in alone and placeholders(many) - placeholders(first)
    )


def problems(folder: Path = FOLDER, root: Path = ROOT) -> list[str]:
    """One sentence for each thing that keeps the language from being complete; none when all is well."""
    gathered = {key(message): message for message in gather(root) if message.id}
    there = read(folder)
    kept = {key(message): message for message in there if message.id}
    found = [f"Not in django.po: {first!r}" for (context, first) in gathered if (context, first) not in kept]
    found += [f"Nothing uses any more: {first!r}" for (context, first) in kept if (context, first) not in gathered]
    found += [f"Kept though obsolete: {singular(message)!r}" for message in there.obsolete.values()]
    found += [f"{first!r} {fault}" for (_, first), message in kept.items() for fault in faults(message)]
    found += [f"Asked for without a number that its translation shows: {first!r}" for first in uncounted(root)]
    if found:
        return found
    words, _unused = merged(folder, root)
    found += unlike_the_glossary(kept.values(), root)
    if po_bytes(words) != (folder / "django.po").read_bytes():
        found.append("django.po is not written as the command writes it.")
    compiled = folder / "django.mo"
    if not compiled.exists() or compiled.read_bytes() != mo_bytes(words):
        found.append("django.mo is not what django.po compiles to.")
    return found


def unlike_the_glossary(messages: Iterable[Message], root: Path = ROOT) -> list[str]:
    """One sentence for each text, of the catalogue and outside it, that uses another word than the glossary's; nothing where there is none."""
    path = root / glossary.FILE
    if not path.exists():
        return []
    found = glossary.faults(path) or glossary.not_written(glossary.terms(path), root / glossary.LOCK)
    if found:
        return found
    known, messages = glossary.terms(path), list(messages)
    there = {key(message): translated(message) for message in messages}
    look = [one for one in glossary.unclear(root / glossary.LOCK) if there.get((one.context, one.english)) == one.chinese]
    texts = [(repr(singular(message)), english(message), translated(message)) for message in messages]
    texts += [(pair.place, pair.english, pair.chinese) for pair in glossary.outside(root)]
    return [f"Not looked at yet, {one.english!r}: {one.why}." for one in look] + [
        f"{place} uses the term {term!r}, and its Chinese has no word of it: {chinese}"
        for place, text, chinese in texts
        for term in glossary.breaches(text, chinese, known)
    ]


def write(folder: Path = FOLDER, root: Path = ROOT, *, seen: bool = False) -> list[str]:
    """Update the .po and the .mo, with the words of the glossary as they are now.

    Returns one sentence for each thing that was done or was left to a person. What was left is said again each time until its Chinese
    was changed by hand, or the person `seen` it and leaves it as it is. Nothing is written where a new word would damage a sentence.
    """
    words, dropped = merged(folder, root)
    said = [f"Dropped, for nothing uses it: {first!r}" for first in dropped]
    path, lock = root / glossary.FILE, root / glossary.LOCK
    sound = path.exists() and not glossary.faults(path)
    known = glossary.terms(path) if sound else []
    changes = glossary.Changes(glossary.terms(lock) if lock.exists() else [], known)
    left = {} if seen else {(one.context, one.english): one for one in glossary.unclear(lock)}
    look: list[tuple[Message, str]] = []
    damaged: list[str] = []
    for message in (message for message in words if message.id):
        before, old = translated(message), left.get(key(message))
        after, why = changes.applied(singular(message), before, original(message)) if changes else (before, "")
        if after != before:
            wrong = faults(message)
            message.string = after if isinstance(message.id, str) else (after,)
            said.append(f"Changed: {singular(message)!r}\n    {before}\n    {after}")
            damaged += [
                f"Nothing was written: with the new word {singular(message)!r} {fault}.\n    {after}"
                for fault in faults(message)
                if fault not in wrong
            ]
        reasons = [one for one in (old.why if old and old.chinese == before else "", why) if one]
        look += [(message, "; ".join(dict.fromkeys(reasons)))] if reasons else []
    if damaged:
        return damaged
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "django.po").write_bytes(po_bytes(words))
    (folder / "django.mo").write_bytes(mo_bytes(words))
    if known:
        glossary.tidy(path)
        lock.write_bytes(
            glossary.lock_bytes(known, [glossary.Unclear(singular(m), translated(m), m.context or "", why) for m, why in look])
        )
    lines = {key(message): message.lineno for message in read(folder) if message.id} if look else {}
    said += [
        f"Look at django.po:{lines[key(m)]} ({m.locations[0][0]}): {why}.\n    {singular(m)!r}\n    {translated(m)}" for m, why in look
    ]
    if not changes:
        return said
    return said + changes.longer() + [f"Not changed, for it is signed as it stands: {line}" for line in _frozen(changes, root)]


def _frozen(changes: glossary.Changes, root: Path) -> list[str]:
    """Texts outside the catalogue that hold a word which was changed: a programmer makes a new version of the document or clause."""
    return [
        f"{pair.place}: {pair.chinese}"
        for pair in glossary.outside(root)
        if changes.free(pair.chinese) and (not pair.english or set(glossary.used(pair.english, changes.terms)) & changes.of.keys())
    ]


def main(arguments: list[str] | None = None) -> int:
    """Update and compile, or with --check change nothing; 1 when something is missing, each thing on a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a word is missing, empty or out of date")
    parser.add_argument("--seen", action="store_true", help="what was said to be looked at is right as it stands, and is not said again")
    given = parser.parse_args(arguments)
    if not given.check:
        for line in write(seen=given.seen):
            print(line)
    found = problems()
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
