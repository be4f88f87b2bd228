"""What a captured notice and its confirmation set in motion: reading by a worker, then the rules, then cases."""

from typing import Any

from django.db import transaction

from certifications.declarations.models import Declaration
from certifications.evidence import actions as evidence
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.flags import actions as flags
from certifications.flags.rules import blocks, evaluate_line
from certifications.matching import normalise
from certifications.parties.models import Party
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.work.actions import enqueue

from .advance import send_round_again, tell_deciders
from .facts import line_facts
from .faults import fault
from .first_day import count_or_flag
from .letters import match_award

WAITING = (
    Declaration.Status.SIGNED,
    Declaration.Status.SCREENING,
    Declaration.Status.REVIEW,
    Declaration.Status.READY,
)


def capture(*, by: User, content: bytes, name: str, **details: Any) -> EvidenceDocument:
    """Keep a notice whole and let a worker read it. Raises evidence.readers.Unreadable for what cannot be kept."""
    check(by, Permission.CAPTURE_EVIDENCE)
    with transaction.atomic():
        document = evidence.capture(by=by, content=content, name=name, **details)
        enqueue("read", document.pk)
    return document


def read(document_id: str) -> None:
    """Worker: let the reader propose. Idempotent."""
    document = EvidenceDocument.objects.select_related("blob").get(pk=document_id)
    if document.status == EvidenceDocument.Status.CAPTURED:
        fault("before-reading")
        evidence.read_document(document)


def confirm(*, document: EvidenceDocument, by: User, lines: list[evidence.LineData]) -> list[EvidenceLine]:
    """A person confirms what the notice says; the workers then ask the register."""
    check(by, Permission.CONFIRM_EVIDENCE)
    with transaction.atomic():
        confirmed = evidence.confirm(document=document, by=by, lines=lines)
        for line in confirmed:
            enqueue("match", line.pk)
    return confirmed


def match_line(line_id: str) -> None:
    """Worker: run the rules over one confirmed line and raise what fires. Idempotent: a repeated run only counts."""
    line = EvidenceLine.objects.select_related("document", "product", "confirmed_by").get(pk=line_id)
    if line.document.status != EvidenceDocument.Status.CONFIRMED:
        return
    facts, answer = line_facts(line)
    fault("before-flagging")
    with transaction.atomic():
        raised = []
        seller = Party.objects.filter(pk=answer.party_id).first() if answer and answer.party_id else None
        subject = flags.Subject(
            key=f"evidence:{line.document_id}:{normalise(line.seller) or normalise(line.buyer)}"[:120],
            name=line.seller or line.buyer,
            document=line.document,
        )
        for fired in count_or_flag(line, seller, evaluate_line(facts)):
            about = seller if fired.rule.startswith("S") else None
            raised.append(flags.raise_flag(fired=fired, subject=subject, facts_key=line.pk, line=line, party=about))
        fault("flagged-not-finished")
        match_award(line)
        if seller is not None and any(blocks(flag.severity) for flag in raised):
            _look_again(seller, line)
        tell_deciders(raised)


def _look_again(party: Party, line: EvidenceLine) -> None:
    """A new grave flag on a registered party blocks what it takes part in: send those declarations round again."""
    touched = Declaration.objects.filter(status__in=WAITING)
    touched = touched.filter(customer__party=party) | touched.filter(organisation__party=party)
    for declaration in touched.distinct():
        send_round_again(declaration, f"line-{line.pk}")
