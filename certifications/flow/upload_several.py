"""Several end users of one declaration by the file: rows of one reference, each for an end user, with its place of use and its goods."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from certifications.declarations.data import EndUserData, LineData, ShareData
from certifications.parties.models import Customer
from certifications.uploads.kinds import Line, Problem, Thing

# What each end user's own rows say; everything else is said once for the declaration.
PER_USER = ("customer", "place_address", "place_country", "place_division")
Problems = dict[int, list[Problem]]
Head = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One end user: its rows, what they say of it, whom they mean, and its goods."""

    lines: tuple[Line, ...]
    head: Head
    customer: Customer | None
    goods: tuple[LineData, ...]

    @property
    def row(self) -> int:
        """The row in which what is wrong with it is mended."""
        return self.lines[0].number

    def user(self) -> EndUserData:
        """As the declaration names it."""
        shares = tuple(ShareData(one.product_id, one.quantity) for one in self.goods)
        places = {name: str(self.head.get(name, "")) for name in PER_USER[1:]}
        return EndUserData(self.customer.pk if self.customer else "", shares, **places)


def is_several(thing: Thing) -> bool:
    """Whether the rows are one declaration of several end users: one of them says so."""
    return any(line.values.get("kind") == "several" for line in thing.lines)


def parts_of(
    thing: Thing,
    problems: Problems,
    *,
    head_of: Callable[[Sequence[Line], Problems, Sequence[str]], Head],
    customer_of: Callable[[Head, list[Problem]], Customer | None],
    goods_of: Callable[[Sequence[Line], Problems], list[LineData]],
) -> list[Part]:
    """The end users in the order of the file. A row that names nobody belongs to the end user above; who is written in two ways is asked."""
    groups: dict[str, list[Line]] = {}
    last = ""
    for line in thing.lines:
        last = str(line.values.get("customer") or "") or last
        groups.setdefault(last, []).append(_own(line))
    parts: list[Part] = []
    rows: dict[str, int] = {}
    for lines in groups.values():
        first = lines[0].number
        head = head_of(lines, problems, PER_USER)
        customer = customer_of(head, problems[first])
        if customer is not None and customer.pk in rows:
            said = _("Row %(n)d names the same end user in other words. Write it alike in both.")
            problems[first].append(Problem("customer", "written_twice", said % {"n": rows[customer.pk]}))
        if customer is not None:
            rows.setdefault(customer.pk, first)
        parts.append(Part(tuple(lines), head, customer, tuple(goods_of(lines, problems))))
    return parts


def _own(line: Line) -> Line:
    """The row without a place that a blank cell took from the row above: that one is another end user's."""
    taken = line.from_above & set(PER_USER[1:])
    return replace(line, values={name: value for name, value in line.values.items() if name not in taken}) if taken else line


def goods_together(parts: Sequence[Part], problems: Problems) -> list[LineData]:
    """The goods of the whole declaration: of each product the sum; a ceiling holds for each end user, and is the same for all."""
    found: dict[str, LineData] = {}
    for part in parts:
        for one in part.goods:
            held = found.get(one.product_id, LineData(one.product_id, Decimal(0), one.ceiling))
            if held.ceiling is not None and one.ceiling is not None and held.ceiling != one.ceiling:
                said = _("A ceiling holds for each end user by itself; write the same one in every row of the product.")
                problems[part.row].append(Problem("ceiling", "ceilings_differ", said))
            most = held.ceiling if held.ceiling is not None else one.ceiling
            found[one.product_id] = LineData(one.product_id, held.quantity + one.quantity, most)
    return list(found.values())


def place_in(field: str, parts: Sequence[Part]) -> tuple[str, int | None]:
    """(field without the end user, row of that end user) for what the form says of one of them; the field as it is, and None, else."""
    start, _bar, key = field.rpartition("_")
    row = next((part.row for part in parts if part.customer is not None and part.customer.pk == key), None)
    return (start, row) if row is not None else (field, None)
