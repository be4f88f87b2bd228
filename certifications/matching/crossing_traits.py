"""What a unit, and a run of units, can be tied by across scripts, in numbers: for bounds on many pairs at once.

Knows how sound, meaning and initials are packed. Must not know names, weights or points.
"""

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

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
        ("syllables", np.uint64),  # a set
        ("pairs_a", np.uint64), ("pairs_b", np.uint64),  # sets: syllables that follow one another; the first two
        ("begin_a", np.uint64), ("begin_b", np.uint64),
        ("head", np.uint64), ("tail", np.uint64),  # hashes of the first and the last syllable
        ("sound", np.uint64),  # packed; 0 where it is too long or there is none
        ("areas", np.uint64),  # provinces, of places that no smaller one implies
        ("firsts", np.uint32), ("letters", np.uint32),  # first letters of the syllables; letters of the text
        ("spoken", np.uint8), ("size", np.uint8), ("flags", np.uint8),
    ]
)  # fmt: skip
_PACKED = struct.Struct("<15Q2I3B")  # one row of it
IMPLIED, GROUP, HAN_TEXT = 1, 2, 4
LONGEST_CODE = 12
_MOST_OF_ONE = 15  # a number of one class
MIX = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
MOST_SPOKEN, MOST_JOINED, SHORT_WORD = 5, 3, 4
_CODES = {letter: number for number, letter in enumerate("PMFTNLKHCSYA", start=1)}
_LOOSE = frozenset({"brand", "word", "term"})
SWAP = np.ones((13, 13))
SKIP = np.ones(13)
for _x, _a in _CODES.items():
    SKIP[_a] = sounds.SKIP.get(_x, 1.0)
    for _y, _b in _CODES.items():
        SWAP[_a, _b] = 0.0 if _x == _y else sounds.SWAPS.get(_x + _y, 1.0)


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


_syllable = lru_cache(maxsize=5_000)(hash_of)


@lru_cache(maxsize=50_000)
def _following(syllables: tuple[str, ...]) -> tuple[int, int]:
    """The set, under two hashes, of syllables that follow one another; `crossing_bounds` works it out for those of two units."""
    a = b = 0
    for one, other in pairwise(map(_syllable, syllables)):
        mixed = (one * MIX[0] + other * MIX[1]) % (1 << 64)
        a |= 1 << (mixed >> 58)
        b |= 1 << (mixed >> 52 & 63)
    return a, b


def _letters(text: Iterable[str]) -> int:
    bits = 0
    for char in text:
        place = ord(char) - 97
        bits |= 1 << (place if 0 <= place < 26 else 26 + ord(char) % 6)
    return bits


def _packed(code: str) -> int:
    """A string of classes in one number; 0 where it is too long or there is none."""
    number = 0
    for place, letter in enumerate(code):
        number |= _CODES[letter] << 4 * place
    return number if len(code) <= LONGEST_CODE else 0


@lru_cache(maxsize=100_000)
def _of_syllables(syllables: tuple[str, ...]) -> int:
    return _packed(sounds.of_syllables(syllables))


@lru_cache(maxsize=100_000)
def _of_letters(word: str) -> int:
    return _packed(sounds.of_letters(word))


@lru_cache(maxsize=50_000)
def _crossing(u: Unit) -> bytes:
    concepts, meant = _sets(u.concepts), _sets(u.hints | u.concepts)
    wide = meant
    if u.han and u.kind in _LOOSE:
        hints = lexicon().hints
        more = _sets(c for char in u.text for c in hints.get(char, ()))
        wide = meant[0] | more[0], meant[1] | more[1]
    ends = (u.syllables[0], u.syllables[-1]) if u.syllables else ("", "")
    areas = _sets(c[:2] for c in u.concepts)[0] if u.kind == "place" and not u.implied else 0
    flags = IMPLIED * u.implied | GROUP * ("group" in u.concepts) | HAN_TEXT * u.han
    return _PACKED.pack(
        *concepts, *meant, *wide, _sets(u.syllables)[0], *_following(u.syllables), *_following(u.syllables[:2]),
        *map(_syllable, ends), _of_syllables(u.syllables) if u.han else _of_letters(u.text), areas,
        _letters(s[0] for s in u.syllables if s), _letters(u.text), min(255, len(u.syllables)), min(255, len(u.text)), flags,
    )  # fmt: skip


def crossing_traits(units: Iterable[Unit], *, once: bool = False) -> Array:
    """The rows of CROSSING for the units; nothing is kept of such as are asked for `once`."""
    return np.frombuffer(b"".join(map(_crossing.__wrapped__ if once else _crossing, units)), CROSSING)


def sound_runs(units: Sequence[Unit], *, han: bool) -> list[int]:
    """The sounds of all neighbouring units that a crossing may tie by sound, each packed in one number."""
    found = set()
    size = len(units)
    for start, first in enumerate(units):
        if first.kind not in _LOOSE:
            continue
        if han:
            spoken = first.syllables
            if len(spoken) > MOST_SPOKEN:
                continue
            found.add(_of_syllables(spoken))
            if first.kind == "term":
                continue
        else:
            word, is_word = first.text, first.kind == "word"
            if is_word:
                found.add(_of_letters(word))
            if len(word) > SHORT_WORD:
                continue
        for unit in units[start + 1 : min(size, start + MOST_JOINED)]:
            if unit.kind not in _LOOSE:
                break
            if han:
                spoken += unit.syllables
                if len(spoken) > MOST_SPOKEN:
                    break
                found.add(_of_syllables(spoken))
                continue
            if len(unit.text) > SHORT_WORD:
                break
            word, is_word = word + unit.text, is_word or unit.kind == "word"
            if is_word:
                found.add(_of_letters(word))
    return sorted([code for code in found if code > _MOST_OF_ONE])
