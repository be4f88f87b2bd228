"""What companies' names in two scripts can score at most, for many pairs of names at once.

The points of a crossing add up: here each unit gets the best tie that it may have, whoever else wants the same partner.
May be too high, never too low. Whoever changes crossing.py or crossing_rules.py changes it here too, or
tests/matching/test_search.py goes red.
"""

from dataclasses import dataclass

import numpy as np

from certifications.matching import crossing_rules as rules
from certifications.matching.crossing_traits import GROUP, HAN_TEXT, IMPLIED, SHORT_WORD
from certifications.matching.store import Array
from certifications.matching.unit_table import KINDS

_PLACE, _BODY, _FORM, _ETHNIC, _RANK, _TERM, _BRAND, _WORD = (
    KINDS.index(kind) for kind in ("place", "body", "form", "ethnic", "rank", "term", "brand", "word")
)
_LOOSE = np.array([kind in {"brand", "word", "term"} for kind in KINDS])
_SAYS = np.array([kind not in {"form", "ethnic", "rank"} for kind in KINDS])
_TELLS = np.array([kind in {"term", "word", "brand", "body", "place"} for kind in KINDS])
_NEVER = -9.0
_MOST_INITIALS = rules.INITIALS * 3.2
_ROUNDING = 0.002


def spread(counts: Array) -> tuple[Array, Array]:
    """For rows of so many members: the row of each member, and its place in the row."""
    rows = np.repeat(np.arange(len(counts)), counts)
    ends = np.cumsum(counts)
    return rows, np.arange(len(rows)) - (ends - counts)[rows]


@dataclass(slots=True)
class Half:
    """All names of one script: whose each unit is (in order), its kind, how rare it is, and its row of CROSSING."""

    name: Array
    kind: Array
    rarity: Array
    rows: Array

    def any(self, which: Array, size: int) -> Array:
        """For each name whether one of its units is meant."""
        return np.bincount(self.name, which, size) > 0

    def union(self, field: str, first: Array) -> Array:
        """For each name what its units have together."""
        return np.bitwise_or.reduceat(self.rows[field], first)

    def free(self) -> Array:
        """What each unit costs without a partner."""
        kind, han = self.kind, (self.rows["flags"] & HAN_TEXT) != 0
        cost = np.where(kind == _BODY, rules.BODY_FREE, 0.0)
        cost = np.where((kind == _WORD) | (kind == _BRAND), rules.WORD_FREE * self.rarity, cost)
        cost = np.where((kind == _BRAND) & han, rules.BRAND_FREE * np.minimum(self.rows["size"], 3) / 2, cost)
        return np.where(kind == _TERM, np.where(han, rules.TERM_HAN_FREE, rules.TERM_LATIN_FREE) * self.rarity, cost)


def _pairs(han: Half, latin: Half, count: Array, first: Array) -> tuple[Array, Array, Array]:
    """The best gain by meaning of each Chinese unit, and which units of both sides may be tied by meaning."""
    each = count[han.name]
    i, place = spread(each)
    j = first[han.name[i]] + place
    ours, theirs, kind, other = han.rows, latin.rows, han.kind[i], latin.kind[j]
    concept = np.flatnonzero((kind == other) & ((ours["concepts_a"][i] & theirs["concepts_a"][j]) != 0))
    concept = concept[(ours["concepts_b"][i[concept]] & theirs["concepts_b"][j[concept]]) != 0]
    meant = np.flatnonzero(_LOOSE[kind] & _LOOSE[other] & ((ours["wide_a"][i] & theirs["meant_a"][j]) != 0))
    meant = meant[(ours["wide_b"][i[meant]] & theirs["meant_b"][j[meant]]) != 0]
    gain = np.full(len(i), _NEVER)
    both = (kind[meant] == _TERM) & (other[meant] == _TERM)
    rare = (han.rarity[i[meant]] + 1.0) / 2
    gain[meant] = np.where(both, rules.TERM * rules.PARTLY, rules.TRANSLATION) * rare
    kind, flags = kind[concept], ours["flags"][i[concept]]
    x, y = han.rarity[i[concept]], latin.rarity[j[concept]]
    points = rules.BRAND * np.maximum(x, y)
    points = np.where((kind == _TERM) | (kind == _BODY), rules.TERM * (x + y) / 2, points)
    points = np.where(kind == _PLACE, np.where((flags & IMPLIED) != 0, 0.0, rules.PLACE), points)
    points = np.where(_SAYS[kind], points, np.where((flags & GROUP) != 0, rules.GROUP, 0.0))
    gain[concept] = np.maximum(gain[concept], points)
    tied = np.zeros(len(latin.name), bool)
    tied[j[meant]] = tied[j[concept]] = True
    best = np.maximum.reduceat(gain, np.cumsum(each) - each)
    return best, best > _NEVER, tied


def _places(han: Half, latin: Half, size: int, takeable: Array) -> Array:
    """The points of the places, at most; `takeable` where a Latin place may turn out to be the trade name."""
    sides = []
    for half in (han, latin):
        at = np.flatnonzero((half.kind == _PLACE) & ((half.rows["flags"] & IMPLIED) == 0))
        sets = []
        for field in ("concepts_a", "concepts_b", "areas"):
            found = np.zeros(size, np.uint64)
            np.bitwise_or.at(found, half.name[at], half.rows[field][at])
            sets.append(found)
        sides.append((half.any(np.isin(np.arange(len(half.name)), at), size), sets))
    (ours, one), (theirs, other) = sides
    same, alike, near = ((x & y) != 0 for x, y in zip(one, other, strict=True))
    apart = np.where(near, rules.PLACE_INSIDE, np.where(takeable, rules.PLACE_HAN_ONLY, rules.PLACE_CONFLICT))
    both = np.where(same & alike, 0.0, apart)
    single = np.where(ours, rules.PLACE_HAN_ONLY, np.where(theirs & ~takeable, rules.PLACE_LATIN_ONLY, 0.0))
    return np.where(ours & theirs, both, single)


def crossing_most(han: Half, latin: Half, size: int, grip: Array) -> Array:
    """The most that each of `size` pairs of names can score; `grip` is how firmly any sound of theirs holds."""
    count, count_han = np.bincount(latin.name, minlength=size), np.bincount(han.name, minlength=size)
    first, first_han = np.cumsum(count) - count, np.cumsum(count_han) - count_han
    best, tied, tied_latin = _pairs(han, latin, count, first)
    free, free_latin = han.free(), latin.free()
    loose, loose_latin = _LOOSE[han.kind], _LOOSE[latin.kind]

    # By reading: every syllable must stand on the other side too. A word of no syllables may stand inside such a run.
    spoken, spoken_latin = han.rows["spoken"], latin.rows["spoken"]
    others = latin.union("syllables", first)[han.name]
    ours = han.union("syllables", first_han)[latin.name]
    whole = loose & (spoken > 0) & ((han.rows["syllables"] & ~others) == 0)
    part = loose & (spoken > 1) & ((han.rows["two"] & ~others) == 0)
    any_part = han.any(part, size)
    readable = han.any(whole, size) | any_part | han.any((han.kind == _BRAND) & (spoken == 0), size)
    best = np.maximum(best, np.where(whole, rules.BRAND * np.minimum(spoken, 4) / 2, _NEVER))
    best = np.maximum(best, np.where(part, rules.BRAND_PART, _NEVER))
    eaten = loose & (spoken == 0) & readable[han.name]
    best = np.maximum(best, np.where(eaten, 0.0, _NEVER))
    tied |= whole | part | eaten
    read_latin = readable[latin.name] & ((spoken_latin == 0) | ((latin.rows["syllables"] & ~ours) == 0))
    read_latin |= any_part[latin.name] & (spoken_latin > 0)
    taken = latin.any((latin.kind == _PLACE) & read_latin, size)
    tied_latin |= loose_latin & read_latin | (latin.kind == _PLACE) & read_latin

    # By sound or initials: twice at most, and each wants a word of its own. Only words of few letters are taken together.
    firsts = np.zeros(size, np.uint32)
    np.bitwise_or.at(firsts, han.name, np.where(loose, han.rows["firsts"], 0).astype(np.uint32))
    letters = latin.rows["size"]
    short = loose_latin & (letters <= 5) & ((latin.rows["letters"] & ~firsts[latin.name]) == 0)
    # Where nothing else agrees a sound is taken for chance, but in the shortest names.
    telling = np.minimum(*(np.bincount(half.name, _SAYS[half.kind], size) for half in (han, latin)))
    allowed = han.any(tied & (han.kind != _FORM), size) | (telling <= 1)
    grip = np.where(allowed, grip, 0.0)
    initials = latin.any(short & (latin.kind == _WORD), size) & allowed
    heard = (grip > 0) | initials
    base = np.maximum(np.maximum(best, free), _NEVER)
    words = np.minimum(np.bincount(latin.name, latin.kind == _WORD, size), 2)
    cost = rules.BRAND_FREE * np.minimum(han.rows["size"], 3) / 2
    held = np.where(initials, 1.0, grip)[han.name]
    relief = np.where(loose & heard[han.name], np.maximum(0.0, (1 - held) * cost - base), 0.0)
    total = words * np.maximum(rules.SOUND * grip, np.where(initials, _MOST_INITIALS, 0.0))
    only_heard = loose & ~tied & heard[han.name]
    tied |= only_heard
    few = loose_latin & ~tied_latin & (letters <= SHORT_WORD) & heard[latin.name]
    tied_latin |= few
    # Of longer words no more than two.
    long = loose_latin & ~tied_latin & np.where(letters <= 5, heard[latin.name], grip[latin.name] > 0)
    lost = np.bincount(latin.name, np.where(tied_latin, 0.0, free_latin), size)
    dearest = np.zeros(size)
    np.minimum.at(dearest, latin.name[long], free_latin[long])
    lost -= np.maximum(2 * dearest, np.bincount(latin.name[long], free_latin[long], size))

    total += rules.START + np.bincount(han.name, base + relief, size) + lost + _places(han, latin, size, taken)
    left = han.any(~tied & _TELLS[han.kind], size) | latin.any(~tied_latin & ~long & _TELLS[latin.kind], size)
    left |= np.bincount(latin.name, long, size) > 2
    # Tied by sound a word of good pinyin owes the same.
    other_reading = han.any(~tied & (han.kind == _WORD) & (spoken > 1), size)
    other_reading |= latin.any(~tied_latin & ~(long & (letters <= 5)) & (latin.kind == _WORD) & (spoken_latin > 1), size)
    groups = [half.any((half.rows["flags"] & GROUP) != 0, size) for half in (han, latin)]
    # Nothing is left by a weak sound: that is worth as much as the sound.
    weak = han.any(only_heard & _TELLS[han.kind], size) | (np.bincount(latin.name, (few | long) & _TELLS[latin.kind], size) > 0)
    nothing = rules.NOTHING_LEFT * np.where(weak & ~initials, grip, 1.0)
    total += np.where(left, 0.0, nothing) + np.where(other_reading, rules.OTHER_PINYIN, 0.0)
    total += np.where(groups[0] != groups[1], rules.GROUP_ONE_SIDED, 0.0)
    total += np.where(han.any(han.kind == _BRAND, size), 0.0, rules.NO_BRAND)
    total = np.where(han.any(tied & _SAYS[han.kind], size), total, np.minimum(total, 0.2)) + _ROUNDING
    above = np.maximum(total - rules.KNEE, 0.0)
    total = np.maximum(total, 0.0)
    return np.where(above > 0, rules.KNEE + rules.ROOM * (1 - np.exp(-above / rules.BEND)) + _ROUNDING, total)
