"""The only writes to lists, runs and findings. Whatever fails is written as failed; nothing fails open."""

import threading
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.matching import Entry, Index, build_index, match
from certifications.parties.models import Party
from certifications.people.models import User

from .importers import ListUnreadable, RawEntry, read_csl, read_entity_list
from .models import Finding, ListEntry, ListSource, ListVersion, ScreeningRun
from .queries import ListInForce, engine, latest_run, lists_in_force
from .rules import band_of, lists_key, shrink_problem

log = structlog.get_logger(__name__)
READERS = {"us_entity_list": read_entity_list, "us_csl": read_csl}
CANDIDATES = 5


@transaction.atomic
def import_list(*, source: ListSource, content: bytes, by: User | None) -> ListVersion:
    """Import one file: the same bytes again only confirm the version; a file that is refused changes nothing in force.

    A refused file is a row with its reason, so that somebody sees it.
    """
    ListSource.objects.select_for_update().get(pk=source.pk)
    digest = sha256_hex(content)
    last = source.versions.filter(state=ListVersion.State.ACCEPTED).order_by("-imported_at").first()
    if last is not None and last.sha256 == digest:
        ListVersion.objects.filter(pk=last.pk).update(confirmed_at=Now())
        record(verb="list.unchanged", obj=last, by=by, data={"sha256": digest})
        last.refresh_from_db()
        return last
    try:
        entries = READERS[source.code](content).entries
        problem = shrink_problem(before=last.entry_count if last else 0, after=len(entries))
    except ListUnreadable as error:
        entries, problem = (), str(error)
    version = ListVersion.objects.create(
        source=source,
        sha256=digest,
        entry_count=len(entries),
        state=ListVersion.State.REFUSED if problem else ListVersion.State.ACCEPTED,
        refusal=problem[:300],
        imported_by_id=by.pk if by else "",
    )
    if not problem:
        ListEntry.objects.bulk_create((_row(version, entry) for entry in entries), batch_size=1000)
    record(
        verb="list.refused" if problem else "list.imported",
        obj=version,
        by=by,
        data={"source": source.code, "sha256": digest, "entries": len(entries)},
    )
    return version


def _row(version: ListVersion, entry: RawEntry) -> ListEntry:
    return ListEntry(
        version=version,
        entry_id=entry.entry_id,
        schema=entry.schema,
        name=entry.name,
        names=list(dict.fromkeys(entry.names)),
        programme=entry.programme,
        citation=entry.citation,
        requirement=entry.requirement,
        policy=entry.policy,
        identifiers=list(entry.identifiers),
        addresses=list(entry.addresses),
    )


# One index per process and set of list versions; building it takes seconds for the whole CSL.
_built: dict[str, Index] = {}
_building = threading.Lock()


def _index(lists: list[ListInForce]) -> Index:
    key = lists_key(entry.version.pk for entry in lists if entry.version)
    with _building:
        if key not in _built:
            rows = ListEntry.objects.filter(version__in=[e.version for e in lists if e.version]).values_list(
                "version_id", "entry_id", "schema", "names"
            )
            index = build_index(Entry(f"{version}|{entry}", schema, names) for version, entry, schema, names in rows)
            _built.clear()
            _built[key] = index
        return _built[key]


def screen_party(party: Party) -> ScreeningRun:
    """Compare every name of the party with every list in force and keep what was found.

    Returns the earlier run when party, lists and engine are the same and it finished. A fault is kept as a failed run.
    """
    lists = lists_in_force()
    key = lists_key(entry.version.pk for entry in lists if entry.version)
    last = latest_run(party)
    if (
        last is not None
        and last.state == ScreeningRun.State.DONE
        and (last.party_revision, last.lists_key, last.engine) == (party.revision, key, engine())
    ):
        return last
    described = [
        {
            "code": e.source.code,
            "title": e.source.title,
            "kind": e.source.kind,
            "version": e.version.pk,
            "sha256": e.version.sha256,
            "imported_at": e.version.imported_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "entries": e.version.entry_count,
        }
        for e in lists
        if e.version
    ]
    names = [name.text for name in party.names.all()]
    common: dict[str, Any] = {
        "party": party,
        "party_revision": party.revision,
        "lists": described,
        "lists_key": key,
        "engine": engine(),
        "names": names,
    }
    try:
        if not described or len(described) < len(lists):
            raise ListUnreadable(_("A list in force was never imported."))  # noqa: TRY301 - kept as the run's error
        found = _findings(party, names, lists)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run failed and says so; it never reads as clear
        log.warning("screening failed", party=party.pk, error=type(error).__name__)
        return ScreeningRun.objects.create(
            **common, state=ScreeningRun.State.FAILED, error=f"{type(error).__name__}: {error}"[:300]
        )
    with transaction.atomic():
        run = ScreeningRun.objects.create(**common, state=ScreeningRun.State.DONE)
        Finding.objects.bulk_create(Finding(run=run, party=party, **row) for row in found)
        record(verb="party.screened", obj=party, by=None, data={"run": run.pk, "lists": key, "findings": len(found)})
    return run


def _findings(party: Party, names: list[str], lists: list[ListInForce]) -> list[dict[str, Any]]:
    index = _index(lists)
    best: dict[str, tuple[float, str, Any]] = {}
    for name in names:
        for candidate in match(name, index, top=CANDIDATES):
            if band_of(candidate.score) and candidate.score > best.get(candidate.id, (0.0, "", None))[0]:
                best[candidate.id] = (candidate.score, name, candidate)
    by_version = {e.version.pk: e for e in lists if e.version}
    rows = []
    for key, (score, name, candidate) in sorted(best.items()):
        version_id, _bar, entry_id = key.partition("|")
        entry = ListEntry.objects.get(version_id=version_id, entry_id=entry_id)
        listed = by_version[version_id]
        rows.append(
            {
                "list_code": listed.source.code,
                "list_version_id": version_id,
                "entry_id": entry_id,
                "entry_name": entry.name,
                "party_name": name,
                "matched_name": candidate.name,
                "score": Decimal(str(round(score, 4))),
                "band": band_of(score),
                "explanation": _explanation(candidate, entry, listed),
                "fingerprint": _fingerprint(party, listed.source.code, entry),
            }
        )
    return rows


def _fingerprint(party: Party, code: str, entry: ListEntry) -> str:
    """Party's key fields and the entry's: a decision holds until one of them changes."""
    codes = sorted(party.identifiers.values_list("value", flat=True))
    return sha256_hex(
        canonical([party.pk, sorted(n.text for n in party.names.all()), codes, code, entry.entry_id, sorted(entry.names)])
    )


def _explanation(candidate: Any, entry: ListEntry, listed: ListInForce) -> dict[str, Any]:
    version = listed.version
    assert version is not None  # noqa: S101 - only lists with a version were indexed
    return {
        "engine": engine(),
        "pieces": [
            {
                "left": p.left, "right": p.right, "kind": p.kind, "how": p.how,
                "weight": round(p.weight, 4), "score": round(p.score, 4),
            }
            for p in candidate.pieces
        ],
        "rows": [{"kind": r.kind, "text": r.text, "points": round(r.points, 4)} for r in candidate.rows],
        "unmatched_left": list(candidate.unmatched_left),
        "unmatched_right": list(candidate.unmatched_right),
        "list": {
            "code": listed.source.code,
            "title": listed.source.title,
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
    }
