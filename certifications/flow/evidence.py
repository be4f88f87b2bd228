"""What a captured notice and its confirmation set in motion: reading by a worker, then the rules, then cases."""

from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.declarations.models import Declaration
from certifications.declarations.queries import taking_part
from certifications.evidence import actions as evidence
from certifications.evidence.bulk import note_confirmed, note_withdrawn
from certifications.evidence.models import EvidenceCapture, EvidenceDocument, EvidenceLine
from certifications.evidence.queries import sales_about
from certifications.evidence.repeats import Sale
from certifications.flags import actions as flags
from certifications.flags import settling
from certifications.flags.models import Flag
from certifications.flags.rules import Fired, blocks, evaluate_line
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.machines.models import ApiClient
from certifications.matching import normalise
from certifications.parties.models import Party
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.work.actions import enqueue

from . import resolution
from .advance import WAITING, send_round_again, tell_deciders
from .facts import line_facts
from .faults import fault
from .first_day import count_once, count_or_flag
from .letters import match_award


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
    document = EvidenceDocument.objects.select_related("blob").get(pk=document_id)
    if document.status == EvidenceDocument.Status.CAPTURED:
        fault("before-reading")
        # Somebody may withdraw it while it is being read: then there is nothing left to do.
        with suppress(StaleState):
            evidence.read_document(document)
            enqueue("weigh", document.pk)


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


def match_line(line_id: str, because: str = "") -> None:
    """Worker: find whom the names of one confirmed line mean, run the rules over it, raise what fires. Idempotent: a repeat only counts.

    A sale that was announced again raises nothing twice, whichever of its lines raised it. What fires for the first time, or more
    gravely than before, is raised all the same, in the case of the line that was confirmed first.

    `because` of what the rules are asked again. Where that is a name that means somebody else now, flags that do not fire any more
    are closed, but nothing grave: that is left to two people.
    """
    line = EvidenceLine.objects.select_related("document", "product", "confirmed_by").get(pk=line_id)
    if line.document.status not in EvidenceDocument.COUNTING:
        return
    if because:
        resolution.resolve_lines([line])
    else:
        resolution.resolve_with_others(line)
    facts, answer = line_facts(line)
    sale = sales_about([line])[line.pk]
    fault("before-flagging")
    with transaction.atomic():
        seller = Party.objects.filter(pk=answer.party_id).first() if answer and answer.party_id else None
        hits = count_or_flag(line, seller, evaluate_line(facts))
        raised = [_raised(line, sale, seller, fired, because) for fired in hits]
        if because.startswith(resolution.AGAIN):
            settling.settle_line(line=line, still={fired.rule for fired in hits})
        count_once(one.pk for one in sale.lines if one.pk != sale.counts.pk)
        fault("flagged-not-finished")
        match_award(line)
        if seller is not None and any(blocks(flag.severity) for flag in raised):
            _look_again(seller, line)
        tell_deciders(raised)


def _raised(line: EvidenceLine, sale: Sale, seller: Party | None, fired: Fired, because: str) -> Flag:
    known = flags.counted_again(fired=fired, line_ids=[one.pk for one in sale.lines])
    if known is not None:
        return known
    first = sale.first
    subject = flags.Subject(
        key=f"evidence:{first.document_id}:{normalise(first.seller) or normalise(first.buyer)}"[:120],
        name=first.seller or first.buyer,
        document=first.document,
    )
    about = seller if fired.rule.startswith("S") else None
    return flags.raise_flag(fired=fired, subject=subject, facts_key=f"{line.pk}:{because}" if because else line.pk, line=line, party=about)


def _look_again(party: Party, line: EvidenceLine) -> None:
    """A new grave flag on a registered party blocks what it takes part in: send those declarations round again."""
    for declaration in Declaration.objects.filter(taking_part([party.pk]), status__in=WAITING).distinct():
        send_round_again(declaration, f"line-{line.pk}")
