"""What must be mended before something is said of a product. Pure; quantities are Decimal."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from certifications.parties.rules import Problem

from .rules import fits, is_samples, normal_unit

MOST_UNITS, MOST_DAYS_AHEAD = 10, 366 * 2
WORDS = ("name", "name_zh", "line", "unit", "unit_zh", "samples_per_unit", "classification", "is_current")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,19}")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}")


@dataclass(frozen=True)
class ProductData:
    """Everything that is said of a product from `from_date` on. `units`: further units by name, each with its number of own units."""

    name: str
    name_zh: str
    line: str
    unit: str
    unit_zh: str
    from_date: dt.date
    samples_per_unit: int | None = None
    classification: str = ""
    is_current: bool = True
    units: Mapping[str, Decimal] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """As a proposal keeps it."""
        words = {name: getattr(self, name) for name in WORDS}
        return {
            **{name: value.strip() if isinstance(value, str) else value for name, value in words.items()},
            "from_date": self.from_date.isoformat(),
            "units": [[name.strip(), f"{factor:f}"] for name, factor in self.units.items()],
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "ProductData":
        """From the content of a proposal."""
        units = {name: Decimal(factor) for name, factor in content["units"]}
        day = dt.date.fromisoformat(content["from_date"])
        return cls(**{name: content[name] for name in WORDS}, from_date=day, units=units)


def read_units(text: str) -> dict[str, Decimal]:
    """Units as typed, one a line: `case = 10`. Raises ValueError with the line that cannot be read, or that comes twice."""
    found: dict[str, Decimal] = {}
    known: set[str] = set()
    for line in filter(None, (part.strip() for part in text.splitlines())):
        name, sign, number = (part.strip() for part in line.replace("＝", "=").partition("="))
        try:
            factor = Decimal(number)
        except InvalidOperation:
            raise ValueError(line) from None
        if not (sign and name and factor.is_finite()) or normal_unit(name) in known:
            raise ValueError(line)
        found[name] = factor
        known.add(normal_unit(name))
    return found


def number_problem(number: str) -> Problem | None:
    """What is wrong with a new catalogue number."""
    if _NUMBER.fullmatch(number):
        return None
    return Problem("catalogue_number", _("A catalogue number has at most 40 letters, digits, blanks, points, strokes and dashes."))


def fixed_problem(data: ProductData, fixed: tuple[str, str, str]) -> Problem | None:
    """What would change of a product that a declaration names. `fixed`: its line, and its unit in both languages.

    What was signed counts in that unit, and the right to sell it is looked up by that line.
    """
    if (data.line, data.unit, data.unit_zh) == fixed:
        return None
    where = "line" if data.line != fixed[0] else "unit"
    return Problem(where, _("Declarations name this number: its line and its unit stay. Give the goods a new catalogue number instead."))


def product_problems(data: ProductData, *, today: dt.date, after: dt.date | None) -> list[Problem]:
    """Everything that must be mended, each with its field; empty when nothing. `after`: the day of the last version, if any."""
    problems = [
        Problem(name, _("Write it in both languages; declarations show both."))
        for name in ("name", "name_zh", "unit", "unit_zh")
        if not getattr(data, name).strip()
    ]
    if not _CODE.fullmatch(data.line):
        problems.append(Problem("line", _("A product line is a short word in small letters, such as kits.")))
    if data.from_date < today:
        problems.append(Problem("from_date", _("What was said until today stays said; begin today or later.")))
    elif data.from_date > today + dt.timedelta(days=MOST_DAYS_AHEAD):
        problems.append(Problem("from_date", _("Begin within two years.")))
    elif after is not None and data.from_date <= after:
        problems.append(Problem("from_date", _("Another version begins on that day or later; begin after it.")))
    if data.samples_per_unit is not None and data.samples_per_unit < 1:
        problems.append(Problem("samples_per_unit", _("A unit is good for one sample at least; leave it empty for what is no kit.")))
    return problems + _unit_problems(data)


def _unit_problems(data: ProductData) -> list[Problem]:
    if len(data.units) > MOST_UNITS:
        return [Problem("units", _("At most %(n)d further units.") % {"n": MOST_UNITS})]
    own = {normal_unit(data.unit), normal_unit(data.unit_zh)}
    for name, factor in data.units.items():
        if normal_unit(name) in own or normal_unit(name).removesuffix("s") in own or is_samples(name):
            return [Problem("units", _("%(unit)s is the product's own unit, or samples; it converts already.") % {"unit": name})]
        if factor <= 0 or not fits(factor) or len(name) > 20:  # noqa: PLR2004 - as the column
            return [
                Problem("units", _("%(unit)s: more than zero of the product's own units, with four decimals at most.") % {"unit": name})
            ]
    return []
