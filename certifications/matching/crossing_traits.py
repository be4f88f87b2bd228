"""What a unit, and a run of units, can be tied by across scripts, in numbers: for bounds on many pairs at once.

Knows how sound, meaning and initials are packed. Must not know names, weights or points.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from certifications.matching import sounds
from certifications.matching.lexicon import lexicon
from certifications.matching.segment import Unit
from certifications.matching.store import Array, hash_of

# Fields that end in `_a` and `_b` are one set under two hashes: what both share by chance is rare.
CROSSING = np.dtype(
    [
        ("concepts_a", np.uint64), ("concepts_b", np.uint64),
        ("meant_a", np.uint64), ("meant_b", np.uint64),  # concepts and hints
        ("wide_a", np.uint64), ("wide_b", np.uint64),  # and what each character means
        ("syllables", np.uint64), ("two", np.uint64),  # sets: all, and the first two
        ("areas", np.uint64),  # provinces, of places that no smaller one implies
        ("firsts", np.uint32), ("letters", np.uint32),  # first letters of the syllables; letters of the text
        ("spoken", np.uint8), ("size", np.uint8), ("flags", np.uint8),
    ]
)  # fmt: skip
IMPLIED, GROUP, HAN_TEXT = 1, 2, 4
LONGEST_CODE = 12
MOST_SPOKEN, MOST_JOINED, SHORT_WORD = 5, 3, 4
_CODES = {letter: number for number, letter in enumerate("PMFTNLKHCSYA", start=1)}
_LOOSE = frozenset({"brand", "word", "term"})
_SWAP = np.ones((13, 13))
_SKIP = np.ones(13)
for _x, _a in _CODES.items():
    _SKIP[_a] = sounds.SKIP.get(_x, 1.0)
    for _y, _b in _CODES.items():
        _SWAP[_a, _b] = 0.0 if _x == _y else sounds.SWAPS.get(_x + _y, 1.0)


@lru_cache(maxsize=50_000)
def _bit_pair(word: str) -> tuple[int, int]:
    found = hash_of(word)
    return 1 << (found & 63), 1 << (found >> 6 & 63)


def _sets(words: Iterable[str]) -> tuple[int, int]:
    a = b = 0
    for word in words:
        one, other = _bit_pair(word)
        a |= one
        b |= other
    return a, b


def _letters(text: Iterable[str]) -> int:
    bits = 0
    for char in text:
        place = ord(char) - 97
        bits |= 1 << (place if 0 <= place < 26 else 26 + ord(char) % 6)
    return bits


def crossing_traits(units: Iterable[Unit]) -> Array:
    """The rows of CROSSING for the units."""
    hints = lexicon().hints
    made = []
    for u in units:
        concepts, meant = _sets(u.concepts), _sets(u.hints | u.concepts)
        wide = meant
        if u.han and u.kind in _LOOSE:
            more = _sets(c for char in u.text for c in hints.get(char, ()))
            wide = meant[0] | more[0], meant[1] | more[1]
        areas = _sets(c[:2] for c in u.concepts)[0] if u.kind == "place" and not u.implied else 0
        flags = IMPLIED * u.implied | GROUP * ("group" in u.concepts) | HAN_TEXT * u.han
        made.append(
            (
                *concepts, *meant, *wide, _sets(u.syllables)[0], _sets(u.syllables[:2])[0], areas,
                _letters(s[0] for s in u.syllables if s), _letters(u.text), min(255, len(u.syllables)), min(255, len(u.text)), flags,
            )
        )  # fmt: skip
    return np.array(made, CROSSING)


def _packed(code: str) -> int:
    number = 0
    for place, letter in enumerate(code):
        number |= _CODES[letter] << 4 * place
    return number


def sound_runs(units: Sequence[Unit], *, han: bool) -> list[int]:
    """The sounds of all neighbouring units that a crossing may tie by sound, each packed in one number."""
    found = set()
    for start, first in enumerate(units):
        if first.kind not in _LOOSE:
            continue
        for end in range(start + 1, min(len(units), start + MOST_JOINED) + 1):
            run = units[start:end]
            if run[-1].kind not in _LOOSE:
                break
            if han:
                spoken = tuple(s for u in run for s in u.syllables)
                if len(spoken) > MOST_SPOKEN or (len(run) > 1 and first.kind == "term"):
                    break
                code = sounds.of_syllables(spoken)
            else:
                if len(run) > 1 and max(len(u.text) for u in run) > SHORT_WORD:
                    break
                if all(u.kind != "word" for u in run):
                    continue
                code = sounds.of_letters("".join(u.text for u in run))
            if 1 < len(code) <= LONGEST_CODE:
                found.add(_packed(code))
    return sorted(found)


def alike_in_sound(han: Array, latin: Array) -> tuple[Array, Array]:
    """`sounds.likeness` of many pairs of packed codes."""
    shifts = np.arange(LONGEST_CODE, dtype=np.uint64)[:, None] * np.uint64(4)
    ours, theirs = ((codes >> shifts & np.uint64(15)).astype(np.intp) for codes in (han, latin))
    m, n = (ours > 0).sum(axis=0), (theirs > 0).sum(axis=0)
    most_m, most_n = int(m.max(initial=0)), int(n.max(initial=0))
    every = np.arange(len(han))
    costs = np.zeros((most_n + 1, len(han)))
    agreed = np.zeros_like(costs)
    like, same = np.zeros(len(han)), np.zeros(len(han))
    skip_latin = _SKIP[theirs]
    for j in range(1, most_n + 1):
        costs[j] = costs[j - 1] + skip_latin[j - 1]
    for i in range(1, most_m + 1):
        a = ours[i - 1]
        skip_han = _SKIP[a]
        tail = np.where(m == i, sounds.TAIL_LATIN, 1.0)
        left, left_agreed = costs[0] + skip_han, np.zeros(len(han))
        above, above_agreed = costs.copy(), agreed.copy()
        costs[0] = left
        for j in range(1, most_n + 1):
            swap = _SWAP[a, theirs[j - 1]]
            cost, met = above[j - 1] + swap, above_agreed[j - 1] + 1.0 - swap
            for other, other_met in (
                (above[j] + skip_han * np.where(n == j, sounds.TAIL_HAN, 1.0), above_agreed[j]),
                (left + skip_latin[j - 1] * tail, left_agreed),
            ):
                better = (other < cost) | ((other == cost) & (other_met > met))
                cost, met = np.where(better, other, cost), np.where(better, other_met, met)
            costs[j], agreed[j] = left, left_agreed = cost, met
        ends = np.flatnonzero(m == i)
        like[ends] = 1.0 - costs[n[ends], every[ends]] / np.maximum(m, n)[ends]
        same[ends] = agreed[n[ends], every[ends]]
    return np.maximum(like, 0.0), same


class Grips:
    """How firmly pairs of sounds hold, 0 where they do not. Keeps what was worked out lately: few pairs are new."""

    __slots__ = ("_han", "_latin", "_points")
    _SLOTS = 1 << 18

    def __init__(self) -> None:
        self._han, self._latin = np.zeros(self._SLOTS, np.uint64), np.zeros(self._SLOTS, np.uint64)
        self._points = np.zeros(self._SLOTS, np.float32)

    def of(self, han: Array, latin: Array) -> Array:
        """The points of each pair of packed codes."""
        slots = ((han * np.uint64(0x9E3779B97F4A7C15) ^ latin * np.uint64(0xC2B2AE3D27D4EB4F)) >> np.uint64(46)).astype(np.intp)
        points = self._points[slots]
        fresh = np.flatnonzero((self._han[slots] != han) | (self._latin[slots] != latin))
        if len(fresh):
            # In a block the same two sounds meet many times.
            keys = han[fresh] * np.uint64(0x9E3779B97F4A7C15) ^ latin[fresh] * np.uint64(0xC2B2AE3D27D4EB4F)
            _, once, back = np.unique(keys, return_index=True, return_inverse=True)
            missing, fresh = fresh, fresh[once]
            like, agreed = alike_in_sound(han[fresh], latin[fresh])
            # A little more than is needed: the sums are made in another order here.
            held = (like >= sounds.LEAST_SOUND - 1e-6) & (agreed >= sounds.LEAST_AGREED - 1e-6)
            found = np.where(held, np.maximum(0.001, (like - 0.55) / 0.45 * np.minimum(agreed, 4.0) / 4 + 1e-6), 0.0)
            points[missing] = found[back]
            at = slots[fresh]
            # Two pairs may want one slot: the last keeps it, in all three arrays alike.
            self._han[at], self._latin[at], self._points[at] = han[fresh], latin[fresh], found
        return points  # type: ignore[no-any-return]
