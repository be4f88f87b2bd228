"""What a person's confirmation must hold. Pure: takes values, returns what is wrong with which field."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

STAGES = ("award", "contract", "candidate", "tender", "intention", "failed", "amendment", "cancelled")
MAX_LINES = 50


@dataclass(frozen=True)
class LineData:
    """One line as a person confirmed it; see EvidenceLine for meanings. Amounts in `currency`, quantity in `unit`."""

    stage: str
    buyer: str
    happened_on: dt.date
    seller: str = ""
    seller_withheld: bool = False
    seller_uscc: str = ""
    seller_address: str = ""
    buyer_uscc: str = ""
    project_no: str = ""
    product_id: str = ""
    product_undisclosed: bool = False
    product_text: str = ""
    brand: str = ""
    model: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    currency: str = "CNY"
    region: str = ""
    extraction: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """What is wrong, in which line (from 0) and field."""

    line: int
    field: str
    message: str


def check_lines(lines: list[LineData], today: dt.date) -> list[Problem]:
    """Everything wrong with the lines; empty when they may be confirmed."""
    if not lines:
        return [Problem(0, "seller", _("Confirm at least one line, or withdraw the document."))]
    if len(lines) > MAX_LINES:
        return [Problem(0, "seller", _("At most %(n)d lines can be confirmed from one document.") % {"n": MAX_LINES})]
    problems = []
    for number, line in enumerate(lines):
        if line.stage not in STAGES:
            problems.append(Problem(number, "stage", _("Say what kind of notice this is.")))
        if not line.buyer.strip():
            problems.append(Problem(number, "buyer", _("Enter the buyer as the notice writes it.")))
        if not line.seller.strip() and not line.seller_withheld:
            problems.append(Problem(number, "seller", _("Enter the supplier as the notice writes it, or mark it as withheld.")))
        if line.seller.strip() and line.seller_withheld:
            problems.append(Problem(number, "seller", _("A supplier is entered and marked as withheld; keep one.")))
        if not line.product_id and not line.product_text.strip() and not line.product_undisclosed:
            problems.append(Problem(number, "product_text", _("Choose the product, describe it, or mark it as undisclosed.")))
        if line.happened_on > today:
            problems.append(Problem(number, "happened_on", _("The date lies in the future; enter the date of the award.")))
        for name in ("quantity", "unit_price", "amount"):
            value = getattr(line, name)
            if value is not None and value < 0:
                problems.append(Problem(number, name, _("Enter a number that is not negative, or leave it empty.")))
    return problems
