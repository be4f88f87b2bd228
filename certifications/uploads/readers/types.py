"""What a reader of a file of rows hands over, and the reasons for which it refuses one. Pure data; knows no Django."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

LIMIT_MB: Final = 20
MAX_BYTES: Final = LIMIT_MB * 1024 * 1024
MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 100
MAX_CELLS: Final = 4_000_000
MAX_CELL: Final = 4_000  # characters; the longest field of any form takes 2,000


def _(sentence: str) -> str:
    """Mark a sentence for translation; the pages translate it, since readers know no Django."""
    return sentence


# One sentence per reason: what is wrong, and how to mend it.
UNREADABLE: Final[dict[str, str]] = {
    "empty": _("The file is empty. Choose the file again, or save it once more."),
    "too_large": _("The file is larger than %(limit)s MB. Split it, and send the parts one after the other."),
    "wrong_kind": _("The file is %(kind)s, not a table. Save it as .xlsx or as CSV."),
    "wrong_name": _("The file name ends in “%(suffix)s”. Choose a file that ends in .csv, .txt, .tsv, .xlsx or .xls."),
    "name_and_bytes": _("The name ends in “%(suffix)s”, and the file is something else. Save it again under the right name."),
    "binary": _("The file holds binary data, not text. Save it as .xlsx or as CSV."),
    "encoding": _("The character encoding could not be recognised. Save the file as .xlsx, or as “CSV UTF-8”."),
    "cut_off": _("The file ends in the middle: it did not arrive whole. Save it and send it again."),
    "open_quote": _("The quotation mark that opens in row %(row)s is never closed, so everything below would be one cell. Close it or take it away."),
    "macros": _("The workbook holds macros. Save it as .xlsx without them."),
    "encrypted": _("The workbook is locked with a password. Take the password away, save it, and send it again."),
    "damaged": _("The workbook is damaged and cannot be opened. Open it in Excel, save it, and send it again."),
    "bomb": _("The workbook grows to more than %(limit)s MB when it is unpacked. Delete what is not needed, and save it again."),
    "nested": _("The workbook holds another archive or a path that leads out of it. Save it again from Excel."),
    "far_cell": _("The sheet “%(sheet)s” holds something in cell %(cell)s, beyond %(rows)s rows or %(columns)s columns. Delete it there, and save again."),
    "too_many_rows": _("The table has more than %(rows)s rows. Split it, and send the parts one after the other."),
    "too_many_columns": _("The table has more than %(columns)s columns. Delete those that are not needed."),
    "too_many_cells": _("The table has more than %(cells)s cells. Delete columns that are not needed, or split it."),
    "cell_too_long": _("The cell in row %(row)s, column %(column)s, holds more than %(limit)s characters. Shorten it."),
    "no_sheet": _("The workbook has no sheet of this name any more. Choose another."),
    "no_rows": _("No row with anything in it was found below the headings. Fill in the table, and send it again."),
    "not_json": _("The file is no JSON: it is damaged or breaks off in line %(line)s, character %(column)s. Export it again, and send it whole."),
    "json_twice": _("The file is no JSON that means one thing: a name stands twice in one object, or it is nested too deep. Export it again."),
    "not_epcis": _("The file holds no EPCIS events: an EPCISDocument with epcisBody and eventList is read. Export it as EPCIS 2.0 in JSON."),
    "epcis_version": _("The document is of version %(version)s of EPCIS, and version 2.0 is read. Export it again as EPCIS 2.0 in JSON."),
    "no_events": _("The document holds no event. Export it again, for a time in which something happened."),
    "not_here": _("The file is JSON, and this kind of rows is read as .xlsx or CSV. Choose the kind for events, or send a table."),
    "reader_died": _("The file could not be read by program (%(reason)s). Save it again as .xlsx or CSV, with nothing but the table."),
}  # fmt: skip


class Unreadable(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """The bytes cannot be read as a table. `message_key` % `params` is the sentence to show, after translation."""

    def __init__(self, code: str, **params: str) -> None:
        self.code = code
        self.message_key = UNREADABLE[code]
        self.params = params
        super().__init__(self.message_key % params)


@dataclass(frozen=True)
class SheetInfo:
    """A sheet of a workbook; hidden ones are read only when a person chooses them."""

    name: str
    hidden: bool = False
    rows: int = 0
    columns: int = 0


@dataclass(frozen=True)
class Origin:
    """What a workbook of ours says of itself: for which kind of rows, in which version, with which fields."""

    kind: str
    version: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """Everything about a table but its rows. Rows are counted from 1 as a spreadsheet shows them.

    `left_out` counts rows that are no data, by reason: title, blank, total, note, repeated. `left_rows` names the first of them.
    `totals` are the rows of totals as they stand: (row, cells).
    """

    format: str
    header: tuple[str, ...]
    header_rows: tuple[int, ...]
    count: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[SheetInfo, ...] = ()
    left_out: dict[str, int] = field(default_factory=dict)
    left_rows: tuple[tuple[int, str], ...] = ()
    origin: Origin | None = None
    totals: tuple[tuple[int, tuple[str, ...]], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a line of JSON and for the database."""
        return asdict(self)


def reading_from_json(row: Any) -> Reading:
    """The reading that `as_json` made. Raises ValueError, KeyError or TypeError for anything else."""
    known = {f.name for f in fields(Reading)}
    if not isinstance(row, dict) or set(row) != known:
        raise ValueError("not a reading")
    totals = [(number, list(cells)) for number, cells in row["totals"]]
    texts = [
        row["format"],
        row["encoding"],
        row["delimiter"],
        row["sheet"],
        *row["header"],
        *(cell for _n, cells in totals for cell in cells),
    ]
    numbers = [row["count"], *row["header_rows"], *row["left_out"].values()]
    if not all(isinstance(x, str) for x in texts) or not all(isinstance(x, int) and x >= 0 for x in numbers):
        raise ValueError("not a reading")
    # These become rows, as the data do.
    for number, cells in totals:
        good = isinstance(number, int) and 0 < number <= MAX_ROWS and len(cells) <= MAX_COLUMNS
        if not good or any(len(cell) > MAX_CELL or "\0" in cell for cell in cells):
            raise ValueError("not a reading")
    origin = row["origin"]
    return Reading(
        format=row["format"],
        header=tuple(row["header"]),
        header_rows=tuple(row["header_rows"]),
        count=row["count"],
        encoding=row["encoding"],
        delimiter=row["delimiter"],
        sheet=row["sheet"],
        sheets=tuple(SheetInfo(str(s["name"]), bool(s["hidden"]), int(s["rows"]), int(s["columns"])) for s in row["sheets"]),
        left_out={str(k): v for k, v in row["left_out"].items()},
        left_rows=tuple((int(n), str(why)) for n, why in row["left_rows"]),
        origin=Origin(str(origin["kind"]), str(origin["version"]), tuple(str(f) for f in origin["fields"])) if origin else None,
        totals=tuple((int(number), tuple(cells)) for number, cells in totals),
    )
