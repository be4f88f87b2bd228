"""The other direction: which of our own parties a changed list entry may mean, from an index of the parties' names.

After a list's delta only these parties are screened again. An index of parties proposes and finds more than a screening would,
because words weigh otherwise there; each pair is then compared as a screening compares it. Must not know runs or findings.
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from certifications.matching.index import PERSON, Index
from certifications.matching.score import score
from certifications.matching.search import proposals
from certifications.matching.segment import Unit, units_of, words_of
from certifications.matching.store import Array
from certifications.matching.types import Entry

# Words weigh otherwise among our parties than on the list: well under the 0.70 from which a finding is kept.
LEAST = 0.6
# Times the usual proposals that are looked at per changed name: so many of our parties may share its trade, or its place, that those
# who share its own name come after them. Persons' names share little with firms'; more where some were found among the last.
_TIMES, _TIMES_PERSON, _MOST = 16, 1, 64
_BLOCK = 64


def reached_by(entries: Iterable[Entry], parties: Index, listed: Index, *, least: float) -> set[str]:
    """The ids of the parties with a name that scores `least` or more against a name of the entries on the list.

    `listed` is the index of the list, which holds the entries under their ids.
    """
    pairs: defaultdict[int, set[str]] = defaultdict(set)
    wanted = set()
    for entry in entries:
        wanted.add(entry.id)
        for name in entry.names:
            found = _reached(name, units_of(name), parties, person=False)
            if entry.schema == "Person":
                found |= _reached(name, words_of(name), parties, person=True)
            for number in found:
                pairs[number].add(entry.id)
    names = _names_of(wanted, listed)
    return {parties.entries[number] for number in _as_screened(pairs, names, parties, listed, least)}


def _names_of(entries: set[str], listed: Index) -> dict[str, list[int]]:
    """By entry the numbers of its names."""
    places = {place: entry for place, entry in enumerate(listed.entries) if entry in entries}
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number in np.flatnonzero(np.isin(listed.entry_of, list(places))).tolist():
        found[places[int(listed.entry_of[number])]].append(number)
    return found


def _reached(name: str, units: tuple[Unit, ...], parties: Index, *, person: bool) -> set[int]:
    """Numbers of names. Looks further while the names looked at last still held some that are reached."""
    found: set[int] = set()
    seen: set[int] = set()
    times = _TIMES_PERSON if person else _TIMES
    while True:
        proposed = proposals(parties, units, persons=None, times=times).tolist()
        fresh = np.array([number for number in proposed if number not in seen], np.int64)
        hits = _alike(name, units, fresh, parties, person=person) if len(fresh) else []
        found.update(fresh[hits].tolist())
        if not hits or times >= _MOST:
            return found
        seen.update(proposed)
        times *= 4


def _alike(name: str, units: tuple[Unit, ...], numbers: Array, parties: Index, *, person: bool) -> list[int]:
    """The places in `numbers` of names that may be alike."""
    if person:
        # Parties are stored as organisations; beside a listed person their names are read as words, as in a screening.
        names = [parties.names[number] for number in numbers.tolist()]
        return [place for place, known in enumerate(names) if score(units, words_of(known), (name, known)).score >= LEAST]
    from certifications.matching.bounds import Block, side_of, written_at_most  # as late as in `search`

    side = side_of(name, units, numbers, parties)
    block = Block([side], parties)
    hits = []
    for row in np.flatnonzero(block.most >= LEAST).tolist():
        theirs = block.units(row)
        if block.aligned[row] < LEAST and written_at_most(side, theirs) < LEAST:
            continue
        if block.account(row, theirs).score >= LEAST:
            hits.append(row)
    return hits


def _as_screened(pairs: dict[int, set[str]], names: dict[str, list[int]], parties: Index, listed: Index, least: float) -> set[int]:
    """Of party names, each with the entries it may mean, the entries' places in `parties` for which a screening would say so."""
    from certifications.matching.bounds import Block, Side, side_of, written_at_most

    found: set[int] = set()
    asked = sorted(pairs)
    for start in range(0, len(asked), _BLOCK):
        sides: list[Side] = []
        owners: list[int] = []
        for number in asked[start : start + _BLOCK]:
            name = parties.names[number]
            theirs = np.array(sorted(n for entry in pairs[number] for n in names.get(entry, ())), np.int64)
            person = (listed.flags[theirs] & PERSON) != 0
            for numbers, read in ((theirs[~person], units_of), (theirs[person], words_of)):
                if len(numbers):
                    sides.append(side_of(name, read(name), numbers, listed))
                    owners.append(int(parties.entry_of[number]))
        if not sides:
            continue
        block = Block(sides, listed)
        for row in np.flatnonzero(block.most >= least).tolist():
            place = int(block.side_of[row])
            if owners[place] in found:
                continue
            units = block.units(row)
            if block.aligned[row] < least and written_at_most(sides[place], units) < least:
                continue
            if block.account(row, units).score >= least:
                found.add(owners[place])
    return found
