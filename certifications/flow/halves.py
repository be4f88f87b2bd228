"""The two halves of a transfer between distributors: what one reports as received beside what the other reports as sent. Compliance alone asks.

A half is matched once. What does not fit (another quantity or lot, or weeks apart) is left without its other half and shown so: a person asks.
Which goods fit which: pairing.py.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Upper

from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.custody.rules import CAME, WENT
from certifications.ledger.days import shifted
from certifications.people.models import Organisation
from certifications.programme.queries import distributors

from .pairing import LATER, Goods, paired
from .shipment_history import Firms

Way = tuple[str, str, str]  # sender, receiver, product, by id
# What is read of a half beside its firm, in the order of days.
SAID = ("pk", "organisation", "product", "kind", "happened_on", "lot", "serial", "quantity", "buyer_name", "buyer_uscc")


@dataclass(frozen=True)
class Half:
    """Where the other half of a transfer stands: the movement, or None and whether the firm is a distributor of the portal at all."""

    other: Movement | None
    is_known: bool


class Distributors:
    """Whom the names in movements mean among the distributors of the portal, by name or number."""

    def __init__(self) -> None:
        self._firms = Firms(distributors())

    def of(self, movement: Movement) -> Organisation | None:
        """The distributor on the side of a movement that is named, and not the reporter itself."""
        return self.beside(movement.organisation_id, movement.buyer_name, movement.buyer_uscc)

    def beside(self, organisation_id: str, name: str, number: str) -> Organisation | None:
        """The same of whoever reports it and what it wrote."""
        found = self.named(name, number)
        return found if found is not None and found.pk != organisation_id else None

    def named(self, name: str, number: str) -> Organisation | None:
        """The distributor that has the number, else the name."""
        return next((firm for text in (number, name) if text and (firm := self._firms.named(text))), None)


def halves(rows: Sequence[Movement]) -> dict[str, Half]:
    """By movement (id): the other half of each receipt, and of whatever went to a distributor of the portal. Three queries for a page."""
    firms = Distributors()
    asked = [(row, firms.of(row)) for row in rows if row.taken_back_at is None and (row.kind == "receipt" or row.kind in WENT)]
    between = [(row, firm) for row, firm in asked if firm is not None]
    pairs = _paired(between, firms) if between else {}
    others = Movement.objects.select_related("organisation", "upload").in_bulk([pairs[row.pk] for row, _firm in between if row.pk in pairs])
    return {
        row.pk: Half(others.get(pairs.get(row.pk, "")), firm is not None)
        for row, firm in asked
        if row.kind == "receipt" or firm is not None
    }


def _paired(between: Iterable[tuple[Movement, Organisation]], firms: Distributors) -> dict[str, str]:
    """By id of either half: the id of the other, of every pair of goods of the same products between the same two."""
    rows = list(between)
    ways = {_way(row.organisation_id, firm.pk, row.product_id, row.kind) for row, firm in rows}
    days = [row.happened_on for row, _firm in rows]
    told = _told(
        {pk for sender, receiver, _product in ways for pk in (sender, receiver)},
        {row.product_id for row, _firm in rows},
        # Wide enough that a neighbour's half is not taken for want of its own.
        shifted(min(days), -2 * LATER),
        shifted(max(days), 2 * LATER),
    )
    # Most of what a distributor reports went to its customers: only what names a distributor is read.
    names = {name for name, number in told.order_by().values_list("buyer_name", "buyer_uscc").distinct() if firms.named(name, number)}
    sent: defaultdict[Way, list[Goods]] = defaultdict(list)
    came: defaultdict[Way, list[Goods]] = defaultdict(list)
    for pk, organisation, product, kind, on, lot, serial, quantity, name, number in told.filter(buyer_name__in=names).values_list(*SAID):
        firm = firms.beside(organisation, name, number)
        if firm is not None and (way := _way(organisation, firm.pk, product, kind)) in ways:
            (came if kind == "receipt" else sent)[way].append(Goods(pk, on, lot, serial, quantity))
    pairs: dict[str, str] = {}
    for way, receipts in came.items():
        pairs |= paired(sent[way], receipts)
    return pairs | {there: here for here, there in pairs.items()}


def _told(firm_ids: Iterable[str], products: Iterable[str], first: dt.date, last: dt.date) -> QuerySet[Movement]:
    """What counts of these firms' halves of the products between the two days, in order."""
    kinds = {"kind__in": ["receipt", *WENT], "product__in": products, "happened_on__gte": first, "happened_on__lte": last}
    return counting(Movement.objects.filter(organisation__in=firm_ids, **kinds)).order_by("happened_on", "recorded_at", "pk")


def _way(reporter: str, other: str, product: str, kind: str) -> Way:
    return (other, reporter, product) if kind == "receipt" else (reporter, other, product)


def shown_by_sender(receipts: QuerySet[Movement], sender: Organisation, receiver: Organisation, firms: Distributors) -> set[str]:
    """Ids of those of the receipts, all of them goods that the sender is said to have sent, of which it reports the other half itself.

    What the receiver reports under the sender's own name stands beside them, so that each half is used once.
    """
    at_hand = set(receipts.values_list("pk", flat=True))
    if not at_hand:
        return set()
    days = [*receipts.order_by("happened_on").values_list("happened_on", flat=True)]
    products = list(receipts.order_by().values_list("product", flat=True).distinct())
    told = _told([sender.pk, receiver.pk], products, shifted(days[0], -2 * LATER), shifted(days[-1], 2 * LATER))
    # Most of what the sender reports went to its customers.
    went = told.filter(organisation=sender, kind__in=WENT).order_by().values_list("buyer_name", "buyer_uscc").distinct()
    names = {name for name, number in went if firms.named(name, number) == receiver}
    told = told.filter(Q(organisation=sender, kind__in=WENT, buyer_name__in=names) | Q(organisation=receiver, kind="receipt"))
    sent: defaultdict[str, list[Goods]] = defaultdict(list)
    came: defaultdict[str, list[Goods]] = defaultdict(list)
    for pk, organisation, product, kind, on, lot, serial, quantity, name, number in told.values_list(*SAID):
        half = Goods(pk, on, lot, serial, quantity)
        other = firms.beside(organisation, name, number)
        if organisation == receiver.pk and kind == "receipt" and (pk in at_hand or (other is not None and other.pk == sender.pk)):
            came[product].append(half)
        elif organisation == sender.pk and other is not None and other.pk == receiver.pk:
            sent[product].append(half)
    return {pk for product, some in came.items() for pk in paired(sent[product], some)} & at_hand


def shown_by_shipment(receipts: QuerySet[Movement], sender: Organisation, receiver: Organisation, firms: Distributors) -> set[str]:
    """Ids of those of the receipts whose very unit the manufacturer had shipped to the sender last, by that day, and which had not gone on since.

    It went on where it came back to the manufacturer, or where the sender says that it left for somebody else than the receiver. What others
    say of it counts for nothing. A lot is many firms', and shows nothing.
    """
    # Without empty serial numbers by the same words as the index of the others.
    legs = counting(Movement.objects.filter(product=OuterRef("product"), happened_on__lte=OuterRef("happened_on"))).exclude(serial="")
    legs = legs.alias(capitals=Upper("serial")).filter(capitals=OuterRef("capitals")).order_by("-happened_on", "-recorded_at", "-pk")
    shipped = legs.filter(kind="sell_in").values("to_organisation")[:1]
    last = legs.filter(Q(kind__in=Movement.SHIPMENTS) | Q(organisation=sender)).values("pk")[:1]
    units = receipts.exclude(serial="").annotate(capitals=Upper("serial"))
    had = units.annotate(shipped_to=Subquery(shipped), last=Subquery(last)).filter(shipped_to=sender.pk)
    leg_of = dict(had.values_list("pk", "last"))
    told = Movement.objects.in_bulk(set(leg_of.values()))
    return {pk for pk, leg in leg_of.items() if _is_with(told[leg], receiver, firms)}


def _is_with(last: Movement, receiver: Organisation, firms: Distributors) -> bool:
    """Whether a unit that was shipped to a sender, or that the sender reports last, is still there or left for the receiver."""
    if last.kind in WENT:
        return firms.of(last) == receiver
    return last.kind == "sell_in" or last.kind in CAME
