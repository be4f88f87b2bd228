"""One file to one table. Runs in the child process (child.py), or in a test; never in a web process."""

from collections.abc import Iterable

from .book import Book, guard
from .epcis import epcis_table
from .headings import keys_of
from .sniffing import CSV, JSON
from .table import Table, table_of
from .text import decode, delimiter_of, rows_of
from .types import Reading, SheetInfo, Unreadable


def read_table(
    content: bytes, form: str, *, vocabulary: Iterable[str] = (), sheet: str = "", header_row: int | None = None
) -> tuple[Reading, list[tuple[int, list[str]]]]:
    """(what the table is, its rows of cells as text). `form` is what `sniff` found; `sheet` and `header_row` a person chose.

    Raises Unreadable.
    """
    if form == JSON:
        return epcis_table(content)
    words = frozenset(vocabulary)
    if form == CSV:
        text, encoding = decode(content, words)
        delimiter = delimiter_of(text)
        table = table_of(rows_of(text, delimiter), words, header_row=header_row)
        return _reading(table, form=CSV, encoding=encoding, delimiter=delimiter), table.rows
    guard(content)
    book = Book(content)
    sheets = book.sheets()
    name, table = _table_in(book, sheets, words, sheet, header_row)
    return _reading(table, form=form, sheet=name, sheets=tuple(sheets), origin=book.origin()), table.rows


def _reading(table: Table, *, form: str, **more: object) -> Reading:
    return Reading(
        format=form,
        header=table.header,
        header_rows=table.header_rows,
        count=len(table.rows),
        left_out=dict(table.left),
        left_rows=tuple(table.left_rows),
        totals=tuple((number, tuple(cells)) for number, cells in table.totals),
        **more,  # type: ignore[arg-type]
    )


def _table_in(book: Book, sheets: list[SheetInfo], words: frozenset[str], sheet: str, header_row: int | None) -> tuple[str, Table]:
    """The table of the sheet that was chosen; else of the first sheet in sight that has known headings, else of the fullest."""
    if sheet:
        if sheet not in {one.name for one in sheets}:
            raise Unreadable("no_sheet")
        return sheet, table_of(book.rows(sheet), words, merged=book.merged(sheet), header_row=header_row)
    in_sight = [one for one in sheets if not one.hidden and one.rows] or [one for one in sheets if one.rows]
    if not in_sight:
        raise Unreadable("empty")
    problem: Unreadable | None = None
    found: list[tuple[int, int, str, Table]] = []
    for place, one in enumerate(in_sight[:20]):
        try:
            table = table_of(book.rows(one.name), words, merged=book.merged(one.name), header_row=header_row)
        except Unreadable as refusal:
            problem = problem or refusal
            continue
        known = sum(any(key in words for key in keys_of(heading)) for heading in table.header)
        found.append((known, -place, one.name, table))
    if not found:
        raise problem or Unreadable("empty")
    if max(known for known, *_rest in found) == 0:
        found = [(len(table.rows), place, name, table) for _known, place, name, table in found]
    _points, _place, name, table = max(found, key=lambda item: item[:2])
    return name, table
