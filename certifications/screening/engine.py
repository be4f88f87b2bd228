"""Compares a party with the lists in force: identifiers first, then every name in every script. Reads only.

Knows nothing of runs, decisions or who asks; whatever it cannot do it raises, and the caller keeps that as a failed run.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from certifications.ledger.canonical import canonical, sha256_hex
from certifications.matching import Entry, Index, build_index, check_uscc, match
from certifications.matching.identifiers import compact
from certifications.parties.models import Party

from .models import ListEntry
from .queries import ListInForce, engine
from .rules import CONFLICT_CAP, band_of, comparable, lists_key

# A body may stand on several lists under several entries; each is a finding of its own.
CANDIDATES = 15


@dataclass(frozen=True)
class Listed:
    """The entries of a set of list versions, ready to be asked: by name and by identifier. Keys are "version|entry"."""

    names: Index
    by_code: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Hit:
    """The best likeness between the party and one entry. `score` 0 to 1; `rows` add up to it."""

    key: str
    score: float
    party_name: str
    listed_name: str
    pieces: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    unmatched_left: list[str]
    unmatched_right: list[str]


# One index per process and set of list versions; building it takes seconds for the whole CSL.
_built: dict[str, Listed] = {}
_building = threading.Lock()


def listed(lists: list[ListInForce]) -> Listed:
    """What the lists hold, built once per process and set of versions."""
    versions = [entry.version for entry in lists if entry.version]
    key = lists_key(version.pk for version in versions)
    with _building:
        if key not in _built:
            by_code: defaultdict[str, list[str]] = defaultdict(list)
            entries = []
            rows = ListEntry.objects.filter(version__in=versions).values_list(
                "version_id", "entry_id", "schema", "names", "identifiers", "codes"
            )
            for version, entry, schema, names, identifiers, codes in rows:
                entries.append(Entry(f"{version}|{entry}", schema, names))
                for code in comparable(codes, identifiers):
                    by_code[code].append(f"{version}|{entry}")
            made = Listed(build_index(entries), dict(by_code))
            _built.clear()
            _built[key] = made
        return _built[key]


def findings(party: Party, names: list[str], lists: list[ListInForce]) -> list[dict[str, Any]]:
    """The fields of every finding on the party, in a stable order. Raises whatever goes wrong."""
    known = listed(lists)
    best: dict[str, Hit] = {}
    for name in names:
        for candidate in match(name, known.names, top=CANDIDATES):
            held = best.get(candidate.id)
            if band_of(candidate.score) and (held is None or candidate.score > held.score):
                best[candidate.id] = _by_name(name, candidate)
    codes = [compact(value) for value in party.identifiers.values_list("value", flat=True)]
    for code in codes:
        for key in known.by_code.get(code, ()):
            best[key] = _by_code(names[0] if names else "", code, key)
    by_version = {entry.version.pk: entry for entry in lists if entry.version}
    made = []
    for key, hit in sorted(best.items()):
        version_id, _bar, entry_id = key.partition("|")
        entry = ListEntry.objects.get(version_id=version_id, entry_id=entry_id)
        fingerprint = _fingerprint(party, names, codes, by_version[version_id].source.code, entry)
        made.append(_row(_conflict(hit, codes, entry), entry, by_version[version_id], fingerprint))
    return made


def _by_name(name: str, candidate: Any) -> Hit:
    return Hit(
        key=candidate.id,
        score=candidate.score,
        party_name=name,
        listed_name=candidate.name,
        pieces=[
            {
                "left": p.left,
                "right": p.right,
                "kind": p.kind,
                "how": p.how,
                "weight": round(p.weight, 4),
                "score": round(p.score, 4),
            }
            for p in candidate.pieces
        ],
        rows=[{"kind": r.kind, "text": r.text, "points": round(r.points, 4)} for r in candidate.rows],
        unmatched_left=list(candidate.unmatched_left),
        unmatched_right=list(candidate.unmatched_right),
    )


def _by_code(name: str, code: str, key: str) -> Hit:
    """The same registration number: certain, whatever the names say."""
    piece = {"left": code, "right": code, "kind": "identifier", "how": "literal", "weight": 1.0, "score": 1.0}
    return Hit(key, 1.0, name, "", [piece], [{"kind": "identifier", "text": code, "points": 1.0}], [], [])


def _conflict(hit: Hit, codes: Iterable[str], entry: ListEntry) -> Hit:
    """A different credit code on both sides outweighs a likeness of names: a person looks, but it is no hold.

    It never clears: the party's code is only what somebody typed.
    """
    ours = {code for code in codes if check_uscc(code)[0]}
    theirs = {code for code in comparable(entry.codes, entry.identifiers) if check_uscc(code)[0]}
    if not ours or not theirs or ours & theirs or hit.score <= CONFLICT_CAP:
        return hit
    row = {"kind": "identifier", "text": ", ".join(sorted(theirs)), "points": round(CONFLICT_CAP - hit.score, 4)}
    return Hit(
        hit.key,
        CONFLICT_CAP,
        hit.party_name,
        hit.listed_name,
        hit.pieces,
        [*hit.rows, row],
        hit.unmatched_left,
        hit.unmatched_right,
    )


def _row(hit: Hit, entry: ListEntry, held: ListInForce, fingerprint: str) -> dict[str, Any]:
    version = held.version
    assert version is not None  # noqa: S101 - only lists with a version were indexed
    return {
        "list_code": held.source.code,
        "list_version_id": version.pk,
        "entry_id": entry.entry_id,
        "entry_name": entry.name,
        "party_name": hit.party_name,
        "matched_name": hit.listed_name or entry.name,
        "score": Decimal(str(round(hit.score, 4))),
        "band": band_of(hit.score),
        "fingerprint": fingerprint,
        "explanation": {
            "engine": engine(),
            "pieces": hit.pieces,
            "rows": hit.rows,
            "unmatched_left": hit.unmatched_left,
            "unmatched_right": hit.unmatched_right,
            "list": {
                "code": held.source.code,
                "title": held.source.title,
                "version": version.pk,
                "sha256": version.sha256,
                "imported_at": version.imported_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
            "entry": {
                "names": entry.names,
                "citation": entry.citation,
                "requirement": entry.requirement,
                "policy": entry.policy,
                "identifiers": entry.identifiers,
                "addresses": entry.addresses,
            },
        },
    }


def _fingerprint(party: Party, names: list[str], codes: list[str], code: str, entry: ListEntry) -> str:
    """Party's key fields and the entry's: a decision holds until one of them changes."""
    return sha256_hex(
        canonical([party.pk, sorted(names), sorted(codes), code, entry.entry_id, sorted(entry.names), sorted(entry.identifiers)])
    )
