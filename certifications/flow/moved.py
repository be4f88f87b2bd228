"""What every report of goods that moved says alike: which goods, how many, on which day, which serial numbers, for which money.

Rules of a row by itself; who sold what to whom is asked by the kinds (upload_sales.py, upload_shipments.py).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models import Product
from certifications.custody.actions import Told
from certifications.custody.rules import serials_of
from certifications.matching.identifiers import check_uscc
from certifications.uploads.kinds import Line, Problem, Said
from certifications.uploads.values import figure

from .upload_goods import Goods

CENT = Decimal("0.01")
MOST_MONEY = Decimal(10) ** 13
PRICE_SLACK = Decimal("0.01")  # of an amount, for prices that were rounded
LONGEST_SERIAL = 60  # as long as the column
TOO_LONG = _("A serial number has at most 60 characters. Separate several by commas.")


@dataclass(frozen=True)
class Moved:
    """How much of what moved on which day. `quantity` as it was written: below zero for what came back."""

    product: Product
    quantity: Decimal
    happened_on: dt.date


def moved_in(line: Line, goods: Goods, newest: dt.date, problems: list[Problem], bad: set[str]) -> Moved | None:
    """Product, quantity and day of a row, on `newest` (the latest day that has begun anywhere) or before; None, with what is wrong in `problems`, where one of them cannot be told."""
    values = line.values
    product = goods.product_of(line, problems, bad)
    if "quantity" not in values and "quantity" not in bad:
        problems.append(Problem("quantity", "no_quantity", _("Enter how many.")))
    day = values.get("shipped_on") or values.get("invoiced_on")
    if day is None and not bad & {"shipped_on", "invoiced_on"}:
        problems.append(Problem("shipped_on", "no_day", _("Enter a day, such as 2026-10-05.")))
    elif day is not None and day > newest:
        problems.append(Problem("shipped_on", "not_come", _("This day has not come yet. Correct it, or report it in its month.")))
        day = None
    quantity = goods.quantity_of(line, product, problems) if product and "quantity" in values else None
    if quantity == 0:
        problems.append(Problem("quantity", "zero", _("Nothing moved in this row. Enter a quantity, or leave the row out.")))
        quantity = None
    if product is None or quantity is None or day is None:
        return None
    return Moved(product, quantity, day)


def serials_in(line: Line, quantity: Decimal, problems: list[Problem]) -> tuple[str, ...] | None:
    """The serial numbers of a row, one for each unit; none where it names none; None where they cannot be counted."""
    text = line.values.get("serial")
    if not text:
        return ()
    whole = int(quantity) if quantity == quantity.to_integral_value() else None
    try:
        serials = serials_of(text, whole)
    except ValueError as error:
        said = {
            "twice": _("The same serial number stands here twice. Take one away."),
            "range": _("This range cannot be counted: it runs backwards, or over more than 500. Write the numbers one by one."),
            "long": TOO_LONG,
        }[str(error)]
        problems.append(Problem("serial", f"serials_{error}", said))
        return None
    if any(len(serial) > LONGEST_SERIAL for serial in serials):
        problems.append(Problem("serial", "serials_long", TOO_LONG))
        return None
    if len(serials) != whole:
        counted = _("The row names %(s)d serial numbers and a quantity of %(q)s. Make the two alike.")
        problems.append(Problem("serial", "serial_count", Said(counted, {"s": len(serials), "q": figure(quantity)})))
        return None
    return tuple(serials)


def serials_named(lines: Iterable[Line]) -> set[str]:
    """Every serial number that rows name, as far as they can be read: what to ask the record about."""
    found: set[str] = set()
    for line in lines:
        text, quantity = line.values.get("serial"), line.values.get("quantity")
        if text:
            try:
                found.update(serials_of(text, int(abs(quantity[0])) if quantity else None))
            except (ValueError, OverflowError):
                continue
    return found


def money_in(line: Line, problems: list[Problem]) -> None:
    """Say where a price or an amount is too long, or the two do not belong together."""
    price, amount = line.values.get("unit_price"), line.values.get("amount")
    for name, value in (("unit_price", price), ("amount", amount)):
        if value is not None and abs(value[0]) >= MOST_MONEY:
            problems.append(Problem(name, "money_long", _("This is more than the portal holds: at most thirteen digits.")))
            return
    if price is not None and amount is not None and price[0] and "quantity" in line.values:
        wanted = abs(price[0]) * abs(line.values["quantity"][0])
        if abs(abs(amount[0]) - wanted) > max(wanted * PRICE_SLACK, CENT):
            said = _("Price times quantity is %(n)s. Both are kept as they stand.")
            problems.append(Problem("amount", "product_differs", Said(said, {"n": figure(wanted)}), blocks=False))


def as_written(line: Line) -> dict[str, Any]:
    """Fields of a movement that are kept as the row has them."""
    values, quantity = line.values, line.values["quantity"]
    price, amount = values.get("unit_price"), values.get("amount")
    return {
        "reported": " ".join(filter(None, (line.texts["quantity"], values.get("unit", "") if not quantity[1] else "")))[:60],
        "lot": values.get("lot", ""),
        "row": line.number,
        "address": values.get("address", ""),
        "province": values.get("province", ""),
        "city": values.get("city", ""),
        "invoice_no": values.get("invoice_no", ""),
        "invoiced_on": values.get("invoiced_on"),
        "contract_no": values.get("contract_no", ""),
        "unit_price": price[0].quantize(CENT) if price else None,
        "amount": amount[0].quantize(CENT) if amount else None,
        "currency": values.get("currency", ""),
        "note": values.get("note", ""),
        "event_id": values.get("event_id", ""),
    }


def one_each(first: Told, serials: Sequence[str]) -> Iterator[Told]:
    """The movements of one row: `first`, or one for each serial number; the amount stands once."""
    yield first
    for part, serial in enumerate(serials[1:], start=1):
        yield first._replace(part=part, serial=serial, amount=None)


def check_codes(line: Line, names: Iterable[str], problems: list[Problem]) -> None:
    """Say of registration numbers whose check character does not fit; they are kept as they stand."""
    for name in names:
        if line.values.get(name) and looks_wrong(line.values[name]):
            said = _("The check character of this number does not fit. Compare it with the business licence; it is kept as it stands.")
            problems.append(Problem(name, "check_character", said, blocks=False))


@lru_cache(maxsize=16_384)
def looks_wrong(uscc: str) -> bool:
    """A registration number whose shape or check character is wrong: some valid ones of the pilot years are, so it only tells."""
    return not check_uscc(uscc)[0]
