"""The first day: when a line's programme begins, stock and certificates from before, and which sales are counted and not flagged."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.catalogue.models import Product
from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.evidence.models import EvidenceLine
from certifications.files import actions as files
from certifications.flags.models import CountedSale
from certifications.flags.rules import Fired
from certifications.ledger.actions import record
from certifications.ledger.moves import NotAllowed
from certifications.mail.actions import tell_all
from certifications.parties.models import Party
from certifications.people.actions import hold_right
from certifications.people.factors import prove
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, users_with
from certifications.programme import actions as programme
from certifications.programme import queries
from certifications.programme.models import OldCertificate, ProgrammeStart, StockConfirmation, StockCount
from certifications.programme.rules import STARTED, CertificateData, StockData, place_of_sale
from certifications.work.actions import enqueue

from .identities import look_later

# What a sale from before the first day is not held to: having been registered by then, and a declaration. A right that was
# suspended or revoked, another territory, and everything about the buyer are said as ever.
COUNTED_RULES = frozenset({"S01", "S03", "S04", "RECV"})
COUNTED_STANDINGS = frozenset({"", "never", "lapsed", "entered_later"})


def propose_start(
    *,
    organisation: Organisation,
    line: str,
    starts_on: dt.date,
    explanation: str,
    by: User,
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> ProgrammeStart:
    """Propose the first day of a distributor's line; the factor is bound to exactly these words."""
    check(by, Permission.EDIT_REGISTER)
    words: dict[str, Any] = {"organisation": organisation, "line": line, "starts_on": starts_on, "explanation": explanation}
    programme.check_start(**words)
    proof = prove(by, digest=programme.start_digest(**words), purpose="programme", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = programme.propose_start(by=by, proof=proof, **words)
        tell_all(users_with(Permission.CHANGE_AUTHORISATIONS), template="second_person_for_start", context={}, but=by)
    return made


def agree_start(*, start: ProgrammeStart, by: User, code: str = "", assertion: str = "", session: Any = None) -> ProgrammeStart:
    """Another person agrees. Sales that were counted and lie in the programme now are held to it; the distributor is told."""
    check(by, Permission.CHANGE_AUTHORISATIONS)
    check_second(proposer=start.proposed_by, by=by, right=Permission.EDIT_REGISTER)
    proof = prove(by, digest=start.digest, purpose="programme", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        done = programme.agree_start(start=start, by=by, proof=proof)
        look_again(done)
        tell_all(
            users_with(Permission.SEE_OWN_DECLARATIONS, done.organisation),
            template="programme_starts",
            context={"line": done.line, "day": done.starts_on},
        )
    return done


def look_again(start: ProgrammeStart) -> None:
    """Have the rules asked again of the sales that were counted until now and are in the programme with this start."""
    counted = CountedSale.objects.filter(organisation=start.organisation, happened_on__gte=start.starts_on)
    for line_id in counted.filter(product_line__in=[start.line, ""]).values_list("line", flat=True):
        enqueue("match", line_id, version=start.pk)
    # What others reported as received is counted without a trace until then.
    received = Movement.objects.filter(kind="receipt", product__line=start.line, happened_on__gte=start.starts_on)
    for upload_id in counting(received).order_by().values_list("upload", flat=True).distinct():
        enqueue("received", upload_id, version=start.pk)


def void_start(*, start: ProgrammeStart, by: User) -> None:
    """Take a proposal back, or refuse it."""
    check(by, Permission.CHANGE_AUTHORISATIONS)
    programme.void_start(start=start, by=by)


def held_to(line: EvidenceLine, seller: Party | None, starts: dict[str, dt.date] | None = None) -> str:
    """Where the line stands in the programme of its seller (programme.rules); started for everybody who is no distributor.

    `starts` in place of those on record: what a dry run asks.
    """
    if seller is None or seller.organisation_id is None:
        return STARTED
    product_line = line.product.line if line.product else ""
    if starts is None:
        return queries.place_of(seller.organisation_id, product_line, line.happened_on)
    known = [starts[product_line]] if product_line in starts else [] if product_line else list(starts.values())
    return place_of_sale(known, line.happened_on)


def silenced(fired: Fired) -> bool:
    """Whether a flag of this kind is not raised of a sale from before the first day."""
    return fired.rule in COUNTED_RULES and str(fired.inputs.get("standing", "")) in COUNTED_STANDINGS


def starts_of_sellers(sellers: Iterable[Party | None]) -> dict[str, dict[str, dt.date]]:
    """By organisation the first days on record of those among the sellers that are distributors: what `held_to` asks, for many at once."""
    return queries.starts_of_each(seller.organisation_id for seller in sellers if seller is not None and seller.organisation_id is not None)


def held_to_known(line: EvidenceLine, seller: Party | None, starts: Mapping[str, dict[str, dt.date]]) -> str:
    """`held_to` by what was read before (`starts_of_sellers`, of this seller among others)."""
    return held_to(line, seller, starts.get(seller.organisation_id or "") if seller is not None else None)


def count_or_flag(line: EvidenceLine, seller: Party | None, fired: Iterable[Fired]) -> list[Fired]:
    """What is raised of the line; what is not is kept as counted. In the caller's transaction.

    A list match, a restricted class, a controlled region and a right that was taken away are never held back by it.
    """
    hits = list(fired)
    place = held_to(line, seller)
    if place == STARTED or seller is None:
        if CountedSale.objects.filter(line=line).exists():
            CountedSale.objects.filter(line=line).delete()
            record(verb="evidenceline.in_programme", obj=line, by=None)
        return hits
    CountedSale.objects.update_or_create(
        line=line,
        defaults={
            "organisation_id": seller.organisation_id,
            "product_line": line.product.line if line.product else "",
            "happened_on": line.happened_on,
            "quantity": line.quantity,
            "place": place,
            "rules": sorted({hit.rule for hit in hits if silenced(hit)}),
        },
    )
    return [hit for hit in hits if not silenced(hit)]


def count_once(line_ids: Iterable[str]) -> None:
    """Lines that repeat a sale are not counted beside the one that counts. In the caller's transaction."""
    CountedSale.objects.filter(line__in=list(line_ids)).delete()


# The distributor's own


def count_stock(*, by: User, product: Product, data: StockData) -> StockCount:
    """Record a row of the opening stock. Raises Incomplete, NotAllowed (`twice`)."""
    check(by, Permission.EDIT_STOCK)
    return programme.count_stock(by=by, product=product, data=data)


def correct_stock(*, row: StockCount, by: User, quantity: Decimal, counted_on: dt.date, reason: str) -> StockCount:
    """Correct a row; the old one stays. Raises Incomplete, StaleState."""
    check(by, Permission.EDIT_STOCK)
    return programme.correct_stock(row=row, by=by, quantity=quantity, counted_on=counted_on, reason=reason)


def confirm_stock(*, by: User, digest: str, code: str = "", assertion: str = "", session: Any = None) -> StockConfirmation:
    """Confirm the opening stock as it was shown, for the distributor; the factor is bound to exactly these rows.

    Only whoever may sign for the distributor today, for every product line that is counted. Raises NotAllowed (digest, nothing, power).
    """
    check(by, Permission.CONFIRM_STOCK)
    state = queries.stock_state(by.organisation.pk if by.organisation else "")
    if state.digest != digest:
        raise NotAllowed(_("The rows changed since they were shown. Look at them again."), "digest")
    if not state.row_count:
        raise NotAllowed(_("Nothing is counted yet; enter or upload the stock first."), "nothing")
    programme.stock_power(by)
    proof = prove(by, digest=digest, purpose="stock", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        hold_right(by, Permission.CONFIRM_STOCK)
        return programme.confirm_stock(by=by, digest=digest, proof=proof)


def keep_certificate(*, by: User, data: CertificateData, form_key: str, content: bytes | None = None, name: str = "") -> OldCertificate:
    """Keep an old certificate, with its file or without, and have everybody it names screened. Raises Incomplete, NotAllowed (`file`)."""
    check(by, Permission.EDIT_CUSTOMERS)
    with transaction.atomic():
        blob = files.store_paper(content, name=name, by_id=by.pk) if content is not None else None
        made = programme.keep_certificate(by=by, data=data, blob=blob, form_key=form_key)
        for party in (made.customer.party, *made.named.all()):
            enqueue("rescreen", party.pk, version=f"certificate-{made.pk}")
            look_later(party)
    return made


def file_certificate(*, certificate: OldCertificate, by: User, content: bytes, name: str) -> None:
    """File the paper of one that came without. Raises NotAllowed (`file`), StaleState."""
    check(by, Permission.EDIT_CUSTOMERS)
    with transaction.atomic():
        blob = files.store_paper(content, name=name, by_id=by.pk)
        programme.file_paper(certificate=certificate, by=by, blob=blob)


def withdraw_certificate(*, certificate: OldCertificate, by: User, reason: str) -> None:
    """Take an old certificate out of use. Raises NotAllowed, StaleState."""
    check(by, Permission.EDIT_CUSTOMERS)
    programme.withdraw_certificate(certificate=certificate, by=by, reason=reason)
