"""What a person's confirmation must hold. Pure: takes values, returns what is wrong with which field."""

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

# The portal's own part in a capture; tests hold it to the version in pyproject.toml.
INTAKE = "portal 0.1.0"
STAGES = ("award", "contract", "candidate", "tender", "intention", "failed", "amendment", "cancelled")
MAX_LINES = 50
MAX_BIDDERS = 60
MAX_NAME = 300
NUMBER = 60  # characters of a serial number or lot


@dataclass(frozen=True)
class LineData:
    """One line as a person confirmed it; see EvidenceLine for meanings. Amounts in `currency`, quantity in `unit`."""

    stage: str
    buyer: str
    happened_on: dt.date
    seller: str = ""
    seller_withheld: bool = False
    seller_uscc: str = ""
    seller_identifier: str = ""
    seller_address: str = ""
    buyer_uscc: str = ""
    buyer_identifier: str = ""
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
    other_bidders: tuple[str, ...] = ()
    agency: str = ""
    delivery_place: str = ""
    catalogue_no: str = ""
    lot: str = ""
    serial: str = ""
    published_on: dt.date | None = None
    signed_on: dt.date | None = None
    extraction: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """What is wrong, in which line (from 0) and field."""

    line: int
    field: str
    message: str


def standing_of_source(captures: Sequence[Any]) -> str:
    """How far the source of a document is attested, by its captures in their order (EvidenceCapture).

    "attested": taken from an address, in a file, at least once. "file": came as a file, and nobody gave the address. "unattested":
    began as pasted text or as a tip; a file without an address is then no source, because the paste itself may have been saved as one.
    """
    if any(one.from_source for one in captures):
        return "attested"
    return "unattested" if not captures or captures[0].method in ("paste", "tip") else "file"


def holds_text(page: str, pasted: str) -> tuple[int, int]:
    """(lines of the pasted text that stand on the page, all its lines that are more than a mark). White space and width do not count."""
    whole = _bare(page)
    wanted = [bare for line in pasted.splitlines() if len(bare := _bare(line)) > 1]
    return sum(line in whole for line in wanted), len(wanted)


# So much of a pasted text must stand on the page that is said to be its source: a page wraps and hides a line here and there.
SAME_TEXT = Decimal("0.95")


def is_source_of(page: str, pasted: str) -> bool:
    """Whether the page may be what the text was pasted from."""
    found, wanted = holds_text(page, pasted)
    return wanted > 0 and found >= SAME_TEXT * wanted


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def check_lines(lines: list[LineData], today: dt.date, *, none_will_do: bool = False) -> list[Problem]:
    """Everything wrong with the lines; empty when they may be confirmed. Of a package's part, none may be right (`none_will_do`)."""
    if not lines and none_will_do:
        return []
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
        if len(line.currency) != 3 or not line.currency.isascii() or not line.currency.isupper():
            problems.append(Problem(number, "currency", _("Enter the currency as three capitals, such as CNY or EUR.")))
        if line.happened_on > today:
            problems.append(Problem(number, "happened_on", _("The date lies in the future; enter the date of the award.")))
        for name in ("published_on", "signed_on"):
            if (day := getattr(line, name)) is not None and day > today:
                problems.append(Problem(number, name, _("The date lies in the future; enter it as the notice says it, or leave it empty.")))
        if len(line.other_bidders) > MAX_BIDDERS or any(len(name) > MAX_NAME for name in line.other_bidders):
            sentence = _("Enter at most %(n)d other bidders, each with at most %(long)d characters.")
            problems.append(Problem(number, "other_bidders", sentence % {"n": MAX_BIDDERS, "long": MAX_NAME}))
        if line.serial and line.quantity is not None and line.quantity > 1:
            problems.append(
                Problem(number, "serial", _("A serial number is of one unit: give each unit a line of its own, with quantity 1."))
            )
        for name in ("quantity", "unit_price", "amount"):
            value = getattr(line, name)
            if value is not None and value < 0:
                problems.append(Problem(number, name, _("Enter a number that is not negative, or leave it empty.")))
    return problems
