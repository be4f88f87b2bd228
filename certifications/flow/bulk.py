"""Confirmation by a sample, and its undoing, as one act of a person that workers carry out row by row."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from certifications.evidence import actions as evidence
from certifications.evidence import bulk as sets
from certifications.evidence.models import EvidenceDocument
from certifications.evidence.models_intake import BulkCheck, BulkRow
from certifications.evidence.rules_intake import GRAVE
from certifications.files.actions import read
from certifications.flags.models import Flag
from certifications.flags.rules import blocks
from certifications.flags.settling import settle_line
from certifications.ledger.ids import new_ulid
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed, move
from certifications.mail.actions import tell_when_long
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.work.actions import enqueue

from .evidence import capture, withdraw
from .intake import is_whole, proposed_data, weigh

# So many rows are written by one job, which asks for the next: well within the time that a job has.
PART: Final = 100
Status, Outcome = BulkCheck.Status, BulkRow.Outcome


def draw(*, alike: sets.Alike, sample_size: int, by: User, form_key: str) -> BulkCheck:
    """Fix a set of alike documents and draw its sample."""
    check(by, Permission.CONFIRM_EVIDENCE)
    return sets.draw(alike=alike, sample_size=sample_size, by=by, form_key=form_key)


def confirm_rest(*, bulk: BulkCheck, by: User, digest: str, code: str = "", assertion: str = "", session: Any = None) -> None:
    """Confirm what is left of the set; the factor is bound to exactly the rows that were shown. Workers write them."""
    check(by, Permission.CONFIRM_EVIDENCE)
    sets.check_confirm(bulk)
    if sets.act_digest(bulk) != digest:
        raise NotAllowed(_("The documents changed since they were shown. Look at them again."), "digest")
    prove(by, digest=digest, purpose="bulk", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        sets.begin(bulk=bulk, by=by, digest=digest)
        enqueue("bulk", bulk.pk, version="confirm")


def abandon(*, bulk: BulkCheck, by: User) -> None:
    """Give a set up."""
    check(by, Permission.CONFIRM_EVIDENCE)
    sets.abandon(bulk=bulk, by=by)


def undo(*, bulk: BulkCheck, by: User, reason: str) -> None:
    """Take a whole act back. Raises NotAllowed (`reason`, `open_flags`) where something grave rests on it."""
    check(by, Permission.CONFIRM_EVIDENCE)
    cases = _grave(bulk)
    if cases:
        raise NotAllowed(
            _("Grave flags rest on documents of this act. Decide their cases first: %(cases)s.") % {"cases": listed(cases[:5])},
            "open_flags",
        )
    with transaction.atomic():
        sets.begin_undo(bulk=bulk, by=by, reason=reason)
        enqueue("bulk", bulk.pk, version=f"undo-{new_ulid()}")


def _grave(bulk: BulkCheck) -> list[str]:
    confirmed = bulk.rows.filter(outcome=Outcome.CONFIRMED).values("document")
    flags = Flag.objects.filter(line__document__in=confirmed, state=Flag.State.OPEN).select_related("case")
    return sorted({flag.case.number for flag in flags if blocks(flag.severity)})


def go_on(bulk_id: str, once: str) -> None:
    """Worker: go on with the rest of a set, or with taking an act back, for so many rows; the next job does the next. Idempotent.

    What is done is passed over, whoever did it.
    """
    bulk = BulkCheck.objects.select_related("confirmed_by", "ended_by").get(pk=bulk_id)
    if bulk.status == Status.CONFIRMING:
        left = bulk.rows.filter(in_sample=False, outcome="")
        _go_on(bulk, left, once, _confirm_one, _confirmed)
    elif bulk.status == Status.UNDOING:
        left = bulk.rows.filter(outcome=Outcome.CONFIRMED)
        _go_on(bulk, left, once, _undo_one, _undone)


def _go_on(
    bulk: BulkCheck,
    left: QuerySet[BulkRow],
    once: str,
    do: Callable[[BulkCheck, BulkRow], bool],
    end: Callable[[BulkCheck], None],
) -> None:
    """Do the next rows, each in a transaction of its own; a row that says no ends the act as it stands."""
    rows = list(left.select_related("document__blob").order_by("position")[:PART])
    for row in rows:
        with transaction.atomic():
            goes_on = do(bulk, row)
        if not goes_on:
            return
    if len(rows) == PART:
        enqueue("bulk", bulk.pk, version=f"{once.partition(':')[0]}:{rows[-1].position}")
        return
    with transaction.atomic():
        end(bulk)


def _tell(bulk: BulkCheck, by: User | None, began_at: dt.datetime | None, *, stopped: bool = False) -> None:
    if by is not None and began_at is not None:
        tell_when_long(to_user=by, began_at=began_at, template="bulk_done", context={"number": bulk.number, "stopped": stopped})


def _confirmed(bulk: BulkCheck) -> None:
    confirmed = bulk.rows.filter(outcome=Outcome.CONFIRMED).count()
    move(obj=bulk, to=Status.CONFIRMED, by=bulk.confirmed_by, data={"rows": confirmed})
    _tell(bulk, bulk.confirmed_by, bulk.confirmed_at)


def _undone(bulk: BulkCheck) -> None:
    move(obj=bulk, to=Status.UNDONE, by=bulk.ended_by, data={"rows": bulk.rows.filter(outcome=Outcome.UNDONE).count()})
    _tell(bulk, bulk.ended_by, bulk.ended_at)


def _confirm_one(bulk: BulkCheck, row: BulkRow) -> bool:
    assert bulk.confirmed_by is not None  # noqa: S101 - the database says so
    sets.close_row(row, _confirm_row(bulk, row, bulk.confirmed_by))
    return True


def _confirm_row(bulk: BulkCheck, row: BulkRow, by: User) -> str:
    document = EvidenceDocument.objects.select_for_update(of=("self",)).select_related("blob").get(pk=row.document_id)
    if document.status != EvidenceDocument.Status.READ or sets.proposal_digest(document) != row.proposal_sha256:
        return Outcome.CHANGED
    # What the register says of it now, and not when the sample was drawn.
    if weigh(document).rank >= GRAVE:
        return Outcome.GRAVE
    lines = proposed_data(document)
    if not is_whole(document, lines):
        return Outcome.NOT_WHOLE
    sample = {"bulk": bulk.number, "wrong": bulk.wrong, "of": bulk.sample_size, "upper": str(bulk.upper)}
    for line in lines:
        line.extraction["by_sample"] = sample
    for confirmed in evidence.confirm(document=document, by=by, lines=lines):
        enqueue("match", confirmed.pk)
    return Outcome.CONFIRMED


def _undo_one(bulk: BulkCheck, row: BulkRow) -> bool:
    """Withdraw and capture again. Where something grave came up meanwhile, what is left of the act stands and says so."""
    by = bulk.ended_by
    assert by is not None  # noqa: S101 - the database says so
    if not BulkRow.objects.select_for_update().filter(pk=row.pk, outcome=Outcome.CONFIRMED).exists():
        return True  # another worker was first
    cases = _grave(bulk)
    if cases:
        problem = _("Grave flags rest on documents of this act. Decide their cases first: %(cases)s.") % {"cases": listed(cases[:5])}
        move(obj=bulk, to=Status.CONFIRMED, by=None, also={"problem": problem[:300]})
        _tell(bulk, by, bulk.ended_at, stopped=True)
        return False
    document = row.document
    if document.status == EvidenceDocument.Status.CONFIRMED:
        for line in document.lines.all():
            settle_line(line=line, still=())
        withdraw(document=document, by=by, reason=bulk.ended_reason)
    again = capture(
        by=by,
        content=read(document.blob),
        name=document.blob.name,
        # It is this person who captures it again, whatever brought it first; what only somebody's word stood behind stays so.
        origin=document.origin if document.origin in EvidenceDocument.UNATTESTED else EvidenceDocument.Origin.UPLOAD,
        source_url=document.source_url,
        source_note=document.source_note,
        title=document.title,
        form_key=new_ulid(),
    )
    BulkRow.objects.filter(pk=row.pk).update(outcome=Outcome.UNDONE, again=again)
    return True
