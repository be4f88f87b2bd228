"""What a company's names in two scripts can score at most.

The points of a crossing add up: here each unit gets the best tie that it may have, whoever else wants the same partner.
May be too high, never too low. Whoever changes crossing.py or crossing_rules.py changes it here too, or
tests/matching/test_search.py goes red.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from certifications.matching import crossing_rules as rules
from certifications.matching import sounds
from certifications.matching.compiled import compiled
from certifications.matching.crossing_traits import GROUP, HAN_TEXT, IMPLIED, LONGEST_CODE, MIX, SHORT_WORD, SKIP, SWAP
from certifications.matching.store import Array
from certifications.matching.unit_table import KINDS

_PLACE, _BODY, _FORM, _ETHNIC, _RANK, _TERM, _BRAND, _WORD = (
    KINDS.index(kind) for kind in ("place", "body", "form", "ethnic", "rank", "term", "brand", "word")
)
_NEVER = -9.0
_MOST_INITIALS = rules.INITIALS * 3.2
_ROUNDING = 0.002
_LONGEST_INITIALS, _LONGEST_RUN = 5, 5  # letters; Latin units read together
_MIX_ONE, _MIX_OTHER = MIX


class Half(NamedTuple):
    """The units of one name: where they stand in `kind`, `rarity` and `rows` (CROSSING), which hold those of many names."""

    units: Array
    kind: Array
    rarity: Array
    rows: Array


@compiled
def _loose(kind: int) -> bool:
    return kind in (_BRAND, _WORD, _TERM)


@compiled
def _says(kind: int) -> bool:
    return kind not in (_FORM, _ETHNIC, _RANK)


@compiled
def _tells(kind: int) -> bool:
    return kind in (_TERM, _WORD, _BRAND, _BODY, _PLACE)


@compiled
def sound_likeness(han: int, latin: int) -> tuple[float, float]:
    """`sounds.likeness` of two packed sounds: how alike they are, 0 where it is less than LEAST_SOUND, and what agrees."""
    ours, theirs = np.empty(LONGEST_CODE, np.int64), np.empty(LONGEST_CODE, np.int64)
    m, n = 0, 0
    while m < LONGEST_CODE and han >> np.uint64(4 * m) & np.uint64(15):
        ours[m] = han >> np.uint64(4 * m) & np.uint64(15)
        m += 1
    while n < LONGEST_CODE and latin >> np.uint64(4 * n) & np.uint64(15):
        theirs[n] = latin >> np.uint64(4 * n) & np.uint64(15)
        n += 1
    most = (1 - sounds.LEAST_SOUND) * max(m, n) + 1e-6
    costs, agreed = np.zeros(n + 1), np.zeros(n + 1)
    for j in range(1, n + 1):
        costs[j] = costs[j - 1] + SKIP[theirs[j - 1]]
    for i in range(1, m + 1):
        a = ours[i - 1]
        tail = sounds.TAIL_LATIN if i == m else 1.0
        corner, corner_agreed = costs[0], agreed[0]
        costs[0] += SKIP[a]
        agreed[0] = 0.0
        lowest = costs[0]
        for j in range(1, n + 1):
            swap = SWAP[a, theirs[j - 1]]
            cost, met = corner + swap, corner_agreed + 1.0 - swap
            corner, corner_agreed = costs[j], agreed[j]
            down = corner + SKIP[a] * (sounds.TAIL_HAN if j == n else 1.0)
            if down < cost or (down == cost and corner_agreed > met):
                cost, met = down, corner_agreed
            along = costs[j - 1] + SKIP[theirs[j - 1]] * tail
            if along < cost or (along == cost and agreed[j - 1] > met):
                cost, met = along, agreed[j - 1]
            costs[j], agreed[j] = cost, met
            lowest = min(lowest, cost)
        if lowest > most:
            return 0.0, 0.0
    return (1.0 - costs[n] / max(m, n), agreed[n]) if m and n else (0.0, 0.0)


@compiled
def sound_at_most(han: int, latin: int) -> float:
    """How firmly two packed sounds hold to each other, 0 where they do not."""
    like, agreed = sound_likeness(han, latin)
    # A little more than is needed: the sums are made in another order here.
    if like < sounds.LEAST_SOUND - 1e-6 or agreed < sounds.LEAST_AGREED - 1e-6:
        return 0.0
    return max(0.001, (like - 0.55) / 0.45 * min(agreed, 4.0) / 4 + 1e-6)


@compiled
def _free(half: Half, unit: int) -> float:
    """What a unit costs without a partner."""
    kind, row = half.kind[unit], half.rows[unit]
    han = row.flags & HAN_TEXT != 0
    if kind == _BODY:
        return rules.BODY_FREE
    if kind == _BRAND and han:
        return rules.BRAND_FREE * min(row.size, 3) / 2
    if kind in (_WORD, _BRAND):
        return rules.WORD_FREE * half.rarity[unit]
    if kind == _TERM:
        return (rules.TERM_HAN_FREE if han else rules.TERM_LATIN_FREE) * half.rarity[unit]
    return 0.0


@compiled
def _by_meaning(han: Half, i: int, latin: Half, tied_latin: Array) -> float:
    """The best that Chinese unit `i` gains by its meaning; notes the Latin units that may be meant."""
    best, kind, ours, rare = _NEVER, han.kind[i], han.rows[i], han.rarity[i]
    for place in range(len(latin.units)):
        j = latin.units[place]
        theirs, other = latin.rows[j], latin.kind[j]
        if kind == other and ours.concepts_a & theirs.concepts_a and ours.concepts_b & theirs.concepts_b:
            points = rules.BRAND * max(rare, latin.rarity[j])
            if kind in (_TERM, _BODY):
                points = rules.TERM * (rare + latin.rarity[j]) / 2
            elif kind == _PLACE:
                points = 0.0 if ours.flags & IMPLIED else rules.PLACE
            elif not _says(kind):
                points = rules.GROUP if ours.flags & GROUP else 0.0
            best = max(best, points)
            tied_latin[place] = True
        if _loose(kind) and _loose(other) and ours.wide_a & theirs.meant_a and ours.wide_b & theirs.meant_b:
            both = kind == _TERM and other == _TERM
            best = max(best, (rules.TERM * rules.PARTLY if both else rules.TRANSLATION) * (rare + 1.0) / 2)
            tied_latin[place] = True
    return best


@compiled
def _places(han: Half, latin: Half, takeable: bool) -> float:
    """The points of the places, at most; `takeable` where a Latin place may turn out to be the trade name."""
    sets, named = np.zeros((2, 3), np.uint64), np.zeros(2, np.bool_)
    for side in range(2):
        half = han if side == 0 else latin
        for unit in half.units:
            row = half.rows[unit]
            if half.kind[unit] == _PLACE and not row.flags & IMPLIED:
                named[side] = True
                sets[side, 0] |= row.concepts_a
                sets[side, 1] |= row.concepts_b
                sets[side, 2] |= row.areas
    if named[0] and named[1]:
        if sets[0, 0] & sets[1, 0] and sets[0, 1] & sets[1, 1]:
            return 0.0
        if sets[0, 2] & sets[1, 2]:
            return rules.PLACE_INSIDE
        return rules.PLACE_HAN_ONLY if takeable else rules.PLACE_CONFLICT
    if named[0]:
        return rules.PLACE_HAN_ONLY
    return rules.PLACE_LATIN_ONLY if named[1] and not takeable else 0.0


class Spoken(NamedTuple):
    """The syllables of a name, and which of them follow one another wherever it is cut; sets, the second under two hashes."""

    all: Any
    following_a: Any
    following_b: Any


@compiled
def _spoken(half: Half) -> Spoken:
    said, a, b, tail, begun = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0), False
    for unit in half.units:
        row = half.rows[unit]
        if not row.spoken:
            continue
        said |= row.syllables
        a |= row.pairs_a
        b |= row.pairs_b
        if begun:
            mixed = tail * np.uint64(_MIX_ONE) + row.head * np.uint64(_MIX_OTHER)
            a |= np.uint64(1) << (mixed >> np.uint64(58))
            b |= np.uint64(1) << (mixed >> np.uint64(52) & np.uint64(63))
        tail, begun = row.tail, True
    return Spoken(said, a, b)


@compiled
def _strange(row: Any, others: Spoken) -> bool:
    """Whether a unit has syllables, or such that follow one another, that the other name does not have."""
    return row.syllables & ~others.all or row.pairs_a & ~others.following_a or row.pairs_b & ~others.following_b


class Tied(NamedTuple):
    """What each Chinese unit gains by meaning or reading, and which units of both names are tied by those."""

    best: Array
    han: Array
    latin: Array


class Heard(NamedTuple):
    """How many units are tied by their sound, none more firmly than `grip`, or by `initials`."""

    ties: int
    grip: float
    initials: bool


@compiled
def _with_sounds(han: Half, latin: Half, tied: Tied, heard: Heard) -> float:
    """What the units are worth where some of them are tied by sound or initials as well."""
    ties, grip, initials = heard
    held = 1.0 if initials else grip
    # A word that is tied by a weak sound owes a part of what it would cost without a partner.
    total = ties * max(rules.SOUND * grip + (1 - grip) * rules.WORD_FREE, _MOST_INITIALS if initials else _NEVER)
    left, other_reading, weak, group = False, False, False, False
    for place in range(len(han.units)):
        i = han.units[place]
        row, kind = han.rows[i], han.kind[i]
        base = max(tied.best[place], _free(han, i))
        total += base
        group |= row.flags & GROUP != 0
        if ties and _loose(kind):
            total += max(0.0, (1 - held) * rules.BRAND_FREE * min(row.size, 3) / 2 - base)
            weak |= not tied.han[place]
        elif not tied.han[place]:
            left |= _tells(kind)
            other_reading |= kind == _WORD and row.spoken > 1
    group_latin, dearest, dear, long = False, 0.0, 0.0, 0
    for place in range(len(latin.units)):
        j = latin.units[place]
        row, kind = latin.rows[j], latin.kind[j]
        group_latin |= row.flags & GROUP != 0
        if tied.latin[place]:
            continue
        if ties and _loose(kind) and row.size <= SHORT_WORD:
            weak = True
            continue
        cost = _free(latin, j)
        total += cost
        if ties and _loose(kind) and (row.size <= _LONGEST_INITIALS or grip > 0):
            weak = True
            long += 1
            dear += cost
            dearest = min(dearest, cost)
            if row.size <= _LONGEST_INITIALS:
                continue
        else:
            left |= _tells(kind)
        # Tied by sound a word of good pinyin owes the same.
        other_reading |= kind == _WORD and row.spoken > 1
    total -= max(ties * dearest, dear)  # of longer words no more than there are ties
    if not left and long <= ties:
        # Nothing is left by a weak sound: that is worth as much as the sound.
        total += rules.NOTHING_LEFT * (grip if weak and not initials else 1.0)
    total += rules.OTHER_PINYIN if other_reading else 0.0
    return total + (rules.GROUP_ONE_SIDED if group != group_latin else 0.0)


@compiled
def _is_read(latin: Half, place: int, ours: Spoken, silent: bool) -> bool:
    """Whether a Latin unit may stand in a run that is read as a Chinese word; `silent` where one of those has no syllables.

    A word of no syllables stands in such a run where others follow that are read.
    """
    end = place + 1 if latin.rows[latin.units[place]].spoken else min(place + _LONGEST_RUN, len(latin.units))
    for at in range(place, end):
        row = latin.rows[latin.units[at]]
        if end > place + 1 and not _loose(latin.kind[latin.units[at]]):
            return silent
        if row.spoken:
            return not _strange(row, ours)
    return silent


@compiled
def crossing_most(han: Half, latin: Half, grip: float) -> float:
    """The most that a pair of names can score; `grip` is how firmly any sound of theirs holds."""
    count, count_latin = len(han.units), len(latin.units)
    tied, tied_latin = np.zeros(count, np.bool_), np.zeros(count_latin, np.bool_)
    best = np.empty(count)
    # By meaning, and by reading: every syllable, and every two that follow one another, must stand on the other side too.
    ours, others = _spoken(han), _spoken(latin)
    begins_a, begins_b, firsts = np.uint64(0), np.uint64(0), np.uint32(0)
    readable, any_part, silent, has_brand, telling = False, False, False, False, 0
    for place in range(count):
        i = han.units[place]
        row, kind = han.rows[i], han.kind[i]
        has_brand |= kind == _BRAND
        telling += _says(kind)
        best[place] = _by_meaning(han, i, latin, tied_latin)
        tied[place] = best[place] > _NEVER
        if _loose(kind):
            firsts |= row.firsts
            if row.spoken > 0 and not _strange(row, others):
                best[place] = max(best[place], rules.BRAND * min(row.spoken, 4) / 2)
                tied[place] = readable = True
            if row.spoken > 1 and not (row.begin_a & ~others.following_a or row.begin_b & ~others.following_b):
                best[place] = max(best[place], rules.BRAND_PART)
                tied[place] = any_part = True
                begins_a |= row.begin_a
                begins_b |= row.begin_b
            silent |= kind == _BRAND and row.spoken == 0
    readable |= any_part or silent
    # A word of no syllables may stand inside such a run.
    tied_by_name = False
    for place in range(count):
        kind, row = han.kind[han.units[place]], han.rows[han.units[place]]
        if readable and _loose(kind) and row.spoken == 0:
            best[place] = max(best[place], 0.0)
            tied[place] = True
        tied_by_name |= tied[place] and kind != _FORM

    # By sound or initials: twice at most, and each wants a word of its own. Only words of few letters are taken together.
    taken, words, short, telling_latin = False, 0, False, 0
    for place in range(count_latin):
        j = latin.units[place]
        row, kind = latin.rows[j], latin.kind[j]
        telling_latin += _says(kind)
        words += kind == _WORD
        read = readable and _is_read(latin, place, ours, silent)
        if any_part and row.spoken > 0 and not read:
            # A run stops once it has the two syllables with which the Chinese word begins.
            begins = not (row.begin_a & ~begins_a or row.begin_b & ~begins_b)
            read = row.spoken == 1 or begins or (place > 0 and latin.rows[latin.units[place - 1]].spoken == 1)
        if read and (_loose(kind) or kind == _PLACE):
            tied_latin[place] = True
            taken |= kind == _PLACE
        short |= kind == _WORD and row.size <= _LONGEST_INITIALS and not row.letters & ~firsts
    # Where nothing else agrees a sound is taken for chance, but in the shortest names.
    allowed = tied_by_name or min(telling, telling_latin) <= 1
    initials = short and allowed
    known = Tied(best, tied, tied_latin)
    most = _with_sounds(han, latin, known, Heard(0, 0.0, False))
    for ties in range(1, min(words, 2) + 1 if initials or (allowed and grip > 0) else 1):
        most = max(most, _with_sounds(han, latin, known, Heard(ties, grip, initials)))
    most += rules.START + _places(han, latin, taken) + (0.0 if has_brand else rules.NO_BRAND)
    says = initials or (allowed and grip > 0)
    for place in range(count):
        says |= tied[place] and _says(han.kind[han.units[place]])
    most = (most if says else min(most, 0.2)) + _ROUNDING
    above = most - rules.KNEE
    if above > 0:
        return rules.KNEE + rules.ROOM * (1 - math.exp(-above / rules.BEND)) + _ROUNDING
    return max(most, 0.0)
