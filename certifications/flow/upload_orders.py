"""Order lines by the file: each row is asked as a program asks it, in the order of the file, and what is released is reserved.

A row is a transaction of its own and locks what the check of one line locks: a program that asks meanwhile waits for one line, not for a file.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.orders import queries
from certifications.orders.models import OrderLine
from certifications.orders.rules import MARKS, REASONS, RELEASE, is_plain, sentences
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission
from certifications.programme.queries import distributors
from certifications.uploads.checks import lines_of
from certifications.uploads.kinds import CREATE, UPDATE, Desk, Field, Fix, Kind, Line, Made, Problem, Said, Seen, Thing, Unfit, Written
from certifications.uploads.models import UploadRow
from certifications.uploads.rules import columns_from_json
from certifications.uploads.values import amount, code, day, figure, folded

from . import order_acts, orders
from .order_facts import LineRequest, retired_and_left, units_of
from .orders import Answer, OrderRequest
from .shipment_history import Firms
from .upload_customers import own_customers, reference, title_of
from .upload_goods import MOST, Goods, as_listed
from .upload_words import country, country_choices, division


def _customer(text: str) -> str:
    """The portal's reference, also where a name stands beside it, or a registration number as typed."""
    return _plain(code(reference(text)))


def _number(text: str) -> str:
    """An order's number or line as a program sends it: nothing is folded, so that both mean one line. Raises Unfit."""
    code(text)  # what a spreadsheet rounded is none
    return _plain(text.strip())


def _plain(text: str) -> str:
    if text and not is_plain(text):
        raise Unfit("marks", MARKS)
    return text


ORDER_FIELDS = (
    Field("order_number", gettext_lazy("Order number"), ("order", "order no", "po", "po no", "po number", "purchase order", "sales order", "sales order number",
          "订单号", "订单编号", "订单", "采购订单号", "采购订单", "销售订单号", "訂單號"), _number, needed=True, max_length=40),
    Field("line", gettext_lazy("Line"), ("line no", "line number", "position", "pos", "行号", "订单行", "订单行号", "行项目", "項次", "项次"), _number, needed=True, max_length=10,
          hint=gettext_lazy("Order number and line together are one order line; sent again, it is asked again.")),
    Field("customer", gettext_lazy("Customer"), ("customer id", "customer no", "customer number", "uscc", "credit code", "registration number", "customer reference",
          "客户", "客户编号", "客户代码", "统一社会信用代码", "信用代码", "客戶"), _customer, needed=True, max_length=400,
          hint=gettext_lazy("The portal reference of a customer, or its registration number.")),
    Field("product", gettext_lazy("Catalogue number"), ("catalogue_number", "catalog no", "catalog number", "catalogue no", "cat no", "sku", "item", "item no", "product code",
          "货号", "产品编号", "产品货号", "产品", "产品代码", "物料编码", "貨號"), code, needed=True, max_length=200),
    Field("quantity", gettext_lazy("Quantity"), ("qty", "amount", "order quantity", "数量", "订购数量", "數量"), amount, needed=True),
    Field("unit", gettext_lazy("Unit"), ("uom", "unit of measure", "单位", "计量单位", "單位"), folded, max_length=20,
          hint=gettext_lazy("The product's own unit, a further one of the catalogue, or samples.")),
    Field("country", gettext_lazy("Country"), ("country code", "country of use", "country/region", "国家", "国家/地区", "國家"), country, needed=True, choices=country_choices, default="CN"),
    Field("division", gettext_lazy("Division of the place of use"), ("division", "division code", "city", "district", "gb/t 2260", "行政区划", "行政区划代码", "区划代码", "城市", "地区"), division),
    Field("date", gettext_lazy("Day of shipment"), ("ship date", "shipment date", "delivery date", "requested date", "wanted on", "发货日期", "交货日期", "要求日期", "日期"), day, needed=True),
)  # fmt: skip
DISTRIBUTOR = Field(
    "distributor", gettext_lazy("Distributor"), ("distributor id", "dealer", "sold to", "经销商", "分销商", "经销商编号", "經銷商"), needed=True, max_length=300,
    hint=gettext_lazy("Its name, its registration number, or its id in the portal."),
)  # fmt: skip
LONGEST_CUSTOMER = 60
# The file of answers; it comes back in, and only what was asked is read of it then.
ASKED = ("distributor", "order_number", "line", "customer", "catalogue_number", "quantity", "unit", "country", "division", "date")
ANSWERED = ("answer", "reasons", "left", "answer_by", "order_line", "row")


def _catalogue(typed: set[str]) -> list[Product]:
    """The products that are written exactly; the whole catalogue where one is not, so that what it means hangs on no other row.

    A line is written by itself: it must not read thousands of products to find its own.
    """
    words = [text.split(" ") for text in typed]
    numbers = {" ".join(some[:n]) for some in words for n in range(1, len(some) + 1)}
    named = [*current_products().filter(catalogue_number__in=numbers), *retired_and_left().filter(catalogue_number__in=numbers)]
    return named if typed <= as_listed(named).keys() else [*current_products(), *retired_and_left()]


def _key(distributor: str, order_number: str, line: str) -> str:
    return "order:" + hashlib.sha256(f"{distributor}\n{order_number}\n{line}".encode()).hexdigest()[:48]


class _Distributors:
    """Distributors as the order desk names them. Who is named exactly is found without reading every name of all."""

    def __init__(self, typed: set[str]) -> None:
        named = distributors().filter(Q(pk__in={reference(text) for text in typed}) | Q(name__in=typed) | Q(name_native__in=typed))
        self._known: dict[str, set[str]] = {}
        self._by_id = {one.pk: one for one in named}
        for one in self._by_id.values():
            for name in {one.name, one.name_native} - {""}:
                self._known.setdefault(name, set()).add(one.pk)

    @cached_property
    def all(self) -> Firms:
        """Everybody with every name and number."""
        return Firms(distributors())

    def named(self, typed: str) -> Organisation | None:
        """The one that is meant: by its id, by its own name as typed, else by any name or number on record."""
        if (by_id := self._by_id.get(reference(typed))) is not None:
            return by_id
        same = self._known.get(typed, set())
        return self._by_id[next(iter(same))] if len(same) == 1 else self.all.named(typed)


class OrdersDesk(Desk):
    """Rows beside the catalogue and the order lines that are on record; the order desk's name their distributor."""

    def __init__(self, by: User, things: Sequence[Thing], *, of_any: bool) -> None:
        self.by, self.today = by, civil_today()
        self.goods = Goods(_catalogue({str(thing.lines[0].values.get("product", "")) for thing in things} - {""}))
        self.firms = _Distributors({str(thing.lines[0].values.get("distributor", "")) for thing in things} - {""}) if of_any else None
        numbers = {str(thing.lines[0].values.get("order_number", "")) for thing in things}
        held = queries.visible_to(by).filter(order_number__in=numbers).exclude(status__in=OrderLine.OVER).select_related("balance")
        self.known = {(line.organisation_id, line.order_number, line.line): line for line in held}

    def look(self, thing: Thing) -> Seen:
        line = thing.lines[0]
        problems = list(line.problems)
        title = " / ".join(str(line.values[name]) for name in ("order_number", "line") if line.values.get(name))
        request = self._request(line, problems)
        if request is None or problems:
            return Seen(title=title, problems={line.number: problems})
        wanted = request.lines[0]
        whose = orders.distributor_for(self.by, request.distributor)
        known = self.known.get((whose, request.order_number, wanted.line))
        key = _key(whose, request.order_number, wanted.line) if self.firms is not None else ""
        if known is not None and known.status not in OrderLine.UNANSWERED and orders.asks_otherwise(known, request):
            said = Said(orders.DIFFERENT, {"l": f"{known.order_number}/{known.line}"})
            return Seen(title=title, problems={line.number: [Problem("line", "different", said)]})
        digest = sha256_hex(
            canonical(
                [whose, request.customer, request.order_number, request.country, request.division, request.wanted_on.isoformat()]
                + [wanted.line, wanted.catalogue_number, figure(wanted.quantity), wanted.unit]
            )
        )
        return Seen(UPDATE if known else CREATE, title=title, object_id=known.pk if known else "", digest=digest, key=key)

    def _request(self, line: Line, problems: list[Problem]) -> OrderRequest | None:
        """What the row asks, or None with everything that is wrong with it."""
        bad, values = {problem.field for problem in problems}, line.values
        blank = (name for name in ("order_number", "line", "customer", "quantity", "country", "date") if name not in values)
        problems += [Problem(name, "blank", gettext_lazy("This cell is empty.")) for name in blank if name not in bad]
        if len(str(values.get("customer", ""))) > LONGEST_CUSTOMER:
            said = gettext_lazy("At most %(n)d characters fit here; this has %(m)d. Shorten it.")
            problems.append(Problem("customer", "too_long", Said(said, {"n": LONGEST_CUSTOMER, "m": len(str(values["customer"]))})))
        product = self.goods.product_of(line, problems, bad)
        asked = self._quantity(line, product, problems) if product is not None and "quantity" in values else None
        place = str(values.get("division", ""))
        if place and not (len(place) == 6 and place.isdecimal()):  # noqa: PLR2004 - GB/T 2260
            problems.append(Problem("division", "digits", gettext_lazy("Six digits of GB/T 2260, such as 330200, or a name.")))
        wanted_on = values.get("date")
        if wanted_on is not None and not self.today <= wanted_on <= self.today + orders.FARTHEST:
            problems.append(Problem("date", "wanted_on", gettext_lazy("The day is today or later, and at most two years ahead.")))
        distributor = self._distributor(line, problems, bad)
        if problems or product is None or asked is None or wanted_on is None:
            return None
        return OrderRequest(
            distributor=distributor,
            customer=str(values["customer"]),
            order_number=str(values["order_number"]),
            country=str(values["country"]),
            division=place,
            wanted_on=wanted_on,
            lines=(LineRequest(str(values["line"]), product.catalogue_number, *asked),),
        )

    def _quantity(self, line: Line, product: Product, problems: list[Problem]) -> tuple[Decimal, str] | None:
        """(how many, the unit as written) where the two mean something for this product."""
        value, behind = line.values["quantity"]
        unit = str(behind or line.values.get("unit") or "")
        # The size first: of forty digits no places can be counted.
        if not 0 < value < MOST or value != value.quantize(Decimal("0.0001")):
            said = gettext_lazy("A number above zero with at most ten digits and four places behind the point.")
            problems.append(Problem("quantity", "places", said))
        elif "unit" in {problem.field for problem in problems}:
            return None
        elif not unit:
            problems.append(
                Problem("unit", "no_unit", gettext_lazy("Enter the unit in which it was ordered."), (Fix(product.unit, product.unit),))
            )
        elif units_of(product, value, unit) is None:
            said = gettext_lazy("This unit does not convert to the product's own. Use the unit %(u)s.")
            problems.append(Problem("unit", "unit", Said(said, {"u": product.unit}), (Fix(product.unit, product.unit),)))
        else:
            return value, unit
        return None

    def _distributor(self, line: Line, problems: list[Problem], bad: set[str]) -> str:
        """Whom the order desk asks for; a distributor asks for itself."""
        typed = str(line.values.get("distributor", ""))
        if self.firms is None or "distributor" in bad:
            return ""
        found = self.firms.named(typed) if typed else None
        if found is not None:
            return found.pk
        if not typed:
            problems.append(Problem("distributor", "no_distributor", gettext_lazy("Enter the distributor whose order it is.")))
        else:
            said = gettext_lazy("No distributor of the portal has this name or number. Correct it, or choose one.")
            fixes = tuple(Fix(name, name) for name in self.firms.all.like(typed))
            problems.append(Problem("distributor", "unknown_distributor", said, fixes))
        return ""

    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        del seen, form_key  # the order's own number and line are its key: asked twice, it is reserved once
        request = self._request(thing.lines[0], [])
        if request is None:
            raise NotAllowed(_("This row cannot be read any more."), "unreadable")
        answer = orders.check(by=self.by, request=request)[0]
        # Read anew: the moment of an answer is the database's.
        stamp = order_acts.stamp_of(OrderLine.objects.get(pk=answer.line.pk))
        return Written(answer.line.pk, answer.before, stamp, answer=_kept(answer))


def _kept(answer: Answer) -> dict[str, Any]:
    """As the row keeps it: `reasons` by code, the day as text."""
    return {
        "answer": answer.answer,
        "reasons": list(dict.fromkeys(reason.code for reason in answer.reasons if reason.code in REASONS)),
        "left": "" if answer.left is None else figure(answer.left),
        "answer_by": answer.line.answer_by.isoformat() if answer.line.answer_by else "",
    }


class Orders(Kind):
    """Order lines of one's own: may they ship?"""

    code = "orders"
    label = gettext_lazy("Orders")
    one = gettext_lazy("Order line")
    right = Permission.CHECK_OWN_ORDERS
    asks = True
    in_one_go = 1
    max_rows = 10_000
    # The order desk's rows name whose order it is.
    of_any: ClassVar[bool] = False
    ignored = ANSWERED
    sentences: ClassVar[dict[str, Any]] = {
        "different": gettext_lazy("released before for something else"),
        "twice": gettext_lazy("the same order line says otherwise in another row"),
    }

    def fields(self) -> tuple[Field, ...]:
        return ORDER_FIELDS

    def key(self, line: Line, above: str) -> str:
        """Distributor, order number and line: two rows with the same are about one order line. The desk knows which firm is meant."""
        del above
        distributor, number, own = (str(line.values.get(name, "")) for name in ("distributor", "order_number", "line"))
        return _key(folded(distributor).casefold(), number, own) if number and own else f"row:{line.number}"

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        return OrdersDesk(by, things, of_any=self.of_any)

    def said(self, answer: dict[str, Any]) -> list[Any]:
        if answer["answer"] == RELEASE:
            return [_("Released: the quantity is reserved.")]
        return sentences(answer["reasons"])

    def answers(self, upload: Any) -> tuple[list[str], Iterator[list[Any]]]:
        rows = list(upload.rows.filter(state=UploadRow.State.DONE, answer__isnull=False).order_by("number"))
        lines = lines_of(rows, self, columns_from_json(upload.columns))
        asked = [name for name in ASKED if name != "distributor" or self.of_any]
        return [*asked, *ANSWERED], ([*map(_asked(line).get, asked), *_answered(row)] for row, line in zip(rows, lines, strict=True))

    def bound(self, *, organisation: Organisation, made: Sequence[Made]) -> dict[str, str]:
        """What shipped since, and what somebody else asked again or changed: both are ended on their own pages."""
        del organisation
        # What was released before is left alone.
        asked = {one.object_id: one for one in made if one.before is None or one.before["status"] in OrderLine.UNANSWERED}
        reasons = {}
        for pk, line in queries.with_ids(asked).items():
            # Nothing of it is reserved any more, and nothing waits: there is nothing to take back.
            if line.status in {*OrderLine.OVER, OrderLine.Status.RETURNED}:
                continue
            if line.shipped:
                reasons[pk] = str(order_acts.SHIPPED)
            elif order_acts.stamp_of(line) != asked[pk].stamp:
                reasons[pk] = str(order_acts.CHANGED)
        return reasons

    def take_back(self, *, organisation: Organisation, by: User, made: Made) -> None:
        """What the file reserved is given back; the line stays on record, cancelled or held as before."""
        del organisation
        order_acts.withdraw(line_id=made.object_id, before=made.before, stamp=made.stamp, by=by)

    def prefilled(self, *, by: User) -> Iterator[dict[str, str]]:
        """None: an order is asked anew."""
        del by
        return iter(())

    def lists(self, *, by: User) -> dict[str, list[str]]:
        products = [f"{product.catalogue_number} {product.name}" for product in current_products()]
        return {"customer": [f"{title_of(customer)} · {customer.pk}" for customer in own_customers(by)], "product": products}


def _asked(line: Line) -> dict[str, str]:
    """What the row asked, by heading, as it is read again."""
    values = line.values
    said = line.texts | {name: str(value) for name, value in values.items()} | {"catalogue_number": str(values.get("product", ""))}
    if "quantity" in values:
        quantity, behind = values["quantity"]
        text = figure(quantity)
        # 1.125 may mean a thousand and more, and would be asked back; what ends in a zero means itself.
        said["quantity"] = f"{text}0" if re.search(r"\.\d{3}$", text) else text
        said["unit"] = str(behind or values.get("unit") or "")
    return {name: said.get(name, "") for name in ASKED}


def _answered(row: UploadRow) -> list[Any]:
    answer = row.answer
    return [answer["answer"], "; ".join(sentences(answer["reasons"])), answer["left"], answer["answer_by"], row.object_id, row.number]


class AnyOrders(Orders):
    """Order lines of any distributor, as the manufacturer's order desk asks for them; it sees no customer's name."""

    code = "any_orders"
    label = gettext_lazy("Orders of distributors")
    right = Permission.CHECK_ANY_ORDERS
    of_any = True

    def fields(self) -> tuple[Field, ...]:
        return (DISTRIBUTOR, *ORDER_FIELDS)

    def lists(self, *, by: User) -> dict[str, list[str]]:
        del by
        products = [f"{product.catalogue_number} {product.name}" for product in current_products()]
        return {"distributor": [one.name for one in distributors()], "product": products}
