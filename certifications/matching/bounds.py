"""For many names and many stored names at once: which units are alike, and what two names can score at most.

`score` is then asked only where it may matter. A bound may be too high but never too low: an answer with bounds equals one
without (tests/matching/test_search.py). Whoever teaches `score` a new way for two units or names to be alike teaches it
here too, or that test goes red.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from certifications.matching.account import Account, Weights
from certifications.matching.bounds_loops import (
    CHARACTERS_WORTH,
    PARTS,
    ROUNDING,
    WANTED,
    Asked,
    Flags,
    Names,
    Stored,
    may_be_alike,
    most_of_names,
)
from certifications.matching.crossing_traits import crossing_traits, sound_runs
from certifications.matching.index import HAN, PERSON, PUBLIC, Index
from certifications.matching.likeness import characters_alike, likeness_of
from certifications.matching.score import account, is_public, laid_out_weights, rarity_of
from certifications.matching.segment import Unit
from certifications.matching.store import Array, read_only
from certifications.matching.unit_table import bins, sound, traits, voiced

# Jaro-Winkler may differ a little with the order of its two words.
_UNEVEN = 0.03
# Syllables that `same_vowel` makes one are one here too: lü, lv, lyu, lu.
_ONE_VOWEL = str.maketrans("v", "u", "y")
_BITS = Flags(PERSON, HAN, PUBLIC)


@dataclass(slots=True)
class Side:
    """A name that is asked for, read once, with the numbers of the stored names proposed for it."""

    name: str
    units: tuple[Unit, ...]
    weights: Weights
    han: bool
    public: bool
    numbers: Array


def side_of(name: str, units: tuple[Unit, ...], numbers: Array, index: Index) -> Side:
    """Reads `units` of `name` as the index weighs them. Wants at least one unit and one number."""
    plain = index.weights(units)
    weights = Weights(laid_out_weights(units, plain), plain, list(map(rarity_of, units, plain)))
    return Side(name, units, weights, any(u.han for u in units), is_public(units), numbers)


def _firsts(counts: Iterable[int]) -> Array:
    return np.array([0, *accumulate(counts)], np.int64)


def _asked(sides: Sequence[Side]) -> Asked:
    units = [unit for side in sides for unit in side.units]
    runs = [sound_runs(side.units, han=side.han) for side in sides]
    made = Asked(
        first=_firsts(len(side.units) for side in sides),
        traits=traits(units),
        crossing=crossing_traits(units),
        characters=bins(u.text for u in units),
        voices=bins(map(voiced, units)),
        weight=np.array([weight for side in sides for weight in side.weights.here], np.float64),
        rarity=np.array([rare for side in sides for rare in side.weights.rarity], np.float64),
        runs_first=_firsts(map(len, runs)),
        runs=np.array([run for some in runs for run in some], np.uint64),
        han=np.array([side.han for side in sides]),
        public=np.array([side.public for side in sides]),
    )
    # As the index has them, so that one piece of machine code serves both.
    return Asked(*map(read_only, made))


def _stored(index: Index) -> Stored:
    units = index.units
    return Stored(
        index.first, index.unit_of, index.worth, index.flags, index.unit_rarity, units.traits, units.crossing,
        units.character_bins, units.voice_bins, index.sound_runs_at, index.sound_runs,
    )  # fmt: skip


class Block:
    """Sides and their proposed names. `most[first[s]:first[s + 1]]` is what each name of side s can score at most."""

    __slots__ = (
        "_crossed", "_index", "_name_first", "_names", "_numbers", "_pairs", "_sides",
        "aligned", "characters", "first", "most", "side_of",
    )  # fmt: skip

    def __init__(self, sides: Sequence[Side], index: Index) -> None:
        self._sides, self._index = sides, index
        self.first = _firsts(len(side.numbers) for side in sides)
        self._numbers = numbers = np.concatenate([side.numbers for side in sides])
        self.side_of = np.repeat(np.arange(len(sides)), np.diff(self.first))
        self._name_first = np.append(0, np.cumsum(index.first[numbers + 1] - index.first[numbers]))
        self._names = Names(_asked(sides), _stored(index), _BITS, self.first, numbers)
        seen = getattr(index.scratch, "seen", None)
        if seen is None:
            seen = index.scratch.seen = np.zeros(len(index.units.traits), np.int64)
        self._pairs = may_be_alike(self._names, seen)
        known = _likenesses(sides, index, self._pairs.units)
        self._crossed, self.aligned, self.characters, self.most = most_of_names(self._names, self._pairs, *known)

    def units(self, row: int) -> tuple[Unit, ...]:
        """The units of name `row`."""
        start, end = self._index.first[(number := self._numbers[row]) : number + 2].tolist()
        return tuple(map(self._index.units.__getitem__, self._index.unit_of[start:end].tolist()))

    def account(self, row: int, units: tuple[Unit, ...]) -> Account:
        """The comparison of name `row`, whose units are `units`, with its side."""
        index, number, place = self._index, int(self._numbers[row]), int(self.side_of[row])
        side, name = self._sides[place], index.names[number]
        start, end = index.first[number : number + 2].tolist()
        held = index.unit_of[start:end]
        weights = Weights(index.worth[start:end].tolist(), index.unit_worth[held].tolist(), index.unit_rarity[held].tolist())
        return account(
            side.units,
            units,
            (side.name, name),
            (side.weights, weights),
            alike=() if self._crossed[row] else self._alike_pairs(row, place),
            most_alike=float(self.characters[row]),
        )

    def _alike_pairs(self, row: int, side: int) -> list[tuple[int, int]]:
        """The places of all pairs of units, the side's and those of name `row`, that may be alike at all."""
        start, end = self._name_first[row : row + 2].tolist()
        (rows, first, units), own = self._pairs, int(self._names.asked.first[side])
        rows = rows[start:end]
        spans = zip(first[rows].tolist(), first[rows + 1].tolist(), strict=True)
        return [(mine - own, place) for place, span in enumerate(spans) for mine in units[slice(*span), 0].tolist()]


def _likenesses(sides: Sequence[Side], index: Index, pairs: Array) -> tuple[Array, Array]:
    """The likeness of the units of each pair, and whether the stored one may be a part of the asked one.

    A unit of the side that neighbours may complete to the stored one counts as that whole.
    """
    asked, stored = [unit for side in sides for unit in side.units], index.units
    spoken = [voiced(unit).translate(_ONE_VOWEL) for unit in asked]
    place_of = [place for side in sides for place in range(len(side.units))]
    last_of = [len(side.units) - 1 for side in sides for _ in side.units]
    like, parts = [], []
    for mine, theirs, how in pairs.tolist():
        one, other, found, part = asked[mine], stored[theirs], 0.0, False
        if how & WANTED:
            found, why = likeness_of(one, other)
            if why == "likeness":
                found = min(1.0, found + _UNEVEN)
        if how & PARTS and found < 1.0:
            x, y = spoken[mine], sound(other).translate(_ONE_VOWEL)
            before = place_of[mine] > 0 and spoken[mine - 1] in y
            if x in y and (before or (place_of[mine] < last_of[mine] and spoken[mine + 1] in y)):
                found = 1.0
            part = y in x
        like.append(found)
        parts.append(part)
    return np.array(like, np.float64), np.array(parts, np.bool_)


def written_at_most(side: Side, units: tuple[Unit, ...]) -> float:
    """What the likeness of the written characters alone can make `side` and a stored name score."""
    han = any(u.han for u in units)
    if han != side.han:
        texts = [" ".join(voiced(u) for u in some if u.kind != "form") for some in (side.units, units)]
    else:
        texts = [" ".join(u.text for u in some if u.kind != "form") for some in (side.units, units)]
    like = characters_alike(*texts, both_han=han and side.han)
    if not han and not side.han:
        like = max(like, characters_alike(*(" ".join(u.text for u in some) for some in (side.units, units)), both_han=False))
    return like * CHARACTERS_WORTH + ROUNDING
