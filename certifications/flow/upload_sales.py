"""A month of sales by the file: what moved, to whom, on which day, held against the declarations, the right and what was reported before.

Four levels: each cell (its field), each row (its cells together), the file (sums, returns, repetitions), and history. Rules that only
tell stop nothing: what happened is reported, whether or not it should have.
"""

import datetime as dt
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.custody import actions as custody
from certifications.custody.actions import Told
from certifications.custody.rules import month_of, serials_of
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.matching.identifiers import check_uscc
from certifications.matching.places import places_named
from certifications.parties.register import Entry, as_of
from certifications.parties.sellers import kind_among
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, check
from certifications.uploads.kinds import CREATE, SKIP, Desk, Field, Kind, Line, Made, Problem, Said, Seen, Thing, Written
from certifications.uploads.values import figure

from . import sales_sums
from .sales_fields import IGNORED, KINDS, SALES_FIELDS
from .sales_history import History
from .upload_goods import Goods

TAKEN_IN = frozenset({"return"})
RIGHTS_SECONDS = 20.0
CENT = Decimal("0.01")
MOST_MONEY = Decimal(10) ** 13
PRICE_SLACK = Decimal("0.01")  # of an amount, for prices that were rounded


@lru_cache(maxsize=4096)
def division_of(province: str, city: str) -> str:
    """The division that a province and a city name, as far as they do; "" where they do not say it surely."""
    inside = places_named(province)
    above = inside[0].code[:2] if len(inside) == 1 else ""
    found = [place for place in places_named(city) if not above or place.code.startswith(above)] if city else []
    if len(found) == 1:
        return found[0].code
    return inside[0].code if len(inside) == 1 else ""


@lru_cache(maxsize=16_384)
def looks_wrong(uscc: str) -> bool:
    """A registration number whose shape or check character is wrong: some valid ones of the pilot years are, so it only tells."""
    return not check_uscc(uscc)[0]


@dataclass(frozen=True)
class Sale:
    """A row as it is understood. `serials` has one for each unit, or is empty."""

    kind: str
    product: Product
    quantity: Decimal
    happened_on: dt.date
    period: dt.date
    serials: tuple[str, ...] = ()


class SalesDesk(Desk):
    """Rows beside the catalogue, the distributor's declarations and rights, and what it reported before."""

    rights: dict[tuple[str, dt.date], tuple[float, list[Entry]]] = {}

    def __init__(self, by: User, things: Sequence[Thing]) -> None:
        self.by, self.today = by, civil_today()
        self.goods = Goods(list(current_products()))
        self.history = History(by, things)
        self.party = getattr(by.organisation, "party", None)
        self.sales: dict[int, Sale] = {}
        self.outside: dict[tuple[dt.date, str, str], bool] = {}

    def look(self, thing: Thing) -> Seen:
        line = thing.lines[0]
        if thing.key in self.history.keys:
            return Seen(SKIP, object_id=self.history.keys[thing.key])
        problems = list(line.problems)
        bad = {problem.field for problem in problems}
        sale = self._sale(line, problems, bad)
        self._parties(line, sale, problems)
        if sale is None:
            return Seen(facts=sales_sums.facts_of(line, None, Decimal(0)), problems={line.number: problems})
        self._money(line, sale, problems)
        self._declared(line, sale, problems)
        self._right(line, sale, problems)
        problems += self.history.problems_of(line, sale)
        self.sales[line.number] = sale
        signed = -sale.quantity if sale.kind in TAKEN_IN else sale.quantity
        facts = sales_sums.facts_of(line, sale.product.pk, signed)
        return Seen(CREATE, digest=thing.key, facts=facts, problems={line.number: problems} if problems else {})

    def _sale(self, line: Line, problems: list[Problem], bad: set[str]) -> Sale | None:
        values = line.values
        product = self.goods.product_of(line, problems, bad)
        if "quantity" not in values and "quantity" not in bad:
            problems.append(Problem("quantity", "no_quantity", _("Enter how many.")))
        day = values.get("shipped_on") or values.get("invoiced_on")
        if day is None and not bad & {"shipped_on", "invoiced_on"}:
            problems.append(Problem("shipped_on", "no_day", _("Enter a day, such as 2026-10-05.")))
        elif day is not None and day > self.today:
            problems.append(Problem("shipped_on", "not_come", _("This day has not come yet. Correct it, or report it in its month.")))
            day = None
        quantity = self.goods.quantity_of(line, product, problems) if product and "quantity" in values else None
        if quantity == 0:
            problems.append(Problem("quantity", "zero", _("Nothing moved in this row. Enter a quantity, or leave the row out.")))
            quantity = None
        if product is None or quantity is None or day is None:
            return None
        kind = values.get("kind") or "sale"
        if quantity < 0 and kind == "sale":
            kind = "return"
            problems.append(Problem("quantity", "negative", _("The quantity is negative: read as a return."), blocks=False))
        period = values.get("month") or month_of(day)
        if period > month_of(self.today):
            problems.append(Problem("month", "month_to_come", _("This month has not begun. Correct it.")))
            return None
        if day < period and values.get("month"):
            problems.append(Problem("month", "earlier", _("The day lies before the month of the report: reported late."), blocks=False))
        sale = Sale(kind, product, abs(quantity), day, period)
        return self._with_serials(line, sale, problems) if values.get("serial") else sale

    def _with_serials(self, line: Line, sale: Sale, problems: list[Problem]) -> Sale | None:
        whole = int(sale.quantity) if sale.quantity == sale.quantity.to_integral_value() else None
        try:
            serials = serials_of(line.values["serial"], whole)
        except ValueError as error:
            said = {
                "twice": _("The same serial number stands here twice. Take one away."),
                "range": _("This range cannot be counted: it runs backwards, or over more than 500. Write the numbers one by one."),
            }[str(error)]
            problems.append(Problem("serial", f"serials_{error}", said))
            return None
        if any(len(serial) > 60 for serial in serials):  # noqa: PLR2004 - as long as the column
            problems.append(Problem("serial", "serial_long", _("A serial number has at most 60 characters. Separate several by commas.")))
            return None
        if len(serials) != whole:
            said = _("The row names %(s)d serial numbers and a quantity of %(q)s. Make the two alike.")
            problems.append(Problem("serial", "serial_count", Said(said, {"s": len(serials), "q": figure(sale.quantity)})))
            return None
        return replace(sale, serials=tuple(serials))

    def _parties(self, line: Line, sale: Sale | None, problems: list[Problem]) -> None:
        values = line.values
        kind = sale.kind if sale else values.get("kind")
        if not values.get("buyer") and kind != "rma" and not any(p.field == "buyer" for p in problems):
            problems.append(Problem("buyer", "no_buyer", _("Enter to whom it went, or from whom it came back.")))
        for name in ("buyer_uscc", "end_user_uscc"):
            if values.get(name) and looks_wrong(values[name]):
                said = _("The check character of this number does not fit. Compare it with the business licence; it is kept as it stands.")
                problems.append(Problem(name, "check_character", said, blocks=False))

    def _money(self, line: Line, sale: Sale, problems: list[Problem]) -> None:
        price, amount = line.values.get("unit_price"), line.values.get("amount")
        for name, value in (("unit_price", price), ("amount", amount)):
            if value is not None and abs(value[0]) >= MOST_MONEY:
                problems.append(Problem(name, "money_long", _("This is more than the portal holds: at most thirteen digits.")))
                return
        if price is not None and amount is not None and price[0]:
            wanted = abs(price[0]) * abs(line.values["quantity"][0])
            if abs(abs(amount[0]) - wanted) > max(wanted * PRICE_SLACK, CENT):
                said = _("Price times quantity is %(n)s. Both are kept as they stand.")
                problems.append(Problem("amount", "product_differs", Said(said, {"n": figure(wanted)}), blocks=False))

    def _declared(self, line: Line, sale: Sale, problems: list[Problem]) -> None:
        number = line.values.get("declaration")
        if not number:
            return
        declared = self.history.declarations.get(number.upper())
        if declared is None:
            said = _("None of your declarations has this number. Correct it, or empty the cell.")
            problems.append(Problem("declaration", "no_declaration", said))
            return
        if not declared.names_any(line.values):
            said = _("This declaration is of another customer. Correct the number, or say that it is the same customer.")
            problems.append(Problem("declaration", "other_customer", said, accept=_("It is the same customer")))
        elif sale.product.pk not in declared.products:
            said = _("This declaration does not name the product. Correct the number, or say that it is right.")
            problems.append(Problem("declaration", "other_product", said, accept=_("The number is right")))

    def _right(self, line: Line, sale: Sale, problems: list[Problem]) -> None:
        if self.party is None or sale.kind in TAKEN_IN:
            return
        division = division_of(line.values.get("province", ""), line.values.get("city", ""))
        key = (sale.happened_on, sale.product.line, division)
        if key not in self.outside:
            self.outside[key] = (
                kind_among(self._rights(sale.happened_on), sale.product.line, "CN", division, sale.happened_on) != "authorised"
            )
        if self.outside[key]:
            said = _("Your authorisation did not cover this product and place on that day. It is reported all the same.")
            problems.append(Problem("product", "outside", said, blocks=False))

    def _rights(self, on: dt.date) -> list[Entry]:
        """Asked once a day of the report and not once a chunk; it only tells, so that some seconds do no harm."""
        assert self.party is not None
        held, now = self.rights.get((self.party.pk, on)), time.monotonic()
        if held is None or now - held[0] > RIGHTS_SECONDS:
            if len(self.rights) > 2000:  # noqa: PLR2004 - five years of days
                self.rights.clear()
            held = self.rights[self.party.pk, on] = (now, as_of(on).of([self.party.pk]))
        return held[1]

    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        raise NotImplementedError  # the kind writes many at once

    def write_many(self, pairs: Sequence[tuple[Thing, Seen]], upload: Any) -> list[Written]:
        check(self.by, Permission.REPORT_SALES)
        own = upload.organisation_id
        reports = custody.reports_of(own, {self.sales[thing.lines[0].number].period for thing, _seen in pairs})
        written, told = [], []
        for thing, _seen in pairs:
            line_id, line = new_ulid(), thing.lines[0]
            sale = self.sales[line.number]
            told += told_of(line, sale, line_id=line_id, key=thing.key, report=reports[sale.period], own=own)
            written.append(Written(line_id))
        custody.record_movements(organisation_id=own, upload_id=upload.pk, rows=told)
        return written


def told_of(line: Line, sale: Sale, *, line_id: str, key: str, report: str, own: str) -> Iterator[Told]:
    """The movements of one row: one, or one for each serial number."""
    values = line.values
    came_back = sale.kind in TAKEN_IN
    quantity = line.values["quantity"]
    reported = " ".join(filter(None, (line.texts["quantity"], values.get("unit", "") if not quantity[1] else "")))[:60]
    price, amount = values.get("unit_price"), values.get("amount")
    first = Told(
        line=line_id,
        part=0,
        key=key,
        kind=sale.kind,
        report=report,
        from_organisation=None if came_back else own,
        to_organisation=own if came_back else None,
        product=sale.product.pk,
        lot=values.get("lot", ""),
        serial=sale.serials[0] if sale.serials else "",
        quantity=Decimal(1) if sale.serials else sale.quantity,
        reported=reported,
        happened_on=sale.happened_on,
        row=line.number,
        buyer_name=values.get("buyer", ""),
        buyer_uscc=values.get("buyer_uscc", ""),
        buyer_type=values.get("buyer_type", ""),
        end_user_name=values.get("end_user", ""),
        end_user_uscc=values.get("end_user_uscc", ""),
        address=values.get("address", ""),
        province=values.get("province", ""),
        city=values.get("city", ""),
        invoice_no=values.get("invoice_no", ""),
        contract_no=values.get("contract_no", ""),
        declaration_no=values.get("declaration", ""),
        unit_price=price[0].quantize(CENT) if price else None,
        amount=amount[0].quantize(CENT) if amount else None,
        currency=values.get("currency", ""),
        note=values.get("note", ""),
    )
    yield first
    for part, serial in enumerate(sale.serials[1:], start=1):
        yield first._replace(part=part, serial=serial, amount=None)


# What makes a row the same when it is sent again.
SAME = (
    "kind", "invoice_no", "invoiced_on", "shipped_on", "buyer", "buyer_uscc", "end_user", "product", "lot", "serial", "quantity", "unit",
    "unit_price", "amount", "contract_no", "declaration", "month",
)  # fmt: skip


class Sales(Kind):
    """What a distributor sold, took back, lent, gave and sent back in a month."""

    code = "sales"
    label = _("Sales report")
    one = _("Sale")
    right = Permission.REPORT_SALES
    at_once = True
    repeats = True
    max_rows = 200_000
    ignored = IGNORED
    sentences = {
        "repeated": _("rows that say exactly the same as another"),
        "serial_count": _("the serial numbers are more or fewer than the quantity"),
        "product_differs": _("price times quantity is another amount"),
        "otherwise": _("the invoice line was reported before with another quantity"),
        "sold_already": _("the serial number was reported as sold before"),
        "never_sold": _("the serial number was never reported as sold"),
        "sum:returned_more": _("more came back than was reported as sold"),
        "samples": _("these are samples, not units"),
        "unit": _("the unit is not the product's"),
    }

    def fields(self) -> tuple[Field, ...]:
        return SALES_FIELDS

    def key(self, line: Line, above: str) -> str:
        """Everything that the row says of the movement: sent again, it is the same."""
        del above
        said = "\x1f".join(str(line.values.get(name) or line.texts.get(name, "")) for name in SAME)
        return "s" + hashlib.sha256(said.casefold().encode()).hexdigest()[:40]

    def continues(self, own: dict[str, str]) -> bool:
        """A row without a buyer goes on with the one above; one that names a buyer says for itself what is blank."""
        return not own.get("buyer")

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        return SalesDesk(by, things)

    def summed(self, *, upload: Any) -> Iterator[tuple[int, Problem]]:
        return sales_sums.returned_more(upload)

    def remarks(self, upload: Any) -> Iterator[Problem]:
        return sales_sums.remarks(upload)

    def bound(self, *, organisation: Organisation, made: Sequence[Made]) -> dict[str, str]:
        """Nothing is: a movement that is taken back stays on record as taken back."""
        del organisation, made
        return {}

    def take_back(self, *, organisation: Organisation, by: User, made: Made) -> None:
        custody.take_back(organisation=organisation, lines=[made.object_id], by=by)

    def take_back_many(self, *, organisation: Organisation, by: User, made: Sequence[Made]) -> None:
        custody.take_back(organisation=organisation, lines=[one.object_id for one in made], by=by)

    def prefilled(self, *, by: User) -> Iterator[dict[str, str]]:
        """None: every month is told anew."""
        del by
        return iter(())

    def lists(self, *, by: User) -> dict[str, list[str]]:
        del by
        return {
            "kind": [str(word) for word in KINDS.values()],
            "product": [f"{product.catalogue_number} {product.name}" for product in current_products()],
        }
