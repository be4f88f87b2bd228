"""A month of sales by the file: what moved, to whom, on which day, held against the declarations, the right and what was reported before.

Four levels: each cell (its field), each row (its cells together), the file (sums, returns, repetitions), and history. Rules that only
tell stop nothing: what happened is reported, whether or not it should have.
"""

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.custody import actions as custody
from certifications.custody.actions import Told
from certifications.custody.rules import CAME, month_of
from certifications.ledger.days import newest_day
from certifications.ledger.ids import new_ulid
from certifications.parties.register import Entry, as_of
from certifications.parties.sellers import kind_among
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, check
from certifications.uploads.kinds import CREATE, Desk, Field, Line, Problem, Seen, Thing, Written

from . import sales_sums
from .moved import as_written, check_codes, money_in, moved_in, one_each, serials_in
from .moved_kind import MovedKind
from .sales_fields import IGNORED, KINDS, SALES_FIELDS
from .sales_history import History
from .sent_again import seen_again
from .shipment_history import Firms
from .told_before import Consignment, OtherWay
from .upload_goods import Goods
from .upload_words import division_of

# What a negative quantity of a kind means; of any other it means nothing.
BY_SIGN = {"sale": "return", "sample": "return", "loan": "return", "transfer": "receipt", "return": "return"}
READ_AS = {
    "return": _("The quantity is negative: read as a return."),
    "receipt": _("The quantity is negative: read as a transfer received."),
}
RIGHTS_SECONDS = 20.0


@dataclass(frozen=True)
class Sale:
    """A row as it is understood. `serials` has one for each unit, or is empty."""

    kind: str
    product: Product
    quantity: Decimal
    happened_on: dt.date
    period: dt.date
    serials: tuple[str, ...] = ()

    @property
    def consignment(self) -> Consignment:
        """As it is held against what was reported the other way."""
        return Consignment(self.kind, self.product.pk, self.quantity, self.happened_on, self.serials)


class SalesDesk(Desk):
    """Rows beside the catalogue, the distributor's declarations and rights, and what it reported before."""

    rights: dict[tuple[str, dt.date], tuple[float, list[Entry]]] = {}

    def __init__(self, by: User, things: Sequence[Thing], other: str = "epcis") -> None:
        self.by, self.newest = by, newest_day()
        self.goods = Goods(list(current_products()))
        self.history = History(by, things)
        # What the distributor reported the other way: events beside a table, tables beside events.
        self.other_way = OtherWay(by, things, other)
        self.party = getattr(by.organisation, "party", None)
        self.sales: dict[int, Sale] = {}
        self.outside: dict[tuple[dt.date, str, str], bool] = {}
        self.known: Firms | None = None  # oneself and the manufacturer, once a row asks

    def beside(self, upload: Any) -> None:
        """What this upload has written already is no history: a large one is written some thousands of rows at a time."""
        self.history.leave_out(upload.pk)

    def look(self, thing: Thing) -> Seen:
        line = thing.lines[0]
        if thing.key in self.history.keys:
            return seen_again(line, self.history.keys[thing.key])
        problems = list(line.problems)
        bad = {problem.field for problem in problems}
        sale = self._sale(line, problems, bad)
        self._parties(line, sale, problems)
        if sale is None:
            return Seen(facts=sales_sums.facts_of(line, None, Decimal(0)), problems={line.number: problems})
        money_in(line, problems)
        self._declared(line, sale, problems)
        self._right(line, sale, problems)
        told = self.history.problems_of(line, sale)
        problems += told or self.other_way.problems_of(line, sale.consignment)
        self.sales[line.number] = sale
        # What another distributor sent is no return: it stands against nothing that was sold.
        signed = {"return": -sale.quantity, "receipt": Decimal(0)}.get(sale.kind, sale.quantity)
        facts = sales_sums.facts_of(line, sale.product.pk, signed, line.values.get("buyer", ""), sale.serials)
        if sale.serials:
            facts |= {"d": sale.happened_on.isoformat(), "k": sale.kind}
        return Seen(CREATE, digest=thing.key, facts=facts, problems={line.number: problems} if problems else {})

    def _sale(self, line: Line, problems: list[Problem], bad: set[str]) -> Sale | None:
        moved = moved_in(line, self.goods, self.newest, problems, bad)
        if moved is None:
            return None
        values, day = line.values, moved.happened_on
        kind = values.get("kind") or "sale"
        if moved.quantity < 0:
            if kind not in BY_SIGN:
                said = _("A negative quantity says nothing of this kind of movement. Correct the quantity or the kind.")
                problems.append(Problem("quantity", "negative_kind", said))
                return None
            if BY_SIGN[kind] != kind:
                kind = BY_SIGN[kind]
                problems.append(Problem("quantity", "negative", READ_AS[kind], blocks=False))
        period = values.get("month") or month_of(day)
        if period > month_of(self.newest):
            problems.append(Problem("month", "month_to_come", _("This month has not begun. Correct it.")))
            return None
        if day < period and values.get("month"):
            problems.append(Problem("month", "earlier", _("The day lies before the month of the report: reported late."), blocks=False))
        serials = serials_in(line, abs(moved.quantity), problems)
        return None if serials is None else Sale(kind, moved.product, abs(moved.quantity), day, period, serials)

    def _parties(self, line: Line, sale: Sale | None, problems: list[Problem]) -> None:
        values = line.values
        kind = sale.kind if sale else values.get("kind")
        if not values.get("buyer") and kind != "rma" and not any(p.field == "buyer" for p in problems):
            problems.append(Problem("buyer", "no_buyer", _("Enter to whom it went, or from whom it came.")))
        if kind == "receipt" and values.get("buyer"):
            self._sender(values, problems)
        check_codes(line, ("buyer_uscc", "end_user_uscc"), problems)

    def _sender(self, values: dict[str, Any], problems: list[Problem]) -> None:
        """Who sent what was received: not the manufacturer, whose shipments it reports itself, and not oneself.

        Whether anybody else sells is no distributor's to know, so that nothing more is said of the name here; compliance is told (received.py).
        """
        if self.known is None:
            whose = Q(kind=Organisation.Kind.MANUFACTURER) | Q(pk=self.by.organisation.pk if self.by.organisation else "")
            self.known = Firms(Organisation.objects.filter(whose))
        firm = self.known.named(values["buyer"]) or (self.known.named(values["buyer_uscc"]) if values.get("buyer_uscc") else None)
        if firm is None:
            return
        if firm.kind == Organisation.Kind.MANUFACTURER:
            said = _(
                "What the manufacturer ships it reports itself, and here it would count twice. Leave the row out, or correct the sender."
            )
            problems.append(Problem("buyer", "from_maker", said))
        else:
            said = _("This is your own firm, and between your own stores nothing is transferred. Leave the row out, or correct the sender.")
            problems.append(Problem("buyer", "from_self", said))

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
        if self.party is None or sale.kind in CAME:
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
    came_in = sale.kind in CAME
    first = Told(
        **as_written(line),
        line=line_id,
        part=0,
        key=key,
        kind=sale.kind,
        report=report,
        from_organisation=None if came_in else own,
        to_organisation=own if came_in else None,
        product=sale.product.pk,
        serial=sale.serials[0] if sale.serials else "",
        quantity=Decimal(1) if sale.serials else sale.quantity,
        happened_on=sale.happened_on,
        buyer_name=values.get("buyer", ""),
        buyer_uscc=values.get("buyer_uscc", ""),
        buyer_type=values.get("buyer_type", ""),
        end_user_name=values.get("end_user", ""),
        end_user_uscc=values.get("end_user_uscc", ""),
        declaration_no=values.get("declaration", ""),
    )
    yield from one_each(first, sale.serials)


# What makes a row the same when it is sent again.
SAME = (
    "kind", "invoice_no", "invoiced_on", "shipped_on", "buyer", "buyer_uscc", "end_user", "product", "lot", "serial", "quantity", "unit",
    "unit_price", "amount", "contract_no", "declaration", "month",
)  # fmt: skip


class Sales(MovedKind):
    """What a distributor sold, took back, got from colleagues, lent, gave and sent back in a month."""

    code = "sales"
    label = _("Sales report")
    one = _("Sale")
    right = Permission.REPORT_SALES
    side_by_side = True
    same = SAME
    mark = "s"
    ignored = IGNORED
    sentences: ClassVar[dict[str, Any]] = {
        **MovedKind.sentences,
        "sold_already": _("the serial number was reported as sold before"),
        "never_sold": _("the serial number was never reported as sold"),
        "received_already": _("the serial number was reported as received before"),
        "went_out": _("the serial number went out and did not come back"),
        "counted_already": _("the other way of reporting may have counted it already"),
        "sum:returned_more": _("more came back than was reported as sold"),
        "sum:sold_twice": _("the serial number is sold in another row already"),
    }

    def fields(self) -> tuple[Field, ...]:
        return SALES_FIELDS

    def continues(self, own: dict[str, str]) -> bool:
        """A row without a buyer goes on with the one above; one that names a buyer says for itself what is blank."""
        return not own.get("buyer")

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        return SalesDesk(by, things)

    def summed(self, *, upload: Any) -> Iterator[tuple[int, Problem]]:
        yield from sales_sums.returned_more(upload)
        yield from sales_sums.sold_twice(upload)

    def lists(self, *, by: User) -> dict[str, list[str]]:
        del by
        return {
            "kind": [str(word) for word in KINDS.values()],
            "product": [f"{product.catalogue_number} {product.name}" for product in current_products()],
        }
