"""How alike texts can be at most, by how often each character occurs in them.

Knows counts of characters. Must not know units' meanings, names or who asks. A bound may be too high but never too low.
"""

import numpy as np

from certifications.matching.compiled import compiled
from certifications.matching.likeness import LEAST_LETTERS, ONE_LOST
from certifications.matching.store import Array
from certifications.matching.unit_table import BLANK, KINDS

_LEAST_CHARACTERS = 0.795
_FORM = KINDS.index("form")


@compiled
def common_characters(one: Array, other: Array) -> int:
    """How many characters two texts share at most."""
    found = 0
    for place in range(BLANK):
        found += min(one[place], other[place])
    return found


@compiled
def letters_at_most(common: int, one: int, other: int, begin: bool) -> float:
    """Levenshtein and Jaro-Winkler, half and half, of words of these lengths that share so many letters; `begin` alike or not."""
    shorter, longer = min(one, other), max(one, other)
    if shorter < 3 or shorter < 0.5 * longer:
        return 0.0
    levenshtein = common / longer
    if levenshtein < LEAST_LETTERS:
        return 0.0
    jaro = (common / one + common / other + 1) / 3
    if begin and jaro > 0.7:
        jaro += 0.1 * min(4, common) * (1 - jaro)
    return (levenshtein + jaro) / 2


@compiled
def _texts_at_most(one: Array, other: Array, contained: bool) -> float:
    """The likeness of texts of these counts, at most."""
    common, a, b = 0, 0, 0
    for place in range(BLANK):
        common += min(one[place], other[place])
        a += one[place]
        b += other[place]
    shorter, longer = min(a, b), max(a, b, 1)
    found = common / longer
    if contained:
        if common >= shorter >= 4:
            return max(found, 0.75 + 0.25 * shorter / longer)
        return max(found, ONE_LOST) if common >= shorter and shorter == 3 and longer == 4 else found
    blanks = one[BLANK] + other[BLANK]
    sorted_words: float = 2 * (common + min(one[BLANK], other[BLANK])) / max(a + b + blanks, 1)
    return max(found, sorted_words)


@compiled
def counts_of(units: Array, traits: Array, characters: Array, voices: Array) -> Array:
    """The counts of a whole name: as it is written, without its legal forms, and as it is spoken without them."""
    found = np.zeros((3, BLANK + 1), np.int64)
    for unit in units:
        formal = traits[unit].kind == _FORM
        for place in range(BLANK + 1):
            found[0, place] += characters[unit, place]
            if not formal:
                found[1, place] += characters[unit, place]
                found[2, place] += voices[unit, place]
        # And a blank between it and the next.
        found[0, BLANK] += 1
        found[1:, BLANK] += not formal
    for row in range(3):
        found[row, BLANK] = max(found[row, BLANK] - 1, 0)
    return found


@compiled
def characters_at_most(one: Array, other: Array, cross: bool, han: bool) -> float:
    """How alike the written characters can be, by how often each occurs; 0 where `score` takes no notice."""
    if cross:
        found = _texts_at_most(one[2], other[2], False)
    else:
        found = _texts_at_most(one[1], other[1], han)
        if not han:
            found = max(found, _texts_at_most(one[0], other[0], False))
    return found if found >= _LEAST_CHARACTERS else 0.0
