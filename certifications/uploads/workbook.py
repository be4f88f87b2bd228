"""Writes workbooks: one to be filled in, with lists to choose from, that comes back through the same machine; and rejected rows.

XlsxWriter and not openpyxl: it only writes, so nothing of another's file ever reaches it; it needs nothing else; and told to,
it writes every text as text, so that no cell becomes a formula or a link. Knows no kind by name.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext as _

from .kinds import Kind
from .readers.book import ORIGIN_MARK, ORIGIN_SHEET
from .readers.sniffing import MEDIA_TYPES, XLSX
from .values import amount, day

VERSION: Final = "1"
SPARE: Final = 500  # empty rows below the last that have the lists too
MEDIA_TYPE: Final = MEDIA_TYPES[XLSX]
# A cell holds no more than this, whatever the format says.
LONGEST: Final = 32_000
LISTS: Final = "Lists"


def _book(out: io.BytesIO) -> Any:
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    return xlsxwriter.Workbook(out, plain)


def workbook(kind: Kind, *, rows: Iterable[Mapping[str, str]], lists: Mapping[str, Sequence[str]]) -> bytes:
    """The workbook of a kind in the language that is active: headings, rows, and lists to choose from."""
    out = io.BytesIO()
    book = _book(out)
    fields = kind.fields()
    sheet = book.add_worksheet(str(kind.label)[:31])
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E4F0F3", "border": 1, "border_color": "#82909B"}
    )
    text, date = book.add_format({"num_format": "@", "valign": "top"}), book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    number = book.add_format({"num_format": "General", "valign": "top"})
    for place, field in enumerate(fields):
        sheet.write_string(0, place, f"{field.label} *" if field.needed else str(field.label), head)
        sheet.set_column(place, place, 22, date if field.read is day else number if field.read is amount else text)
    last = 0
    for last, row in enumerate(rows, start=1):  # noqa: B007 - how many there were
        for place, field in enumerate(fields):
            if row.get(field.code):
                sheet.write_string(last, place, row[field.code][:LONGEST], text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), len(fields) - 1)
    _choices(book, sheet, kind, lists, last + SPARE)
    mark = book.add_worksheet(ORIGIN_SHEET)
    mark.write_row(0, 0, [ORIGIN_MARK, kind.code, VERSION])
    mark.write_row(1, 0, [field.code for field in fields])
    mark.very_hidden()
    book.close()
    return out.getvalue()


def _choices(book: Any, sheet: Any, kind: Kind, lists: Mapping[str, Sequence[str]], last: int) -> None:
    """Lists and days in the cells. What is not on a list may be typed where the machine reads more than the list holds."""
    held = book.add_worksheet(LISTS)
    held.hide()
    column = 0
    for place, field in enumerate(kind.fields()):
        options: dict[str, Any] = {"input_title": str(field.label)[:32], "input_message": str(field.hint)[:255]} if field.hint else {}
        if lists.get(field.code):
            held.write_column(0, column, list(lists[field.code]))
            letter = column_letters(column)
            source = f"={LISTS}!${letter}$1:${letter}${len(lists[field.code])}"
            options |= {"validate": "list", "source": source, "error_type": "stop" if field.choices else "information"}
            column += 1
        elif field.read is day:
            options |= {"validate": "date", "criteria": ">", "value": "=36526", "error_type": "warning"}
        elif field.read is amount:
            options |= {"validate": "decimal", "criteria": ">", "value": 0, "error_type": "warning"}
        elif options:
            options |= {"validate": "any"}
        if options:
            sheet.data_validation(1, place, last, place, {"ignore_blank": True, **options})


def column_letters(number: int) -> str:
    """What a spreadsheet calls a column, counted from 0: A, B, ... Z, AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def rows_book(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Plain rows as a workbook, every cell a text."""
    out = io.BytesIO()
    book = _book(out)
    sheet = book.add_worksheet(title[:31] or _("Rows"))
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    for place, cell in enumerate(head):
        sheet.write_string(0, place, cell, bold)
    sheet.set_column(0, max(len(head) - 1, 0), 22, text)
    for at, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if cell:
                sheet.write_string(at, place, cell[:LONGEST], text)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
