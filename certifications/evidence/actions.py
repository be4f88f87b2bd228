"""The only writes to evidence: captured whole, read by a child process, confirmed by a person, never fetched again."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.catalogue.models import Product
from certifications.files.actions import read, store
from certifications.ledger.actions import record
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.people.models import User

from .models import EvidenceDocument, EvidenceLine
from .readers import Unreadable, sniff
from .readers.sandbox import read_in_child
from .rules import LineData, Problem, check_lines

Status = EvidenceDocument.Status


class Incomplete(NotAllowed):
    """The lines as confirmed lack something; `problems` names line and field."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].message, "incomplete")
        self.problems = problems


@transaction.atomic
def capture(
    *,
    by: User,
    content: bytes,
    name: str,
    origin: str,
    source_url: str = "",
    source_note: str = "",
    title: str = "",
    form_key: str,
) -> EvidenceDocument:
    """Keep the bytes with hash, time, person and origin. The same form twice keeps one.

    Raises Unreadable for a kind of file, size or encoding that cannot be a notice; nothing is kept then.
    """
    earlier = EvidenceDocument.objects.filter(form_key=form_key).first()
    if earlier is not None:
        return earlier
    kind = sniff(content, name)
    blob = store(content, name=name, media_type=kind.media_type, by_id=by.pk)
    try:
        with transaction.atomic():
            document = EvidenceDocument.objects.create(
                number=new_number("EV", timezone.now().year),
                blob=blob,
                sha256=blob.sha256,
                origin=origin,
                source_url=source_url,
                source_note=source_note,
                title=title,
                captured_by=by,
                form_key=form_key,
            )
    except IntegrityError:
        # The form was sent twice in the same instant; the other one was first.
        first = EvidenceDocument.objects.filter(form_key=form_key).first()
        if first is None:
            raise
        return first
    record(
        verb="evidence.captured",
        obj=document,
        by=by,
        data={"sha256": blob.sha256, "size": blob.size, "origin": origin, "media_type": kind.media_type},
    )
    return document


def read_document(document: EvidenceDocument) -> None:
    """Let the reader propose, in a child process without rights; what it cannot read is left to the person."""
    try:
        proposal = read_in_child(read(document.blob), media_type=document.blob.media_type, title=document.title)
    except Unreadable as problem:
        move(
            obj=document,
            to=Status.UNREADABLE,
            by=None,
            data={"code": problem.code},
            also={"problem": str(problem)[:300]},
        )
        return
    move(
        obj=document,
        to=Status.READ,
        by=None,
        data={"reader": proposal.reader},
        also={
            "text": proposal.text,
            "proposal": proposal.as_json(),
            "reader": proposal.reader,
            "title": document.title or proposal.title[:300],
        },
    )


@transaction.atomic
def confirm(*, document: EvidenceDocument, by: User, lines: list[LineData]) -> list[EvidenceLine]:
    """Write the lines as a person confirmed them. Raises Incomplete with every problem, StaleState when too late."""
    locked = EvidenceDocument.objects.select_for_update().get(pk=document.pk)
    if locked.status not in {Status.READ, Status.UNREADABLE}:
        raise StaleState(_("The document was confirmed or withdrawn by somebody else; load it again."))
    problems = check_lines(lines, timezone.now().date())
    if problems:
        raise Incomplete(problems)
    products = {product.pk: product for product in Product.objects.filter(pk__in=[x.product_id for x in lines if x.product_id])}
    made = [
        EvidenceLine.objects.create(
            document=locked,
            position=position,
            stage=line.stage,
            project_no=line.project_no,
            buyer=line.buyer.strip(),
            buyer_uscc=line.buyer_uscc,
            seller=line.seller.strip(),
            seller_state="withheld" if line.seller_withheld else "named",
            seller_uscc=line.seller_uscc,
            seller_address=line.seller_address,
            product=products.get(line.product_id),
            product_state="undisclosed" if line.product_undisclosed else "named",
            product_text=line.product_text,
            brand=line.brand,
            model=line.model,
            quantity=line.quantity,
            unit=line.unit,
            unit_price=line.unit_price,
            amount=line.amount,
            currency=line.currency,
            region=line.region,
            happened_on=line.happened_on,
            extraction=line.extraction,
            confirmed_by=by,
        )
        for position, line in enumerate(lines)
    ]
    move(
        obj=locked,
        to=Status.CONFIRMED,
        by=by,
        data={"lines": len(made)},
        also={"confirmed_at": timezone.now(), "confirmed_by": by},
    )
    return made


@transaction.atomic
def withdraw(*, document: EvidenceDocument, by: User, reason: str) -> None:
    """Take a document out of use with a reason; its bytes, lines and flags stay on record."""
    if len(reason.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence why the document is withdrawn."), "reason")
    if not document.lines.filter(flags__state="open").exists():
        move(obj=document, to=Status.WITHDRAWN, by=by, also={"withdrawn_reason": reason.strip()[:300]})
        return
    raise NotAllowed(_("Flags that rest on this document are open. Decide their case first."), "open_flags")
