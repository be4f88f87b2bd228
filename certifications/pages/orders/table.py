"""Order lines from a CSV file: bounded, each wrong cell named by row and column, nothing done unless every row is right. Pure."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from certifications.flow.order_facts import LineRequest
from certifications.flow.orders import MOST_LINES, OrderRequest

COLUMNS = ("order_number", "line", "customer", "catalogue_number", "quantity", "unit", "country", "division", "date")
OPTIONAL = ("distributor", "division")
LONGEST = {
    "order_number": 40, "line": 10, "customer": 60, "catalogue_number": 40, "quantity": 20, "unit": 20, "country": 2, "division": 6,
    "date": 10, "distributor": 26,
}  # fmt: skip
MOST_ROWS, MOST_BYTES = 500, 1024 * 1024


@dataclass(frozen=True)
class RowError:
    """What is wrong with one cell: the row as a spreadsheet counts it, the column, the value, how to mend it."""

    row: int
    column: str
    value: str
    message: str


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says why and what to send."""


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 1 MB. Send fewer rows."))
    if content.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise Unreadable(_("This is no CSV file. Save the sheet as CSV (UTF-8) and send that."))
    # A handful of Chinese words is too little for a guess to be worth more than what Excel writes in China.
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    best = from_bytes(content).best()
    if best is not None:
        return str(best)
    raise Unreadable(_("The letters of this file cannot be read. Save it as CSV (UTF-8) and send that."))


def rows_of(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """(row number, cells by column) of every row that is not empty. Raises Unreadable."""
    text = _text(content)
    if "\x00" in text:
        raise Unreadable(_("This is no CSV file. Save the sheet as CSV (UTF-8) and send that."))
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        table = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Unreadable(_("The file breaks off within quotes, or a cell is too long. Save it as CSV again.")) from error
    head = [cell.strip().lower() for cell in table[0]] if table else []
    missing = [column for column in COLUMNS if column not in head and column not in OPTIONAL]
    if missing:
        raise Unreadable(_("The first row lacks the columns: %(c)s.") % {"c": ", ".join(missing)})
    if len(set(head)) != len(head):
        raise Unreadable(_("A column stands twice in the first row."))
    rows = [(n, row) for n, row in enumerate(table[1:], start=2) if any(cell.strip() for cell in row)]
    if not rows or len(rows) > MOST_ROWS:
        raise Unreadable(_("Send between 1 and %(n)d rows below the first.") % {"n": MOST_ROWS})
    return [(n, {name: cell.strip() for name, cell in zip(head, row, strict=False)}) for n, row in rows]


def _cell(row: int, cells: dict[str, str], column: str) -> Iterator[RowError]:
    value = cells.get(column, "")
    if not value and column not in OPTIONAL:
        yield RowError(row, column, "", _("This cell is empty."))
    elif len(value) > LONGEST[column] or not value.isprintable():
        yield RowError(row, column, value[:40], _("At most %(n)d characters, on one line.") % {"n": LONGEST[column]})


def _decimal(value: str) -> Decimal | None:
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and found > 0 and found == round(found, 4) and found < Decimal(10) ** 10 else None


def _day(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if len(value) == 10 else None  # noqa: PLR2004 - 2026-12-01
    except ValueError:
        return None


def _wrong(row: int, cells: dict[str, str]) -> list[RowError]:
    found = [error for column in (*COLUMNS, "distributor") for error in _cell(row, cells, column)]
    bad = {error.column for error in found}
    if "quantity" not in bad and _decimal(cells["quantity"]) is None:
        found.append(
            RowError(row, "quantity", cells["quantity"], _("A number above zero with a point and at most four places, such as 12.5."))
        )
    if "date" not in bad and _day(cells["date"]) is None:
        found.append(RowError(row, "date", cells["date"], _("A day as 2026-12-01.")))
    if "country" not in bad and not (len(cells["country"]) == 2 and cells["country"].isascii() and cells["country"].isupper()):  # noqa: PLR2004
        found.append(RowError(row, "country", cells["country"], _("Two capitals of ISO 3166, such as CN.")))
    division = cells.get("division", "")
    if "division" not in bad and division and not (len(division) == 6 and division.isascii() and division.isdecimal()):  # noqa: PLR2004
        found.append(RowError(row, "division", division, _("Six digits of GB/T 2260, such as 330200.")))
    return found


def orders_in(rows: list[tuple[int, dict[str, str]]]) -> tuple[list[OrderRequest], list[RowError]]:
    """Orders with their lines, in the order of the file, or everything that is wrong; never both."""
    errors: list[RowError] = []
    grouped: dict[tuple[str, ...], list[tuple[int, LineRequest]]] = {}
    seen: dict[tuple[str, str, str], int] = {}
    for row, cells in rows:
        wrong = _wrong(row, cells)
        errors += wrong
        if wrong:
            continue
        which = (cells.get("distributor", ""), cells["order_number"], cells["line"])
        if which in seen:
            errors.append(RowError(row, "line", cells["line"], _("The same order line stands in row %(n)d.") % {"n": seen[which]}))
            continue
        seen[which] = row
        head = (*which[:2], cells["customer"], cells["country"], cells.get("division", ""), cells["date"])
        quantity = _decimal(cells["quantity"]) or Decimal(0)
        grouped.setdefault(head, []).append((row, LineRequest(cells["line"], cells["catalogue_number"], quantity, cells["unit"])))
    found = []
    for (distributor, number, customer, country, division, day), lines in grouped.items():
        if len(lines) > MOST_LINES:
            errors.append(
                RowError(lines[MOST_LINES][0], "order_number", number, _("An order has at most %(n)d lines.") % {"n": MOST_LINES})
            )
            continue
        found.append(
            OrderRequest(
                distributor=distributor,
                customer=customer,
                order_number=number,
                country=country,
                division=division,
                wanted_on=dt.date.fromisoformat(day),
                lines=tuple(line for _row, line in lines),
            )
        )
    return ([], sorted(errors, key=lambda e: (e.row, e.column))) if errors else (found, [])
