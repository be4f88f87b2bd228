"""Reads of balances and order lines, each within the reader's own organisation."""

import datetime as dt
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Sum, When

from certifications.attestations.models import Attestation
from certifications.declarations.models import Declaration
from certifications.declarations.models_parts import DeclarationParty
from certifications.ledger.days import begins, civil_today
from certifications.parties.models import Party
from certifications.parties.queries import display
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may

from .models import Balance, BalanceEntry, OrderLine


def awaiting(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    """Those that were held until compliance has looked and may still ship, by the day that was promised.

    Whoever ordered asks again once compliance has looked: until then the line stands among them.
    """
    held = lines.filter(status=OrderLine.Status.HELD, answer_by__isnull=False, wanted_on__gte=civil_today())
    return held.order_by("answer_by", "pk")


def visible_to(user: User) -> QuerySet[OrderLine]:
    """A distributor's own; every one for the order desk and compliance; none for anybody else."""
    if may(user, Permission.SEE_ALL_ORDERS):
        return OrderLine.objects.all()
    if may(user, Permission.SEE_OWN_ORDERS) and user.organisation is not None:
        return OrderLine.objects.filter(organisation=user.organisation)
    return OrderLine.objects.none()


def visible_to_organisation(organisation: Organisation | None) -> QuerySet[OrderLine]:
    """What a program that acts for an organisation sees: the manufacturer's order desk all, a distributor its own."""
    match organisation.kind if organisation is not None else "":
        case Organisation.Kind.MANUFACTURER:
            return OrderLine.objects.all()
        case Organisation.Kind.DISTRIBUTOR:
            return OrderLine.objects.filter(organisation=organisation)
        case _:
            return OrderLine.objects.none()


def with_ids(ids: Iterable[str]) -> dict[str, OrderLine]:
    """By key: order lines that an upload of whoever asks wrote; who may see that upload is asked of uploads.queries."""
    return OrderLine.objects.in_bulk(list(ids))


def customer_shown(line: OrderLine, *, as_typed: bool) -> str:
    """Whom the line is for: as it was typed for its distributor and compliance, for anybody else of the manufacturer the distributor's own
    customer id, which says nothing, or nothing where none was found. A distributor may have typed an end user's name.
    """
    return line.customer_ref if as_typed else line.customer_id or ""


def search(lines: QuerySet[OrderLine], text: str, *, as_typed: bool) -> QuerySet[OrderLine]:
    """By order number (from its beginning), catalogue number, declaration, and what was typed of the customer for who may read that."""
    text = text.strip()
    if not text:
        return lines
    wanted = Q(order_number__startswith=text) | Q(catalogue_number__iexact=text) | Q(balance__declaration__number__iexact=text)
    return lines.filter(wanted | (Q(customer_ref__iexact=text) if as_typed else Q(customer=text)))


def locked_lines(*, organisation: Organisation, order_number: str, lines: Collection[str]) -> QuerySet[OrderLine]:
    """Those of these lines of an order that were asked before and are not over, each with its balance, locked until the transaction ends."""
    found = OrderLine.objects.filter(organisation=organisation, order_number=order_number, line__in=lines)
    locked = found.exclude(status__in=OrderLine.OVER).select_for_update(no_key=True, of=("self",))
    return locked.select_related("balance").order_by("pk")


def others_in(balances: Collection[Balance]) -> dict[str, list[Party]]:
    """By version: the parties that a declaration names besides the distributor, where it names more than one; its first end user is
    among them for a balance of another.
    """
    versions = {balance.version_id for balance in balances if balance.names_others}  # type: ignore[attr-defined]
    found: dict[str, list[Party]] = {}
    for one in DeclarationParty.objects.filter(version__in=versions).select_related("customer__party") if versions else ():
        found.setdefault(one.version_id, []).append(one.customer.party)
    for balance in balances:
        first = balance.declaration.customer
        if balance.version_id in found and first.pk != balance.customer_id and first.party not in found[balance.version_id]:
            found[balance.version_id].append(first.party)
    return found


def drawn_in(*, balance: Balance, first: dt.date, next_first: dt.date) -> Decimal:
    """How much of a balance one period has drawn, in its own unit; the balance is locked by the caller.

    What was declared is the most that is *supplied* in a period: what is reserved counts on the day for which it was ordered, what
    shipped on the day on which it did, less what came back in the period. What was ordered for the period and shipped later still
    counts here too, so that a late shipment frees nothing that was promised.
    """
    lines = OrderLine.objects.filter(balance=balance, wanted_on__gte=first, wanted_on__lt=next_first)
    ordered = lines.aggregate(reserved=Sum(F("reserved") * F("ratio")), shipped=Sum(F("shipped") * F("ratio")))
    reserved, shipped = (value if value is not None else Decimal(0) for value in (ordered["reserved"], ordered["shipped"]))
    moved = BalanceEntry.objects.filter(balance=balance, at__gte=begins(first), at__lt=begins(next_first))
    signs = Case(When(kind=BalanceEntry.Kind.SHIP, then=F("quantity")), default=-F("quantity"))
    supplied = moved.filter(kind__in=[BalanceEntry.Kind.SHIP, BalanceEntry.Kind.RETURN]).aggregate(net=Sum(signs))["net"]
    return reserved + max(shipped, supplied if supplied is not None else Decimal(0))


def pending(*, organisation_id: str, customer_id: str, product_ids: Iterable[str]) -> set[str]:
    """Those of the products that a signed declaration of the customer names which is not attested yet."""
    further = DeclarationParty.objects.filter(role="end_user", customer=customer_id).values("version__declaration")
    named = Q(customer=customer_id) | Q(pk__in=further)
    found = Declaration.objects.filter(named, organisation=organisation_id, status__in=Declaration.IN_FLIGHT)
    held: QuerySet[Any, Any] = found.filter(versions__lines__product__in=list(product_ids)).values_list(
        "versions__lines__product", flat=True
    )
    return set(held)


def balances_of(declaration: Declaration) -> list[Balance]:
    """The balances of one declaration, by catalogue number, each with the `name` of its end user; who may see it is asked of declarations.queries."""
    found = Balance.objects.filter(declaration=declaration).select_related("product", "customer__party")
    rows = list(found.prefetch_related("customer__party__names").order_by("product__catalogue_number", "pk"))
    for balance in rows:
        balance.name = display(balance.customer.party)  # type: ignore[attr-defined]
    return rows


def entries_of(declaration: Declaration) -> QuerySet[BalanceEntry]:
    """What happened to a declaration's balances, newest first."""
    return BalanceEntry.objects.filter(balance__declaration=declaration).select_related("product", "order_line").order_by("-pk")


def attestation_numbers(lines: Iterable[OrderLine]) -> dict[str, str]:
    """Numbers of the attestations that the lines ship under, by the version that each balance stands on."""
    versions = {line.balance.version_id for line in lines if line.balance is not None}
    held = Attestation.objects.filter(version__in=versions).exclude(status=Attestation.Status.VOID)
    return dict(held.values_list("version_id", "number"))


def attestation_of(line: OrderLine) -> Attestation | None:
    """The attestation that an order line ships under."""
    if line.balance is None:
        return None
    return Attestation.objects.filter(version=line.balance.version_id).exclude(status=Attestation.Status.VOID).first()
