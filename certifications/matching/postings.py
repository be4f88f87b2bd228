"""Which stored names share most with a name that is asked for: the loop over the postings of its features.

Knows postings and points. Must not know what a feature or a name is.
"""

from typing import NamedTuple

import numpy as np

from certifications.matching.compiled import compiled
from certifications.matching.store import Array


class Postings(NamedTuple):
    """Feature f stands in the names `names[places[f]:places[f + 1]]` and is worth `worth[f]`; `flags` are those of each name."""

    names: Array
    places: Array
    worth: Array
    flags: Array


class Wanted(NamedTuple):
    """For each of `groups`, values of `flags & mask`, the best `most` names; no more than `visits` postings are looked at."""

    mask: int
    groups: Array
    most: int
    visits: int


@compiled
def names_that_share_most(features: Array, held: Postings, wanted: Wanted, points: Array) -> Array:
    """The numbers of the names that have most points, group after group and the best first; as good names by their numbers.

    `features` are looked at in their order, the first one whatever it costs; each gives its names its worth. `points` is one
    zero per name, and is left so.
    """
    used, seen = 0, 0
    for feature in features:
        seen += held.places[feature + 1] - held.places[feature]
        if used and seen > wanted.visits:
            break
        used += 1
    # Everything is allocated before the first point is given: whatever fails, fails while all points are zero.
    groups, most = wanted.groups, wanted.most
    best, sizes = np.empty((len(groups), most), np.int64), np.zeros(len(groups), np.int64)
    found = np.empty(most * len(groups), np.int64)
    touched, count = np.empty(seen, np.int64), 0
    for feature in features[:used]:
        for place in range(held.places[feature], held.places[feature + 1]):
            name = held.names[place]
            if points[name] == 0.0:
                touched[count] = name
                count += 1
            points[name] += held.worth[feature]
    for name in touched[:count]:
        for group in range(len(groups)):
            if held.flags[name] & wanted.mask != groups[group]:
                continue
            row, place = best[group], sizes[group]
            if place == most:
                last = row[most - 1]
                if points[name] < points[last] or (points[name] == points[last] and name > last):
                    continue
                place -= 1
            else:
                sizes[group] += 1
            while place and (points[name] > points[row[place - 1]] or (points[name] == points[row[place - 1]] and name < row[place - 1])):
                row[place] = row[place - 1]
                place -= 1
            row[place] = name
    for name in touched[:count]:
        points[name] = 0.0
    place = 0
    for group in range(len(groups)):
        found[place : place + sizes[group]] = best[group, : sizes[group]]
        place += sizes[group]
    return found[:place]
