"""The two halves of a transfer between distributors: what one reports as received beside what the other reports as sent. Compliance alone asks.

A half is matched once. What does not fit (another quantity or lot, or weeks apart) is left without its other half and shown so: a person asks.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.custody.rules import WENT
from certifications.people.models import Organisation
from certifications.programme.queries import distributors

from .shipment_history import Firms

# Goods are sent before they arrive, but for a clerk's slip; what took longer than this is looked at.
EARLIER, LATER = dt.timedelta(days=3), dt.timedelta(days=31)


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
        found = self.named(movement.buyer_name, movement.buyer_uscc)
        return found if found is not None and found.pk != movement.organisation_id else None

    def named(self, name: str, number: str) -> Organisation | None:
        """The distributor that has the number, else the name."""
        return next((firm for text in (number, name) if text and (firm := self._firms.named(text))), None)


def halves(rows: Sequence[Movement]) -> dict[str, Half]:
    """By movement (id): the other half of each receipt, and of whatever went to a distributor of the portal. Three queries for a page."""
    firms = Distributors()
    asked = [(row, firms.of(row)) for row in rows if row.taken_back_at is None and (row.kind == "receipt" or row.kind in WENT)]
    between = [(row, firm) for row, firm in asked if firm is not None]
    pairs = _paired(between, firms) if between else {}
    return {row.pk: Half(pairs.get(row.pk), firm is not None) for row, firm in asked if row.kind == "receipt" or firm is not None}


def _paired(between: Iterable[tuple[Movement, Organisation]], firms: Distributors) -> dict[str, Movement]:
    """Every half of the same goods between the same two, the earliest receipt with the earliest of what was sent that fits it."""
    rows = list(between)
    ways = {_way(row, firm) for row, firm in rows}
    firm_ids = {pk for sender, receiver, _product in ways for pk in (sender, receiver)}
    days = [row.happened_on for row, _firm in rows]
    told = counting(
        Movement.objects.filter(
            organisation__in=firm_ids,
            product__in={row.product_id for row, _firm in rows},
            kind__in=["receipt", *WENT],
            # Wide enough that a neighbour's half is not taken for want of its own.
            happened_on__gte=min(days) - 2 * LATER,
            happened_on__lte=max(days) + 2 * LATER,
        )
    )
    # Most of what a distributor reports went to its customers: only what names a distributor is read.
    names = {name for name, number in told.order_by().values_list("buyer_name", "buyer_uscc").distinct() if firms.named(name, number)}
    sent: defaultdict[tuple[str, str, str], list[Movement]] = defaultdict(list)
    came: defaultdict[tuple[str, str, str], list[Movement]] = defaultdict(list)
    for one in _in_order(told.filter(buyer_name__in=names)):
        firm = firms.of(one)
        if firm is not None and (way := _way(one, firm)) in ways:
            (came if one.kind == "receipt" else sent)[way].append(one)
    pairs: dict[str, Movement] = {}
    for way, receipts in came.items():
        left = list(sent[way])
        for receipt in receipts:
            other = next((one for one in left if _fits(one, receipt)), None)
            if other is not None:
                left.remove(other)
                pairs[receipt.pk], pairs[other.pk] = other, receipt
    return pairs


def _in_order(rows: QuerySet[Movement]) -> QuerySet[Movement]:
    return rows.select_related("organisation", "upload").order_by("happened_on", "recorded_at", "pk")


def _way(row: Movement, firm: Organisation) -> tuple[str, str, str]:
    """(sender, receiver, product), by id."""
    here, there = str(row.organisation_id), str(firm.pk)
    return (there, here, row.product_id) if row.kind == "receipt" else (here, there, row.product_id)


def _fits(sent: Movement, receipt: Movement) -> bool:
    """Whether the two are of the same goods: by serial number where both have one, else by lot and quantity, within the days."""
    if not sent.happened_on - EARLIER <= receipt.happened_on <= sent.happened_on + LATER:
        return False
    if sent.serial and receipt.serial:
        return sent.serial.upper() == receipt.serial.upper()
    lots = {sent.lot.casefold(), receipt.lot.casefold()} - {""}
    return len(lots) < 2 and sent.quantity == receipt.quantity  # noqa: PLR2004 - both say one, and not the same
