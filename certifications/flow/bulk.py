"""Confirmation by a sample, and its undoing, as one act of a person that workers carry out row by row or whole."""

from typing import Any

from django.db import transaction
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
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.work.actions import enqueue

from .evidence import capture, withdraw
from .intake import is_whole, proposed_data, weigh

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


def go_on(bulk_id: str) -> None:
    """Worker: confirm the rest of a set, or take an act back. Idempotent: what is done is passed over."""
    bulk = BulkCheck.objects.select_related("confirmed_by", "ended_by").get(pk=bulk_id)
    if bulk.status == Status.CONFIRMING:
        _confirm(bulk)
    elif bulk.status == Status.UNDOING:
        _undo(bulk)


def _confirm(bulk: BulkCheck) -> None:
    by = bulk.confirmed_by
    assert by is not None  # noqa: S101 - the database says so
    for row in bulk.rows.filter(in_sample=False, outcome="").select_related("document__blob").order_by("position"):
        with transaction.atomic():
            outcome = _confirm_row(bulk, row, by)
            sets.close_row(row, outcome)
    confirmed = bulk.rows.filter(outcome=Outcome.CONFIRMED).count()
    move(obj=bulk, to=Status.CONFIRMED, by=by, data={"rows": confirmed})


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


@transaction.atomic
def _undo(bulk: BulkCheck) -> None:
    """All of it or nothing: where something grave came up meanwhile, the act stands and says so."""
    by, rows = bulk.ended_by, list(bulk.rows.filter(outcome=Outcome.CONFIRMED).select_related("document__blob").order_by("position"))
    assert by is not None  # noqa: S101 - the database says so
    cases = _grave(bulk)
    if cases:
        problem = _("Grave flags rest on documents of this act. Decide their cases first: %(cases)s.") % {"cases": listed(cases[:5])}
        move(obj=bulk, to=Status.CONFIRMED, by=None, also={"problem": problem[:300]})
        return
    for row in rows:
        document = row.document
        if document.status == EvidenceDocument.Status.CONFIRMED:
            for line in document.lines.all():
                settle_line(line=line, still=())
            withdraw(document=document, by=by, reason=bulk.ended_reason)
        again = capture(
            by=by,
            content=read(document.blob),
            name=document.blob.name,
            # It is this person who captures it again, whatever brought it first.
            origin="paste" if document.origin == "paste" else "upload",
            source_url=document.source_url,
            source_note=document.source_note,
            title=document.title,
            form_key=new_ulid(),
        )
        BulkRow.objects.filter(pk=row.pk).update(outcome=Outcome.UNDONE, again=again)
    move(obj=bulk, to=Status.UNDONE, by=by, data={"rows": len(rows)})
