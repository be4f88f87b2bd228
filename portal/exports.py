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


def csv_response(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]], *, most: int | None = None) -> HttpResponse:
    """A CSV file in UTF-8 with a mark that Excel understands.

    Of `rows` the first `most` are written; where there is one more, the last line says that the file is not the whole.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_cell(cell) for cell in head])
    for number, row in enumerate(rows):
        if number == most:
            writer.writerow([_("Only the first %(n)d lines are here; there are more. Narrow the list and save it again.") % {"n": most}])
            break
        writer.writerow([safe_cell(cell) for cell in row])
    return attachment(b"\xef\xbb\xbf" + out.getvalue().encode(), name=name, media_type="text/csv; charset=utf-8")
