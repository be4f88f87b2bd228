"""What a captured notice and its confirmation set in motion: reading by a worker, then the rules, then cases."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.evidence import actions as evidence
from certifications.evidence.bulk import note_confirmed, note_withdrawn
from certifications.evidence.models import EvidenceCapture, EvidenceDocument, EvidenceLine
from certifications.evidence.queries import sales_about
from certifications.ledger.moves import NotAllowed
from certifications.machines.models import ApiClient
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.work.actions import enqueue, enqueue_together

from .faults import fault
from .judging import match_line as match_line
from .judging import match_lines as match_lines


def capture(*, by: User, content: bytes, name: str, **details: Any) -> EvidenceDocument:
    """Keep a notice whole and let a worker read it. Raises evidence.readers.Unreadable for what cannot be kept."""
    check(by, Permission.CAPTURE_EVIDENCE)
    return _keep(by=by, content=content, name=name, **details)


def receive(*, program: ApiClient | None, content: bytes, name: str, **details: Any) -> EvidenceDocument:
    """The same for a program of the manufacturer, or for the watched folder (None). Neither is trusted: a person confirms what is read.

    Raises NotAllowed for a program of anybody else.
    """
    if program is not None and program.organisation.kind != program.organisation.Kind.MANUFACTURER:
        raise NotAllowed(_("Only programs of the manufacturer may send evidence."), "organisation")
    origin = EvidenceDocument.Origin.API if program is not None else EvidenceDocument.Origin.FOLDER
    return _keep(program=program, content=content, name=name, origin=origin, **details)


def _keep(**details: Any) -> EvidenceDocument:
    with transaction.atomic():
        document = evidence.capture(**details)
        enqueue("read", document.pk)
    return document


def capture_source(*, document: EvidenceDocument, by: User, **details: Any) -> EvidenceCapture:
    """Put the page that a pasted text was taken from on record. Raises as evidence.actions.capture_source."""
    check(by, Permission.CAPTURE_EVIDENCE)
    return evidence.capture_source(document=document, by=by, **details)


def withdraw(*, document: EvidenceDocument, by: User, reason: str) -> None:
    """Take a document out of use; what was counted as the same sale is asked again without it. Raises NotAllowed."""
    check(by, Permission.CONFIRM_EVIDENCE)
    with transaction.atomic():
        sales = sales_about(document.lines.all())
        note_withdrawn(document=document)
        evidence.withdraw(document=document, by=by, reason=reason)
        for line in {line.pk: line for sale in sales.values() for line in sale.lines if line.document_id != document.pk}.values():
            enqueue("match", line.pk, version=f"without-{document.pk}"[:40])


def read(document_id: str) -> None:
    """Worker: let the reader propose. Idempotent."""
    read_many([document_id])


def read_many(document_ids: Sequence[str], *, until: float | None = None, more: Callable[[], Sequence[str]] = tuple) -> int:
    """The same of many, each by a child of its own and what they say written together; each is weighed next.

    Returns with how many of them, from the first, it was done: by `until` (monotonic seconds) no further one is begun. `more` is asked
    for further documents when all are read, until it has none.
    """
    marks = evidence.marks_now()
    said, done, ids = [], 0, document_ids
    while ids and not (done and _is_over(until)):
        found = EvidenceDocument.objects.select_related("blob", "captured_by").in_bulk(ids)
        for pk in ids:
            if done and _is_over(until):
                break
            done += 1
            if pk in found and found[pk].status == EvidenceDocument.Status.CAPTURED:
                fault("before-reading")
                said.append(evidence.propose(found[pk], marks))
        ids = () if _is_over(until) else more()
    # Somebody may withdraw one while it is being read: then there is nothing left to do.
    with transaction.atomic():
        enqueue_together("weigh", [document.pk for document in evidence.keep_read(said)])
    return done


def _is_over(until: float | None) -> bool:
    return until is not None and time.monotonic() > until


def confirm(
    *, document: EvidenceDocument, by: User, lines: list[evidence.LineData], begins: int = 0, ends: int | None = None
) -> list[EvidenceLine]:
    """A person confirms what the notice says, or a part of what a package says; the workers then ask the register."""
    check(by, Permission.CONFIRM_EVIDENCE)
    with transaction.atomic():
        confirmed = evidence.confirm(document=document, by=by, lines=lines, begins=begins, ends=ends)
        note_confirmed(document=document, lines=confirmed)
        for line in confirmed:
            enqueue("match", line.pk)
    return confirmed
