"""The only writes to runs and findings. Whatever fails is written as failed; nothing fails open.

Lists are written by imports.py and exceptions.py; the two acts that everybody asks for are here as well.
"""

from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.parties.models import Party

from .engine import findings
from .imports import import_list as import_list
from .imports import put_in_force as put_in_force
from .models import Finding, ScreeningRun
from .queries import ListInForce, engine, key_of, latest_run, lists_in_force

log = structlog.get_logger(__name__)


class NotScreened(Exception):
    """A party cannot be compared with every list in force; the message says why."""


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
