"""Whether goods came the other way already: as an event of what a table says, or in a table of what an event says. Reads; knows no file.

Serial numbers and invoice lines tell for themselves. What has neither is compared by product, lot, quantity, day and firm, and a person is
asked: two deliveries may be alike, so nothing is left out unasked, and nothing counted twice unasked.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.custody.rules import direction
from certifications.ledger.days import shifted
from certifications.matching.identifiers import compact
from certifications.parties.rules import clean_name
from certifications.people.models import User
from certifications.uploads.kinds import Line, Problem, Said, Thing
from certifications.uploads.models import Upload

from .own_customers import OwnCustomers

# Between the day of an invoice in a table and that of the event: a weekend and its Monday.
APART = dt.timedelta(days=3)
NAMES, NUMBERS = ("buyer", "end_user"), ("buyer_uscc", "end_user_uscc")


@dataclass(frozen=True)
class Consignment:
    """What moved: how (Movement.Kind), of which product (id), how many of its unit, on which day, with its serial numbers or none."""

    kind: str
    product: str
    quantity: Decimal
    on: dt.date
    serials: tuple[str, ...] = ()
    # The distributor (id) of the manufacturer's shipments; of a distributor's own the names in the row tell.
    distributor: str = ""


@dataclass(frozen=True)
class Held:
    """A movement on record that came the other way."""

    goods: Consignment
    lot: str
    invoice_no: str
    whom: frozenset[str]
    upload: str
    row: int


# (product, direction, quantity or serial number, firm)
Key = tuple[str, str, Decimal | str, str]


class OtherWay:
    """What one firm reported by the other way (`other`: a kind of upload) around the days of some thousands of rows."""

    def __init__(self, by: User, things: Sequence[Thing], other: str) -> None:
        self.by, self.other = by, other
        self._days = sorted(day for thing in things if (day := _day(thing.lines[0])) is not None)
        self._lines = [thing.lines[0] for thing in things]
        # By product, direction, quantity or serial number, and firm: of a hundred thousand rows a few are alike.
        self._held: dict[Key, list[Held]] | None = None
        self._customers: OwnCustomers | None = None

    def problems_of(self, line: Line, goods: Consignment) -> Iterator[Problem]:
        """What of the other way may be the goods of this row; a person may say that they are others."""
        if self._held is None:
            self._held = self._read()
        same = self._first(line, goods) if self._held else None
        if same is not None:
            said = _(
                "Row %(row)d of upload %(upload)s says the same of %(on)s: these may be the goods that are counted already. Leave the row out if they are, or say that they are others."
            )
            values = {"row": same.row, "upload": same.upload, "on": same.goods.on.isoformat()}
            yield Problem("quantity", "counted_already", Said(said, values), accept=_("These are other goods"))

    def _first(self, line: Line, goods: Consignment) -> Held | None:
        """The first on record that may be the goods of the row."""
        assert self._held is not None
        whom = frozenset() if goods.distributor else self._whom(line.values)
        near = [held for key in _keys(goods, whom) for held in self._held.get(key, ())]
        alike = [held for held in near if _same(line, goods, whom, held)]
        return min(alike, key=lambda held: (held.goods.on, held.upload, held.row), default=None)

    def _whom(self, values: dict[str, Any]) -> frozenset[str]:
        """By what the firms of a row are known: names and numbers, and the own customers that these mean, in whatever language."""
        assert self._customers is not None
        texts = [values[name] for name in (*NAMES, *NUMBERS) if values.get(name)]
        plain = {clean_name(text).casefold() for text in texts} | {compact(text) for text in texts}
        return frozenset(plain | {customer.pk for text in texts for customer in self._customers.named(text)})

    def _read(self) -> dict[Key, list[Held]]:
        uploads = Upload.objects.filter(organisation=self.by.organisation, kind=self.other)
        # Most firms report one way only, and their files of a hundred thousand rows need no look.
        if not self._days or not uploads.exists():
            return {}
        rows = counting(Movement.objects.filter(organisation=self.by.organisation, upload__kind=self.other))
        between = rows.filter(happened_on__gte=shifted(self._days[0], -APART), happened_on__lte=shifted(self._days[-1], APART))
        told = list(
            between.order_by("happened_on", "pk").values(
                "kind", "product", "lot", "serial", "quantity", "happened_on", "invoice_no", "buyer_name", "buyer_uscc", "end_user_name",
                "end_user_uscc", "to_organisation", "from_organisation", "upload__number", "row",
            )
        )  # fmt: skip
        self._customers = OwnCustomers(self.by, _texts(told, self._lines)) if told else None
        found: dict[Key, list[Held]] = {}
        for one in told:
            shipment = one["kind"] in Movement.SHIPMENTS
            goods = Consignment(
                one["kind"],
                one["product"],
                one["quantity"],
                one["happened_on"],
                (one["serial"],) if one["serial"] else (),
                (one["to_organisation"] if one["kind"] == "sell_in" else one["from_organisation"]) if shipment else "",
            )
            named = {"buyer": one["buyer_name"], "end_user": one["end_user_name"], **{name: one[name] for name in NUMBERS}}
            whom = frozenset() if shipment else self._whom(named)
            held = Held(goods, one["lot"], one["invoice_no"], whom, one["upload__number"], one["row"])
            for key in _keys(goods, whom):
                found.setdefault(key, []).append(held)
        return found


def _keys(goods: Consignment, whom: Collection[str]) -> Iterator[Key]:
    """Under what goods are found: by how many and by each serial number, with each name of the firm."""
    # A return to the manufacturer need name nobody: it is found without a name too.
    firms = {goods.distributor} if goods.distributor else {*whom, *([""] if goods.kind == "rma" else [])}
    for told in {goods.quantity, *(serial.upper() for serial in goods.serials)}:
        yield from ((goods.product, direction(goods.kind), told, firm) for firm in firms)


def _same(line: Line, goods: Consignment, whom: Collection[str], held: Held) -> bool:
    lot, number = line.values.get("lot", ""), line.values.get("invoice_no", "")
    if abs(goods.on - held.goods.on) > APART or _differ(lot, held.lot) or _differ(number, held.invoice_no):
        return False
    if goods.serials and held.goods.serials:
        return bool({one.upper() for one in goods.serials} & {one.upper() for one in held.goods.serials})
    if goods.quantity != held.goods.quantity:
        return False
    if goods.distributor:
        return goods.distributor == held.goods.distributor
    return not held.whom.isdisjoint(whom) or (goods.kind == "rma" and not (whom and held.whom))


def _day(line: Line) -> dt.date | None:
    day: dt.date | None = line.values.get("shipped_on") or line.values.get("invoiced_on")
    return day


def _differ(one: str, other: str) -> bool:
    """Whether both are said, and are two."""
    return bool(one and other) and one.casefold() != other.casefold()


def _texts(told: Iterable[dict[str, Any]], lines: Iterable[Line]) -> Collection[str]:
    """Every name and number of the rows at hand and of those on record."""
    names = {one[name] for one in told for name in ("buyer_name", "end_user_name", *NUMBERS)}
    return (names | {line.values.get(name, "") for line in lines for name in (*NAMES, *NUMBERS)}) - {""}
