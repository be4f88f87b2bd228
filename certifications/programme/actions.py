"""The only writes of the first day. What follows elsewhere from a start is flow's business."""

import datetime as dt
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.catalogue.models import Product
from certifications.catalogue.queries import product_lines
from certifications.files.models import Blob
from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today, newest_day
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.parties.actions import Incomplete, register_named
from certifications.parties.models import Customer
from certifications.parties.rules import Problem, clean_name
from certifications.people.models import FactorProof, Organisation, User
from certifications.people.models_delegations import Delegation
from certifications.people.permissions import Permission
from certifications.people.powers import powers_of, printed
from certifications.people.second import check_proof, lock_proposal, take_agreement, void_proposal

from . import queries, rules
from .models import OldCertificate, ProgrammeStart, StockConfirmation, StockCount
from .rules import CertificateData, StockData

State = ProgrammeStart.State


def start_digest(*, organisation: Organisation, line: str, starts_on: dt.date, explanation: str) -> str:
    """What both people give their factor for."""
    said = {"organisation": organisation.pk, "line": line, "starts_on": starts_on.isoformat(), "explanation": explanation.strip()}
    return sha256_hex(canonical({"programme_start": said}))


def check_start(*, organisation: Organisation, line: str, starts_on: dt.date, explanation: str) -> None:
    """Raise Incomplete with every problem, or StaleState while one is proposed."""
    problems = rules.start_problems(
        line=line, starts_on=starts_on, explanation=explanation, known_lines=product_lines(), today=civil_today()
    )
    if organisation.kind != Organisation.Kind.DISTRIBUTOR:
        problems.append(Problem("organisation", _("Choose a distributor.")))
    if queries.starts_of(organisation.pk).get(line) == starts_on:
        problems.append(Problem("starts_on", _("This is the day that counts already.")))
    if problems:
        raise Incomplete(problems)
    if ProgrammeStart.objects.filter(organisation=organisation, line=line, state=State.PROPOSED).exists():
        raise StaleState(_("A start is proposed already; agree to it or take it back first."))


@transaction.atomic
def propose_start(
    *, organisation: Organisation, line: str, starts_on: dt.date, explanation: str, by: User, proof: FactorProof
) -> ProgrammeStart:
    """Propose the first day of a line; nothing changes until another person agrees."""
    words = {"organisation": organisation, "line": line, "starts_on": starts_on, "explanation": explanation}
    check_start(**words)  # type: ignore[arg-type]
    digest = start_digest(**words)  # type: ignore[arg-type]
    check_proof(proof=proof, by=by, digest=digest, changed=_("The proposal changed meanwhile. Read it again and confirm again."))
    made = ProgrammeStart.objects.create(
        organisation=organisation,
        line=line,
        starts_on=starts_on,
        reason="programme",
        explanation=explanation.strip(),
        proposed_by=by,
        proposed_proof_id=proof.pk,
        digest=digest,
    )
    record(verb="programmestart.proposed", obj=made, by=by, data={"line": line, "starts_on": starts_on, "proof": proof.pk})
    return made


@transaction.atomic
def agree_start(*, start: ProgrammeStart, by: User, proof: FactorProof) -> ProgrammeStart:
    """Another person agrees: it counts from now on."""
    held = lock_proposal(start)
    digest = start_digest(organisation=held.organisation, line=held.line, starts_on=held.starts_on, explanation=held.explanation)
    take_agreement(
        row=held,
        by=by,
        proof=proof,
        right=Permission.EDIT_REGISTER,
        digest=digest,
        changed=_("The proposal is not what was proposed. Take it back."),
    )
    record(verb="programmestart.agreed", obj=held, by=by, data={"line": held.line, "starts_on": held.starts_on, "proof": proof.pk})
    return held


@transaction.atomic
def void_start(*, start: ProgrammeStart, by: User) -> None:
    """Take back one's own proposal, or refuse another's; the record stays."""
    void_proposal(row=start, by=by)
    record(verb="programmestart.voided", obj=start, by=by)


# Opening stock


def _own(by: User) -> Organisation:
    if by.organisation is None:
        raise NotAllowed(_("You act for no distributor."), "no_organisation")
    return by.organisation


@transaction.atomic
def count_stock(*, by: User, product: Product, data: StockData) -> StockCount:
    """Record what lay in stock. Raises Incomplete; `twice` for a product, lot and serial number that is counted already."""
    problems = rules.stock_problems(data, newest_day())
    if problems:
        raise Incomplete(problems)
    try:
        with transaction.atomic():
            made = StockCount.objects.create(
                organisation=_own(by),
                product=product,
                lot=data.lot.strip(),
                serial=data.serial.strip(),
                quantity=data.quantity,
                counted_on=data.counted_on,
                recorded_by=by,
            )
    except IntegrityError:
        raise NotAllowed(_("This product, lot and serial number is counted already; correct that row."), "twice") from None
    record(verb="stockcount.recorded", obj=made, by=by, data={"quantity": made.quantity})
    return made


@transaction.atomic
def correct_stock(*, row: StockCount, by: User, quantity: Decimal, counted_on: dt.date, reason: str) -> StockCount:
    """Another quantity in place of the one that counts; the old row and the reason stay on record. Raises Incomplete, StaleState."""
    held = StockCount.objects.select_related("product", "organisation").get(pk=row.pk)
    problems = rules.stock_problems(StockData(held.lot, held.serial, quantity, counted_on), newest_day())
    if len(reason.strip()) < rules.LEAST_REASON:
        problems.append(Problem("reason", _("Say in a sentence why it is corrected; it stays on record.")))
    if (held.quantity, held.counted_on) == (quantity, counted_on):
        problems.append(Problem("quantity", _("Nothing is different from what is on record.")))
    if problems:
        raise Incomplete(problems)
    try:
        with transaction.atomic():
            made = StockCount.objects.create(
                organisation=held.organisation,
                product=held.product,
                lot=held.lot,
                serial=held.serial,
                quantity=quantity,
                counted_on=counted_on,
                supersedes=held,
                reason=reason.strip()[:300],
                recorded_by=by,
            )
    except IntegrityError:
        # One row takes the place of another; somebody was quicker, perhaps in the same instant.
        raise StaleState(_("Somebody corrected this row meanwhile; load it again.")) from None
    record(verb="stockcount.corrected", obj=made, by=by, data={"was": held.quantity, "quantity": quantity, "of": held.pk})
    return made


def stock_power(by: User, *, lock: bool = False) -> Delegation | None:
    """The delegation within which the person may confirm the stock as it counts; None by office. Raises NotAllowed (power)."""
    return powers_of(by, lock=lock).under("stock", lines=queries.stock_lines(_own(by).pk))


@transaction.atomic
def confirm_stock(*, by: User, digest: str, proof: FactorProof) -> StockConfirmation:
    """Say for the distributor that exactly these rows are its opening stock, within the powers of that day.

    Raises NotAllowed: `digest` when the rows changed, `power` with the limit that is passed.
    """
    organisation = Organisation.objects.select_for_update().get(pk=_own(by).pk)
    now, count = queries.stock_digest(organisation.pk)
    changed = _("The rows changed since they were shown. Look at them again.")
    if now != digest:
        raise NotAllowed(changed, "digest")
    if not count:
        raise NotAllowed(_("Nothing is counted yet; enter or upload the stock first."), "nothing")
    under = stock_power(by, lock=True)
    check_proof(proof=proof, by=by, digest=digest, changed=changed)
    made = StockConfirmation.objects.create(
        organisation=organisation, digest=digest, row_count=count, confirmed_by=by, proof_id=proof.pk, under=printed(under)
    )
    record(verb="stockconfirmation.made", obj=made, by=by, data={"rows": count, "digest": digest, "proof": proof.pk})
    return made


# Old certificates


@transaction.atomic
def keep_certificate(*, by: User, data: CertificateData, blob: Blob | None, form_key: str) -> OldCertificate:
    """Keep a certificate from before the programme as a reference, its paper with it or later. The same form twice keeps one.

    Raises Incomplete.
    """
    organisation = _own(by)
    earlier = OldCertificate.objects.filter(form_key=form_key, organisation=organisation).first()
    if earlier is not None:
        return earlier
    problems = rules.certificate_problems(data, newest_day())
    customer = Customer.objects.filter(organisation=organisation, pk=data.customer_id).select_related("party").first()
    if customer is None:
        problems.append(Problem("customer", _("Choose one of your customers; register it first where it is new.")))
    if set(data.products) - set(Product.objects.filter(catalogue_number__in=data.products).values_list("catalogue_number", flat=True)):
        problems.append(Problem("products", _("Choose products of the catalogue.")))
    if problems or customer is None:
        raise Incomplete(problems)
    try:
        with transaction.atomic():
            made = OldCertificate.objects.create(
                organisation=organisation,
                customer=customer,
                number=clean_name(data.number),
                issuer=clean_name(data.issuer),
                dated_on=data.dated_on,
                valid_until=data.valid_until,
                products=sorted(data.products),
                goods=data.goods.strip(),
                blob=blob,
                recorded_by=by,
                form_key=form_key,
            )
    except IntegrityError:
        raise NotAllowed(_("You keep a certificate of this number and issuer already; withdraw that one first."), "number") from None
    for name in dict.fromkeys(filter(None, map(clean_name, data.named))):
        made.named.add(register_named(native=name, latin="", uscc="", country=customer.party.country, division="", by=by))
    record(verb="oldcertificate.kept", obj=made, by=by, data={"sha256": blob.sha256 if blob else "", "customer": customer.pk})
    return made


@transaction.atomic
def file_paper(*, certificate: OldCertificate, by: User, blob: Blob) -> None:
    """The paper of a certificate that came by a file of rows; filed once. Raises StaleState."""
    if not OldCertificate.objects.filter(pk=certificate.pk, blob__isnull=True, withdrawn_at__isnull=True).update(blob=blob):
        raise StaleState(_("Its paper was filed, or it was withdrawn, by somebody else; load it again."))
    record(verb="oldcertificate.paper_filed", obj=certificate, by=by, data={"sha256": blob.sha256})


@transaction.atomic
def withdraw_certificate(*, certificate: OldCertificate, by: User, reason: str) -> None:
    """Take it out of use with a reason; it stays on record. Raises NotAllowed (`reason`), StaleState."""
    if len(reason.strip()) < rules.LEAST_REASON:
        raise NotAllowed(_("Say in a sentence why it is withdrawn."), "reason")
    values = {"withdrawn_at": Now(), "withdrawn_by": by, "withdrawn_reason": reason.strip()[:300]}
    if not OldCertificate.objects.filter(pk=certificate.pk, withdrawn_at__isnull=True).update(**values):
        raise StaleState(_("It was withdrawn already; load it again."))
    record(verb="oldcertificate.withdrawn", obj=certificate, by=by)
