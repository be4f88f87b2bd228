"""Cuts a folded name where the cheapest way to read the whole of it does (dynamic programming over its characters).

Knows spelling and vocabulary. Must not know what a part becomes, nor names, scores, lists or classes.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from certifications.matching.lexicon import SHORT, Form, lexicon
from certifications.matching.readings import LONGEST_SYLLABLE, syllable_lengths, syllables
from certifications.matching.text import HAN

_TOKEN = re.compile(rf"([{HAN}]+)|([a-z]+)|(\d+)|([^\W\d_a-z{HAN}]+)")
# 新疆路 or 西藏中路 is a street in any city; 新疆路桥 is a builder of roads and bridges.
_STREET_AFTER = re.compile("[东西南北中]?[一二三四五]?(?:路(?!桥|面|通|政|港|航)|大街|大道|街(?!道)|巷|弄|胡同|新?村(?!镇|民|委)|小区)")
_STREET_WORDS = frozenset({"road", "rd", "street", "avenue", "ave", "boulevard", "lane", "lu", "jie", "dajie", "dadao"})
_DIRECTIONS = frozenset({"east", "west", "south", "north", "middle", "central", "dong", "xi", "nan", "bei", "zhong"})
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
_NEVER = float("inf")


class Token(NamedTuple):
    """A run of characters of one kind: han, latin, digit, other. `pinyin` are its syllables, () where it has none."""

    kind: str
    text: str
    pinyin: tuple[str, ...]


class _Token(NamedTuple):
    kind: str
    start: int
    end: int
    pinyin: tuple[str, ...]


# A way to read on: where it ends, its cost, how it reads (han, phrase, pinyin, street, rest, syllable, word), its form.
_Edge = tuple[int, float, str, Form | None]
Step = tuple[int, int, str, Form | None]  # start, end, how, form


class Reading(NamedTuple):
    """A text without its blanks, the steps that read it, and where its words begin."""

    text: str
    steps: list[Step]
    words: frozenset[int]


@lru_cache(maxsize=100_000)
def tokens(word: str) -> tuple[Token, ...]:
    """The tokens of a folded word, one after the other; words recur from name to name."""
    found = []
    for match in _TOKEN.finditer(word):
        kind, text = ("han", "latin", "digit", "other")[(match.lastindex or 1) - 1], match.group()
        found.append(Token(kind, text, syllables(text) if kind == "latin" else ()))
    return tuple(found)


def _placed(plain: str) -> tuple[str, list[_Token]]:
    """The text without blanks, and its tokens in it."""
    texts: list[str] = []
    placed: list[_Token] = []
    size = 0
    for word in plain.split():
        for kind, text, pinyin in tokens(word):
            end = size + len(text)
            placed.append(_Token(kind, size, end, pinyin))
            texts.append(text)
            size = end
    return "".join(texts), placed


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


def _han_edges(text: str, start: int) -> list[_Edge]:
    found: list[_Edge] = []
    for end, form in lexicon().han.at(text, start):
        if form.strength == SHORT and not _before_body(text, end):
            continue
        if form.kind == "place":
            street = _STREET_AFTER.match(text, end)
            if street:
                found.append((street.end(), _COST_LONG - 1, "street", None))
        by_length = {1: _COST_ONE, 2: _COST_TWO}.get(end - start, _COST_LONG)
        cost = _COST_TERM if form.kind == "term" else by_length
        if start == 0 and form.kind == "place":
            cost -= _FIRST_PLACE
        found.append((end, cost, "han", form))
    return found


def _phrase_before_body(text: str, placed: list[_Token], number: int) -> bool:
    if number >= len(placed) or _COMPANY.search(text):
        return False
    start = placed[number].start
    upto = (placed[last].end for last in range(number, min(len(placed), number + _LONGEST_PHRASE)))
    return any(_heads(lexicon().phrases.forms.get(text[start:end])) for end in upto) or _spoken_before_body(text, start)


def _spoken_before_body(text: str, end: int) -> bool:
    return not _COMPANY.search(text) and any(_heads(form) for _, form in lexicon().pinyin.at(text, end))


def _phrase_edges(text: str, placed: list[_Token], number: int, longest: int) -> Iterator[_Edge]:
    meanings, start = lexicon().phrases.meanings, placed[number].start
    for last in range(number, min(len(placed), number + _LONGEST_PHRASE)):
        end = placed[last].end
        if end - start > longest:
            return
        for form in meanings.get(text[start:end], ()):
            if form.strength == SHORT and not _phrase_before_body(text, placed, last + 1):
                continue
            if form.kind == "place":
                after = [text[t.start : t.end] for t in placed[last + 1 : last + 3]]
                words = after[1:] if after and after[0] in _DIRECTIONS else after
                if words and words[0] in _STREET_WORDS:
                    upto = last + 1 + (after[0] in _DIRECTIONS)
                    yield placed[upto].end, _COST_PHRASE - 1, "street", None
                    continue
            yield end, _COST_PHRASE, "phrase", form


def _pinyin_edges(text: str, token: _Token, start: int, reach: int, words: frozenset[int]) -> Iterator[_Edge]:
    for end, form in lexicon().pinyin.at(text, start):
        if end <= reach and (form.strength != SHORT or _spoken_before_body(text, end)):
            cuts = (start not in words) + (end not in words)
            # Yilida is a trade name and not 伊犁 with something after it.
            short_place = end - start <= _SHORT_PINYIN and form.kind == "place"
            if end not in words and start in words and end > token.end:
                cuts += 2  # Suzhou Shijia is not Suzhou Shi with something after it
            yield end, _COST_PINYIN + cuts * (4 if short_place else 1), "pinyin", form


def _reaches(placed: list[_Token]) -> list[int]:
    """How far the run of pinyin tokens from each token on reaches.

    A pinyin form may cross blanks, because people break pinyin anywhere, but not an English word.
    """
    reach = [0] * len(placed)
    for number in range(len(placed) - 1, -1, -1):
        token = placed[number]
        if token.pinyin:
            further = number + 1 < len(placed) and placed[number + 1].pinyin
            reach[number] = reach[number + 1] if further else token.end
    return reach


def _steps_back(back: list[tuple[int, str, Form | None] | None], size: int) -> list[Step]:
    path: list[Step] = []
    place = size
    while place > 0:
        step = back[place]
        if step is None:  # cannot be: every token has a word edge; kept so that no input can loop
            break
        path.append((step[0], place, *step[1:]))
        place = step[0]
    path.reverse()
    return path


def cut(plain: str) -> Reading:
    """The cheapest reading of a folded name. Never raises; no steps where it holds no letter or digit."""
    text, placed = _placed(plain)
    size = len(text)
    words = frozenset([token.start for token in placed]) | {size}
    # Most places begin no form: that is seen here, before a list of ways on is made.
    known = lexicon()
    in_han, in_phrases, in_pinyin = known.han.lengths, known.phrases.lengths, known.pinyin.lengths
    reach = _reaches(placed)
    best = [_NEVER] * (size + 1)
    back: list[tuple[int, str, Form | None] | None] = [None] * (size + 1)
    best[0] = 0.0
    edges: Iterable[_Edge]
    for number, token in enumerate(placed):
        kind, first, last, pinyin = token
        han, spoken = kind == "han", bool(pinyin)
        for start in range(first, last) if han or spoken else (first,):
            so_far = best[start]
            if so_far == _NEVER:
                continue
            edges = _han_edges(text, start) if (han or start == first) and text[start] in in_han else []
            head = text[start : start + 3]
            if han:
                edges.append((start + 1, _COST_UNKNOWN_HAN, "rest", None))
            elif start == first:
                if head in in_phrases:
                    edges.extend(_phrase_edges(text, placed, number, in_phrases[head][0]))
                letter = _COST_PINYIN_LETTER if len(pinyin) >= 3 else _COST_LETTER
                edges.append((last, _COST_WORD + letter * (last - first), "word", None))
            if spoken:
                if head in in_pinyin:
                    edges.extend(_pinyin_edges(text, token, start, reach[number], words))
                for length in syllable_lengths(text[start : min(last, start + LONGEST_SYLLABLE)]):
                    edges.append((start + length, _COST_SYLLABLE, "syllable", None))
            for end, price, how, form in edges:
                if so_far + price < best[end]:
                    best[end], back[end] = so_far + price, (start, how, form)
    return Reading(text, _steps_back(back, size), words)
