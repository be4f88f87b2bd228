"""Names that stand close behind one another in what an index proposes: where a list that changes a little may bring others forward.

An index proposes so many stored names and no more. Where those that were found stand among the last of them, others of their kind
may stand behind, and come forward when some that were proposed go, or go themselves when others come. What the last place was
worth is kept with the answer, so that whoever knows what changed can tell whether any of it stood, or now stands, before that
place. Knows proposals and points. Must not know runs, parties or lists' sources.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from certifications.matching.features import features
from certifications.matching.index import HAN, Index, stored_units
from certifications.matching.search import PROPOSED, PROPOSED_PER_SCRIPT, looked_at, proposals
from certifications.matching.segment import Unit, units_of, words_of
from certifications.matching.store import Array
from certifications.matching.types import Entry

# By this share of its points a place may have moved since, because what the changed names share grew rarer or more common.
SLACK = 0.05


class Crowd(NamedTuple):
    """Of a name's proposals of one kind: what the last place is worth, and how many names hold the most common feature counted."""

    name: str
    kind: str  # "han", "other": names as they are written, with Chinese characters or without; "person": names of persons
    points: float
    common: int


def crowds(name: str, found: Collection[str], index: Index) -> list[Crowd]:
    """The kinds of proposals of a name that were full and held some of the found entries in their last quarter.

    `found` are ids of entries of the index.
    """
    if not found:
        return []
    units, words = units_of(name), words_of(name)
    written = proposals(index, units, persons=None)
    han = (index.flags[written] & HAN) != 0
    persons = proposals(index, words, persons=True)
    kinds = (
        ("han", written[han], PROPOSED_PER_SCRIPT, units),
        ("other", written[~han], PROPOSED_PER_SCRIPT, units),
        ("person", persons, PROPOSED, words),
    )
    made = []
    for kind, proposed, most, read in kinds:
        last = index.entry_of[proposed[most * 3 // 4 :]].tolist()
        if len(proposed) >= most and any(index.entries[entry] in found for entry in last):
            made.append(_crowd(name, kind, int(proposed[-1]), read, index))
    return made


def _crowd(name: str, kind: str, last: int, units: tuple[Unit, ...], index: Index) -> Crowd:
    """`last`: the number of the stored name in the last place."""
    counted = looked_at(index, index.shared(units)).tolist()
    points = sum(float(index.feature_worth[f]) for f in counted if _holds(index, f, last))
    return Crowd(name, kind, round(points, 4), _size(index, counted[-1]))


def _size(index: Index, feature: int) -> int:
    return int(index.postings_at[feature + 1] - index.postings_at[feature])


def _holds(index: Index, feature: int, name: int) -> bool:
    held = index.postings[index.postings_at[feature] : index.postings_at[feature + 1]]
    place = int(np.searchsorted(held, name))
    return place < len(held) and int(held[place]) == name


def pushed(known: Mapping[str, Sequence[Crowd]], changed: Iterable[Entry], old: Index, new: Index) -> set[str]:
    """The keys of `known` for which a changed entry (as it was, as it is) stood, or would stand, before the last place.

    Finds rather more than fewer: every feature is worth what it is where it is rarer, and SLACK is taken off the place.
    """
    texts: dict[str, list[int]] = defaultdict(list)
    kinds: dict[str, list[int]] = {"han": [], "other": [], "person": []}
    size = 0
    for entry in changed:
        for _name, units in stored_units(entry):
            for feature in features(units):
                texts[feature].append(size)
            kinds["han" if any(unit.han for unit in units) else "other"].append(size)
            if entry.schema == "Person":
                kinds["person"].append(size)
            size += 1
    if not size:
        return set()
    worth = _worth(list(texts), old, new)
    holders = {feature: np.array(names, np.int64) for feature, names in texts.items()}
    places = {kind: np.array(names, np.int64) for kind, names in kinds.items()}
    return {key for key, rows in known.items() if any(_before(row, worth, holders, places, size) for row in rows)}


def _worth(texts: Sequence[str], *indexes: Index) -> dict[str, tuple[float, int]]:
    """By feature the most it is worth in one of the indexes, and in how many names it is where it is rarer."""
    found = [(0.0, 0)] * len(texts)
    for index in indexes:
        for place, number in enumerate(index.features.numbers(texts)):
            if number >= 0:
                found[place] = max(found[place], (float(index.feature_worth[number]), _size(index, number)))
    return dict(zip(texts, found, strict=True))


def _before(
    row: Crowd, worth: Mapping[str, tuple[float, int]], holders: Mapping[str, Array], places: Mapping[str, Array], size: int
) -> bool:
    points = np.zeros(size)
    for feature in features(words_of(row.name) if row.kind == "person" else units_of(row.name)):
        if feature in holders:
            most, names = worth[feature]
            # What is more common than anything that was counted then is not counted now; a little, because it may have grown.
            if names <= row.common * (1 + SLACK) + 1:
                points[holders[feature]] += most
    return bool((points[places[row.kind]] >= row.points * (1 - SLACK)).any())
