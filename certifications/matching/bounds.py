"""For many names and many stored names at once: which units are alike, and what two names can score at most.

`score` is then asked only where it may matter. A bound may be too high but never too low: an answer with bounds equals one
without (tests/matching/test_search.py). Whoever teaches `score` a new way for two units or names to be alike teaches it
here too, or that test goes red.

Everything is flat arrays: a whole block of queries costs little more than one, because the cost is in the number of calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from certifications.matching.account import Account, Weights
from certifications.matching.calibrations import LEAST_HAN
from certifications.matching.crossing_bounds import Half, crossing_most, spread
from certifications.matching.crossing_traits import crossing_traits, sound_runs
from certifications.matching.index import HAN, PERSON, PUBLIC, Index
from certifications.matching.likeness import ONE_LOST, characters_alike, likeness_of
from certifications.matching.persons import LONGEST_HAN_NAME, ONE_NAME_ONLY
from certifications.matching.score import account, is_public, laid_out_weights, rarity_of
from certifications.matching.segment import Unit
from certifications.matching.store import Array
from certifications.matching.unit_table import BLANK, FREE, KINDS, MEANS, bins, sound, traits, voiced
from certifications.matching.unit_table import HAN as HAN_UNIT

# A likeness of letters of at least 0.78 is half Levenshtein, half Jaro-Winkler, which is at most 1: under 0.56 there is none.
_LEAST_LETTERS = 0.555
_LEAST_HAN = LEAST_HAN - 0.005
_LEAST_CHARACTERS = 0.795
_CHARACTERS_WORTH = 0.97
# `score` rounds every row to four digits.
_ROUNDING = 0.002
# Jaro-Winkler may differ a little with the order of its two words.
_UNEVEN = 0.03
_UNKNOWN = 2.0
_LEAST_SOFT = 0.5  # from here on a soft word without a partner never does better than with one
_FORM, _TERM, _WORD = (KINDS.index(kind) for kind in ("form", "term", "word"))
_SET_KINDS = np.array([kind in {"place", "body", "form"} for kind in KINDS])
# Syllables that `same_vowel` makes one are one here too: lü, lv, lyu, lu.
_ONE_VOWEL = str.maketrans("v", "u", "y")


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


class Block:
    """Sides and their proposed names. `most[first[s]:first[s + 1]]` is what each name of side s can score at most."""

    __slots__ = (
        "_alike", "_alike_first", "_count", "_crosses", "_distinct", "_index", "_name_first", "_numbers", "_sides", "_units", "_worth",
        "aligned", "characters", "first", "most", "side_of",
    )  # fmt: skip

    def __init__(self, sides: Sequence[Side], index: Index) -> None:
        self._sides, self._index = sides, index
        self.first = np.cumsum([0, *(len(side.numbers) for side in sides)])
        self._numbers = numbers = np.concatenate([side.numbers for side in sides])
        self.side_of = np.repeat(np.arange(len(sides)), np.diff(self.first))
        asked = [unit for side in sides for unit in side.units]
        self._count = np.array([len(side.units) for side in sides])
        asked_first = np.cumsum(self._count) - self._count
        asked_traits = traits(asked)

        starts = index.first[numbers]
        counts = index.first[numbers + 1] - starts
        self._name_first = np.cumsum(np.append(0, counts))
        name, place = spread(counts)
        place += starts[name]
        held = index.unit_of[place].astype(np.int64)
        # One row per distinct unit of each side: what it is like is asked once, however many names have it.
        table = len(index.units.traits)
        keys, self._distinct = np.unique(self.side_of[name] * table + held, return_inverse=True)
        sides_of, units = keys // table, keys % table
        row, mine = spread(self._count[sides_of])
        pair_first = np.cumsum(self._count[sides_of]) - self._count[sides_of]
        place_of = mine.copy()
        mine += asked_first[sides_of[row]]
        unit_traits = index.units.traits[units]
        cross = ((index.flags[numbers] & HAN) != 0) != np.array([side.han for side in sides])[self.side_of]
        public = np.array([side.public for side in sides])[self.side_of] | ((index.flags[numbers] & PUBLIC) != 0)
        crossed = cross & ~public
        self._crosses = crossed.tolist()
        # Units that stand only in names that go by the rules of a crossing are not asked.
        asked_for = np.zeros(len(keys), bool)
        asked_for[self._distinct[~crossed[name]]] = True
        like, parts = _likenesses(
            asked, asked_traits, mine, theirs=units[row], unit_traits=unit_traits, row=row, index=index, these=asked_for[row]
        )
        pairs = np.flatnonzero(like)
        self._alike = place_of[pairs].tolist()
        self._alike_first = np.append(pairs.searchsorted(pair_first), len(pairs))
        found = (np.maximum(like, parts), pair_first[self._distinct])
        self.aligned = (
            self._aligned(found, asked=asked_traits, units=unit_traits, name=name, worth=index.worth[place], cross=cross) + _ROUNDING
        )
        # Lists: most names are asked for one by one afterwards.
        self._units = held.tolist()
        self._worth = Weights(index.worth[place].tolist(), index.unit_worth[held].tolist(), index.unit_rarity[held].tolist())
        self.characters = characters = self._characters(unit_traits["kind"][self._distinct] != _FORM, held, cross, index)
        self.most = np.maximum(self.aligned, characters * _CHARACTERS_WORTH + _ROUNDING)
        # Companies' and persons' names in two scripts go by other rules.
        person = crossed & ((index.flags[numbers] & PERSON) != 0)
        self.aligned[person] = self.most[person] = np.where(self._two_parts(unit_traits[self._distinct]), _UNKNOWN, ONE_NAME_ONLY)[person]
        crossed = np.flatnonzero(crossed & ~person)
        if len(crossed):
            self.aligned[crossed] = self._crossed(crossed, asked_traits, (starts[crossed], counts[crossed]), index)
            self.most[crossed] = np.maximum(self.aligned[crossed], characters[crossed] * _CHARACTERS_WORTH + _ROUNDING)

    def _two_parts(self, held: Array) -> Array:
        """Whether two parts of each name can agree with two of its side's as persons' names in two scripts; `held` are its units.

        A Chinese name has several words, or a surname and a given name for which two Latin words stand; a company's name read as a
        person's is one long word.
        """
        starts = self._name_first[:-1]
        han = (held["flags"] & HAN_UNIT) != 0
        count = np.add.reduceat(han, starts, dtype=np.int16)
        length = np.add.reduceat(np.where(han, held["characters"], 0), starts, dtype=np.int64)
        one_of_two = (count == 1) & (length >= 2) & (length <= LONGEST_HAN_NAME)
        two_latin = np.diff(self._name_first) - count >= 2
        lengths = [[len(u.text) for u in side.units if u.han] for side in self._sides]
        own_several = np.array([len(some) >= 2 for some in lengths])[self.side_of]
        own_one = np.array([len(some) == 1 and 2 <= some[0] <= LONGEST_HAN_NAME for some in lengths])[self.side_of]
        own_two_latin = np.array([sum(not u.han for u in side.units) >= 2 for side in self._sides])[self.side_of]
        own_han = np.array([side.han for side in self._sides])[self.side_of]
        # The side's name is the Chinese one, or the other is.
        return np.where(own_han, own_several | (own_one & two_latin), (count >= 2) | (one_of_two & own_two_latin))

    def _crossed(self, names: Array, asked: Array, places: tuple[Array, Array], index: Index) -> Array:
        """What companies' names in another script than their side's score at most."""
        owner = self.side_of[names]
        starts, counts = places
        theirs, place = spread(counts)
        held = index.unit_of[starts[theirs] + place]
        mine, place = spread(self._count[owner])
        place += (np.cumsum(self._count) - self._count)[owner[mine]]
        units = [unit for side in self._sides for unit in side.units]
        rarity = np.array([rare for side in self._sides for rare in side.weights.rarity])
        crossing = crossing_traits(units)
        kinds, rows = index.units.traits["kind"], index.units.crossing
        han = np.array([side.han for side in self._sides])
        runs = [np.array(sound_runs(side.units, han=side.han), np.uint64) for side in self._sides]
        most = np.zeros(len(names))
        for chinese in (True, False):
            some = np.flatnonzero(han[owner] == chinese)
            if not len(some):
                continue
            number = np.zeros(len(names), np.intp)
            number[some] = np.arange(len(some))
            of_mine, of_theirs = (np.flatnonzero((han[owner] == chinese)[whose]) for whose in (mine, theirs))
            at, there = place[of_mine], held[of_theirs]
            asking = Half(number[mine[of_mine]], asked["kind"][at], rarity[at], crossing[at])
            known = Half(number[theirs[of_theirs]], kinds[there], index.unit_rarity[there], rows[there])
            grip = self._grip(names[some], runs, index, chinese=chinese)
            most[some] = crossing_most(*((asking, known) if chinese else (known, asking)), len(some), grip)
        return most

    def _grip(self, names: Array, runs: list[Array], index: Index, *, chinese: bool) -> Array:
        """How firmly any sound of each name holds to one of its side; `chinese` where the side is."""
        numbers, owner = self._numbers[names], self.side_of[names]
        starts = index.sound_runs_at[numbers]
        name, place = spread(index.sound_runs_at[numbers + 1] - starts)
        stored = index.sound_runs[starts[name] + place]
        count = np.array(list(map(len, runs)))
        pair, place = spread(count[owner[name]])
        own = np.concatenate(runs)[(np.cumsum(count) - count)[owner[name[pair]]] + place]
        stored = stored[pair]
        found = np.zeros(len(names))
        if len(pair):
            np.maximum.at(found, name[pair], index.grips().of(*((own, stored) if chinese else (stored, own))))
        return found

    def _aligned(self, pairs: tuple[Array, Array], *, asked: Array, units: Array, name: Array, worth: Array, cross: Array) -> Array:
        """What every name scores if each of its units, and each of the side's, had its best partner to itself."""
        size = len(self.side_of)
        count = self._count[self.side_of]
        own_first = np.cumsum(count) - count
        unit, place = spread(count[name])  # every unit of every name with every unit of its side
        like, pair_first = pairs
        found = like[pair_first[unit] + place]
        theirs = np.maximum.reduceat(found, np.cumsum(count[name]) - count[name])
        mine = np.zeros(int(count.sum()))
        np.maximum.at(mine, own_first[name[unit]] + place, found)

        owner, place = spread(count)
        place += (np.cumsum(self._count) - self._count)[self.side_of[owner]]
        weights = np.array([weight for side in self._sides for weight in side.weights.here])[place]
        soft = _soft(asked)[place] & cross[owner] & (mine < _LEAST_SOFT)
        left = np.bincount(owner, weights * mine, size) / _or_one(np.bincount(owner, weights * np.where(soft, 0.5, 1.0), size))
        soft = _soft(units)[self._distinct] & cross[name] & (theirs < _LEAST_SOFT)
        right = np.bincount(name, worth * theirs, size) / _or_one(np.bincount(name, worth * np.where(soft, 0.5, 1.0), size))
        return (left + right) / 2  # type: ignore[no-any-return]

    def _characters(self, no_form: Array, held: Array, cross: Array, index: Index) -> Array:
        """How alike the written characters can be, by how often each occurs; 0 where `score` takes no notice."""
        starts = self._name_first[:-1]
        written, counted = index.units.character_bins[held], no_form[:, None]
        core = np.add.reduceat(np.where(counted, written, 0), starts, dtype=np.int16)
        asked = [[unit for unit in side.units if unit.kind != "form"] for side in self._sides]
        core_asked = bins(" ".join(u.text for u in units) for units in asked)[self.side_of]
        core[:, BLANK] += np.add.reduceat(no_form, starts, dtype=np.int16)
        core_asked[:, BLANK] += 1
        han = np.array([side.han for side in self._sides])[self.side_of]
        found = _most_alike(core, core_asked, contained=han)
        other = np.flatnonzero(cross)
        if len(other):
            spoken = np.add.reduceat(np.where(counted, index.units.voice_bins[held], 0), starts, dtype=np.int16)[other]
            # Syllables are written without the blanks that the text may have.
            spoken[:, BLANK] += np.add.reduceat(no_form, starts, dtype=np.int16)[other]
            spoken_asked = bins(" ".join(map(voiced, units)) for units in asked)[self.side_of[other]]
            spoken_asked[:, BLANK] += 1
            found[other] = _most_alike(spoken, spoken_asked, contained=np.zeros(1, bool))
        latin = np.flatnonzero(~cross & ~han)
        if len(latin):
            whole = np.add.reduceat(written, starts, dtype=np.int16)[latin]
            whole[:, BLANK] += np.diff(self._name_first)[latin].astype(np.int16)
            whole_asked = bins(" ".join(u.text for u in side.units) for side in self._sides)[self.side_of[latin]]
            whole_asked[:, BLANK] += 1
            found[latin] = np.maximum(found[latin], _most_alike(whole, whole_asked, contained=np.zeros(1, bool)))
        return np.where(found >= _LEAST_CHARACTERS, found, 0.0)

    def units(self, row: int) -> tuple[Unit, ...]:
        """The units of name `row`."""
        start, end = self._name_first[row : row + 2].tolist()
        return tuple(map(self._index.units.__getitem__, self._units[start:end]))

    def account(self, row: int, units: tuple[Unit, ...]) -> Account:
        """The comparison of name `row`, whose units are `units`, with its side."""
        side, name = self._sides[int(self.side_of[row])], self._index.names[int(self._numbers[row])]
        start, end = self._name_first[row : row + 2].tolist()
        here, anywhere, rarity = self._worth
        weights = Weights(here[start:end], anywhere[start:end], rarity[start:end])
        return account(
            side.units,
            units,
            (side.name, name),
            (side.weights, weights),
            alike=() if self._crosses[row] else self._alike_pairs(row),
            most_alike=float(self.characters[row]),
        )

    def _alike_pairs(self, row: int) -> list[tuple[int, int]]:
        """The places of all pairs of units, the side's and those of name `row`, that are alike at all."""
        start, end = self._name_first[row : row + 2].tolist()
        distinct = self._distinct[start:end]
        spans = zip(self._alike_first[distinct].tolist(), self._alike_first[distinct + 1].tolist(), strict=True)
        return [(mine, place) for place, (first, last) in enumerate(spans) for mine in self._alike[first:last]]


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
    return like * _CHARACTERS_WORTH + _ROUNDING


def _or_one(totals: Array) -> Array:
    return np.where(totals > 0, totals, 1.0)


def _soft(rows: Array) -> Array:
    """Units that count by half across scripts where they find no partner."""
    return (rows["kind"] == _TERM) | ((rows["kind"] == _WORD) & (rows["syllables"] == 0))  # type: ignore[no-any-return]


def _most_alike(ones: Array, others: Array, *, contained: Array) -> Array:
    """The likeness of texts of these counts, at most. Blanks are one more than there are, on both sides."""
    common = np.minimum(ones[:, :BLANK], others[:, :BLANK]).sum(axis=1)
    a, b = ones[:, :BLANK].sum(axis=1), others[:, :BLANK].sum(axis=1)
    shorter, longer = np.minimum(a, b), np.maximum(np.maximum(a, b), 1)
    changed = common / longer
    blanks, blanks_others = ones[:, BLANK] - 1, others[:, BLANK] - 1
    by_word = 2 * (common + np.minimum(blanks, blanks_others)) / np.maximum(a + b + blanks + blanks_others, 1)
    held = common >= shorter
    inside = np.where(held & (shorter >= 4), 0.75 + 0.25 * shorter / longer, np.where(held & (shorter == 3) & (longer == 4), ONE_LOST, 0.0))
    return np.maximum(changed, np.where(contained, inside, by_word))  # type: ignore[no-any-return]


def _likenesses(
    asked: list[Unit], asked_traits: Array, mine: Array, *, theirs: Array, unit_traits: Array, row: Array, index: Index, these: Array
) -> tuple[Array, Array]:
    """Of `these` pairs: the likeness of the units, and 1 where one may be spelt by several of the other side together."""

    def of(field: str) -> tuple[Array, Array]:
        return asked_traits[field][mine], unit_traits[field][row]

    flags, other_flags = of("flags")
    both = flags & other_flags
    kind, other_kind = of("kind")
    concepts, other_concepts = of("concept_set")
    text, other_text = of("text")
    wanted = (kind == other_kind) & (((concepts & other_concepts) != 0) | (_SET_KINDS[kind] & ((both & MEANS) != 0)))
    wanted |= text == other_text

    wanted &= these
    free = np.flatnonzero((both & FREE != 0) & these)
    loose = _Loose(asked_traits[mine[free]], unit_traits[row[free]])
    wanted[free] |= loose.alike()
    like, parts = np.zeros(len(mine)), np.zeros(len(mine))
    pairs = np.flatnonzero(wanted)
    units = index.units
    for pair, one, other in zip(pairs.tolist(), mine[pairs].tolist(), theirs[pairs].tolist(), strict=True):
        points, how = likeness_of(asked[one], units[other])
        like[pair] = min(1.0, points + _UNEVEN) if how == "likeness" else points
    pairs = free[loose.parts()]
    for pair, one, other in zip(pairs.tolist(), mine[pairs].tolist(), theirs[pairs].tolist(), strict=True):
        x, y = voiced(asked[one]).translate(_ONE_VOWEL), sound(units[other]).translate(_ONE_VOWEL)
        parts[pair] = x in y or y in x
    return like, parts


class _Loose:
    """Pairs of units whose spelling may vary: which can be alike, told from sets and lengths without reading a letter."""

    __slots__ = ("_both_han", "_one", "_other", "_spoken")

    def __init__(self, one: Array, other: Array) -> None:
        self._one, self._other = one, other
        self._both_han = (one["flags"] & other["flags"] & HAN_UNIT) != 0
        self._spoken = (one["syllables"] > 0) & (other["syllables"] > 0)

    def alike(self) -> Array:
        one, other = self._one, self._other
        hint = ((one["hint_set"] & other["concept_set"]) | (one["concept_set"] & other["hint_set"])) != 0
        scripts = ((one["flags"] ^ other["flags"]) & HAN_UNIT) != 0
        begins = self._spoken & scripts & (one["first"] == other["first"])
        letters = _few_changes(one["letter_set"], other["letter_set"], one["letters"], other["letters"], 1 - _LEAST_LETTERS)
        characters = _few_changes(one["character_set"], other["character_set"], one["characters"], other["characters"], 1 - _LEAST_HAN)
        return hint | begins | (one["spoken"] == other["spoken"]) | np.where(self._both_han, characters, letters)  # type: ignore[no-any-return]

    def parts(self) -> Array:
        """Where one may spell a part of the other: 博瑞 and the "Rui" of "Bo Rui"."""
        one, other = self._one, self._other
        smaller = np.where(
            one["syllables"] < other["syllables"], one["voice_set"] & ~other["voice_set"], other["voice_set"] & ~one["voice_set"]
        )
        return self._spoken & (one["syllables"] != other["syllables"]) & (smaller == 0)  # type: ignore[no-any-return]


def _few_changes(one: Array, other: Array, length: Array, other_length: Array, share: float) -> Array:
    """Whether texts with these sets of letters and lengths can be within `share` of the longer one's length in changes.

    A letter that only one of them has takes at least one change.
    """
    changes = np.maximum(np.bitwise_count(one & ~other), np.bitwise_count(other & ~one))
    longer, shorter = np.maximum(length, other_length), np.minimum(length, other_length)
    return np.maximum(changes, longer - shorter) <= share * longer  # type: ignore[no-any-return]
