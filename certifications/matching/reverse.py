"""The other direction: which of our own parties a changed list entry may mean, from an index of the parties' names.

After a list's delta only these parties are screened again. Knows the two indexes differ in what a word weighs, and so finds
more than a screening would report, never decides. Must not know runs or findings.
"""

from collections.abc import Iterable

import numpy as np

from certifications.matching.index import Index
from certifications.matching.score import score
from certifications.matching.search import proposals
from certifications.matching.segment import Unit, units_of, words_of
from certifications.matching.store import Array
from certifications.matching.types import Entry

# Words weigh otherwise among our parties than on the list: well under the 0.70 from which a finding is kept.
LEAST = 0.6
_MOST = 64  # times the usual proposals are looked at per changed name; a police bureau may be meant by very many


def reached_by(entries: Iterable[Entry], parties: Index, least: float = LEAST) -> set[str]:
    """The ids of the parties any of whose names scores `least` or more against a name of the entries."""
    found: set[int] = set()
    for entry in entries:
        for name in entry.names:
            found |= _reached(name, units_of(name), parties, least, person=False)
            if entry.schema == "Person":
                found |= _reached(name, words_of(name), parties, least, person=True)
    return {parties.entries[number] for number in found}


def _reached(name: str, units: tuple[Unit, ...], parties: Index, least: float, *, person: bool) -> set[int]:
    """Numbers of entries. Looks further while the names looked at last still held some that are reached."""
    found: set[int] = set()
    seen: set[int] = set()
    times = 1
    while True:
        proposed = proposals(parties, units, persons=None, times=times).tolist()
        fresh = np.array([number for number in proposed if number not in seen], np.int64)
        hits = _alike(name, units, fresh, parties, least, person=person) if len(fresh) else []
        found.update(parties.entry_of[hits].tolist() if hits else ())
        if not hits or times >= _MOST:
            return found
        seen.update(proposed)
        times *= 4


def _alike(name: str, units: tuple[Unit, ...], numbers: Array, parties: Index, least: float, *, person: bool) -> list[int]:
    if person:
        # Parties are stored as organisations; beside a listed person their names are read as words, as in a screening.
        names = [(number, parties.names[number]) for number in numbers.tolist()]
        return [n for n, known in names if score(units, words_of(known), (name, known)).score >= least]
    from certifications.matching.bounds import Block, side_of, written_at_most  # as late as in `search`

    side = side_of(name, units, numbers, parties)
    block = Block([side], parties)
    hits = []
    for row in np.flatnonzero(block.most >= least).tolist():
        theirs = block.units(row)
        if block.aligned[row] < least and written_at_most(side, theirs) < least:
            continue
        if block.account(row, theirs).score >= least:
            hits.append(int(numbers[row]))
    return hits
