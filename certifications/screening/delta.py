"""What a new set of list versions changes, and which parties that can touch. Reads only; more are found rather than fewer.

A party is reached when a changed entry's name or number may mean it, when it had a finding on an entry that changed or went,
when words can have carried a score of its last run over a threshold, or when it changed since the index of parties was built. Scores also
depend on how rare words are on the lists (drift.py): words whose worth moved by more than DRIFT reach every party and entry that
hold them; less than that moves no score by more than EDGE, and a score that stood closer to a threshold is looked at with its words.
What a run's proposals left out stays left out until the next full round (docs/matching.md).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from certifications.matching import Entry, pushed, reached_by
from certifications.matching.index import PERSON
from certifications.matching.segment import words_of
from certifications.parties.aliases import all_screened, all_screened_names, screened_by, screened_codes, screened_names
from certifications.parties.models import Party

from .coverage import LastRun
from .drift import RARITY_FROM, Drift, drift_between, most_moved
from .engine import listed
from .models import Finding, ListEntry, ListVersion
from .models_rescreening import DeltaReach, ListDelta
from .queries import YENTE, engine
from .rules import EDGE, REVIEW, comparable
from .stored import Content, Stored, number_of, stored

Why = DeltaReach.Why
# Beyond this share of the entries (or this many, on a short list) a full rescreening is quicker and surer.
MOST_SHARE, MOST = 0.05, 2_000
DRIFT = 0.04
ROUNDED = 0.0001  # margins and weights are kept with so many digits
LOOKED_BACK = 50  # deltas
REVISIONS = "#revisions"


class TooMuch(Exception):
    """The change is one that a delta does not answer for: everybody is to be screened again."""


@dataclass
class Change:
    """Entries that are new or other than before, entries that are gone, as (list, entry); and the texts they had and have."""

    entries: list[Entry] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    added: set[tuple[str, str]] = field(default_factory=set)
    removed: set[tuple[str, str]] = field(default_factory=set)
    changed: set[tuple[str, str]] = field(default_factory=set)
    before: list[Entry] = field(default_factory=list)


def change_between(old: Sequence[ListVersion], new: Sequence[ListVersion]) -> Change:
    """What the new versions hold otherwise than the old ones, by names, kind and numbers. Raises TooMuch."""
    before = {version.source_id: version for version in old}
    after = {version.source_id: version for version in new}
    made = Change()
    if set(before) - set(after):
        raise TooMuch("a list is not in force any more")
    for code, version in after.items():
        was = before.get(code)
        if was is not None and was.pk == version.pk:
            continue
        if code == YENTE:
            raise TooMuch("what changed on the server is not known here")
        fresh = {entry.entry_id: entry for entry in _only_in(version, was)}
        gone = {entry.entry_id: entry for entry in _only_in(was, version)} if was is not None else {}
        made.added |= {(code, pk) for pk in fresh.keys() - gone.keys()}
        made.removed |= {(code, pk) for pk in gone.keys() - fresh.keys()}
        made.changed |= {(code, pk) for pk in gone.keys() & fresh.keys()}
        made.entries += [Entry(f"{code}|{pk}", entry.schema, entry.names) for pk, entry in fresh.items()]
        made.before += [Entry(f"{code}|{pk}", entry.schema, entry.names) for pk, entry in gone.items()]
        made.codes |= {number for entry in (*fresh.values(), *gone.values()) for number in comparable(entry.codes, entry.identifiers)}
    size = sum(version.entry_count for version in after.values())
    if len(made.added | made.removed | made.changed) > max(MOST, MOST_SHARE * size):
        raise TooMuch("too many entries changed")
    return made


def _only_in(version: ListVersion, other: ListVersion | None) -> QuerySet[ListEntry]:
    """Entries of one version that the other does not hold just so."""
    own = ListEntry.objects.filter(version=version)
    if other is None:
        return own
    alike = {name: OuterRef(name) for name in ("entry_id", "schema", "names", "identifiers", "codes")}
    return own.exclude(Exists(ListEntry.objects.filter(version=other, **alike)))


def index_parties() -> Stored:
    """Every party's names and numbers as of some moment of today; its revisions beside them. Built once a day on each machine."""
    return stored("parties", timezone.now().date().isoformat(), {"engine": engine()}, _parties)


def _parties() -> Content:
    # Revisions first: a party that changes while its names are read differs from its revision here, and is reached.
    revisions = dict(Party.objects.values_list("pk", "revision"))
    by = all_screened()
    held = screened_codes() | screened_codes(by)
    codes = [(code, party) for party, some in held.items() for code in some]
    codes.append((REVISIONS, json.dumps(revisions)))

    return Content((Entry(party, "Organization", names) for party, names in all_screened_names(by)), codes)


def drift_of(change: Change, *, old: Sequence[ListVersion], new: Sequence[ListVersion]) -> Drift:
    """How words came to weigh otherwise. Raises TooMuch where all of them did."""
    before, after = len(listed(old).names), len(listed(new).names)
    if max(before, after) >= RARITY_FROM and (min(before, after) < RARITY_FROM or abs(before - after) > MOST_SHARE * before):
        raise TooMuch("the list grew or shrank so much that all words weigh otherwise")
    return drift_between((*change.entries, *change.before), listed(old).names, listed(new).names)


def reached(
    change: Change, drift: Drift, *, from_key: str, old: Sequence[ListVersion], new: Sequence[ListVersion], runs: dict[str, LastRun]
) -> dict[str, str]:
    """Parties that the change since the lists of `from_key` can touch, each with the first reason. `runs` are the newest runs on edge (coverage.py).

    Raises TooMuch.
    """
    known = index_parties()
    found: dict[str, str] = {}

    def add(parties: Iterable[str], why: str) -> None:
        for party in parties:
            found.setdefault(party, why)

    add(_with_findings(change.removed | change.changed), Why.FINDING)
    for code in change.codes:
        add(known.by_code[code], Why.NUMBER)
    entries = list(change.entries)
    words = drift.beyond(DRIFT)
    if words:
        add(known.holding(words), Why.WORD)
        entries += _listed_with(words, listed(new), {entry.id for entry in entries})
    add(reached_by(_as_listed(entries, new), known.names, listed(new).names, least=REVIEW - EDGE), Why.NAME)
    add((party for party, run in runs.items() if run.near and not run.crowds), Why.NEAR)
    crowded = {party: run.crowds for party, run in runs.items() if run.crowds and party not in found}
    add(pushed(crowded, (*change.before, *change.entries), listed(old).names, listed(new).names), Why.NEAR)
    close = [run for run in runs.values() if run.close and run.party_id not in found]
    add(_carried_over(close, _since(from_key, drift), change, new, known), Why.NEAR)
    indexed = json.loads(known.by_code[REVISIONS][0])
    now = dict(Party.objects.values_list("pk", "revision"))
    add((party for party, revision in now.items() if indexed.get(party) != revision), Why.CHANGED)
    return {party: why for party, why in found.items() if party in now}


def _as_listed(entries: Iterable[Entry], versions: Sequence[ListVersion]) -> Iterable[Entry]:
    """Entries under the keys of the index of the versions instead of "list|entry"."""
    version_of = {version.source_id: version.pk for version in versions}
    for entry in entries:
        code, _bar, key = entry.id.partition("|")
        yield Entry(f"{version_of[code]}|{key}", entry.schema, entry.names)


def _with_findings(keys: set[tuple[str, str]]) -> set[str]:
    by_list: defaultdict[str, list[str]] = defaultdict(list)
    for code, entry in keys:
        by_list[code].append(entry)
    found: set[str] = set()
    for code, entries in by_list.items():
        found.update(Finding.objects.filter(list_code=code, entry_id__in=entries).values_list("party_id", flat=True))
    return found


def _since(from_key: str, newest: Drift) -> dict[str, Drift]:
    """By key of lists what moved since, as far back as recorded deltas tell."""
    found = {from_key: newest}
    for delta in ListDelta.objects.filter(engine=engine()).order_by("-started_at")[:LOOKED_BACK]:
        drift = Drift.from_json(delta.drift)
        if drift is not None and delta.to_key in found and delta.from_key not in found:
            found[delta.from_key] = found[delta.to_key].after(drift)
    return found


def _carried_over(
    runs: Sequence[LastRun], since: dict[str, Drift], change: Change, new: Sequence[ListVersion], parties: Stored
) -> set[str]:
    """Of the runs with scores close to a threshold, the parties of those that the words of one of the two names may have carried over.

    A run of lists of which nobody knows what moved since is among them.
    """
    if not runs:
        return set()
    lists, codes = listed(new), {version.pk: version.source_id for version in new}
    places: dict[str, int] = {}
    for place, key in enumerate(lists.names.entries):
        version, _bar, entry = key.partition("|")
        places[f"{codes[version]}|{entry}"] = place
    own = {party: place for place, party in enumerate(parties.names.entries)}
    persons = np.zeros(len(places), bool)
    persons[lists.names.entry_of[(lists.names.flags & PERSON) != 0]] = True
    touched = {f"{code}|{entry}" for code, entry in change.changed}
    moved = {key: (drift, most_moved(parties, drift), most_moved(lists, drift)) for key, drift in since.items()}
    found: set[str] = set()
    read: list[tuple[str, float, Drift]] = []
    for run in runs:
        if run.lists_key not in moved or run.party_id not in own:
            found.add(run.party_id)
            continue
        drift, ours, theirs = moved[run.lists_key]
        for key, margin in run.close:
            if key in touched:
                found.add(run.party_id)
            elif key in places:
                at_most = max(ours[own[run.party_id]], theirs[places[key]])
                if margin <= at_most + ROUNDED:
                    found.add(run.party_id)
                elif persons[places[key]]:
                    read.append((run.party_id, margin, drift))
    return found | _as_persons([row for row in read if row[0] not in found])


def _as_persons(read: Sequence[tuple[str, float, Drift]]) -> set[str]:
    """Beside a listed person a party's names are read as words, which its index does not know: they are read here."""
    names = screened_names(screened_by({row[0] for row in read}))
    found = set()
    for party, margin, drift in read:
        words = {number_of(unit) for name in names.get(party, ()) for unit in words_of(name)}
        if any(margin <= drift.words.get(word, 0.0) + ROUNDED for word in words):
            found.add(party)
    return found


def _listed_with(words: Iterable[int], index: Stored, known: set[str]) -> list[Entry]:
    """Listed entries that did not change but hold such a word. Raises TooMuch where they are very many."""
    keys = index.holding(words)
    if len(keys) > MOST:
        raise TooMuch("words of many entries weigh otherwise")
    found = []
    wanted = [key.partition("|") for key in keys]
    rows = ListEntry.objects.filter(version__in={key[0] for key in wanted}, entry_id__in={key[2] for key in wanted})
    for entry in rows.select_related("version"):
        key = f"{entry.version.source_id}|{entry.entry_id}"
        if f"{entry.version_id}|{entry.entry_id}" in keys and key not in known:
            found.append(Entry(key, entry.schema, entry.names))
    return found
