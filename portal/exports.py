"""CSV that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from certifications.uploads.values import FORMULA_STARTS

from .downloads import attachment


def safe_cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in FORMULA_STARTS else text


def first_of(found: Any, most: int) -> tuple[list[Any], bool]:
    """The first `most` of a queryset or list, and whether there are more."""
    rows = list(found[: most + 1])
    return rows[:most], len(rows) > most


def csv_response(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]], *, is_cut: bool = False) -> HttpResponse:
    """A CSV file in UTF-8 with a mark that Excel understands. Where it `is_cut`, its last line says that it is not the whole."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_cell(cell) for cell in head])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    if is_cut:
        writer.writerow([_("There are more lines than a file holds. Narrow the list and save it again.")])
    return attachment(b"\xef\xbb\xbf" + out.getvalue().encode(), name=name, media_type="text/csv; charset=utf-8")
