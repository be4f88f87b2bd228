"""Compares parties with the lists in force: identifiers first, then every name in every script. Reads only.

Knows nothing of runs, decisions or who asks; whatever it cannot do it raises, and the caller keeps that as a failed run.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q

from certifications.matching import Candidate, Crowd, Entry, Index, check_uscc, crowds, match_many
from certifications.parties.aliases import screened_by, screened_codes, screened_names
from certifications.parties.models import Party

from . import yente
from .models import ListEntry, ListVersion
from .queries import YENTE, ListInForce, engine
from .rules import CONFLICT_CAP, EDGE, HOLD, REVIEW, band_of, comparable, fingerprint_of, lists_key
from .stored import Content, Stored, stored

# A body may stand on several lists under several entries; each is a finding of its own.
CANDIDATES = 15


@dataclass(frozen=True)
class Screened:
    """A party as it is compared: its key fields, names in their order."""

    party_id: str
    revision: int
    names: tuple[str, ...]
    codes: tuple[str, ...]


def screened(party_ids: Iterable[str]) -> dict[str, Screened]:
    """Parties by id, in a number of queries that does not grow with them; whoever does not exist is left out."""
    ids = list(party_ids)
    revisions = dict(Party.objects.filter(pk__in=ids).values_list("pk", "revision"))
    by = screened_by(ids)
    names, codes = screened_names(by), screened_codes(by)
    return {pk: Screened(pk, revision, tuple(names.get(pk, ())), tuple(codes[pk])) for pk, revision in revisions.items()}


@dataclass(frozen=True)
class Answer:
    """The fields of every finding, in a stable order; `near` when so many entries were alike that others may take their place,
    `crowds` before which place, where that can be said; `close` by "list|entry" how far from a threshold a score stood that other weights of words may carry over it.
    """

    rows: list[dict[str, Any]]
    near: bool = False
    crowds: list[Crowd] = field(default_factory=list)
    close: dict[str, float] = field(default_factory=dict)


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


def listed(versions: Sequence[ListVersion]) -> Stored:
    """What the versions hold, ready to be asked; keys are "version|entry". Built once on this machine, then mapped."""
    ids = [version.pk for version in versions]
    return stored("lists", lists_key(ids), {"engine": engine()}, lambda: _content(ids))


def _content(ids: list[str]) -> Content:
    codes: list[tuple[str, str]] = []

    def entries() -> Iterable[Entry]:
        # In an order of their own: of names that share equally much the first are proposed, whatever order the publisher's file has.
        rows = ListEntry.objects.filter(version__in=ids).order_by("version__source_id", "entry_id")
        fields = rows.values_list("version_id", "entry_id", "schema", "names", "identifiers", "codes")
        for version, entry, schema, names, identifiers, held in fields.iterator(chunk_size=5000):
            key = f"{version}|{entry}"
            codes.extend((code, key) for code in comparable(held, identifiers))
            yield Entry(key, schema, names)

    # The codes are complete once the entries were read to their end: the index is built before they are sorted.
    return Content(entries(), codes)


def findings(parties: Sequence[Screened], lists: list[ListInForce]) -> list[Answer]:
    """What is found on each party. Raises whatever goes wrong."""
    if settings.YENTE_URL:
        # Lists of our own are compared here; the server answers for all others.
        own = findings_here(parties, [entry for entry in lists if entry.source.pk != YENTE])
        theirs = findings_there(parties, [entry for entry in lists if entry.source.pk == YENTE])
        return [Answer([*a.rows, *b], a.near, a.crowds, a.close) for a, b in zip(own, theirs, strict=True)]
    return findings_here(parties, lists)


def findings_here(parties: Sequence[Screened], lists: list[ListInForce]) -> list[Answer]:
    """What our own index finds."""
    known = listed([entry.version for entry in lists if entry.version])
    names = list(dict.fromkeys(name for party in parties for name in party.names))
    found = dict(zip(names, match_many(names, known.names, top=CANDIDATES, least=REVIEW - EDGE), strict=True))
    by_version = {entry.version.pk: entry for entry in lists if entry.version}
    best: list[dict[str, Hit]] = []
    answers: list[Answer] = []
    for party in parties:
        hits: dict[str, Hit] = {}
        answer = _crowded(party, found, known.names)
        for name in party.names:
            for candidate in found[name]:
                _note_close(answer.close, candidate, by_version)
                held = hits.get(candidate.id)
                if band_of(candidate.score) and (held is None or candidate.score > held.score):
                    hits[candidate.id] = _by_name(name, candidate)
        for code in party.codes:
            for key in known.by_code[code]:
                hits[key] = _by_code(party.names[0] if party.names else "", code, key)
        best.append(hits)
        answers.append(answer)
    entries = _entries({key for hits in best for key in hits})
    for party, hits, answer in zip(parties, best, answers, strict=True):
        for key, hit in sorted(hits.items()):
            entry, source = entries[key], by_version[key.partition("|")[0]]
            answer.rows.append(_row(party, _conflict(hit, party.codes, entry), entry, source))
    return answers


def _crowded(party: Screened, found: dict[str, list[Candidate]], index: Index) -> Answer:
    """An answer that says as yet only where other entries may take the place of what was found."""
    if any(len(found[name]) >= CANDIDATES for name in party.names):
        return Answer([], near=True)  # more were found than are kept: a score a little other, and another is among them
    rows = [row for name in party.names for row in crowds(name, {one.id for one in found[name]}, index)]
    return Answer([], near=bool(rows), crowds=rows)


def _note_close(close: dict[str, float], candidate: Candidate, by_version: dict[str, ListInForce]) -> None:
    margin = min(abs(candidate.score - limit) for limit in (REVIEW, HOLD))
    if margin <= EDGE:
        version, _bar, entry = candidate.id.partition("|")
        key = f"{by_version[version].source.pk}|{entry}"
        close[key] = min(round(margin, 5), close.get(key, EDGE))


def findings_there(parties: Sequence[Screened], lists: list[ListInForce]) -> list[list[dict[str, Any]]]:
    """What the yente server finds, while it holds the version that is in force here. Raises YenteError."""
    [held] = lists
    version = held.version
    before = yente.catalogue()
    found = yente.ask({party.party_id: (party.names, party.codes) for party in parties}, least=REVIEW, most=CANDIDATES)
    if version is None or {before.digest, yente.catalogue().digest} != {version.sha256}:
        raise yente.YenteError("yente holds another version than the one in force here.")
    answers = []
    for party in parties:
        best: dict[str, yente.Result] = {}
        for result in found[party.party_id]:
            if result.entity not in best or result.score > best[result.entity].score:
                best[result.entity] = result
        answers.append([_row_there(party, result, held, before) for _key, result in sorted(best.items())])
    return answers


def _row_there(party: Screened, result: "yente.Result", held: ListInForce, dataset: "yente.Dataset") -> dict[str, Any]:
    score = round(result.score, 4)
    hit = Hit(result.entity, score, party.names[0] if party.names else "", result.caption, [], [], [], [])
    hit.rows.append({"kind": "yente", "text": dataset.name, "points": score})
    entry = ListEntry(entry_id=result.entity, name=result.caption, names=list(result.names), identifiers=list(result.identifiers))
    row = _row(party, hit, entry, held)
    row["explanation"] |= {"engine": "yente", "features": result.features, "datasets": list(result.datasets)}
    row["explanation"]["list"] |= {"dataset": dataset.name, "dataset_version": dataset.version}
    return row


def _entries(keys: set[str]) -> dict[str, ListEntry]:
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        version, _bar, entry = key.partition("|")
        wanted[version].append(entry)
    if not wanted:
        return {}
    asked = Q()
    for version, ids in wanted.items():
        asked |= Q(version_id=version, entry_id__in=ids)
    return {f"{entry.version_id}|{entry.entry_id}": entry for entry in ListEntry.objects.filter(asked)}


def _by_name(name: str, candidate: Candidate) -> Hit:
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


def _row(party: Screened, hit: Hit, entry: ListEntry, held: ListInForce) -> dict[str, Any]:
    version = held.version
    assert version is not None  # noqa: S101 - only lists with a version were indexed
    keys = {
        "party": {"names": sorted(party.names), "identifiers": sorted(party.codes)},
        "entry": {"names": sorted(entry.names), "identifiers": sorted(entry.identifiers)},
    }
    return {
        "list_code": held.source.code,
        "list_version_id": version.pk,
        "entry_id": entry.entry_id,
        "entry_name": entry.name,
        "party_name": hit.party_name,
        "matched_name": hit.listed_name or entry.name,
        "score": Decimal(str(round(hit.score, 4))),
        "band": band_of(hit.score),
        "fingerprint": fingerprint_of(party.party_id, held.source.code, entry.entry_id, keys),
        "explanation": {
            "engine": engine(),
            # What a decision on it rests on; when one of these changes, the decision is looked at again.
            "keys": keys,
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
