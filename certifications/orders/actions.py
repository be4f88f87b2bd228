"""The only writes to balances and order lines. Whoever calls has asked whether it may; PostgreSQL asks whether it adds up.

Locks are taken in one order: the order line, then its balance.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.catalogue.models import Product
from certifications.declarations.data import DeclarationData
from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.declarations.queries import data_of
from certifications.ledger.actions import Actor, record, record_first
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.parties.models import Customer
from certifications.people.models import Organisation

from .models import Balance, BalanceEntry, OrderLine
from .rules import STATUS_OF, Verdict, resting

Kind = BalanceEntry.Kind
Status = OrderLine.Status
ENDED = {Kind.EXPIRE: Status.EXPIRED}


@dataclass(frozen=True)
class Asked:
    """One order line as asked: typed values, and what they were found to mean."""

    line: str
    catalogue_number: str
    quantity: Decimal
    unit: str
    product: Product | None = None
    units: Decimal | None = None


@dataclass(frozen=True)
class Order:
    """What the lines of one order share. `draws_on` is the day whose period it draws on, where that is another than `wanted_on`."""

    organisation: Organisation
    order_number: str
    customer_ref: str
    customer: Customer | None
    customer_problem: str
    country: str
    division: str
    wanted_on: dt.date
    draws_on: dt.date | None = None


@transaction.atomic
def declare(*, version: DeclarationVersion, by: Actor | None) -> list[Balance]:
    """Make the balances what an attested version declares: the first time all of it, later the difference. Repeating changes nothing.

    Raises NotAllowed (below_taken) when an amendment declares less than is reserved and shipped already.
    """
    declaration, data = version.declaration, data_of(version)
    wanted = wanted_of(data)
    places = {one.customer_id: (one.place_country, one.place_division) for one in data.all_end_users()}
    ceilings = {line.product_id: line.ceiling for line in data.lines}
    found = Balance.objects.filter(declaration=declaration).select_for_update(no_key=True).order_by("pk")
    held = {(b.customer_id, b.product_id): b for b in found}
    for customer_id, product_id in sorted(wanted.keys() | held.keys()):
        country, division = places.get(customer_id, (version.place_country, version.place_division))
        most = ceilings.get(product_id)
        copied = {
            "version": version,
            "valid_from": version.valid_from,
            "valid_until": version.valid_until,
            "place_country": country,
            "place_division": division,
            "ceiling": None,
            "period": data.period if most is not None else "",
            "period_ceiling": most,
        }
        key = customer_id, product_id
        balance = held.get(key)
        if balance is None:
            balance = Balance.objects.create(
                declaration=declaration,
                customer_id=customer_id,
                product_id=product_id,
                organisation_id=declaration.organisation_id,
                **copied,
            )
            held[key] = balance
        elif balance.version_id != version.pk or balance.ceiling is not None:
            Balance.objects.filter(pk=balance.pk).update(**copied)
        change = wanted.get(key, Decimal(0)) - balance.declared
        if not change:
            continue
        kind = Kind.AMEND if balance.entry_count else Kind.DECLARE
        try:
            with transaction.atomic():
                entry = BalanceEntry.objects.create(
                    balance=balance, kind=kind, quantity=change, product_id=product_id, by_id=str(by.pk) if by is not None else ""
                )
        except IntegrityError as error:
            raise NotAllowed(_("The new version declares less than was ordered and shipped already."), "below_taken") from error
        record(verb=f"balance.{kind}", obj=balance, by=by, data={"entry": entry.pk, "quantity": change, "version": version.number})
    return list(held.values())


def wanted_of(data: DeclarationData) -> dict[tuple[str, str], Decimal]:
    """By end user and product: how much is declared."""
    return {(one.customer_id, share.product_id): share.quantity for one in data.all_end_users() for share in one.shares}


def taken(declaration: Declaration) -> dict[tuple[str, str], Decimal]:
    """By end user and product: how much of a declaration is reserved or shipped; what an amendment of it cannot declare less than."""
    return {(b.customer_id, b.product_id): b.reserved + b.shipped for b in Balance.objects.filter(declaration=declaration)}


@transaction.atomic
def cap(*, version: DeclarationVersion) -> None:
    """From its release on, no more is taken of what a version amends than it declares itself. Raises NotAllowed (below_taken)."""
    wanted = wanted_of(data_of(version))
    held = Balance.objects.filter(declaration=version.declaration.follows).select_for_update(no_key=True).order_by("pk")
    try:
        with transaction.atomic():
            for balance in held:
                Balance.objects.filter(pk=balance.pk).update(ceiling=wanted.get((balance.customer_id, balance.product_id), Decimal(0)))
    except IntegrityError as error:
        raise NotAllowed(_("The new version declares less than was ordered and shipped already."), "below_taken") from error


def uncap(*, declaration: Declaration) -> None:
    """The amendment came to nothing: all of what it would have amended may be taken again."""
    Balance.objects.filter(declaration=declaration.follows, ceiling__isnull=False).update(ceiling=None)


def take_over(*, declaration: Declaration) -> None:
    """The balances of what an attested amendment amends become its own, with everything reserved and shipped on them."""
    held = Balance.objects.filter(declaration=declaration.follows).select_for_update(no_key=True).order_by("pk")
    Balance.objects.filter(pk__in=[balance.pk for balance in held]).update(declaration=declaration)


def answer(*, order: Order, asked: Asked, verdict: Verdict, answer_by: dt.date | None, earlier: OrderLine | None, by: Actor) -> OrderLine:
    """Write the answer for one line and reserve what it releases. `earlier` is the same line, asked before and not released.

    In the caller's transaction, which has taken its turn for the order (ledger.turns).
    """
    fields: dict[str, Any] = {
        "customer_ref": order.customer_ref,
        "catalogue_number": asked.catalogue_number,
        "quantity": asked.quantity,
        "unit": asked.unit,
        "place_country": order.country,
        "place_division": order.division,
        "wanted_on": order.wanted_on,
        "customer": order.customer,
        "product": asked.product,
        "units": asked.units,
        "reasons": [reason.kept() for reason in verdict.reasons],
        "answer_by": answer_by,
        "balance_id": verdict.balance_id,
        "ratio": verdict.ratio,
    }
    status = STATUS_OF[verdict.answer]
    data = {"reasons": sorted({reason.code for reason in verdict.reasons})}
    if earlier is None:
        line = OrderLine.objects.create(
            organisation=order.organisation, order_number=order.order_number, line=asked.line, status=status, **fields
        )
        record_first(verb=f"orderline.{status}", obj=line, by=by, data=data)
    else:
        line = earlier
        OrderLine.objects.filter(pk=line.pk).update(answered_at=Now(), **fields)
        for name, value in fields.items():
            setattr(line, name, value)
        if line.status == status:
            record(verb="orderline.asked_again", obj=line, by=by, data=data)
        else:
            move(obj=line, to=status, by=by, data=data)
    if line.status == Status.RELEASED and asked.units is not None:
        _enter(line=line, kind=Kind.RESERVE, units=asked.units, by=by)
    return line


def _enter(*, line: OrderLine, kind: str, units: Decimal, by: Actor | None, key: str | None = None) -> BalanceEntry:
    """One entry, and the sums of the line in hand as PostgreSQL has them now."""
    entry = BalanceEntry.objects.create(
        balance_id=line.balance_id,
        kind=kind,
        quantity=units * line.ratio,
        units=units,
        order_line=line,
        product_id=line.product_id,
        by_id=str(by.pk) if by is not None else "",
        key=key,
    )
    sign = {Kind.RESERVE: (1, 0, 0), Kind.RELEASE: (-1, 0, 0), Kind.EXPIRE: (-1, 0, 0), Kind.SHIP: (-1, 1, 0), Kind.RETURN: (0, -1, 1)}
    reserved, shipped, returned = sign[Kind(kind)]
    line.reserved += reserved * units
    line.shipped += shipped * units
    line.returned += returned * units
    return entry


def locked(line_id: str, within: QuerySet[OrderLine]) -> OrderLine:
    """The line, if it is among `within`, locked until the transaction ends. Raises OrderLine.DoesNotExist."""
    found = within.select_for_update(of=("self",), no_key=True)
    return found.select_related("organisation__party", "customer__party", "product", "balance__declaration").get(pk=line_id)


def already(line: OrderLine, key: str | None) -> bool:
    """Whether the form with this key was carried out on the line before."""
    return key is not None and BalanceEntry.objects.filter(key=key, order_line=line).exists()


def check_amount(units: Decimal, most: Decimal) -> None:
    """Raise NotAllowed (quantity) unless 0 < units <= most, naming how much there is."""
    if not 0 < units <= most:
        raise NotAllowed(
            _("Give a quantity above zero and at most %(n)s, which is what there is.") % {"n": format(most.normalize(), "f")}, "quantity"
        )


def enter(*, line: OrderLine, kind: str, units: Decimal, by: Actor | None, key: str | None = None) -> OrderLine:
    """Release, expire, ship or return part or all of a locked line. Raises NotAllowed (quantity)."""
    check_amount(units, line.shipped if kind == Kind.RETURN else line.reserved)
    entry = _enter(line=line, kind=kind, units=units, by=by, key=key)
    _settle(line=line, entry=entry, by=by)
    return line


def _settle(*, line: OrderLine, entry: BalanceEntry, by: Actor | None) -> None:
    """Move the line to where its sums say, with the event."""
    data = {"entry": entry.pk, "kind": entry.kind, "units": entry.units}
    ended = ENDED.get(Kind(entry.kind), Status.CANCELLED)
    to = resting(reserved=line.reserved, shipped=line.shipped, returned=line.returned, ended=ended)
    if to == line.status:
        record(verb=f"orderline.part_{entry.kind}", obj=line, by=by, data=data)
    else:
        move(obj=line, to=to, by=by, data=data)


def drop(*, line: OrderLine, by: Actor | None) -> OrderLine:
    """Cancel a locked line for which nothing was released. Raises NotAllowed (status)."""
    if line.status not in OrderLine.UNANSWERED:
        raise StaleState(_("This order line is over; there is nothing to cancel."))
    move(obj=line, to=Status.CANCELLED, by=by)
    return line


def kept(line: OrderLine) -> dict[str, Any]:
    """What a line asks and what it was answered, as plain values, for `put_back`."""
    same = ("status", "customer_ref", "catalogue_number", "unit", "place_country", "place_division", "customer_id", "product_id", "reasons")
    return {name: getattr(line, name) for name in same} | {
        "quantity": str(line.quantity),
        "units": None if line.units is None else str(line.units),
        "wanted_on": line.wanted_on.isoformat(),
        "answer_by": line.answer_by.isoformat() if line.answer_by else None,
        "answered_at": line.answered_at.isoformat(),
    }


def put_back(*, line: OrderLine, before: dict[str, Any], by: Actor | None) -> OrderLine:
    """A locked line as it was held before it was asked again: it asks that, was answered that, and nothing is reserved for it.

    `before` is what `kept` said of it, held or in need of a declaration. Nothing of it may have shipped.
    """
    if line.reserved:
        _enter(line=line, kind=Kind.RELEASE, units=line.reserved, by=by)
    fields = {name: value for name, value in before.items() if name != "status"} | {
        "quantity": Decimal(before["quantity"]),
        "units": None if before["units"] is None else Decimal(before["units"]),
        "wanted_on": dt.date.fromisoformat(before["wanted_on"]),
        "answer_by": dt.date.fromisoformat(before["answer_by"]) if before["answer_by"] else None,
        "answered_at": dt.datetime.fromisoformat(before["answered_at"]),
        "balance_id": None,
        "ratio": Decimal(1),
    }
    record(verb="orderline.put_back", obj=line, by=by)
    if line.status == before["status"]:
        OrderLine.objects.filter(pk=line.pk).update(**fields)
    else:
        move(obj=line, to=before["status"], by=by, also=fields)
    return line


def answered_now(line: OrderLine) -> None:
    """Somebody asked a locked line again that stays as it is: whoever would take back an earlier question sees it."""
    OrderLine.objects.filter(pk=line.pk).update(answered_at=Now())


def answered_before(line: OrderLine, before: dict[str, Any]) -> None:
    """That question was taken back: the line was answered last when it was before it."""
    OrderLine.objects.filter(pk=line.pk).update(answered_at=dt.datetime.fromisoformat(before["answered_at"]))


def swap(*, line: OrderLine, asked: Asked, verdict: Verdict, by: Actor) -> OrderLine:
    """Put another product in the place of a locked, released line's own, of which nothing was shipped; the balance is drawn anew.

    `verdict` releases: it names the balance and the ratio.
    """
    if asked.product is None or asked.units is None:
        raise NotAllowed(_("Choose a product and a unit of the catalogue."), "catalogue_number")
    was = line.product_id
    _enter(line=line, kind=Kind.RELEASE, units=line.reserved, by=by)
    fields: dict[str, Any] = {
        "product": asked.product,
        "catalogue_number": asked.catalogue_number,
        "quantity": asked.quantity,
        "unit": asked.unit,
        "units": asked.units,
        "balance_id": verdict.balance_id,
        "ratio": verdict.ratio,
    }
    OrderLine.objects.filter(pk=line.pk).update(answered_at=Now(), **fields)
    for name, value in fields.items():
        setattr(line, name, value)
    _enter(line=line, kind=Kind.RESERVE, units=asked.units, by=by)
    record(verb="orderline.substituted", obj=line, by=by, data={"from": was, "to": asked.product.pk, "units": asked.units})
    return line
