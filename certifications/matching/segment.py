"""Cuts a name into units: places, bodies, legal forms, words with a known meaning, and the rest.

The cheapest way to read the whole name wins (dynamic programming over its characters). Knows
spelling and vocabulary; must not know scores, lists or classes.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from certifications.matching.hints import inside, parts
from certifications.matching.lexicon import SHORT, Form, lexicon, rank_endings
from certifications.matching.readings import LONGEST_SYLLABLE, reading, same_vowel, syllable_lengths, syllables
from certifications.matching.text import HAN, Text, fold, has_han

_TOKEN = re.compile(rf"([{HAN}]+)|([a-z]+)|(\d+)|([^\W\d_a-z{HAN}]+)")
# 新疆路 or 西藏中路 is a street in any city; 新疆路桥 is a builder of roads and bridges.
_STREET_AFTER = re.compile("[东西南北中]?[一二三四五]?(?:路(?!桥|面|通|政|港|航)|大街|大道|街(?!道)|巷|弄|胡同|新?村(?!镇|民|委)|小区)")
_STREET_WORDS = frozenset({"road", "rd", "street", "avenue", "ave", "boulevard", "lane", "lu", "jie", "dajie", "dadao"})
_DIRECTIONS = frozenset({"east", "west", "south", "north", "middle", "central", "dong", "xi", "nan", "bei", "zhong"})
_STOP = frozenset({
    "of", "the", "and", "for", "in", "at", "on", "by", "to", "de", "la", "le", "les", "el", "du", "des", "und", "der", "die", "das",
    "van", "von", "e", "y", "i", "al", "ul", "abu", "bin", "ibn", "formerly", "known", "as", "fka", "aka", "dba",
})  # fmt: skip
_NAME_PARTICLES = frozenset({"al", "ul", "el", "abu", "bin", "ibn", "de", "la", "van", "von", "der", "du"})
_SHORT_RANKS = {"shi": "city", "xian": "county", "qu": "district", "zhou": "aprefecture", "sheng": "province"}
_LONGEST_PHRASE = 8  # words
# What may follow a short place name so that it counts as one (see lexicon.SHORT).
_HEADS = frozenset(
    {"police", "state_security", "prison", "procuratorate", "court", "justice", "political_legal", "disease_control", "armed_police"}
)
_BRANCHES = frozenset({"branch", "psb_branch"})
_PEOPLES = ("人民医院", "人民政府", "县人民", "消防救援")
_COMPANY = re.compile("公司|厂$|gongsi|ltd|company|limited|corp|inc$")

# Costs of the reading; only their order matters. A form that covers more always beats its parts.
_COST_LONG, _COST_TWO, _COST_ONE = 6.0, 7.0, 9.0
_COST_TERM = 8.0
_COST_UNKNOWN_HAN = 10.0
_COST_PHRASE = 5.0
_FIRST_PLACE = 0.5  # 上海南汇 begins with 上海 and does not hold 海南
_COST_PINYIN = 7.0
_SHORT_PINYIN = 5  # letters
_COST_SYLLABLE = 4.2
_COST_WORD, _COST_LETTER, _COST_PINYIN_LETTER = 6.0, 1.2, 1.7


class Unit(NamedTuple):  # made by the million: a frozen dataclass takes three times as long
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


class _Token(NamedTuple):
    kind: str  # han, latin, digit, other
    start: int
    end: int
    pinyin: tuple[str, ...]


# A way to read on: where it ends, its cost, how it reads (han, phrase, pinyin, street, rest, syllable, word), its form.
_Edge = tuple[int, float, str, Form | None]
_Step = tuple[int, int, str, Form | None]  # start, end, how, form


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


def _heads(form: Form | None) -> bool:
    """Whether this word makes the short name before it a place: 沙雅 in 沙雅公安局 or 库车人民医院."""
    if form is None or form.kind != "body":
        return False
    return bool(form.concepts & _BRANCHES) or (form.strength == "strong" and bool(_HEADS & set(form.classes)))


def _before_body(text: str, end: int) -> bool:
    if _COMPANY.search(text):
        return False
    han = lexicon().han
    return text.startswith(_PEOPLES, end) or any(_heads(form) and upto - end > 1 for upto, form in han.at(text, end))


def _han_edges(text: str, start: int) -> Iterator[_Edge]:
    for end, form in lexicon().han.at(text, start):
        if form.strength == SHORT and not _before_body(text, end):
            continue
        if form.kind == "place":
            street = _STREET_AFTER.match(text, end)
            if street:
                yield street.end(), _COST_LONG - 1, "street", None
        by_length = {1: _COST_ONE, 2: _COST_TWO}.get(end - start, _COST_LONG)
        cost = _COST_TERM if form.kind == "term" else by_length
        if start == 0 and form.kind == "place":
            cost -= _FIRST_PLACE
        yield end, cost, "han", form


def _phrase_before_body(text: str, tokens: list[_Token], number: int) -> bool:
    if number >= len(tokens) or _COMPANY.search(text):
        return False
    start = tokens[number].start
    upto = (tokens[last].end for last in range(number, min(len(tokens), number + _LONGEST_PHRASE)))
    return any(_heads(lexicon().phrases.forms.get(text[start:end])) for end in upto) or _spoken_before_body(text, start)


def _spoken_before_body(text: str, end: int) -> bool:
    return not _COMPANY.search(text) and any(_heads(form) for _, form in lexicon().pinyin.at(text, end))


def _phrase_edges(text: str, tokens: list[_Token], number: int) -> Iterator[_Edge]:
    phrases, start = lexicon().phrases, tokens[number].start
    lengths = phrases.lengths.get(text[start : start + phrases.head])
    if lengths is None:
        return
    for last in range(number, min(len(tokens), number + _LONGEST_PHRASE)):
        end = tokens[last].end
        if end - start > lengths[0]:
            return
        for form in phrases.meanings.get(text[start:end], ()):
            if form.strength == SHORT and not _phrase_before_body(text, tokens, last + 1):
                continue
            if form.kind == "place":
                after = [text[t.start : t.end] for t in tokens[last + 1 : last + 3]]
                words = after[1:] if after and after[0] in _DIRECTIONS else after
                if words and words[0] in _STREET_WORDS:
                    upto = last + 1 + (after[0] in _DIRECTIONS)
                    yield tokens[upto].end, _COST_PHRASE - 1, "street", None
                    continue
            yield end, _COST_PHRASE, "phrase", form


def _word_cost(token: _Token) -> float:
    letter = _COST_PINYIN_LETTER if len(token.pinyin) >= 3 else _COST_LETTER
    return _COST_WORD + letter * (token.end - token.start)


def _pinyin_edges(text: str, token: _Token, start: int, reach: int, boundaries: set[int]) -> Iterator[_Edge]:
    for end, form in lexicon().pinyin.at(text, start):
        if end <= reach and (form.strength != SHORT or _spoken_before_body(text, end)):
            cuts = (start not in boundaries) + (end not in boundaries)
            # Yilida is a trade name and not 伊犁 with something after it.
            short_place = end - start <= _SHORT_PINYIN and form.kind == "place"
            if end not in boundaries and start in boundaries and end > token.end:
                cuts += 2  # Suzhou Shijia is not Suzhou Shi with something after it
            yield end, _COST_PINYIN + cuts * (4 if short_place else 1), "pinyin", form
    for size in syllable_lengths(text[start : min(token.end, start + LONGEST_SYLLABLE)]):
        yield start + size, _COST_SYLLABLE, "syllable", None


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


def _edges(text: str, tokens: list[_Token], number: int, start: int, *, reach: int, boundaries: set[int]) -> list[_Edge]:
    """Every way to read on from `start`, inside token `number`."""
    token = tokens[number]
    if token.kind == "han":
        return [*_han_edges(text, start), (start + 1, _COST_UNKNOWN_HAN, "rest", None)]
    found: list[_Edge] = []
    if start == token.start:
        found += [*_han_edges(text, start), *_phrase_edges(text, tokens, number), (token.end, _word_cost(token), "word", None)]
    if token.pinyin:
        found += _pinyin_edges(text, token, start, reach, boundaries)
    return found


def _read(text: str, tokens: list[_Token]) -> list[_Step]:
    """The cheapest reading, in order."""
    size = len(text)
    best = [float("inf")] * (size + 1)
    back: list[tuple[int, str, Form | None] | None] = [None] * (size + 1)
    best[0] = 0.0
    reach = _reaches(tokens)
    boundaries = {token.start for token in tokens} | {size}
    for number, token in enumerate(tokens):
        for start in range(token.start, token.end):
            so_far = best[start]
            if so_far == float("inf"):
                continue
            for end, price, how, form in _edges(text, tokens, number, start, reach=reach[number], boundaries=boundaries):
                if so_far + price < best[end]:
                    best[end], back[end] = so_far + price, (start, how, form)
    path: list[_Step] = []
    place = size
    while place > 0:
        step = back[place]
        if step is None:  # cannot be: every token has a word edge; kept so that no input can loop
            break
        path.append((step[0], place, *step[1:]))
        place = step[0]
    path.reverse()
    return path


def _units(text: str, origin: list[int], path: list[_Step], tokens: list[_Token]) -> list[Unit]:
    """The reading as units; neighbouring unknown characters and syllables of one word become one."""
    starts = {token.start: token for token in tokens}
    units: list[Unit] = []
    number = 0
    while number < len(path):
        start, end, how, form = path[number]
        number += 1
        if how in {"rest", "syllable"}:
            while number < len(path) and path[number][2] == how and (how == "rest" or end not in starts):
                end = path[number][1]
                number += 1
        part = text[start:end]
        here = (origin[start], origin[end - 1] + 1)
        if form is not None:
            han = has_han(part)
            hints = frozenset[str]() if form.kind != "term" else parts(part) if han else inside(part)
            units.append(
                Unit(
                    form.kind, part, *here, form.concepts, reading(part) if han else syllables(part), han,
                    form.classes, form.strength, hints - form.concepts,
                )
            )  # fmt: skip
        elif how == "street":
            units.append(Unit("street", part, *here, syllables=reading(part) if has_han(part) else (), han=has_han(part)))
        elif how == "rest":
            hints = frozenset[str]().union(*(lexicon().hints.get(char, frozenset()) for char in part))
            units.append(Unit("brand", part, *here, syllables=reading(part), han=True, hints=hints))
        elif part not in _STOP or part in _NAME_PARTICLES:
            spoken = tuple(map(same_vowel, syllables(part)))
            units.append(Unit("word", part, *here, syllables=spoken, hints=frozenset() if spoken else inside(part)))
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
        if unit.strength == SHORT and not _fits(unit, places):
            settled.append(unit._replace(kind="brand" if unit.han else "word", concepts=frozenset(), strength=""))
            continue
        if len(codes) > 1:
            others = [c for p in places if p is not unit for c in p.concepts]
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
        settled.append(unit._replace(concepts=codes))
    specific = [u.concepts for u in settled if u.kind == "place"]
    return [
        u._replace(implied=True)
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
        units.append(Unit("brand" if han else "word", text, match.start(), match.end(), syllables=spoken, han=han, strength="person"))
    return tuple(units)
