"""The only writes to lists, runs and findings. Whatever fails is written as failed; nothing fails open."""

from typing import Any

import structlog
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import sha256_hex
from certifications.ledger.moves import NotAllowed
from certifications.parties.models import Party
from certifications.people.models import User

from .engine import findings
from .importers import ListUnreadable, RawEntry, read_csl, read_entity_list
from .models import Finding, ListEntry, ListSource, ListVersion, ScreeningRun
from .queries import ListInForce, engine, key_of, latest_run, lists_in_force
from .rules import shrink_problem

log = structlog.get_logger(__name__)
READERS = {"us_entity_list": read_entity_list, "us_csl": read_csl}


class NotScreened(Exception):
    """A party cannot be compared with every list in force; the message says why."""


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
    entries: tuple[RawEntry, ...] = ()
    try:
        entries = READERS[source.code](content).entries
        problem = shrink_problem(before=last.entry_count if last else 0, after=len(entries))
    except ListUnreadable as error:
        problem = str(error)
    version = ListVersion.objects.create(
        source=source,
        sha256=digest,
        entry_count=len(entries),
        state=ListVersion.State.REFUSED if problem else ListVersion.State.ACCEPTED,
        refusal=problem[:300],
        imported_by_id=by.pk if by else "",
    )
    if problem:
        log.warning("list refused", source=source.code, version=version.pk, entries=len(entries))
    else:
        ListEntry.objects.bulk_create((_entry(version, entry) for entry in entries), batch_size=1000)
    record(
        verb="list.refused" if problem else "list.imported",
        obj=version,
        by=by,
        data={"source": source.code, "sha256": digest, "entries": len(entries)},
    )
    return version


def _entry(version: ListVersion, entry: RawEntry) -> ListEntry:
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


@transaction.atomic
def put_in_force(*, source: ListSource, by: User | None) -> None:
    """From now on every party must be screened against this list. Raises NotAllowed while it holds no good version.

    There is no way back here: a list that is taken away weakens every screening, and one person does not do that.
    """
    held = ListSource.objects.select_for_update().get(pk=source.pk)
    if held.in_force:
        return
    if not held.versions.filter(state=ListVersion.State.ACCEPTED).exists():
        raise NotAllowed(_("This list has no accepted version yet. Import it first."), "no_version")
    ListSource.objects.filter(pk=held.pk).update(in_force=True)
    record(verb="list.in_force", obj=held, by=by, data={"source": held.code})


def screen_party(party: Party) -> ScreeningRun:
    """Compare identifiers and every name of the party with every list in force and keep what was found.

    Returns the earlier run when party, lists and engine are the same and it finished. A fault is kept as a failed run,
    once for the same fault in a row.
    """
    lists = lists_in_force()
    key = key_of(lists)
    seen = (party.revision, key, engine())
    last = latest_run(party)
    same = last is not None and (last.party_revision, last.lists_key, last.engine) == seen
    if last is not None and same and last.state == ScreeningRun.State.DONE:
        return last
    names = [name.text for name in party.names.all()]
    common: dict[str, Any] = {
        "party": party,
        "party_revision": party.revision,
        "lists": _described(lists),
        "lists_key": key,
        "engine": engine(),
        "names": names,
    }
    try:
        with transaction.atomic():
            _check_complete(names, lists)
            found = findings(party, names, lists)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run failed and says so; it never reads as clear
        reason = (str(error) if isinstance(error, NotScreened) else f"{type(error).__name__}: {error}")[:300]
        log.warning("screening failed", party=party.pk, error=type(error).__name__)
        if last is not None and same and last.error == reason:
            return last
        return _keep(common, ScreeningRun.State.FAILED, reason, [])
    return _keep(common, ScreeningRun.State.DONE, "", found)


def _check_complete(names: list[str], lists: list[ListInForce]) -> None:
    if not lists:
        raise NotScreened(_("No list is in force."))
    missing = [entry.source.title for entry in lists if entry.version is None]
    if missing:
        raise NotScreened(_("The list %(l)s was never imported.") % {"l": ", ".join(missing)})
    if not names:
        raise NotScreened(_("The party has no name."))


@transaction.atomic
def _keep(common: dict[str, Any], state: str, error: str, found: list[dict[str, Any]]) -> ScreeningRun:
    """The run, its findings and the event, all or nothing."""
    run = ScreeningRun.objects.create(**common, state=state, error=error)
    Finding.objects.bulk_create(Finding(run=run, party=run.party, **row) for row in found)
    verb = "party.screened" if state == ScreeningRun.State.DONE else "party.screening_failed"
    record(verb=verb, obj=run.party, by=None, data={"run": run.pk, "lists": run.lists_key, "findings": len(found)})
    return run


def _described(lists: list[ListInForce]) -> list[dict[str, Any]]:
    return [
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
