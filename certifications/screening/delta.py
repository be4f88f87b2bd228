"""What a new set of list versions changes, and which parties that can touch. Reads only; more are found rather than fewer.

A party is reached when a changed entry's name or number may mean it, when it had a finding on an entry that changed or went,
when a score of its last run stood close to a threshold, or when it changed since the index of parties was built. Scores also
depend on how rare words are on the lists: words whose worth moved by more than DRIFT reach every party and entry that hold
them; less than that moves no score by more than EDGE (a score is a share of weights: by a quarter of the drift at most).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from certifications.matching import Entry, Index, reached_by
from certifications.matching.features import features
from certifications.matching.identifiers import compact
from certifications.matching.segment import Unit, units_of, words_of
from certifications.parties.models import Identifier, Party, PartyName

from .coverage import LastRun
from .engine import listed
from .models import Finding, ListEntry, ListVersion
from .models_rescreening import DeltaReach
from .queries import YENTE, engine
from .rules import comparable
from .stored import Content, Stored, stored

Why = DeltaReach.Why
# Beyond this share of the entries (or this many, on a short list) a full rescreening is quicker and surer.
MOST_SHARE, MOST = 0.05, 2_000
DRIFT = 0.04
# From here on words weigh by how rare they are (matching/index.py); a list that passes it weighs all words anew.
RARITY_FROM = 1_000
_REVISIONS = "#revisions"


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
    codes = [(compact(value), party) for party, value in Identifier.objects.values_list("party_id", "value")]
    codes.append((_REVISIONS, json.dumps(revisions)))

    def entries() -> Iterable[Entry]:
        held, names = "", []
        rows = PartyName.objects.order_by("party_id", "position", "pk").values_list("party_id", "text")
        for party, text in rows.iterator(chunk_size=10_000):
            if party != held and names:
                yield Entry(held, "Organization", names)
                names = []
            held = party
            names.append(text)
        if names:
            yield Entry(held, "Organization", names)

    return Content(entries(), codes)


def reached(change: Change, *, old: Sequence[ListVersion], new: Sequence[ListVersion], runs: dict[str, LastRun]) -> dict[str, str]:
    """Parties that the change can touch, each with the first reason. `runs` are the newest runs. Raises TooMuch."""
    known = index_parties()
    found: dict[str, str] = {}

    def add(parties: Iterable[str], why: str) -> None:
        for party in parties:
            found.setdefault(party, why)

    add(_with_findings(change.removed | change.changed), Why.FINDING)
    for code in change.codes:
        add(known.by_code[code], Why.NUMBER)
    entries = list(change.entries)
    words = _drifted(change, listed(old).names, listed(new).names)
    if words:
        add(_holding(words, known.names), Why.WORD)
        entries += _listed_with(words, listed(new).names, {entry.id for entry in entries})
    add(reached_by(entries, known.names), Why.NAME)
    add((party for party, run in runs.items() if run.near), Why.NEAR)
    indexed = json.loads(known.by_code[_REVISIONS][0])
    now = dict(Party.objects.values_list("pk", "revision"))
    add((party for party, revision in now.items() if indexed.get(party) != revision), Why.CHANGED)
    return {party: why for party, why in found.items() if party in now}


def _with_findings(keys: set[tuple[str, str]]) -> set[str]:
    by_list: defaultdict[str, list[str]] = defaultdict(list)
    for code, entry in keys:
        by_list[code].append(entry)
    found: set[str] = set()
    for code, entries in by_list.items():
        found.update(Finding.objects.filter(list_code=code, entry_id__in=entries).values_list("party_id", flat=True))
    return found


def _drifted(change: Change, old: Index, new: Index) -> list[Unit]:
    """Words of the changed entries that weigh otherwise than before."""
    if len(old) < RARITY_FROM and len(new) < RARITY_FROM:
        return []
    if min(len(old), len(new)) < RARITY_FROM or abs(len(old) - len(new)) > MOST_SHARE * len(old):
        raise TooMuch("the list grew or shrank so much that all words weigh otherwise")
    units: dict[str, Unit] = {}
    for entry in (*change.entries, *change.before):
        for name in entry.names:
            for unit in (words_of if entry.schema == "Person" else units_of)(name):
                units.setdefault(f"{unit.kind} {unit.text}", unit)
    held = list(units.values())
    weights = zip(held, old.weights(held), new.weights(held), strict=True)
    return [unit for unit, before, after in weights if abs(after - before) > DRIFT * max(before, after)]


def _holding(words: Sequence[Unit], index: Index) -> set[str]:
    """Entries of an index with a name that holds one of the words, and some more that share its writing."""
    found: set[str] = set()
    for unit in words:
        own = features((unit,))
        kinds = next((kind for kind in ("c:", "w:", "h:", "s:", "g:") if any(f.startswith(kind) for f in own)), "")
        wanted = {feature for feature in own if kinds and feature.startswith(kinds)}
        for number in index.shared(wanted).tolist():
            start, end = index.postings_at[number : number + 2].tolist()
            found.update(index.entries[entry] for entry in set(index.entry_of[index.postings[start:end]].tolist()))
    return found


def _listed_with(words: Sequence[Unit], index: Index, known: set[str]) -> list[Entry]:
    """Listed entries that did not change but hold such a word. Raises TooMuch where they are very many."""
    keys = _holding(words, index)
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
