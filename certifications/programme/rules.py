"""What the first day means for a sale, and what stock and old certificates must say. Pure: values in, values out."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from certifications.parties.rules import MAX_NAME, Problem
from certifications.uploads.values import EARLIEST

# A sale's place in the programme.
STARTED, BEFORE, NOT_STARTED = "started", "before", "not_started"
LEAST_EXPLAINED = 15
LEAST_REASON = 10
# How our own numbers begin: an old certificate that carries one would read as ours.
OURS = re.compile(r"^\s*(EUC|EUD|TAL)\s*[-–—]", re.IGNORECASE)
MOST = Decimal(10) ** 12


def place_of_sale(starts: Iterable[dt.date], on: dt.date) -> str:
    """Where a sale of that day stands. `starts`: the first days of the lines that it may be of; one that began is enough."""
    days = list(starts)
    if any(day <= on for day in days):
        return STARTED
    return BEFORE if days else NOT_STARTED


def start_problems(*, line: str, starts_on: dt.date, explanation: str, known_lines: Iterable[str], today: dt.date) -> list[Problem]:
    """What keeps a start from being proposed, by field."""
    problems = []
    if line not in set(known_lines):
        problems.append(Problem("line", _("Choose a product line of the catalogue.")))
    if abs((starts_on - today).days) > 366 * 5:
        problems.append(Problem("starts_on", _("This day is more than five years away; correct it.")))
    if len(explanation.strip()) < LEAST_EXPLAINED:
        problems.append(Problem("explanation", _("Explain in a sentence; the second person and the auditor read it.")))
    return problems


@dataclass(frozen=True)
class StockData:
    """One row of the opening stock; `quantity` in the product's own unit."""

    lot: str
    serial: str
    quantity: Decimal
    counted_on: dt.date


def stock_problems(data: StockData, newest: dt.date) -> list[Problem]:
    """What must be mended before a row is recorded, by field. `newest`: the latest day that has begun anywhere."""
    problems = []
    if data.quantity < 0 or data.quantity >= MOST or data.quantity != data.quantity.quantize(Decimal("0.01")):
        problems.append(Problem("quantity", _("Enter a quantity that is not negative, with two digits behind the point at most.")))
    elif data.serial.strip() and data.quantity not in {Decimal(0), Decimal(1)}:
        problems.append(Problem("quantity", _("A serial number is one unit; enter 1, or leave the serial number empty.")))
    if data.counted_on < EARLIEST:
        problems.append(Problem("counted_on", _("This day lies before the year 2000. Correct it, written as 2026-10-05.")))
    elif data.counted_on > newest:
        problems.append(Problem("counted_on", _("The stock cannot have been counted on a day that has not come; correct the date.")))
    return problems


@dataclass(frozen=True)
class CertificateData:
    """An old certificate as typed. `products`: catalogue numbers of ours; `named`: names of others on it."""

    customer_id: str
    number: str
    issuer: str
    dated_on: dt.date
    valid_until: dt.date
    products: tuple[str, ...] = ()
    goods: str = ""
    named: tuple[str, ...] = ()


def certificate_problems(data: CertificateData, newest: dt.date) -> list[Problem]:
    """What must be mended before an old certificate is kept, by field. `newest`: the latest day that has begun anywhere."""
    problems = []
    if not data.number.strip():
        problems.append(Problem("number", _("Enter the number that its issuer gave it.")))
    elif OURS.match(data.number):
        problems.append(Problem("number", _("This is how numbers of this portal begin; enter the number that the paper's issuer gave it.")))
    if not data.issuer.strip():
        problems.append(Problem("issuer", _("Say who issued it.")))
    if data.dated_on < EARLIEST:
        problems.append(Problem("dated_on", _("This day lies before the year 2000. Correct it, written as 2026-10-05.")))
    elif data.dated_on > newest:
        problems.append(Problem("dated_on", _("It is dated on a day that has not come; correct the date.")))
    if data.valid_until <= data.dated_on:
        problems.append(Problem("valid_until", _("It ends before it begins; correct one of the dates.")))
    if not data.products and not data.goods.strip():
        problems.append(Problem("products", _("Choose the products, or write what the paper calls the goods.")))
    if len(data.named) > 10 or any(len(name) > MAX_NAME for name in data.named):  # noqa: PLR2004
        problems.append(Problem("named", _("Name at most ten others, each in at most 300 characters, one a line.")))
    return problems
