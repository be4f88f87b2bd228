"""Opening stock by the file: one row a product, lot and serial number, by the rules and actions of the single form."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import newest_day
from certifications.ledger.moves import NotAllowed
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission
from certifications.programme import actions as programme
from certifications.programme import queries
from certifications.programme.models import StockCount
from certifications.programme.rules import StockData, stock_problems
from certifications.uploads.kinds import CREATE, SKIP, UPDATE, Desk, Field, Kind, Line, Made, Problem, Seen, Thing, Written
from certifications.uploads.values import amount, code, day, folded, shown

from . import first_day
from .upload_customers import rule_code
from .upload_goods import Goods

STOCK_FIELDS = (
    Field("product", gettext_lazy("Catalogue number"), ("catalog no", "catalog number", "catalogue no", "cat no", "sku", "item", "item no", "product", "product code",
          "货号", "产品编号", "产品货号", "产品", "产品代码", "物料编码"), code, needed=True, max_length=200),
    Field("lot", gettext_lazy("Lot"), ("lot number", "lot no", "batch", "batch number", "批号", "批次", "批次号"), code, max_length=60),
    Field("serial", gettext_lazy("Serial number"), ("serial", "serial no", "s/n", "sn", "序列号", "出厂编号", "机身号"), code, max_length=60),
    Field("quantity", gettext_lazy("Quantity"), ("qty", "amount", "stock", "on hand", "number of units", "units", "数量", "库存", "库存数量", "结存"), amount, needed=True),
    Field("unit", gettext_lazy("Unit"), ("uom", "unit of measure", "单位", "计量单位"), folded, max_length=30),
    Field("counted_on", gettext_lazy("Counted on"), ("date", "stock date", "as of", "count date", "盘点日期", "日期", "截止日期"), day, needed=True),
)  # fmt: skip


def _of(row: StockCount) -> tuple[str, str, str]:
    return (str(row.product_id), row.lot.casefold(), row.serial.casefold())


def _stamp(row: StockCount) -> str:
    return sha256_hex(canonical({"quantity": str(row.quantity.normalize()), "counted_on": row.counted_on.isoformat()}))


class StockDesk(Desk):
    """Rows beside what is counted already."""

    def __init__(self, by: User, things: Sequence[Thing]) -> None:
        del things
        self.by = by
        self.products = list(current_products())
        self.goods = Goods(self.products)
        rows = queries.counting(queries.stock_visible_to(by)).select_related("product")
        self.known = {_of(row): row for row in rows}

    def look(self, thing: Thing) -> Seen:
        line = thing.lines[0]
        problems = list(line.problems)
        bad = {problem.field for problem in problems}
        product = self.goods.product_of(line, problems, bad)
        data = self._data(line, product, problems, bad)
        if product is None or data is None:
            return Seen(problems={line.number: problems})
        title = " ".join(filter(None, (product.catalogue_number, data.lot, data.serial)))
        known = self.known.get((product.pk, data.lot.casefold(), data.serial.casefold()))
        digest = sha256_hex(canonical([product.pk, data.lot, data.serial, str(data.quantity.normalize()), data.counted_on.isoformat()]))
        seen: dict[str, Any] = {"title": title, "digest": digest, "problems": {line.number: problems} if problems else {}}
        if known is None:
            return Seen(CREATE, **seen)
        pairs = [(name, getattr(known, name), getattr(data, name)) for name in ("quantity", "counted_on")]
        changes = tuple((name, shown(old), shown(new)) for name, old, new in pairs if old != new)
        return Seen(UPDATE if changes else SKIP, object_id=known.pk, changes=changes, **seen)

    def _data(self, line: Line, product: Product | None, problems: list[Problem], bad: set[str]) -> StockData | None:
        if "quantity" not in line.values and "quantity" not in bad:
            problems.append(Problem("quantity", "no_quantity", _("Enter how many units lay in stock.")))
        if "counted_on" not in line.values and "counted_on" not in bad:
            problems.append(Problem("counted_on", "no_day", _("Enter a day, such as 2026-10-05.")))
        if product is None or "quantity" not in line.values or "counted_on" not in line.values:
            return None
        quantity = self.goods.quantity_of(line, product, problems)
        if quantity is None:
            return None
        data = StockData(str(line.values.get("lot", "")), str(line.values.get("serial", "")), quantity, line.values["counted_on"])
        problems += [Problem(p.field, rule_code(p.message, p.field), p.message) for p in stock_problems(data, newest_day())]
        return data

    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        del form_key  # a product, lot and serial number is counted once (PostgreSQL)
        line = thing.lines[0]
        product = self.goods.product_of(line, [], set())
        data = self._data(line, product, [], set())
        if product is None or data is None:
            raise NotAllowed(_("This row cannot be read any more."), "unreadable")
        if seen.outcome == CREATE:
            made = first_day.count_stock(by=self.by, product=product, data=data)
            return Written(made.pk, None, _stamp(made))
        row = StockCount.objects.get(pk=seen.object_id)
        reason = _("Corrected by an uploaded file.")
        made = first_day.correct_stock(row=row, by=self.by, quantity=data.quantity, counted_on=data.counted_on, reason=reason)
        return Written(made.pk, {"quantity": str(row.quantity), "counted_on": row.counted_on.isoformat()}, _stamp(made))


class OpeningStock(Kind):
    """What lay in stock when the programme began."""

    code = "stock"
    label = gettext_lazy("Opening stock")
    one = gettext_lazy("Opening stock")
    right = Permission.EDIT_STOCK

    def fields(self) -> tuple[Field, ...]:
        return STOCK_FIELDS

    def key(self, line: Line, above: str) -> str:
        """Product, lot and serial number as typed: two rows with the same are about one."""
        del above
        said = [folded(str(line.values.get(name, ""))).casefold() for name in ("product", "lot", "serial")]
        return "stock:" + hashlib.sha256("\n".join(said).encode()).hexdigest()[:48] if any(said) else f"row:{line.number}"

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        return StockDesk(by, things)

    def bound(self, *, organisation: Organisation, made: Sequence[Made]) -> dict[str, str]:
        held = {row.pk: row for row in organisation.stock_counts.filter(pk__in=[one.object_id for one in made])}
        followed = set(StockCount.objects.filter(supersedes__in=held).values_list("supersedes_id", flat=True))
        return {pk: _("This row was corrected after the upload.") for pk in held if pk in followed}

    def take_back(self, *, organisation: Organisation, by: User, made: Made) -> None:
        """Nothing is ever removed: what was there before counts again, or nothing of it, as a correction."""
        row = organisation.stock_counts.filter(pk=made.object_id).first()
        if row is None:
            return
        quantity, counted_on = row.quantity * 0, row.counted_on
        if made.outcome == UPDATE:
            quantity, counted_on = type(row.quantity)(made.before["quantity"]), dt.date.fromisoformat(made.before["counted_on"])
        if (row.quantity, row.counted_on) == (quantity, counted_on):
            return
        reason = _("The upload that said otherwise was taken back.")
        programme.correct_stock(row=row, by=by, quantity=quantity, counted_on=counted_on, reason=reason)

    def prefilled(self, *, by: User) -> Iterator[dict[str, str]]:
        rows = (
            queries.counting(queries.stock_visible_to(by)).select_related("product").order_by("product__catalogue_number", "lot", "serial")
        )
        for row in rows:
            yield {
                "product": row.product.catalogue_number,
                "lot": row.lot,
                "serial": row.serial,
                "quantity": shown(row.quantity),
                "unit": row.product.unit,
                "counted_on": row.counted_on.isoformat(),
            }

    def lists(self, *, by: User) -> dict[str, list[str]]:
        del by
        return {"product": [f"{product.catalogue_number} {product.name}" for product in current_products()]}
