"""Asks an index: proposes stored names that share rare features, and scores those that can still matter.

Knows proposals and their order. Must not know which list is asked or what a score leads to.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from certifications.matching.account import Account
from certifications.matching.index import HAN, PERSON, Index
from certifications.matching.score import score
from certifications.matching.segment import Unit, units_of, words_of
from certifications.matching.store import Array
from certifications.matching.types import Calibration, Candidate, Comparison

if TYPE_CHECKING:
    from certifications.matching.bounds import Block, Side

# `bounds` and `postings` are imported where an index is asked: the compiler behind them takes 60 MB and a fifth of a second of
# every process, most of which never ask one.
PROPOSED = 60  # persons
# Names in the query's own script share so many features that they would push out all others.
PROPOSED_PER_SCRIPT = 40
_VISITS = 15_000  # postings looked at per query; bounds the time whatever the name holds
_SCRIPTS, _PERSONS = np.array([0, HAN]), np.array([PERSON])  # groups of names, by their flags
_BLOCK = 64  # names that `match_many` takes together


def proposals(index: Index, units: tuple[Unit, ...], *, persons: bool | None, times: int = 1) -> Array:
    """The numbers of the stored names that share most, weighted by how rare what they share is.

    Of persons the best PROPOSED, otherwise the best PROPOSED_PER_SCRIPT of each script; `times` as many where that is asked for.
    """
    from certifications.matching.postings import Postings, Wanted, names_that_share_most

    shared = index.shared(units)
    if not len(shared):
        return np.empty(0, np.int64)
    wanted = Wanted(HAN if persons is None else HAN | PERSON, _SCRIPTS, PROPOSED_PER_SCRIPT * times, _VISITS)
    if persons:
        wanted = Wanted(PERSON, _PERSONS, PROPOSED * times, _VISITS)
    points = getattr(index.scratch, "points", None)
    if points is None:
        points = index.scratch.points = np.zeros(len(index))
    held = Postings(index.postings, index.postings_at, index.feature_worth, index.flags)
    return names_that_share_most(shared, held, wanted, points)


def looked_at(index: Index, shared: Array) -> Array:
    """Of the features that a name shares with the index, rarest first, those that proposals count: the first whatever it costs."""
    seen = np.cumsum(index.postings_at[shared + 1] - index.postings_at[shared])
    return shared[: max(1, int(np.searchsorted(seen, _VISITS, side="right")))]


def _sides(name: str, index: Index, schema: str) -> "list[Side]":
    """The name as it is read beside organisations and beside persons, with what is proposed for each."""
    from certifications.matching.bounds import side_of

    wanted = None if not schema else schema == "Person"
    found = []
    if wanted is not True:
        found.append(proposals(index, units_of(name), persons=wanted))
    if wanted is not False:
        found.append(proposals(index, words_of(name), persons=True))
    numbers = np.unique(np.concatenate(found))
    person = (index.flags[numbers] & PERSON) != 0
    read = ((numbers[~person], units_of), (numbers[person], words_of))
    return [side_of(name, units(name), some, index) for some, units in read if len(some)]


def _answers(names: Sequence[str], index: Index, top: int, schema: str, least: float) -> list[list[Candidate]]:
    """The candidates of each name. One block for all: its cost hardly grows with the number of names."""
    from certifications.matching.bounds import Block

    if top <= 0 or not len(index):
        return [[] for _ in names]
    sides = [_sides(name, index, schema) for name in names]
    together = [side for some in sides for side in some]
    if not together:
        return [[] for _ in names]
    block = Block(together, index)
    answers, number = [], 0
    for some in sides:
        answers.append(_best(block, range(number, number + len(some)), together, index, top=top, least=least))
        number += len(some)
    return answers


def _best(block: "Block", places: range, sides: "list[Side]", index: Index, *, top: int, least: float) -> list[Candidate]:
    """The candidates of one name, whose sides stand at `places`: the most promising first, until no other can matter."""
    from certifications.matching.bounds import written_at_most

    start, end = int(block.first[places.start]), int(block.first[places.stop])
    numbers = np.concatenate([sides[place].numbers for place in places]).tolist() if places else []
    most = block.most[start:end]
    best: dict[int, tuple[float, str, Account]] = {}
    limit = least
    for row in np.argsort(-most, kind="stable").tolist():
        if most[row] < limit:
            break
        side, units = sides[int(block.side_of[start + row])], block.units(start + row)
        if block.aligned[start + row] < limit and written_at_most(side, units) < limit:
            continue
        found = block.account(start + row, units)
        entry = int(index.entry_of[numbers[row]])
        held = best.get(entry)
        if found.score > 0 and found.score >= least and (held is None or (found.score, index.names[numbers[row]]) > held[:2]):
            best[entry] = found.score, index.names[numbers[row]], found
            if len(best) >= top:
                limit = max(least, sorted((score for score, *_ in best.values()), reverse=True)[top - 1])
    ranked = sorted(((-score, index.entries[entry], found) for entry, (score, _, found) in best.items()), key=lambda item: item[:2])
    return [_candidate(entry, found.comparison()) for _, entry, found in ranked[:top]]


def _candidate(entry: str, c: Comparison) -> Candidate:
    return Candidate(entry, c.right, c.score, c.pieces, c.rows, c.unmatched_left, c.unmatched_right)


def match(name: str, index: Index, top: int = 5, *, schema: str = "", least: float = 0.0) -> list[Candidate]:
    """The entries that `name` may stand for, best first, at most `top`, one candidate per entry, none that scores under `least`.

    `schema` "Person" looks among persons only, any other schema among the rest, "" everywhere.
    Never raises for any string; [] where nothing is alike.
    """
    return _answers([name], index, top, schema, least)[0]


def match_many(names: Iterable[str], index: Index, top: int = 5, *, schema: str = "", least: float = 0.0) -> Iterator[list[Candidate]]:
    """`match` for each name, in order, as they are asked for; faster than one by one. Never raises for any string."""
    waiting = iter(names)
    while block := list(islice(waiting, _BLOCK)):
        yield from _answers(block, index, top, schema, least)


def compare(a: str, b: str, calibration: Calibration = "list") -> Comparison:
    """Two names side by side without an index; their order does not matter to the score."""
    return score(units_of(a), units_of(b), (a, b), calibration=calibration)
