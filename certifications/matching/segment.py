"""Turns the cuts of a name into units: places, bodies, legal forms, words with a known meaning, and the rest.

Knows what parts mean beside one another. Must not know how a text is cut, scores, lists or classes.
"""

from functools import lru_cache
from typing import NamedTuple

from certifications.matching.cuts import Reading, cut, tokens
from certifications.matching.hints import inside, parts
from certifications.matching.lexicon import SHORT, Form, lexicon, rank_endings
from certifications.matching.readings import reading, same_vowel, syllables
from certifications.matching.text import fold, has_han

_STOP = frozenset({
    "of", "the", "and", "for", "in", "at", "on", "by", "to", "de", "la", "le", "les", "el", "du", "des", "und", "der", "die", "das",
    "van", "von", "e", "y", "i", "al", "ul", "abu", "bin", "ibn", "formerly", "known", "as", "fka", "aka", "dba",
})  # fmt: skip
_NAME_PARTICLES = frozenset({"al", "ul", "el", "abu", "bin", "ibn", "de", "la", "van", "von", "der", "du"})
_SHORT_RANKS = {"shi": "city", "xian": "county", "qu": "district", "zhou": "aprefecture", "sheng": "province"}


class Unit(NamedTuple):  # made by the million: a frozen dataclass takes three times as long
    """One part of a name.

    `kind`: place, body, form, ethnic, rank, term, brand (Chinese rest), word (other rest), street.
    `concepts` name its meanings; `syllables` its reading; [start, end) its place in the plain text, where that was asked for (`placed_units`).
    `implied` marks a place that a smaller one in the same name contains.
    """

    kind: str
    text: str
    start: int = 0
    end: int = 0
    concepts: frozenset[str] = frozenset()
    syllables: tuple[str, ...] = ()
    han: bool = False
    classes: tuple[str, ...] = ()
    strength: str = ""
    hints: frozenset[str] = frozenset()
    implied: bool = False


@lru_cache(maxsize=100_000)
def _unit(part: str, how: str, form: Form | None) -> Unit | None:
    """The unit that a part makes, at no place of its own; None for a word that says nothing. Parts recur from name to name."""
    if form is not None:
        han = has_han(part)
        hints = frozenset[str]() if form.kind != "term" else parts(part) if han else inside(part)
        spoken = reading(part) if han else syllables(part)
        return Unit(form.kind, part, 0, 0, form.concepts, spoken, han, form.classes, form.strength, hints - form.concepts)
    if how == "street":
        return Unit("street", part, syllables=reading(part) if has_han(part) else (), han=has_han(part))
    if how == "rest":
        hints = frozenset[str]().union(*(lexicon().hints.get(char, frozenset()) for char in part))
        return Unit("brand", part, syllables=reading(part), han=True, hints=hints)
    if part in _STOP and part not in _NAME_PARTICLES:
        return None
    said = tuple(map(same_vowel, syllables(part)))
    return Unit("word", part, syllables=said, hints=frozenset() if said else inside(part))


def _units(found: Reading, origin: list[int] | None) -> list[Unit]:
    """The reading as units; neighbouring unknown characters and syllables of one word become one.

    With `origin`, where each character stood, each unit says where it stands.
    """
    text, path, words = found
    units: list[Unit] = []
    number, size = 0, len(path)
    while number < size:
        start, end, how, form = path[number]
        number += 1
        if how in {"rest", "syllable"}:
            while number < size and path[number][2] == how and (how == "rest" or end not in words):
                end = path[number][1]
                number += 1
        unit = _unit(text[start:end], how, form)
        if unit is not None:
            units.append(unit if origin is None else unit._replace(start=origin[start], end=origin[end - 1] + 1))
    return units


def _ranked(place: Unit, rank: str) -> frozenset[str]:
    """The meanings of a place name that fit the rank beside it; all of them where none fits."""
    ends = rank_endings().get(rank, ())
    names = lexicon().place_names
    fitting = frozenset(code for code in place.concepts if names[code].endswith(ends))
    return fitting or place.concepts


def _with_ranks(units: list[Unit]) -> list[Unit]:
    """Joins a place with the peoples and the rank that follow it, as in Bayingolin Mongolian Autonomous Prefecture."""
    out: list[Unit] = []
    number = 0
    while number < len(units):
        unit = units[number]
        number += 1
        if unit.kind == "place" and unit.strength != "division":
            ahead = number
            while ahead < len(units) and units[ahead].kind == "ethnic" and ahead - number < 3:
                ahead += 1
            following = units[ahead] if ahead < len(units) else None
            rank = ""
            if following is not None and following.kind == "rank":
                rank = next(iter(following.concepts))
            elif following is not None and following.kind == "word":
                rank = _SHORT_RANKS.get(following.text, "")
            if rank and following is not None:
                joined = " ".join([unit.text, *(u.text for u in units[number : ahead + 1])])
                unit = unit._replace(text=joined, end=following.end, concepts=_ranked(unit, rank))
                number = ahead + 1
        out.append(unit)
    return out


# Tacheng and Altay belong to Ili although their codes stand beside its own.
_WIDER = {"654000": ("6542", "6543")}


def parent(inner: str, outer: str) -> bool:
    """True where GB/T 2260 code `outer` is a level above `inner` and contains it."""
    if inner == outer:
        return False
    if inner[:4] in _WIDER.get(outer, ()):
        return True
    return inner.startswith(outer[:2]) if outer.endswith("0000") else outer.endswith("00") and inner[:4] == outer[:4]


def _fits(short: Unit, places: list[Unit]) -> bool:
    """库尔勒市公安局朝阳分局 is no branch in a place called 朝阳 elsewhere."""
    others = [c for p in places if p is not short and p.strength != SHORT for c in p.concepts]
    return not others or any(c in others or parent(c, o) or parent(o, c) for c in short.concepts for o in others)


def _settled(units: list[Unit]) -> list[Unit]:
    """Places narrowed by one another, repetitions dropped, containing places marked as implied."""
    places = [unit for unit in units if unit.kind == "place"]
    settled: list[Unit] = []
    seen: set[frozenset[str]] = set()
    passed = 0  # places; two units of one place are one object
    for unit in units:
        if unit.kind == "body":
            # "... Construction Corps (XPCC)" names one body twice.
            if unit.concepts not in seen:
                settled.append(unit)
            seen.add(unit.concepts)
            continue
        if unit.kind != "place":
            settled.append(unit)
            continue
        passed += 1
        codes = unit.concepts
        if unit.strength == SHORT and not _fits(unit, places):
            settled.append(unit._replace(kind="brand" if unit.han else "word", concepts=frozenset(), strength=""))
            continue
        if len(codes) > 1 and len(places) > 1:
            others = [c for p in (*places[: passed - 1], *places[passed:]) for c in p.concepts]
            # 新疆阿克苏: only meanings inside another named place remain, if there are any.
            narrowed = frozenset(c for c in codes if any(parent(c, o) for o in others))
            # 乌鲁木齐天山区: of the city and the county of that name only the city holds the district.
            narrowed = narrowed or frozenset(c for c in codes if any(parent(o, c) for o in others))
            codes = narrowed or codes
            same = frozenset(c for c in codes if c in others)
            codes = same if same and not narrowed else codes
        if codes in seen:
            continue
        seen.add(codes)
        settled.append(unit if codes is unit.concepts else unit._replace(concepts=codes))
    specific = [u.concepts for u in settled if u.kind == "place"]
    if len(specific) < 2:
        return settled
    return [
        u._replace(implied=True)
        if u.kind == "place" and any(all(parent(i, o) for i in s for o in u.concepts) for s in specific if s != u.concepts)
        else u
        for u in settled
    ]


def _read(name: str, *, placed: bool) -> tuple[Unit, ...]:
    plain = fold(name).plain
    origin = [place for place, char in enumerate(plain) if char != " "] if placed else None
    return tuple(_settled(_with_ranks(_units(cut(plain), origin))))


def placed_units(name: str) -> tuple[Unit, ...]:
    """The units of a name as written, each with its place in the plain text. Never raises; () where it holds no letter or digit."""
    return _read(name, placed=True)


@lru_cache(maxsize=20_000)
def units_of(name: str) -> tuple[Unit, ...]:
    """The units of a name as written; where they stand is left out. Never raises; () where it holds no letter or digit."""
    return _read(name, placed=False)


@lru_cache(maxsize=100_000)
def _word_of_a_person(text: str, han: bool, spoken: tuple[str, ...]) -> Unit:
    return Unit("brand" if han else "word", text, syllables=reading(text) if han else spoken, han=han, strength="person")


@lru_cache(maxsize=20_000)
def words_of(name: str) -> tuple[Unit, ...]:
    """The words of a person's name: no places, bodies or forms are looked for."""
    return tuple([_word_of_a_person(t.text, t.kind == "han", t.pinyin) for word in fold(name).plain.split() for t in tokens(word)])
