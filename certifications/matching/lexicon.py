"""The engine's vocabulary: which written forms stand for which place, body, legal form or word.

Built once per process from the data files. Knows how a word may be written (Chinese, pinyin,
English) and nothing of names, scores or lists.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from certifications.matching.readings import reading
from certifications.matching.tables import rows, values
from certifications.matching.text import normalise

# Which meaning wins where one spelling has several.
_ORDER = ("place", "body", "form", "brand", "ethnic", "rank", "term")
# A romanisation this short is a word of many languages; it needs its rank word beside it.
_SHORTEST_BARE = 4
# Spellings of Tibetan, Uyghur and Mongol names are no words of pinyin: from this length on they need no rank word.
_SHORTEST_FOREIGN = 6
# The strength of a place name that counts only right before a public body: 沙雅 in 沙雅公安局, not in 沙雅科技.
SHORT = "short"


@dataclass(frozen=True, slots=True, eq=False)  # told apart by identity: a key of caches that is asked by the million
class Form:
    """One written form (no blanks): what it stands for and, for bodies, which classes that gives."""

    kind: str
    concepts: frozenset[str]
    classes: tuple[str, ...] = ()
    strength: str = ""


@dataclass(slots=True)
class Table:
    """Forms by spelling, with the lengths that occur per first characters so that look-ups stay few: `lengths` has those of
    all forms by their first `head` characters, `long` those of `far` characters and more by their first `far`.

    `shorts` are place names that count beside a body only; the same spelling may be a word as well (和平, 新华).
    """

    head: int
    far: int
    forms: dict[str, Form] = field(default_factory=dict)
    shorts: dict[str, Form] = field(default_factory=dict)
    lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)
    long: dict[str, tuple[int, ...]] = field(default_factory=dict)
    short: dict[str, tuple[int, ...]] = field(default_factory=dict)  # the rest of `lengths`
    meanings: dict[str, tuple[Form, ...]] = field(default_factory=dict)  # both together, once sealed

    def add(self, text: str, form: Form) -> None:
        if form.strength == SHORT:
            held = self.shorts.get(text)
            self.shorts[text] = replace(form, concepts=form.concepts | held.concepts) if held else form
            return
        held = self.forms.get(text)
        if held is None or _ORDER.index(form.kind) < _ORDER.index(held.kind):
            self.forms[text] = form
        elif held.kind == form.kind and held.kind in {"place", "term"}:
            self.forms[text] = replace(held, concepts=held.concepts | form.concepts)

    def seal(self) -> None:
        found: dict[str, set[int]] = defaultdict(set)
        far: dict[str, set[int]] = defaultdict(set)
        for text in (*self.forms, *self.shorts):
            found[text[: self.head]].add(len(text))
            if len(text) >= self.far:
                far[text[: self.far]].add(len(text))
        self.lengths = {head: tuple(sorted(lengths, reverse=True)) for head, lengths in found.items()}
        self.long = {head: tuple(sorted(lengths, reverse=True)) for head, lengths in far.items()}
        self.short = {head: tuple(n for n in lengths if n < self.far) for head, lengths in self.lengths.items()}
        self.meanings = {text: tuple(self._named(text)) for text in (*self.forms, *self.shorts)}

    def at(self, text: str, start: int) -> list[tuple[int, Form]]:
        """Every form that begins at `start`: its end and itself, longest first."""
        short = self.short.get(text[start : start + self.head])
        if short is None:
            return []
        meanings, size, found = self.meanings, len(text), []
        long = self.long.get(text[start : start + self.far])
        for length in short if long is None else long + short:
            end = start + length
            if end <= size:
                for form in meanings.get(text[start:end], ()):
                    found.append((end, form))
        return found

    def _named(self, text: str) -> Iterator[Form]:
        """What a spelling stands for: its meaning, and the place that it may be beside a body."""
        form, short = self.forms.get(text), self.shorts.get(text)
        if short is not None and (form is None or form.kind != "place"):
            yield short
        if form is not None:
            yield form


@dataclass(slots=True)
class Lexicon:
    """`han` matches anywhere in Chinese text, `phrases` between word ends, `pinyin` between syllables."""

    han: Table = field(default_factory=lambda: Table(head=1, far=3))
    phrases: Table = field(default_factory=lambda: Table(head=3, far=5))
    pinyin: Table = field(default_factory=lambda: Table(head=3, far=5))
    hints: dict[str, frozenset[str]] = field(default_factory=dict)
    place_names: dict[str, str] = field(default_factory=dict)

    def add_han(self, text: str, form: Form) -> None:
        """A Chinese form, and its reading as a pinyin form."""
        text = normalise(text).replace(" ", "")
        self.han.add(text, form)
        spoken = "".join(reading(text))
        if len(text) > 1 and spoken.isascii() and spoken.isalnum() and len(spoken) >= self.pinyin.head:
            self.pinyin.add(spoken, form)

    def add_phrases(self, texts: Iterable[str], form: Form) -> None:
        for text in texts:
            self.phrases.add(normalise(text).replace(" ", ""), form)


_RANKS = (
    # ending of the official name, English words before or after it, pinyin of the rank
    ("维吾尔自治区", ("autonomous region", "uyghur autonomous region", "uighur autonomous region", "uygur autonomous region"), "zizhiqu"),
    ("壮族自治区", ("autonomous region", "zhuang autonomous region"), "zizhiqu"),
    ("回族自治区", ("autonomous region", "hui autonomous region"), "zizhiqu"),
    ("特别行政区", ("special administrative region", "sar"), "tebiexingzhengqu"),
    ("自治区", ("autonomous region",), "zizhiqu"),
    ("自治州", ("autonomous prefecture", "prefecture"), "zizhizhou"),
    ("自治县", ("autonomous county", "county"), "zizhixian"),
    ("自治旗", ("autonomous banner", "banner"), "zizhiqi"),
    ("地区", ("prefecture", "district", "region", "area"), "diqu"),
    ("省", ("province", "provincial"), "sheng"),
    ("市", ("city", "municipality", "municipal"), "shi"),
    ("县", ("county",), "xian"),
    ("区", ("district",), "qu"),
    ("盟", ("league",), "meng"),
    ("旗", ("banner",), "qi"),
)  # fmt: skip


def _stem(name: str, peoples: list[str]) -> tuple[str, tuple[str, ...], str, str]:
    """An official place name cut into stem, English rank words, pinyin rank, Chinese rank."""
    for ending, english, spoken in _RANKS:
        if name.endswith(ending) and len(name) > len(ending):
            stem = name.removesuffix(ending)
            if ending.startswith("自治"):
                cut = True
                while cut:
                    cut = False
                    for people in peoples:
                        if stem.endswith(people) and len(stem) > len(people):
                            stem, cut = stem.removesuffix(people), True
            return stem, english, spoken, ending
    return name, (), "", ""


def stem_of(name: str) -> tuple[str, str, str]:
    """(stem, rank in pinyin, rank in Chinese) of an official place name: 宁波市 is 宁波, shi, 市."""
    stem, _english, spoken, ending = _stem(name, _peoples())
    return stem, spoken, ending


@lru_cache(maxsize=1)
def _peoples() -> list[str]:
    """Longest first; kept, because every division of China asks for it."""
    return sorted((h for row in rows("people") for h in values(row["han"])), key=len, reverse=True)


def han_names(name: str, stem: str, ending: str, *, bare: bool) -> Iterator[str]:
    """The official Chinese name and the shorter ones in use: 伊犁哈萨克自治州, 伊犁州, 伊犁."""
    yield name
    if bare and len(stem) > 1:
        yield stem
    if ending == "自治州":
        yield stem + "州"
    elif ending == "自治县" and len(stem) > 1:
        yield stem + "县"
    elif ending.endswith("自治区"):
        yield stem + "自治区"


def _former_names(code: str, stem: str, ending: str) -> Iterator[str]:
    """What a division was before it was raised: 库车县 is 库车市 today, 哈密地区 哈密市, 新会市 新会区."""
    if len(stem) < 2 or code.endswith("0000"):
        return
    if code.endswith("00"):
        if ending == "市":
            yield stem + "地区"
    elif ending in {"市", "区"}:
        yield stem + "县"


def _add_places(lexicon: Lexicon) -> None:
    peoples = _peoples()
    table = rows("divisions")
    official = {row["name"] for row in table}
    for row in table:
        code, name, bare = row["code"], row["name"], row["bare"] in {"yes", "han"}
        form = Form("place", frozenset({code}))
        short = replace(form, strength=SHORT)
        stem, english, spoken, ending = _stem(name, peoples)
        lexicon.place_names[code] = name
        former = (text for text in _former_names(code, stem, ending) if text not in official)
        for text in (*han_names(name, stem, ending, bare=bare), *values(row["short_names"]), *former):
            lexicon.add_han(text, form)
        if not bare and len(stem) > 1:
            lexicon.add_han(stem, short)
        romanised = {normalise(r).replace(" ", "") for r in values(row["romanisations"])}
        plain = "".join(reading(stem))
        if not code.endswith("0000"):  # the reading of 陕西 is the English name of 山西
            romanised.add(plain)
        for latin in romanised:
            if len(latin) >= _SHORTEST_BARE - 1:
                foreign = latin != plain and len(latin) >= _SHORTEST_FOREIGN
                wanted = row["bare"] == "yes" and len(latin) >= _SHORTEST_BARE
                lexicon.phrases.add(latin, form if wanted or foreign else short)
            lexicon.add_phrases((f"{latin} {word}" for word in (*english, spoken)), form)


def _add_corps(lexicon: Lexicon) -> None:
    for row in rows("xpcc"):
        form = Form("place", frozenset({row["code"]}), ("xpcc",), "division")
        for numeral in (row["han_numeral"], row["number"]):
            for pattern in ("第{}师", "兵团{}师", "农{}师", "农业第{}师", "农业建设第{}师"):
                lexicon.add_han(pattern.format(numeral), form)
        lexicon.add_han(f"{row['han_numeral']}师", form)
        lexicon.add_phrases((f"{o} division" for o in values(row["ordinal"])), form)
        lexicon.add_phrases((f"{o} agricultural division" for o in values(row["ordinal"])), form)


def _add_words(lexicon: Lexicon) -> None:
    for row in rows("bodies"):
        form = Form("body", frozenset({row["concept"]}), tuple(c for c in row["classes"].split("+") if c), row["strength"])
        for text in values(row["han"]):
            lexicon.add_han(text, form)
        lexicon.add_phrases(values(row["latin"]), form)
    for table, kind in (("forms", "form"), ("people", "ethnic"), ("ranks", "rank")):
        for row in rows(table):
            form = Form(kind, frozenset({row["concept"]}))
            for text in values(row["han"]):
                # A single rank character is part of a place or of nothing.
                if kind != "rank" or len(text) > 1:
                    lexicon.add_han(text, form)
            lexicon.add_phrases(values(row["latin"]), form)


def _add_glosses(lexicon: Lexicon) -> None:
    for table, kind in (("brands", "brand"), ("glossary", "term")):
        for row in rows(table):
            words = values(row["han"])
            form = Form(kind, frozenset({words[0]}))
            for word in words:
                if len(word) > 1:
                    lexicon.add_han(word, form)
                else:
                    # One character is too little to cut a name at; it only hints at its English word.
                    lexicon.hints[word] = lexicon.hints.get(word, frozenset()) | form.concepts
            lexicon.add_phrases(values(row["latin"]), form)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The vocabulary of this process; built on first use (about half a second)."""
    built = Lexicon()
    for add in (_add_places, _add_corps, _add_words, _add_glosses):
        add(built)
    for table in (built.han, built.phrases, built.pinyin):
        table.seal()
    return built


@lru_cache(maxsize=1)
def rank_endings() -> dict[str, tuple[str, ...]]:
    """Rank concept to the endings that official names of that rank have."""
    return {row["concept"]: tuple(values(row["ends"])) for row in rows("ranks")}
