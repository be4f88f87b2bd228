"""How much words came to weigh otherwise when entries of a list came and went, and how far that can move a score.

Words weigh by how rare they are on the lists (matching/index.py): only the words of changed entries change in rarity, all others
by what the whole list grew or shrank. A score is a share of weights, so it moves by less than the words of its two names did.
Reads nothing but indexes. Must not know parties, runs or findings.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from certifications.matching import Entry, Index
from certifications.matching.segment import Unit, units_of, words_of
from certifications.matching.store import Array

from .stored import Stored, number_of

# From here on words weigh by how rare they are (matching/index.py); a list that passes it weighs all words anew.
RARITY_FROM = 1_000
# Of a weight, what rarity can change, against the least that it leaves (matching/index.py: 0.35 + 0.65 * rarity).
_BY_RARITY = 0.65 / 0.35


@dataclass(frozen=True)
class Drift:
    """`words`: by number (stored.number_of) the share by which a word weighs more or less than before; `shift`: the same of any other."""

    shift: float = 0.0
    words: dict[int, float] = field(default_factory=dict)

    def beyond(self, most: float) -> set[int]:
        """Words that moved further."""
        return {word for word, moved in self.words.items() if moved > most}

    def after(self, earlier: "Drift") -> "Drift":
        """Both, one after the other, at their worst."""
        words = {
            word: (1 + earlier.words.get(word, earlier.shift)) * (1 + self.words.get(word, self.shift)) - 1
            for word in earlier.words.keys() | self.words.keys()
        }
        return Drift((1 + earlier.shift) * (1 + self.shift) - 1, words)

    def as_json(self) -> dict[str, Any]:
        """Kept with a delta; numbers of words as text, which JSON holds whole."""
        return {"shift": self.shift, "words": {str(word): round(moved, 6) for word, moved in self.words.items()}}

    @classmethod
    def from_json(cls, held: dict[str, Any]) -> "Drift | None":
        """None where a delta kept none."""
        return cls(held["shift"], {int(word): moved for word, moved in held["words"].items()}) if held else None


def drift_between(changed: Iterable[Entry], old: Index, new: Index) -> Drift:
    """What the changed entries (as they were, and as they are) did to the weights of words. Both indexes are long, or both short."""
    if min(len(old), len(new)) < RARITY_FROM:
        return Drift()
    units: dict[int, Unit] = {}
    for entry in changed:
        for name in entry.names:
            for unit in (words_of if entry.schema == "Person" else units_of)(name):
                units.setdefault(number_of(unit), unit)
    held = list(units.values())
    weights = zip(units, old.weights(held), new.weights(held), strict=True)
    words = {number: abs(after - before) / max(before, after) for number, before, after in weights if before != after}
    before, after = math.log(len(old) + 2), math.log(len(new) + 2)
    return Drift(_BY_RARITY * abs(after - before) / min(before, after), words)


def most_moved(known: Stored, drift: Drift) -> Array:
    """Of each entry of an index, by its place, the largest share by which a word of its names moved."""
    numbers = np.fromiter(drift.words, np.uint64, len(drift.words))
    moved = np.fromiter(drift.words.values(), np.float64, len(drift.words))
    found = np.full(len(known.names.entries), drift.shift)
    if len(numbers):
        order = np.argsort(numbers)
        numbers, moved = numbers[order], moved[order]
        places = np.minimum(np.searchsorted(numbers, known.words), len(numbers) - 1)
        of_unit = np.where(numbers[places] == known.words, moved[places], 0.0)
        held = np.flatnonzero(of_unit[known.names.unit_of])
        names = np.searchsorted(known.names.first, held, side="right") - 1
        np.maximum.at(found, known.names.entry_of[names], of_unit[known.names.unit_of[held]])
    return found
