"""The loops behind `bounds`: which units may be alike, and what names in one script, or of public bodies, can score at most.

Knows numbers about units. Must not know texts, lists or who asks. A bound may be too high but never too low.
"""

from typing import Any, NamedTuple

import numpy as np

from certifications.matching.calibrations import LEAST_HAN
from certifications.matching.compiled import compiled
from certifications.matching.crossing_bounds import Half, crossing_most, sound_at_most, sound_likeness
from certifications.matching.likeness import LEAST_LATIN
from certifications.matching.persons import (
    LEAST_HEARD,
    LEAST_HEARD_AGREED,
    LONGEST_HAN_NAME,
    MOST_WORDS,
    ONE_NAME_ONLY,
    READ,
    WORD_LEFT,
)
from certifications.matching.spelling_bounds import characters_at_most, common_characters, counts_of, letters_at_most
from certifications.matching.store import Array
from certifications.matching.unit_table import FREE, KINDS, MEANS
from certifications.matching.unit_table import HAN as HAN_UNIT

Row = Any  # a row of TRAITS
WANTED, PARTS = 1, 2  # of a pair of units: they may be alike; one may be spelt by several of the other side together
CHARACTERS_WORTH = 0.97
# `score` rounds every row to four digits.
ROUNDING = 0.002
_UNKNOWN = 2.0  # no bound is known
_LEAST_SOFT = 0.5  # from here on a soft word without a partner never does better than with one
_MARGIN = 0.005
_PLACE, _BODY, _FORM, _TERM, _WORD = (KINDS.index(kind) for kind in ("place", "body", "form", "term", "word"))


class Asked(NamedTuple):
    """The names that are asked for. `first[s]:first[s + 1]` are the units of name s; `runs` likewise its packed sounds."""

    first: Array
    traits: Array
    crossing: Array
    characters: Array  # counts of `bins`: of the text of each unit, and of how it is spoken
    voices: Array
    weight: Array
    rarity: Array
    runs_first: Array
    runs: Array
    han: Array  # flags of each name
    public: Array


class Stored(NamedTuple):
    """The index: its names, their units, and what is known of each distinct unit."""

    first: Array
    unit_of: Array
    worth: Array
    flags: Array
    unit_rarity: Array
    traits: Array
    crossing: Array
    characters: Array
    voices: Array
    runs_first: Array
    runs: Array


class Flags(NamedTuple):
    """Bits of `Stored.flags`."""

    person: int
    han: int
    public: int


class Names(NamedTuple):
    """What is asked for, what is stored, and the names proposed: for side s the stored names `numbers[first[s]:first[s + 1]]`."""

    asked: Asked
    stored: Stored
    bits: Flags
    first: Array
    numbers: Array


class Pairs(NamedTuple):
    """Units that may be alike, row after row of the distinct units of each side; `rows` is that of every unit of every name."""

    rows: Array
    first: Array
    units: Array  # of each pair: the unit that is asked for, the stored one, WANTED | PARTS


@compiled
def _loosely(asked: Asked, own: int, stored: Stored, unit: int) -> bool:
    """Whether two units whose spelling may vary can be alike."""
    x, y = asked.traits[own], stored.traits[unit]
    if x.hint_set & y.concept_set or x.concept_set & y.hint_set or x.spoken == y.spoken:
        return True
    both_han = x.flags & y.flags & HAN_UNIT != 0
    if both_han:
        longer = max(x.characters, y.characters)
        return common_characters(asked.characters[own], stored.characters[unit]) >= (LEAST_HAN - _MARGIN) * longer
    scripts = (x.flags ^ y.flags) & HAN_UNIT != 0
    if scripts and x.syllables > 0 and y.syllables > 0 and x.first == y.first:
        return True
    letters = asked.voices[own] if x.flags & HAN_UNIT else asked.characters[own]
    common = common_characters(letters, stored.voices[unit] if y.flags & HAN_UNIT else stored.characters[unit])
    return letters_at_most(common, x.letters, y.letters, scripts or x.first == y.first) >= LEAST_LATIN - _MARGIN


@compiled
def _parts(x: Row, y: Row) -> bool:
    """Whether one may spell a part of the other: 博瑞 and the "Rui" of "Bo Rui"."""
    if not x.syllables or not y.syllables or x.syllables == y.syllables:
        return False
    if x.syllables < y.syllables:
        return not x.voice_set & ~y.voice_set
    return not y.voice_set & ~x.voice_set


@compiled
def _pair(x: Row, y: Row) -> bool:
    """Whether two units can be alike by their meaning or by being written alike."""
    if x.text == y.text:
        return True
    if x.kind != y.kind:
        return False
    if x.concept_set & y.concept_set:
        return True
    return x.kind in (_PLACE, _BODY, _FORM) and x.flags & y.flags & MEANS != 0


@compiled
def _crosses(names: Names, side: int, number: int) -> bool:
    """Whether a name and its side go by the rules of a crossing: in two scripts, neither a public body."""
    flags, bits = names.stored.flags[number], names.bits
    return (flags & bits.han != 0) != names.asked.han[side] and not names.asked.public[side] and flags & bits.public == 0


@compiled
def may_be_alike(names: Names, seen: Array) -> Pairs:
    """The pairs of units to be looked at. `seen` is one number per distinct unit of the index, whatever it holds."""
    asked, stored, first, numbers = names.asked, names.stored, names.first, names.numbers
    total, most = 0, 0
    for side in range(len(first) - 1):
        held = 0
        for number in numbers[first[side] : first[side + 1]]:
            held += stored.first[number + 1] - stored.first[number]
        total += held
        most += held * (asked.first[side + 1] - asked.first[side])
    row_of, unit_of_row, needed = np.empty(total, np.int64), np.empty(total, np.int64), np.zeros(total, np.bool_)
    pairs, pairs_first, pair_count, place, rows = np.empty((most, 3), np.int64), np.zeros(total + 1, np.int64), 0, 0, 0
    for side in range(len(first) - 1):
        before = rows
        for number in numbers[first[side] : first[side + 1]]:
            crossed = _crosses(names, side, number)
            for at in range(stored.first[number], stored.first[number + 1]):
                unit = stored.unit_of[at]
                row = seen[unit]
                if not before <= row < rows or unit_of_row[row] != unit:
                    row = seen[unit] = rows
                    unit_of_row[row] = unit
                    rows += 1
                row_of[place] = row
                needed[row] |= not crossed
                place += 1
        for row in range(before, rows):
            unit = unit_of_row[row]
            y = stored.traits[unit]
            # Units that stand only in names that go by the rules of a crossing are not asked.
            for own in range(asked.first[side], asked.first[side + 1] if needed[row] else 0):
                x = asked.traits[own]
                how = WANTED * _pair(x, y)
                if x.flags & y.flags & FREE:
                    if not how and _loosely(asked, own, stored, unit):
                        how = WANTED
                    how |= PARTS * _parts(x, y)
                if how:
                    pairs[pair_count] = own, unit, how
                    pair_count += 1
            pairs_first[row + 1] = pair_count
    return Pairs(row_of, pairs_first[: rows + 1], pairs[:pair_count])


@compiled
def _soft(row: Row) -> bool:
    """A unit that counts by half across scripts where it finds no partner."""
    return row.kind == _TERM or (row.kind == _WORD and row.syllables == 0)


class Known(NamedTuple):
    """For each pair the likeness of its units, and whether the stored one may be a part of the other."""

    pairs: Pairs
    like: Array
    part: Array


@compiled
def _continued(known: Known, row: int, own: int) -> bool:
    """Whether the stored unit of `row` may be a part of `own` as well."""
    found = False
    for pair in range(known.pairs.first[row], known.pairs.first[row + 1]):
        found |= known.part[pair] and known.pairs.units[pair, 0] == own
    return found


@compiled
def _likeness(known: Known, pair: int, rows: Array, place: int) -> float:
    """The likeness of a pair; 1 where the stored unit and one beside it may spell the other together."""
    if known.part[pair]:
        own = known.pairs.units[pair, 0]
        if place > 0 and _continued(known, rows[place - 1], own):
            return 1.0
        if place + 1 < len(rows) and _continued(known, rows[place + 1], own):
            return 1.0
    return known.like[pair]


@compiled
def _aligned(names: Names, side: int, number: int, start: int, known: Known) -> float:
    """What a name scores if each of its units, and each of the side's, had its best partner to itself."""
    pairs, asked, stored = known.pairs, names.asked, names.stored
    rows = pairs.rows[start : start + stored.first[number + 1] - stored.first[number]]
    cross = (stored.flags[number] & names.bits.han != 0) != asked.han[side]
    own_first, own_end = asked.first[side], asked.first[side + 1]
    mine = np.zeros(own_end - own_first)
    total, most = 0.0, 0.0
    for place in range(len(rows)):
        theirs = 0.0
        for pair in range(pairs.first[rows[place]], pairs.first[rows[place] + 1]):
            own = pairs.units[pair, 0] - own_first
            like = _likeness(known, pair, rows, place)
            theirs, mine[own] = max(theirs, like), max(mine[own], like)
        at = stored.first[number] + place
        soft = cross and theirs < _LEAST_SOFT and _soft(stored.traits[stored.unit_of[at]])
        total += stored.worth[at] * theirs
        most += stored.worth[at] * (0.5 if soft else 1.0)
    found = total / most if most > 0 else 0.0
    total, most = 0.0, 0.0
    for own in range(own_first, own_end):
        soft = cross and mine[own - own_first] < _LEAST_SOFT and _soft(asked.traits[own])
        total += asked.weight[own] * mine[own - own_first]
        most += asked.weight[own] * (0.5 if soft else 1.0)
    return (found + (total / most if most > 0 else 0.0)) / 2


@compiled
def _person_most(asking: Half, own: Array, known: Half, held: Array, han: bool) -> float:
    """What persons' names in two scripts score at most; `han` where the stored one is the Chinese one. The rows are TRAITS."""
    ours, theirs = (known, asking) if han else (asking, known)
    rows, others = (held, own) if han else (own, held)
    words, count, length = np.empty(MOST_WORDS, np.int64), 0, 0
    for place in range(len(ours.units)):
        if rows[ours.units[place]].flags & HAN_UNIT and count < MOST_WORDS:
            words[count] = ours.units[place]
            length += rows[words[count]].characters
            count += 1
    latin, there = np.empty(MOST_WORDS, np.int64), 0
    for place in range(len(theirs.units)):
        if not others[theirs.units[place]].flags & HAN_UNIT and there < MOST_WORDS:
            latin[there] = theirs.units[place]
            there += 1
    if count == 1 and 1 < length <= LONGEST_HAN_NAME:
        return _UNKNOWN if there > 1 else ONE_NAME_ONLY
    total, heard = 0.0, 0
    for word in words[:count]:
        best = 0.0
        for other in latin[:there]:
            like, agreed = sound_likeness(ours.rows[word].sound, theirs.rows[other].sound)
            if like >= LEAST_HEARD - 1e-6 and agreed >= LEAST_HEARD_AGREED - 1e-6:
                best = max(best, min(like, READ))
        total += best * rows[word].characters / length
        heard += best > 0
    # Every word that was heard takes one word of the other name at most, and others that are spelt like it.
    spellings = 0
    for place in range(there):
        spellings += 1
        for before in range(place):
            if others[latin[before]].text == others[latin[place]].text:
                spellings -= 1
                break
    total = total * (1 - WORD_LEFT * min(max(spellings - heard, 0), 4)) + ROUNDING
    return total if heard > 1 else min(total, ONE_NAME_ONLY)


@compiled
def _crossing(names: Names, side: int, number: int, asking: Half) -> float:
    """What a name scores at most by the rules of a crossing."""
    asked, stored = names.asked, names.stored
    units = stored.unit_of[stored.first[number] : stored.first[number + 1]].astype(np.int64)
    known, han = Half(units, stored.traits["kind"], stored.unit_rarity, stored.crossing), not asked.han[side]
    if stored.flags[number] & names.bits.person:
        return _person_most(asking, asked.traits, known, stored.traits, han)
    grip = 0.0
    for run in range(stored.runs_first[number], stored.runs_first[number + 1]):
        for mine in range(asked.runs_first[side], asked.runs_first[side + 1]):
            one, other = (stored.runs[run], asked.runs[mine]) if han else (asked.runs[mine], stored.runs[run])
            grip = max(grip, sound_at_most(one, other))
    return crossing_most(known, asking, grip) if han else crossing_most(asking, known, grip)


@compiled
def most_of_names(names: Names, pairs: Pairs, like: Array, part: Array) -> tuple[Array, Array, Array, Array]:
    """For each name whether it crosses, what it can score by its units, how alike its characters can be, and what it scores at most.

    `like` is the likeness of the units of each pair, `part` says whether the stored one may be a part of the other.
    """
    asked, stored, bits, first, numbers = names
    crossed, aligned = np.zeros(len(numbers), np.bool_), np.empty(len(numbers))
    characters, most, place = np.empty(len(numbers)), np.empty(len(numbers)), 0
    for side in range(len(first) - 1):
        own = np.arange(asked.first[side], asked.first[side + 1])
        own_counts = counts_of(own, asked.traits, asked.characters, asked.voices)
        asking = Half(own, asked.traits["kind"], asked.rarity, asked.crossing)
        for name in range(first[side], first[side + 1]):
            number = numbers[name]
            units = stored.unit_of[stored.first[number] : stored.first[number + 1]]
            han = stored.flags[number] & bits.han != 0
            counts = counts_of(units, stored.traits, stored.characters, stored.voices)
            characters[name] = characters_at_most(own_counts, counts, han != asked.han[side], han)
            crossed[name] = _crosses(names, side, number)
            if crossed[name]:
                aligned[name] = _crossing(names, side, number, asking)
            else:
                aligned[name] = _aligned(names, side, number, place, Known(pairs, like, part)) + ROUNDING
            most[name] = max(aligned[name], characters[name] * CHARACTERS_WORTH + ROUNDING)
            if crossed[name] and stored.flags[number] & bits.person:
                most[name] = aligned[name]  # of persons' names in two scripts the characters say nothing
            place += len(units)
    return crossed, aligned, characters, most
