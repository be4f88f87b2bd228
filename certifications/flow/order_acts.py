"""What becomes of an order line after its release: shipped, returned, cancelled, substituted, expired; and where balances come from."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.declarations.models import Declaration
from certifications.declarations.queries import version_of
from certifications.ledger.actions import Actor
from certifications.ledger.canonical import sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.machines.actions import tell
from certifications.orders import actions, queries, rules
from certifications.orders.actions import Asked, Order
from certifications.orders.models import Balance, BalanceEntry, OrderLine
from certifications.orders.rules import Reason

from .order_facts import Goods, LineRequest, Surroundings, find, still_declared, units_of
from .orders import Answer, judged_again, may_act, tell_of

Kind = BalanceEntry.Kind
SHIPPED = gettext_lazy("It has shipped, in part or in whole. What comes back is entered on its own page.")
CHANGED = gettext_lazy("It was asked again or changed since. Cancel it on its own page.")


class OnHold(NotAllowed):
    """What was released before may not ship now; `reasons` are those of orders.rules."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(_("This order line may not ship now. Nothing was recorded; ask again when the hold is lifted."), "on_hold")
        self.reasons = tuple(reasons)


def _order_of(line: OrderLine) -> Order:
    """The order that the line belongs to, as of today; it draws on the period of the day that it was asked for."""
    return Order(
        organisation=line.organisation,
        order_number=line.order_number,
        customer_ref=line.customer_ref,
        customer=line.customer,
        customer_problem="",
        country=line.place_country,
        division=line.place_division,
        wanted_on=civil_today(),
        draws_on=line.wanted_on,
    )


def _around(line: OrderLine, number: str, *, with_retired: bool = False) -> tuple[Goods, Surroundings]:
    """What the line is judged by today, with the product of this number."""
    # The line's own keys say who is meant; by its registration number a customer may have become two since.
    found = find(line.organisation_id, line.customer_id or "", [number])
    assert found is not None, "an order line has a distributor"
    goods = Goods(found, with_retired=with_retired, also=still_declared(found, line.customer))
    return goods, Surroundings(_order_of(line), goods, found.seller)


def holds_on(line: OrderLine, units: Decimal | None = None) -> tuple[Reason, ...]:
    """Why so many units of a released line (all that is reserved) may not ship today; empty when they may.

    Its quantity is reserved and is not asked again, but for what was ordered for a period of a standing declaration that is over.
    """
    first = rules.begins_later(line.wanted_on, line.balance.period, civil_today()) if line.balance is not None else None
    if first is not None:
        return (Reason("later_period", until=first),)
    _goods, surroundings = _around(line, line.catalogue_number, with_retired=True)
    asked = Asked(line.line, line.catalogue_number, line.quantity, line.unit, product=line.product, units=line.units)
    return (*judged_again(line, surroundings, asked).reasons, *_too_late(line, line.reserved if units is None else units))


def _too_late(line: OrderLine, units: Decimal) -> tuple[Reason, ...]:
    """The ceiling is of what is supplied in a period: a late shipment needs room in today's. The balance is locked by the caller."""
    balance, today = line.balance, civil_today()
    if balance is None or balance.period_ceiling is None or not rules.is_late(line.wanted_on, balance.period, today):
        return ()
    first, next_first = rules.period_of(today, balance.period)
    left = max(balance.period_ceiling - queries.drawn_in(balance=balance, first=first, next_first=next_first), Decimal(0))
    if units * line.ratio <= left:
        return ()
    return (Reason("late", until=next_first, left=rules.in_units(left, line.ratio)),)


def _units_of(line: OrderLine, quantity: Decimal, unit: str) -> Decimal:
    """The quantity in the unit of the line's product as it is now, under the lock: it may have been substituted since."""
    assert line.product is not None, "what draws on a balance has a product"
    units = units_of(line.product, quantity, unit or line.product.unit)
    if units is None:
        raise NotAllowed(_("This unit does not convert to the product's own. Use the unit %(u)s.") % {"u": line.product.unit}, "unit")
    return units


def act(
    *, line_id: str, kind: str, quantity: Decimal | None, by: Actor, within: QuerySet[OrderLine], unit: str = "", key: str | None = None
) -> OrderLine:
    """Ship, return or release (cancel) part of a line; all of it where `quantity` is None. Repeating with one key is one act.

    `unit` is any that converts, empty for the product's own; `within` are the lines that the caller may see.
    Raises OrderLine.DoesNotExist, NotAllowed (quantity, unit), StaleState, OnHold.
    """
    may_act(by)
    with transaction.atomic():
        line = actions.locked(line_id, within)
        if actions.already(line, key):
            return line
        if kind == Kind.RELEASE and line.status in OrderLine.UNANSWERED:
            line = actions.drop(line=line, by=by)
            tell_of(line)
            return line
        most = line.shipped if kind == Kind.RETURN else line.reserved
        if not most:
            raise StaleState(_("Nothing of this order line can be taken this way now; look at it again."))
        units = most if quantity is None else _units_of(line, quantity, unit)
        actions.check_amount(units, most)
        if kind == Kind.SHIP and (reasons := holds_on(line, units)):
            raise OnHold(reasons)
        line = actions.enter(line=line, kind=kind, units=units, by=by, key=key)
        tell_of(line)
        return line


def stamp_of(line: OrderLine) -> str:
    """What tells whether a line, read anew, still stands as a file left it: 64 characters. Whoever asked it since, for the same too, changes it."""
    said = (line.status, line.reserved.normalize(), line.shipped.normalize(), line.product_id, line.answered_at.isoformat())
    return sha256_hex("\n".join(map(str, said)).encode())


def withdraw(*, line_id: str, before: dict[str, Any] | None, stamp: str, by: Actor) -> OrderLine:
    """Take back that a file asked. By no right of `by`.

    A line that the file brought is cancelled; one that was held before is held again as it had been asked; what was released before
    is left alone. `before` is what orders.actions.kept said of the line, None where the file brought it; `stamp` what `stamp_of` said
    after it. Raises NotAllowed (shipped, changed).
    """
    with transaction.atomic():
        line = actions.locked(line_id, OrderLine.objects.all())
        is_same = stamp_of(line) == stamp
        if before is not None and before["status"] not in OrderLine.UNANSWERED:
            if is_same:
                actions.answered_before(line, before)
            return line
        if line.status in {*OrderLine.OVER, OrderLine.Status.RETURNED}:
            return line
        if line.shipped:
            raise NotAllowed(str(SHIPPED), "shipped")
        if not is_same:
            raise NotAllowed(str(CHANGED), "changed")
        if before is not None:
            actions.put_back(line=line, before=before, by=by)
        elif line.reserved:
            actions.enter(line=line, kind=Kind.RELEASE, units=line.reserved, by=by)
        else:
            actions.drop(line=line, by=by)
        tell_of(line)
        return line


def substitute(*, line_id: str, catalogue_number: str, quantity: Decimal, unit: str, by: Actor, within: QuerySet[OrderLine]) -> Answer:
    """Another product of the same approved group in the place of a released line's own, judged as a new order would be.

    Raises OrderLine.DoesNotExist, NotAllowed (catalogue_number, status), and OnHold: then the line stays as it was.
    """
    may_act(by)
    with transaction.atomic():
        line = actions.locked(line_id, within)
        if line.status != OrderLine.Status.RELEASED or line.product is None or line.shipped or line.returned:
            raise StaleState(_("Only a released line of which nothing was shipped is substituted. Cancel the rest and ask for a new line."))
        goods, surroundings = _around(line, catalogue_number)
        asked = goods.asked(LineRequest(line.line, catalogue_number, quantity, unit))
        if asked.product is None or line.product_id not in goods.ratios(asked.product):
            raise NotAllowed(
                _("This product is in no approved group with the ordered one. Have the declaration amended, or cancel and order anew."),
                "catalogue_number",
            )
        # What the line itself holds is free for what takes its place.
        surroundings.give_back(line)
        verdict = rules.decide(surroundings.facts(asked))
        if verdict.answer != rules.RELEASE:
            raise OnHold(verdict.reasons)
        actions.swap(line=line, asked=asked, verdict=verdict, by=by)
        tell_of(line)
        return Answer(line, verdict.answer, (), verdict.left, surroundings.balance_of(line))


def declare(declaration_id: str) -> None:
    """Worker: the balances of an attested declaration; an amendment takes the place of what it amends. Idempotent."""
    declaration = Declaration.objects.select_related("customer", "follows").get(pk=declaration_id)
    if declaration.status == Declaration.Status.ATTESTED:
        with transaction.atomic():
            if declaration.follows_as == Declaration.Follows.AMEND:
                _supersede(declaration)
            actions.declare(version=version_of(declaration), by=None)
            tell(organisation_id=declaration.organisation_id, messages=[("declaration.attested", {"declaration": declaration.number})])


def _supersede(declaration: Declaration) -> None:
    """What was released under the earlier declaration stays released, and from now on draws on the amendment."""
    earlier = Declaration.objects.select_for_update().get(pk=declaration.follows_id)
    if earlier.status != Declaration.Status.ATTESTED:
        return
    actions.take_over(declaration=declaration)
    move(obj=earlier, to=Declaration.Status.SUPERSEDED, by=None, data={"by": declaration.pk})
    for attestation in earlier.attestations.filter(status="valid"):
        move(obj=attestation, to="superseded", by=None, data={"by": declaration.pk})
        data = {"declaration": earlier.number, "attestation": attestation.number}
        tell(organisation_id=earlier.organisation_id, messages=[("attestation.superseded", data)])


def uncap(declaration_id: str) -> None:
    """Worker: the release of an amendment was taken back. Idempotent; asks again whether it was released anew meanwhile."""
    with transaction.atomic():
        declaration = Declaration.objects.select_for_update().get(pk=declaration_id)
        if declaration.status not in {"issuing", "pending_timestamp", "attested"}:
            actions.uncap(declaration=declaration)


def expire() -> int:
    """Give back what is reserved on declarations whose last day is over. Returns how many lines."""
    over = Balance.objects.filter(valid_until__lte=civil_today(), reserved__gt=0).values("pk")
    found = OrderLine.objects.filter(balance__in=over, reserved__gt=0).order_by("pk").values_list("pk", flat=True)[:500]
    count = 0
    for pk in list(found):
        with transaction.atomic():
            line = actions.locked(pk, OrderLine.objects.all())
            # Asked again under the lock: it may have shipped, or its declaration have been renewed, in between.
            if line.reserved and Balance.objects.filter(pk=line.balance_id, valid_until__lte=civil_today()).exists():
                actions.enter(line=line, kind=Kind.EXPIRE, units=line.reserved, by=None)
                tell_of(line)
                count += 1
    return count
