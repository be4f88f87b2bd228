"""The only writes to runs and findings. Whatever fails is written as failed; nothing fails open.

Lists are written by imports.py and exceptions.py; the two acts that everybody asks for are here as well.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from certifications.ledger.actions import record_many
from certifications.ledger.turns import take_turns
from certifications.parties.models import Party

from .engine import Answer, Screened, findings, screened
from .imports import import_list as import_list
from .imports import put_in_force as put_in_force
from .models import Finding, ScreeningRun
from .queries import ListInForce, engine, key_of, latest_runs, lists_in_force
from .stored import IndexUnavailable
from .yente import YenteError

log = structlog.get_logger(__name__)


class NotScreened(Exception):
    """A party cannot be compared with every list in force; the message says why."""


# Said as they are, and the same for every party of a chunk.
REASONS = (NotScreened, IndexUnavailable, YenteError)


def screen_party(party: Party) -> ScreeningRun:
    """Compare identifiers and every name of the party with every list in force and keep what was found.

    Returns the earlier run when party, lists and engine are the same and it finished. A fault is kept as a failed run,
    once for the same fault in a row.
    """
    return screen_many([party.pk])[0]


def screen_many(party_ids: Sequence[str], *, since: dt.datetime | None = None) -> list[ScreeningRun]:
    """`screen_party` for many, in their order: one look at the lists and one pass over the index for all of them.

    With `since` a finished run counts only when it is not older: for whoever asks that everything is compared anew.
    """
    lists = lists_in_force()
    key = key_of(lists)
    word = engine()
    last = latest_runs(party_ids)
    made: dict[str, ScreeningRun] = {}
    waiting: list[Screened] = []
    for pk, subject in screened(party_ids).items():
        run = last.get(pk)
        done = run is not None and run.state == ScreeningRun.State.DONE and (run.party_revision, run.lists_key, run.engine) == (
            subject.revision, key, word,
        )  # fmt: skip
        if run is not None and done and (since is None or run.ran_at >= since):
            made[pk] = run
        else:
            waiting.append(subject)
    described = _described(lists)
    fresh: list[tuple[ScreeningRun, Answer]] = []
    for subject, answer in zip(waiting, _answers(waiting, lists), strict=True):
        run = last.get(subject.party_id)
        same = run is not None and (run.party_revision, run.lists_key, run.engine) == (subject.revision, key, word)
        failed = isinstance(answer, str)
        if run is not None and same and failed and run.error == answer:
            made[subject.party_id] = run
            continue
        found_of = Answer([]) if isinstance(answer, str) else answer
        new = ScreeningRun(
            party_id=subject.party_id,
            party_revision=subject.revision,
            lists=described,
            lists_key=key,
            engine=word,
            names=list(subject.names),
            state=ScreeningRun.State.FAILED if failed else ScreeningRun.State.DONE,
            error=answer if isinstance(answer, str) else "",
            near=found_of.near,
            crowds=found_of.crowds,
            close=sorted(found_of.close.items()),
        )
        fresh.append((new, found_of))
    for run in _keep(fresh):
        made[run.party_id] = run
    return [made[pk] for pk in party_ids if pk in made]


def _answers(subjects: list[Screened], lists: list[ListInForce]) -> list[Answer | str]:
    """What was found on each, or why it could not be looked for. One party that breaks the engine stops no other."""
    try:
        _check_lists(lists)
        with transaction.atomic():
            if all(subject.names for subject in subjects):
                return list(findings(subjects, lists))
    except Exception as error:  # noqa: BLE001 - whatever it is, the run failed and says so; it never reads as clear
        if len(subjects) == 1 or isinstance(error, REASONS):
            log.warning("screening failed", party=subjects[0].party_id, entries=len(subjects), error=type(error).__name__)
            return [_reason(error)] * len(subjects)
    return [_answers([subject], lists)[0] if subject.names else _("The party has no name.") for subject in subjects]


def _reason(error: Exception) -> str:
    known = isinstance(error, REASONS)
    return (str(error) if known else f"{type(error).__name__}: {error}")[:300]


def _check_lists(lists: list[ListInForce]) -> None:
    if not lists:
        raise NotScreened(_("No list is in force."))
    missing = [entry.source.title for entry in lists if entry.version is None]
    if missing:
        raise NotScreened(_("The list %(l)s was never imported.") % {"l": ", ".join(missing)})


def screening_lock(*, alone: bool) -> None:
    """Held to the end of the transaction: shared by whoever writes runs, alone by a delta that must see every one of them."""
    take_turns("screening runs", shared=not alone)


@transaction.atomic
def _keep(fresh: list[tuple[ScreeningRun, Answer]]) -> list[ScreeningRun]:
    """The runs, their findings and the events, all or nothing."""
    if not fresh:
        return []
    screening_lock(alone=False)
    with connection.cursor() as cursor:
        # Times are the database's, and not before the lock: a delta speaks for earlier runs only.
        cursor.execute("SELECT clock_timestamp()")
        [ran_at] = cursor.fetchone()
    for run, _answer in fresh:
        run.ran_at = ran_at
    ScreeningRun.objects.bulk_create(run for run, _answer in fresh)
    Finding.objects.bulk_create(Finding(run=run, party_id=run.party_id, **row) for run, answer in fresh for row in answer.rows)
    for state, verb in ((ScreeningRun.State.DONE, "party.screened"), (ScreeningRun.State.FAILED, "party.screening_failed")):
        rows = [
            (Party(pk=run.party_id), {"run": run.pk, "lists": run.lists_key, "findings": len(answer.rows)})
            for run, answer in fresh
            if run.state == state
        ]
        record_many(verb=verb, rows=rows)
    return [run for run, _answer in fresh]


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
