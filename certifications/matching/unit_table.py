"""The distinct units of an index: each written once, read back when it is needed, and described in numbers for whole-array work.

Knows how a unit is kept. Must not know names, weights or scores.
"""

import struct
from array import array
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from certifications.matching.crossing_traits import CROSSING, crossing_traits
from certifications.matching.segment import Unit
from certifications.matching.store import Array, Arrays, Texts, hash_of, packed

KINDS = ("place", "body", "form", "ethnic", "rank", "term", "brand", "word", "street")
LOOSE = frozenset({"brand", "word", "term", "street"})
_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
HAN, MEANS, FREE = 1, 2, 4  # flags: Chinese; has concepts; of a kind whose spelling may vary
_KEPT = 100_000  # units remembered after reading, some 60 MB at most
_FIELDS, _PARTS = "\x1f", "\x1e"  # control characters never survive folding

# One row of numbers per unit. Fields that end in `_set` are 64-bit sets: what two sets do not share, their units do not
# share, while what they seem to share may be chance.
TRAITS = np.dtype(
    [
        ("concept_set", np.uint64),
        ("hint_set", np.uint64),
        ("letter_set", np.uint64),  # of the sound
        ("voice_set", np.uint64),  # the same with ü, v and u as one
        ("character_set", np.uint64),  # of the text
        ("text", np.uint64),  # hashes
        ("spoken", np.uint64),
        ("kind", np.uint8),
        ("flags", np.uint8),
        ("syllables", np.uint8),
        ("first", np.uint8),
        ("letters", np.uint16),  # lengths
        ("characters", np.uint16),
    ]
)
_PACKED = struct.Struct("<7Q4B2H")  # one row of TRAITS
# How often each of 31 groups of characters occurs, and the blank: an upper limit to what two texts have in common.
BINS = 32
BLANK = BINS - 1
_A, _V_BIT, _Y_BIT, _U_BIT = ord("a"), 1 << 21, 1 << 24, 1 << 20


def written(unit: Unit) -> str:
    """The unit as one line, without its place in the name."""
    flags = ("h" if unit.han else "") + ("i" if unit.implied else "")
    several = (sorted(unit.concepts), unit.syllables, unit.classes, sorted(unit.hints))
    return _FIELDS.join((unit.kind, unit.text, flags, unit.strength, *map(_PARTS.join, several)))


def read_back(line: str) -> Unit:
    """The unit of `written`, at place 0."""
    kind, text, flags, strength, *several = line.split(_FIELDS)
    concepts, syllables, classes, hints = (tuple(part.split(_PARTS)) if part else () for part in several)
    return Unit(kind, text, 0, 0, frozenset(concepts), syllables, "h" in flags, classes, strength, frozenset(hints), "i" in flags)


def sound(unit: Unit) -> str:
    """How a unit is compared with one in the other script."""
    return "".join(unit.syllables) if unit.han else unit.text


def voiced(unit: Unit) -> str:
    """The syllables of a unit, or its text where it has none."""
    return "".join(unit.syllables) or unit.text


_hash = lru_cache(maxsize=100_000)(hash_of)  # words recur from name to name


def _bits(words: Iterable[str]) -> int:
    bits = 0
    for word in words:
        bits |= 1 << (_hash(word) & 63)
    return bits


def _character_bits(text: str) -> int:
    bits = 0
    for char in text:
        place = ord(char) - _A
        bits |= 1 << (place if 0 <= place < 26 else 26 + ord(char) % 38)
    return bits


def _one_vowel(bits: int) -> int:
    """lü, lv, lyu and lu are one syllable to `same_vowel`; so they are one set here."""
    return (bits | (_U_BIT if bits & _V_BIT else 0)) & ~(_V_BIT | _Y_BIT)


@lru_cache(maxsize=50_000)
def _traits(u: Unit) -> bytes:
    said, spoken = sound(u), voiced(u)
    letters = _character_bits(said)
    return _PACKED.pack(
        _bits(u.concepts), _bits(u.hints), letters, _one_vowel(letters), _character_bits(u.text), _hash(u.text), _hash(spoken),
        _KIND_NUMBERS[u.kind], HAN * u.han | MEANS * bool(u.concepts) | FREE * (u.kind in LOOSE), min(255, len(u.syllables)),
        ord(spoken[0]) & 255, len(said), len(u.text),
    )  # fmt: skip


def traits(units: Iterable[Unit], *, once: bool = False) -> Array:
    """The rows of TRAITS for the units; nothing is kept of such as are asked for `once`."""
    return np.frombuffer(b"".join(map(_traits.__wrapped__ if once else _traits, units)), TRAITS)


@lru_cache(maxsize=50_000)
def _counted(text: str) -> bytes:
    row = array("h", bytes(2 * BINS))
    for char in text:
        place = ord(char) - _A
        row[place if 0 <= place < 26 else BLANK if char == " " else ord(char) % BLANK] += 1
    return row.tobytes()


def bins(texts: Iterable[str]) -> Array:
    """A row of BINS counts (int16) per text."""
    return np.frombuffer(b"".join(map(_counted, texts)), np.int16).reshape(-1, BINS)


class UnitTable:
    """Units by number."""

    __slots__ = ("_known", "_lines", "character_bins", "crossing", "traits", "voice_bins")

    def __init__(self, arrays: Arrays) -> None:
        self._lines = Texts(arrays["unit_lines"], arrays["unit_lines_at"])
        self._known: dict[int, Unit] = {}
        self.traits = arrays["unit_traits"].view(TRAITS)
        self.crossing = arrays["unit_crossing"].view(CROSSING)
        self.character_bins = arrays["unit_characters"].reshape(-1, BINS)
        self.voice_bins = arrays["unit_voices"].reshape(-1, BINS)

    @staticmethod
    def arrays(units: list[Unit]) -> Arrays:
        """What the table is made of, by array name."""
        lines, lines_at = packed(map(written, units))
        return {
            "unit_lines": lines, "unit_lines_at": lines_at, "unit_traits": traits(units, once=True).view(np.uint8),
            "unit_crossing": crossing_traits(units, once=True).view(np.uint8),
            "unit_characters": bins(u.text for u in units).ravel(), "unit_voices": bins(map(voiced, units)).ravel(),
        }  # fmt: skip

    def __getitem__(self, number: int) -> Unit:
        found = self._known.get(number)
        if found is None:
            if len(self._known) > _KEPT:
                self._known = {}
            found = self._known[number] = read_back(self._lines[number])
        return found
