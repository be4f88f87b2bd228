"""Cuts a name into units: places, bodies, legal forms, words with a known meaning, and the rest.

The cheapest way to read the whole name wins (dynamic programming over its characters). Knows
spelling and vocabulary; must not know scores, lists or classes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from certifications.matching.lexicon import Form, lexicon, rank_endings
from certifications.matching.readings import LONGEST_SYLLABLE, SYLLABLES, reading, same_vowel, syllables
from certifications.matching.text import HAN, Text, fold, has_han

_TOKEN = re.compile(rf"([{HAN}]+)|([a-z]+)|(\d+)|([^\W\d_a-z{HAN}]+)")
# 新疆路 or 西藏中路 is a street in any city; 新疆路桥 is a builder of roads and bridges.
_STREET_AFTER = re.compile("[东西南北中]?[一二三四五]?(?:路(?!桥|面|通|政|港|航)|大街|大道|街(?!道)|巷|弄|胡同)")
_STREET_WORDS = frozenset({"road", "rd", "street", "avenue", "ave", "boulevard", "lane", "lu", "jie", "dajie", "dadao"})
_DIRECTIONS = frozenset({"east", "west", "south", "north", "middle", "central", "dong", "xi", "nan", "bei", "zhong"})
_STOP = frozenset(
    ["of", "the", "and", "for", "in", "at", "on", "by", "to", "de", "la", "le", "les", "el", "du", "des", "und", "der", "die", "das", "van", "von", "e", "y", "i", "al", "ul", "abu", "bin", "ibn", "formerly", "known", "as", "fka", "aka", "dba"]
)
_NAME_PARTICLES = frozenset({"al", "ul", "el", "abu", "bin", "ibn", "de", "la", "van", "von", "der", "du"})
_SHORT_RANKS = {"shi": "city", "xian": "county", "qu": "district", "zhou": "aprefecture", "sheng": "province"}
_LONGEST_PHRASE = 8  # words

# Costs of the reading; only their order matters. A form that covers more always beats its parts.
_COST_LONG, _COST_TWO, _COST_ONE = 6.0, 7.0, 9.0
_COST_TERM = 8.0
_COST_UNKNOWN_HAN = 10.0
_COST_PHRASE = 5.0
_COST_PINYIN = 7.0
_SHORT_PINYIN = 5  # letters
_COST_SYLLABLE = 4.2
_COST_WORD, _COST_LETTER, _COST_PINYIN_LETTER = 6.0, 1.2, 1.7


@dataclass(frozen=True, slots=True)
class Unit:
    """One part of a name.

    `kind`: place, body, form, ethnic, rank, term, brand (Chinese rest), word (other rest), street.
    `concepts` name its meanings; `syllables` its reading; [start, end) its place in the plain text.
    `implied` marks a place that a smaller one in the same name contains.
    """

    kind: str
    text: str
    start: int
    end: int
    concepts: frozenset[str] = frozenset()
    syllables: tuple[str, ...] = ()
    han: bool = False
    classes: tuple[str, ...] = ()
    strength: str = ""
    hints: frozenset[str] = frozenset()
    implied: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # han, latin, digit, other
    start: int
    end: int
    pinyin: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Edge:
    start: int
    how: str  # han, phrase, pinyin, street, rest, syllable, word
    form: Form | None = None


def _tokens(plain: str) -> tuple[str, list[int], list[_Token]]:
    """The text without blanks, where each of its characters stood, and its tokens."""
    joined: list[str] = []
    origin: list[int] = []
    tokens: list[_Token] = []
    size = 0
    for match in _TOKEN.finditer(plain):
        text = match.group()
        kind = ("han", "latin", "digit", "other")[(match.lastindex or 1) - 1]
        tokens.append(_Token(kind, size, size + len(text), syllables(text) if kind == "latin" else ()))
        joined.append(text)
        origin.extend(range(match.start(), match.end()))
        size += len(text)
    return "".join(joined), origin, tokens


def _han_edges(text: str, start: int) -> Iterator[tuple[int, float, _Edge]]:
    for end, form in lexicon().han.at(text, start):
        if form.kind == "place":
            street = _STREET_AFTER.match(text, end)
            if street:
                yield street.end(), _COST_LONG - 1, _Edge(start, "street")
        by_length = {1: _COST_ONE, 2: _COST_TWO}.get(end - start, _COST_LONG)
        cost = _COST_TERM if form.kind == "term" else by_length
        yield end, cost, _Edge(start, "han", form)


def _phrase_edges(text: str, tokens: list[_Token], number: int) -> Iterator[tuple[int, float, _Edge]]:
    phrases, start = lexicon().phrases, tokens[number].start
    if text[start : start + phrases.head] not in phrases.lengths:
        return
    for last in range(number, min(len(tokens), number + _LONGEST_PHRASE)):
        form = phrases.forms.get(text[start : tokens[last].end])
        if form is None:
            continue
        if form.kind == "place":
            after = [text[t.start : t.end] for t in tokens[last + 1 : last + 3]]
            words = after[1:] if after and after[0] in _DIRECTIONS else after
            if words and words[0] in _STREET_WORDS:
                upto = last + 1 + (after[0] in _DIRECTIONS)
                yield tokens[upto].end, _COST_PHRASE - 1, _Edge(start, "street")
                continue
        yield tokens[last].end, _COST_PHRASE, _Edge(start, "phrase", form)


def _word_cost(token: _Token) -> float:
    letter = _COST_PINYIN_LETTER if len(token.pinyin) >= 3 else _COST_LETTER
    return _COST_WORD + letter * (token.end - token.start)


def _pinyin_edges(text: str, token: _Token, start: int, reach: int, boundaries: set[int]) -> Iterator[tuple[int, float, _Edge]]:
    for end, form in lexicon().pinyin.at(text, start):
        if end <= reach:
            cuts = (start not in boundaries) + (end not in boundaries)
            # Yilida is a trade name and not 伊犁 with something after it.
            short_place = end - start <= _SHORT_PINYIN and form.kind == "place"
            yield end, _COST_PINYIN + cuts * (4 if short_place else 1), _Edge(start, "pinyin", form)
    for end in range(start + 1, min(token.end, start + LONGEST_SYLLABLE) + 1):
        if text[start:end] in SYLLABLES:
            yield end, _COST_SYLLABLE, _Edge(start, "syllable")


def _reaches(tokens: list[_Token]) -> list[int]:
    """How far the run of pinyin tokens from each token on reaches.

    A pinyin form may cross blanks, because people break pinyin anywhere, but not an English word.
    """
    reach = [0] * len(tokens)
    for number in range(len(tokens) - 1, -1, -1):
        token = tokens[number]
        if token.pinyin:
            further = number + 1 < len(tokens) and tokens[number + 1].pinyin
            reach[number] = reach[number + 1] if further else token.end
    return reach


def _edges(
    text: str, tokens: list[_Token], number: int, start: int, reach: int, boundaries: set[int]
) -> Iterator[tuple[int, float, _Edge]]:
    """Every way to read on from `start`, inside token `number`: end, cost, edge."""
    token = tokens[number]
    first = start == token.start
    if first or token.kind == "han":
        yield from _han_edges(text, start)
    if token.kind == "han":
        yield start + 1, _COST_UNKNOWN_HAN, _Edge(start, "rest")
        return
    if first:
        yield from _phrase_edges(text, tokens, number)
        yield token.end, _word_cost(token), _Edge(start, "word")
    if token.pinyin:
        yield from _pinyin_edges(text, token, start, reach, boundaries)


def _read(text: str, tokens: list[_Token]) -> list[tuple[int, _Edge]]:
    """The cheapest reading: (end, edge) in order."""
    size = len(text)
    best = [float("inf")] * (size + 1)
    back: list[_Edge | None] = [None] * (size + 1)
    best[0] = 0.0
    reach = _reaches(tokens)
    boundaries = {token.start for token in tokens} | {size}
    for number, token in enumerate(tokens):
        for start in range(token.start, token.end):
            if best[start] == float("inf"):
                continue
            for end, price, edge in _edges(text, tokens, number, start, reach[number], boundaries):
                if best[start] + price < best[end]:
                    best[end], back[end] = best[start] + price, edge
    path: list[tuple[int, _Edge]] = []
    place = size
    while place > 0:
        step = back[place]
        if step is None:  # cannot be: every token has a word edge; kept so that no input can loop
            break
        path.append((place, step))
        place = step.start
    path.reverse()
    return path


def _units(text: str, origin: list[int], path: list[tuple[int, _Edge]], tokens: list[_Token]) -> list[Unit]:
    """The reading as units; neighbouring unknown characters and syllables of one word become one."""
    starts = {token.start: token for token in tokens}
    units: list[Unit] = []
    number = 0
    while number < len(path):
        end, edge = path[number]
        start, how = edge.start, edge.how
        number += 1
        if how in {"rest", "syllable"}:
            while number < len(path) and path[number][1].how == how and (how == "rest" or end not in starts):
                end = path[number][0]
                number += 1
        part = text[start:end]
        here = (origin[start], origin[end - 1] + 1)
        if edge.form is not None:
            form = edge.form
            han = has_han(part)
            units.append(
                Unit(
                    form.kind, part, *here, form.concepts, reading(part) if han else syllables(part), han,
                    form.classes, form.strength,
                )
            )  # fmt: skip
        elif how == "street":
            units.append(Unit("street", part, *here, syllables=reading(part) if has_han(part) else (), han=has_han(part)))
        elif how == "rest":
            hints = frozenset[str]().union(*(lexicon().hints.get(char, frozenset()) for char in part))
            units.append(Unit("brand", part, *here, syllables=reading(part), han=True, hints=hints))
        elif part not in _STOP or part in _NAME_PARTICLES:
            units.append(Unit("word", part, *here, syllables=tuple(map(same_vowel, syllables(part)))))
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
                unit = replace(unit, text=joined, end=following.end, concepts=_ranked(unit, rank))
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


def _settled(units: list[Unit]) -> list[Unit]:
    """Places narrowed by one another, repetitions dropped, containing places marked as implied."""
    places = [u for u in units if u.kind == "place"]
    settled: list[Unit] = []
    seen: set[frozenset[str]] = set()
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
        codes = unit.concepts
        if len(codes) > 1:
            others = [c for p in places if p is not unit for c in p.concepts]
            # 新疆阿克苏: only meanings inside another named place remain, if there are any.
            narrowed = frozenset(c for c in codes if any(parent(c, o) for o in others))
            codes = narrowed or codes
            same = frozenset(c for c in codes if c in others)
            codes = same if same and not narrowed else codes
        if codes in seen:
            continue
        seen.add(codes)
        settled.append(replace(unit, concepts=codes))
    specific = [u.concepts for u in settled if u.kind == "place"]
    return [
        replace(u, implied=True)
        if u.kind == "place" and any(all(parent(i, o) for i in s for o in u.concepts) for s in specific if s != u.concepts)
        else u
        for u in settled
    ]


def read(text: Text) -> tuple[Unit, ...]:
    """The units of a folded name, in order."""
    joined, origin, tokens = _tokens(text.plain)
    if not joined:
        return ()
    units = _units(joined, origin, _read(joined, tokens), tokens)
    return tuple(_settled(_with_ranks(units)))


@lru_cache(maxsize=20_000)
def units_of(name: str) -> tuple[Unit, ...]:
    """The units of a name as written. Never raises; () where it holds no letter or digit."""
    return read(fold(name))


@lru_cache(maxsize=20_000)
def words_of(name: str) -> tuple[Unit, ...]:
    """The words of a person's name: no places, bodies or forms are looked for."""
    units = []
    for match in _TOKEN.finditer(fold(name).plain):
        text, han = match.group(), match.lastindex == 1
        spoken = reading(text) if han else syllables(text)
        units.append(Unit("brand" if han else "word", text, match.start(), match.end(), syllables=spoken, han=han))
    return tuple(units)
