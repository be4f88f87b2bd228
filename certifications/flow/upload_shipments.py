"""The manufacturer's shipments by the file (sell-in): which distributor got which product, lot and serial number, how many, when.

The same four levels as a sales report: each cell, each row, the file, and what was shipped before. One unit leaves the manufacturer
once until it came back, whatever files say. No end user stands in such a file, and whoever sends it sees none.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.custody import actions as custody
from certifications.custody.actions import Told
from certifications.custody.models import Movement
from certifications.ledger.days import newest_day
from certifications.ledger.ids import new_ulid
from certifications.ledger.listed import listed
from certifications.parties.register import as_of
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, check
from certifications.programme.queries import distributors
from certifications.uploads.kinds import CREATE, Desk, Field, Fix, Line, Problem, Said, Seen, Thing, Written
from certifications.uploads.values import figure

from . import sales_sums
from .moved import as_written, money_in, moved_in, one_each, serials_in, serials_named
from .moved_kind import MovedKind
from .sent_again import seen_again
from .shipment_fields import IGNORED, KINDS, SHIPMENT_FIELDS
from .shipment_history import Firms, Leg, Shipped, shipped_before, unit_of
from .told_before import Consignment, OtherWay
from .upload_goods import Goods

# Between invoice and shipment; more is worth a look: a unit may have waited elsewhere.
APART = dt.timedelta(days=31)


@dataclass(frozen=True)
class Shipment:
    """A row as it is understood. `serials` has one for each unit, or is empty."""

    kind: str
    product: Product
    quantity: Decimal
    happened_on: dt.date
    distributor: Organisation
    serials: tuple[str, ...]


class ShipmentDesk(Desk):
    """Rows beside the catalogue, the distributors and their rights, and what was shipped before."""

    def __init__(self, by: User, things: Sequence[Thing], other: str = "epcis_in") -> None:
        self.by, self.newest = by, newest_day()
        # What was reported the other way: events beside a table, tables beside events.
        self.other_way = OtherWay(by, things, other)
        self.goods = Goods(list(current_products()))
        self.distributors = Firms(distributors())
        self.shipped = Shipped(by.organisation, things)
        # What comes back in the same rows may leave again in them, and the other way round; how often is added up over the file.
        self.moving: dict[str, list[tuple[bool, dt.date]]] = {}
        for line in (thing.lines[0] for thing in things if thing.key not in self.shipped.keys):
            day = line.values.get("shipped_on") or line.values.get("invoiced_on")
            for serial in serials_named([line]) if day else ():
                self.moving.setdefault(serial.upper(), []).append((_comes_back(line), day))
        self.shipments: dict[int, Shipment] = {}
        self.rights: dict[tuple[str, dt.date], frozenset[str]] = {}
        self.numbers = [thing.lines[0].number for thing in things]

    def beside(self, upload: Any) -> None:
        """The file's other rows count, too: it is looked at some thousands of rows at a time, or the one that was mended."""
        self.shipped.leave_out(upload.pk)
        for serial, back, day in sales_sums.moving(upload, list(self.moving), self.numbers) if self.moving else ():
            self.moving[serial].append((back, day))

    def look(self, thing: Thing) -> Seen:
        line = thing.lines[0]
        if thing.key in self.shipped.keys:
            return seen_again(line, self.shipped.keys[thing.key])
        problems = list(line.problems)
        shipment = self._shipment(line, problems)
        money_in(line, problems)
        if shipment is None:
            return Seen(facts=sales_sums.facts_of(line, None, Decimal(0)), problems={line.number: problems})
        self._days(line, problems)
        self._right(shipment, problems)
        told = list(self._before(line, shipment))
        if not told and not shipment.serials:  # serial numbers tell for themselves, whichever way they came
            moved = Consignment(
                shipment.kind, shipment.product.pk, shipment.quantity, shipment.happened_on, distributor=shipment.distributor.pk
            )
            told = list(self.other_way.problems_of(line, moved))
        problems += told
        self.shipments[line.number] = shipment
        signed = shipment.quantity if shipment.kind == "sell_in" else -shipment.quantity
        facts = sales_sums.facts_of(line, shipment.product.pk, signed, shipment.distributor.pk, shipment.serials)
        facts["d"] = shipment.happened_on.isoformat()
        title = f"{shipment.distributor.name}, {shipment.product.catalogue_number}"
        return Seen(CREATE, title=title, digest=thing.key, facts=facts, problems={line.number: problems} if problems else {})

    def _shipment(self, line: Line, problems: list[Problem]) -> Shipment | None:
        distributor = self._distributor(line, problems)
        moved = moved_in(line, self.goods, self.newest, problems, {problem.field for problem in problems})
        if moved is None:
            return None
        kind = line.values.get("kind") or "sell_in"
        if moved.quantity < 0 and kind == "sell_in":
            kind = "sell_back"
            problems.append(Problem("quantity", "negative", _("The quantity is negative: read as a return."), blocks=False))
        serials = serials_in(line, abs(moved.quantity), problems)
        if distributor is None or serials is None:
            return None
        return Shipment(kind, moved.product, abs(moved.quantity), moved.happened_on, distributor, serials)

    def _distributor(self, line: Line, problems: list[Problem]) -> Organisation | None:
        typed = line.values.get("distributor", "")
        if not typed:
            if not any(problem.field == "distributor" for problem in problems):
                problems.append(
                    Problem("distributor", "no_distributor", _("Enter to which distributor it went, or from which it came back."))
                )
            return None
        found = self.distributors.named(typed)
        if found is None:
            said = _("No distributor of the portal has this name or number. Correct it, or choose one.")
            fixes = tuple(Fix(name, name) for name in self.distributors.like(typed))
            problems.append(Problem("distributor", "unknown_distributor", said, fixes))
        return found

    def _days(self, line: Line, problems: list[Problem]) -> None:
        invoiced, shipped = line.values.get("invoiced_on"), line.values.get("shipped_on")
        if invoiced is None or shipped is None or abs(shipped - invoiced) <= APART:
            return
        apart = (shipped - invoiced).days
        if apart > 0:
            said = Said(_("It left %(n)d days after its invoice. Both days are kept; the shipment counts."), {"n": apart})
        else:
            said = Said(_("It left %(n)d days before its invoice. Both days are kept; the shipment counts."), {"n": -apart})
        problems.append(Problem("invoiced_on", "days_apart", said, blocks=False))

    def _right(self, shipment: Shipment, problems: list[Problem]) -> None:
        if shipment.kind != "sell_in":
            return
        party = getattr(shipment.distributor, "party", None)
        key = (shipment.distributor.pk, shipment.happened_on)
        if key not in self.rights:
            entries = as_of(shipment.happened_on).of([party.pk]) if party else []
            self.rights[key] = frozenset(line for entry in entries if entry.standing == "authorised" for line in entry.terms.lines)
        if shipment.product.line not in self.rights[key]:
            said = _("This distributor had no authorisation for the product line on that day. It is recorded all the same.")
            problems.append(Problem("product", "no_right", said, blocks=False))

    def _before(self, line: Line, shipment: Shipment) -> Iterator[Problem]:
        """What was shipped before against the row."""
        if shipment.serials:
            yield from self._units_before(shipment)
            return
        number = line.values.get("invoice_no", "")
        key = (number, shipment.product.pk, line.values.get("lot", ""), shipment.kind, shipment.distributor.pk)
        before = self.shipped.invoiced.get(key, []) if number else []
        if before:
            said = _(
                "This invoice line was reported before with %(n)s. Take that upload back first to correct it, or say that this is another line."
            )
            numbers = listed(figure(quantity) for quantity in before[:3])
            yield Problem("invoice_no", "otherwise", Said(said, {"n": numbers}), accept=_("It is another line"))

    def _units_before(self, shipment: Shipment) -> Iterator[Problem]:
        judge = self._left_before if shipment.kind == "sell_in" else self._back_before
        said: dict[str, Problem] = {}
        for serial in shipment.serials:
            for problem in judge(shipment, serial, self.shipped.units.get(unit_of(shipment.product.pk, serial), [])):
                said.setdefault(problem.code, problem)
        yield from said.values()

    def _left_before(self, shipment: Shipment, serial: str, legs: Sequence[Leg]) -> Iterator[Problem]:
        """A unit leaves once until it came back: as far as the day before and the day after its row say."""
        day = shipment.happened_on
        before, after = _around(legs, day)
        for leg in (before, after):
            if leg and leg.kind == "sell_in" and not self._moves(serial, leg.on, day, back=True):
                said = _(
                    "Serial number %(s)s was shipped to %(d)s on %(on)s, and nothing says that it came back in between. Leave the row out, "
                    "or report first that it came back."
                )
                yield Problem("serial", "shipped_already", _told_of(said, serial, leg))
                return
        same = next((leg for leg in legs if leg.kind == "sell_in" and leg.on == day), None)
        if same:
            said = _(
                "Serial number %(s)s was shipped to %(d)s on this very day, %(on)s, and a unit is recorded as shipped once a day. Correct the "
                "day, or leave the row out."
            )
            yield Problem("serial", "shipped_that_day", _told_of(said, serial, same))

    def _back_before(self, shipment: Shipment, serial: str, legs: Sequence[Leg]) -> Iterator[Problem]:
        """A unit comes back once after it left, from whoever got it. What a distributor said of its return is told twice rightly."""
        day = shipment.happened_on
        before, after = _around([leg for leg in legs if leg.kind in Movement.SHIPMENTS], day)
        for leg in (before, after):
            if leg and leg.kind == "sell_back" and not self._moves(serial, leg.on, day, back=False):
                said = _(
                    "Serial number %(s)s was reported already as come back from %(d)s on %(on)s, with no shipment in between. Leave the row "
                    "out, or report first that it was shipped."
                )
                yield Problem("serial", "back_already", _told_of(said, serial, leg))
                return
        if before is None and not (legs and legs[0].on <= day):
            said = _("Serial number %(s)s was never reported as shipped. Correct it, or say that it was shipped before the programme.")
            yield Problem("serial", "never_shipped", Said(said, {"s": serial}), accept=_("It was shipped before"))
        elif before and before.kind == "sell_in" and before.distributor_id != shipment.distributor.pk:
            said = _("Serial number %(s)s was shipped to %(d)s on %(on)s. Correct the distributor, or say that it came back from this one.")
            yield Problem("serial", "other_distributor", _told_of(said, serial, before), accept=_("It came back from this one"))

    def _moves(self, serial: str, one: dt.date, two: dt.date, *, back: bool) -> bool:
        """Whether the rows at hand have the unit come back, or leave, from the one day to the other."""
        first, last = sorted((one, two))
        return any(way == back and first <= day <= last for way, day in self.moving.get(serial.upper(), ()))

    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        raise NotImplementedError  # the kind writes many at once

    def write_many(self, pairs: Sequence[tuple[Thing, Seen]], upload: Any) -> list[Written]:
        check(self.by, Permission.REPORT_SHIPMENTS)
        written, told = [], []
        for thing, _seen in pairs:
            line_id, line = new_ulid(), thing.lines[0]
            told += told_of(line, self.shipments[line.number], line_id=line_id, key=thing.key, own=upload.organisation_id)
            written.append(Written(line_id))
        custody.record_movements(organisation_id=upload.organisation_id, upload_id=upload.pk, rows=told)
        return written


def _comes_back(line: Line) -> bool:
    return line.values.get("kind") == "sell_back" or ("quantity" in line.values and bool(line.values["quantity"][0] < 0))


def _around(legs: Sequence[Leg], day: dt.date) -> tuple[Leg | None, Leg | None]:
    """The last leg up to the day, and the first after it."""
    return next((leg for leg in reversed(legs) if leg.on <= day), None), next((leg for leg in legs if leg.on > day), None)


def _told_of(text: Any, serial: str, leg: Leg) -> Said:
    return Said(text, {"s": serial, "d": leg.distributor, "on": leg.on.isoformat()})


def told_of(line: Line, shipment: Shipment, *, line_id: str, key: str, own: str) -> Iterator[Told]:
    """The movements of one row: one, or one for each serial number."""
    there, here = (shipment.distributor.pk, own) if shipment.kind == "sell_in" else (own, shipment.distributor.pk)
    first = Told(
        **as_written(line),
        line=line_id,
        part=0,
        key=key,
        kind=shipment.kind,
        report=None,
        from_organisation=here,
        to_organisation=there,
        product=shipment.product.pk,
        serial=shipment.serials[0] if shipment.serials else "",
        quantity=Decimal(1) if shipment.serials else shipment.quantity,
        happened_on=shipment.happened_on,
        buyer_name=line.values["distributor"],
    )
    yield from one_each(first, shipment.serials)


# What makes a row the same when it is sent again.
SAME = (
    "kind", "distributor", "invoice_no", "invoiced_on", "shipped_on", "product", "lot", "serial", "quantity", "unit", "unit_price", "amount", "contract_no",
)  # fmt: skip


# Headings of what is wrong with a unit, in tables and events.
UNITS: dict[str, Any] = {
    "shipped_already": _("the unit was shipped before and has not come back"),
    "shipped_that_day": _("the unit was shipped on that day already"),
    "back_already": _("the unit came back before and was not shipped since"),
    "other_distributor": _("the unit was shipped to another distributor"),
    "never_shipped": _("the unit was never reported as shipped"),
    "sum:sent_twice": _("the unit left in another row already"),
    "sum:back_twice": _("the unit came back in another row already"),
    "sum:returned_more": _("more came back than was shipped"),
}


class Shipments(MovedKind):
    """What the manufacturer sent to its distributors, and what came back from them."""

    code = "shipments"
    label = _("Shipments to distributors")
    one = _("Shipment")
    right = Permission.REPORT_SHIPMENTS
    same = SAME
    mark = "i"
    ignored = IGNORED
    sentences: ClassVar[dict[str, Any]] = {
        **MovedKind.sentences,
        "unknown_distributor": _("no distributor of the portal"),
        "days_apart": _("invoice and shipment lie far apart"),
        "no_right": _("no authorisation for the line on that day"),
        "counted_already": _("the other way of reporting may have counted it already"),
        **UNITS,
    }

    def fields(self) -> tuple[Field, ...]:
        return SHIPMENT_FIELDS

    def continues(self, own: dict[str, str]) -> bool:
        """A row without a distributor goes on with the one above; one that names it says for itself what is blank."""
        return not own.get("distributor")

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        return ShipmentDesk(by, things)

    def summed(self, *, upload: Any) -> Iterator[tuple[int, Problem]]:
        yield from sales_sums.returned_more(upload, shipped_before)
        yield from sales_sums.sent_twice(upload)

    def lists(self, *, by: User) -> dict[str, list[str]]:
        del by
        return {
            "kind": [str(word) for word in KINDS.values()],
            "distributor": [one.name for one in distributors()],
            "product": [f"{product.catalogue_number} {product.name}" for product in current_products()],
        }
