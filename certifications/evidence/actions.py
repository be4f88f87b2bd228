"""The only writes to evidence: captured whole, read by a child process, confirmed by a person, never fetched again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.files.actions import read, store
from certifications.ledger.actions import record, record_first, record_many
from certifications.ledger.days import newest_day
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.machines.models import ApiClient
from certifications.mail.actions import tell_when_long
from certifications.people.models import User
from certifications.uploads.values import folded

from . import queries
from .keys import buyer_key, project_key
from .models import EvidenceCapture, EvidenceDocument, EvidenceLine
from .proposed import line_total, ours_first
from .readers import Package, Unreadable, sniff
from .readers.sandbox import read_in_child
from .rules import INTAKE, NUMBER, LineData, Problem, check_lines, holds_text, is_source_of

Status = EvidenceDocument.Status


class Incomplete(NotAllowed):
    """The lines as confirmed lack something; `problems` names line and field."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].message, "incomplete")
        self.problems = problems


@transaction.atomic
def capture(
    *,
    content: bytes,
    name: str,
    origin: str,
    form_key: str,
    by: User | None = None,
    program: ApiClient | None = None,
    source_url: str = "",
    source_note: str = "",
    title: str = "",
    tool: str = "",
    taken_at: dt.datetime | None = None,
) -> EvidenceDocument:
    """Keep the bytes with hash, time, who or what brought them, and origin. The same form twice keeps one capture.

    The same bytes are one document, however often and by whomever they are brought: each time a capture is put on record. What was
    withdrawn stays so for programs and the folder, which bring everything again; a person may capture it anew. Raises Unreadable for
    a kind of file, size or encoding that cannot be a notice; nothing is kept then.
    """
    earlier = EvidenceCapture.objects.filter(form_key=form_key).select_related("document").first()
    if earlier is not None:
        return earlier.document
    kind = sniff(content, name)
    actor = by or program
    blob = store(content, name=name, media_type=kind.media_type, by_id=actor.pk if actor else "")
    document = queries.of_bytes(blob.sha256, withdrawn_too=by is None)
    is_new = document is None
    if document is None:
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
            # Somebody else brought the same bytes in the same instant, or the form was sent twice; the other one was first.
            document, is_new = queries.of_bytes(blob.sha256), False
            if document is None:
                raise
    told = {"sha256": blob.sha256, "size": blob.size, "origin": origin, "media_type": kind.media_type, "address": bool(source_url)}
    row = EvidenceCapture(
        document=document,
        blob=blob,
        sha256=blob.sha256,
        method=origin,
        by=by,
        program=program,
        source_url=source_url,
        source_note=source_note,
        tool=tool[:160],
        intake=INTAKE,
        taken_at=taken_at,
        form_key=form_key,
    )
    if _once(row):
        if is_new:
            record_first(verb="evidence.captured", obj=document, by=actor, data=told)
        else:
            record(verb="evidence.captured_again", obj=document, by=actor, data=told)
    return document


def _once(row: EvidenceCapture) -> bool:
    """Write the capture; False where its form was sent twice in the same instant."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if not EvidenceCapture.objects.filter(form_key=row.form_key).exists():
            raise
        return False
    return True


def capture_source(
    *, document: EvidenceDocument, by: User, content: bytes, name: str, source_url: str, tool: str = "", form_key: str
) -> EvidenceCapture:
    """Put the page from which a pasted text was taken on record, as a further capture of the document.

    Raises Unreadable, and NotAllowed (source_url, file) where the text does not stand on the page, or nothing was read of it.
    """
    if not source_url:
        raise NotAllowed(_("Give the address of the page; without it nothing says where the text comes from."), "source_url")
    if not document.text:
        raise NotAllowed(_("Nothing was read of the pasted text, so that no page can be compared with it."), "file")
    kind = sniff(content, name)
    page = read_in_child(content, media_type=kind.media_type)
    if not is_source_of(page.text, document.text):
        found, wanted = holds_text(page.text, document.text)
        sentence = _(
            "Only %(found)d of the %(wanted)d lines of the pasted text stand on this page. Save the right page, or capture it by itself."
        )
        raise NotAllowed(sentence % {"found": found, "wanted": wanted}, "file")
    with transaction.atomic():
        blob = store(content, name=name, media_type=kind.media_type, by_id=by.pk)
        agrees = EvidenceCapture.Agrees.BYTES if blob.sha256 == document.sha256 else EvidenceCapture.Agrees.TEXT
        row = EvidenceCapture(
            document=document,
            blob=blob,
            sha256=blob.sha256,
            method=EvidenceDocument.Origin.UPLOAD,
            agrees=agrees,
            by=by,
            source_url=source_url,
            tool=tool[:160],
            intake=INTAKE,
            form_key=form_key,
        )
        if _once(row):
            record(verb="evidence.source_captured", obj=document, by=by, data={"sha256": blob.sha256, "size": blob.size, "agrees": agrees})
    return row


@dataclass(frozen=True)
class Read:
    """What the reader made of a document: where it goes by that, what its event says, and the fields that are set."""

    document: EvidenceDocument
    to: str
    data: dict[str, str]
    also: dict[str, Any]


def marks_now() -> list[str]:
    """What a text of ours may be known by: numbers and names of what may be declared today."""
    return [mark for product in current_products() for mark in (product.catalogue_number, product.name, product.name_zh) if mark]


def propose(document: EvidenceDocument, marks: Sequence[str]) -> Read:
    """Let the reader propose, in a child process without rights; what it cannot read is left to the person. Writes nothing."""
    try:
        proposal = read_in_child(read(document.blob), media_type=document.blob.media_type, title=document.title, marks=marks)
    except Unreadable as problem:
        return Read(document, Status.UNREADABLE, {"code": problem.code}, {"problem": str(problem)[:300]})
    empty = isinstance(proposal, Package) and not proposal.lines
    also = {
        "text": proposal.text,
        "proposal": ours_first(proposal.as_json(), marks),
        "reader": proposal.reader,
        "title": document.title or proposal.title[:300],
    }
    return Read(document, Status.NOTHING if empty else Status.READ, {"reader": proposal.reader}, also)


@transaction.atomic
def keep_read(found: Sequence[Read]) -> list[EvidenceDocument]:
    """Write what the reader made of documents; those that were still to be read. What was withdrawn meanwhile stays so.

    Whoever captured one and waited long is told that it is done.
    """
    kept = [one for one in found if _is_set(one)]
    for to in dict.fromkeys(one.to for one in kept):
        told = [(one.document, {"from": Status.CAPTURED, "to": to, **one.data}) for one in kept if one.to == to]
        record_many(verb=f"evidencedocument.{to}", rows=told)
    for document in (one.document for one in kept):
        if document.captured_by is not None:
            context = {"number": document.number}
            tell_when_long(to_user=document.captured_by, began_at=document.captured_at, template="reading_done", context=context)
    return [one.document for one in kept]


def _is_set(one: Read) -> bool:
    changed = EvidenceDocument.objects.filter(pk=one.document.pk, status=Status.CAPTURED).update(status=one.to, **one.also)
    if changed:
        for name, value in {"status": one.to, **one.also}.items():
            setattr(one.document, name, value)
    return bool(changed)


@transaction.atomic
def confirm(*, document: EvidenceDocument, by: User, lines: list[LineData], begins: int = 0, ends: int | None = None) -> list[EvidenceLine]:
    """Write the lines as a person confirmed them. Raises Incomplete with every problem, StaleState when too late.

    Of a package and of a long notice a person deals with a part at a time: proposed lines `begins` to `ends` (None: to the end); the others wait.
    """
    locked = EvidenceDocument.objects.select_for_update().get(pk=document.pk)
    if locked.status not in EvidenceDocument.OPEN or locked.handled != begins:
        raise StaleState(_("The document was confirmed or withdrawn by somebody else; load it again."))
    proposed = line_total(locked.proposal)
    ends = proposed if ends is None else min(ends, proposed)
    by_part = bool(proposed) and locked.status != Status.NOTHING
    problems = check_lines(lines, newest_day(), none_will_do=by_part)
    if problems:
        raise Incomplete(problems)
    # Only what counts in part has lines already.
    before = locked.lines.count() if locked.status == Status.PARTLY else 0
    products = {product.pk: product for product in Product.objects.filter(pk__in=[x.product_id for x in lines if x.product_id])}
    made = EvidenceLine.objects.bulk_create(
        EvidenceLine(
            document=locked,
            position=position,
            stage=line.stage,
            project_no=line.project_no,
            buyer=line.buyer.strip(),
            buyer_uscc=line.buyer_uscc,
            buyer_identifier=line.buyer_identifier,
            project_key=project_key(line.project_no),
            buyer_key=buyer_key(line.buyer),
            seller=line.seller.strip(),
            seller_state="withheld" if line.seller_withheld else "named",
            seller_uscc=line.seller_uscc,
            seller_identifier=line.seller_identifier,
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
            published_on=line.published_on,
            signed_on=line.signed_on,
            other_bidders=list(line.other_bidders),
            agency=line.agency.strip(),
            delivery_place=line.delivery_place.strip(),
            catalogue_no=line.catalogue_no.strip(),
            lot=_number(line.lot),
            serial=_number(line.serial),
            extraction=line.extraction,
            confirmed_by=by,
        )
        for position, line in enumerate(lines, before)
    )
    told = {"lines": len(made), "handled": ends}
    if ends < proposed:
        _go_on(locked, by=by, made=len(made), handled=ends, told=told)
    elif not made and not before:
        move(obj=locked, to=Status.NOTHING, by=by, data=told, also={"handled": ends})
    else:
        also = {"confirmed_at": timezone.now(), "confirmed_by": by, "handled": ends}
        move(obj=locked, to=Status.CONFIRMED, by=by, data=told, also=also)
    return made


def _number(text: str) -> str:
    """A serial number or lot as files have theirs: full-width characters as plain ones, blanks folded."""
    plain = folded(text)
    return plain if len(plain) <= NUMBER else text.strip()  # a few signs become several letters


def _go_on(document: EvidenceDocument, *, by: User, made: int, handled: int, told: dict[str, int]) -> None:
    """A part of what is dealt with so is done; from its first confirmed line on the document counts in part."""
    if made and document.status == Status.READ:
        move(obj=document, to=Status.PARTLY, by=by, data=told, also={"handled": handled})
        return
    EvidenceDocument.objects.filter(pk=document.pk).update(handled=handled)
    record(verb="evidencedocument.went_on", obj=document, by=by, data=told)


@transaction.atomic
def withdraw(*, document: EvidenceDocument, by: User, reason: str) -> None:
    """Take a document out of use with a reason; its bytes, lines and flags stay on record."""
    if len(reason.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence why the document is withdrawn."), "reason")
    if not document.lines.filter(flags__state="open").exists():
        move(obj=document, to=Status.WITHDRAWN, by=by, also={"withdrawn_reason": reason.strip()[:300]})
        return
    raise NotAllowed(_("Flags that rest on this document are open. Decide their case first."), "open_flags")
