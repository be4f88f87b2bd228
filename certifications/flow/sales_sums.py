"""What shows only when a whole sales report is added up: more returned than sold, totals that are another sum, and how blanks were read.

Asked of the database, over figures that each row left beside it; no file of a hundred thousand rows is gone through again.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection
from django.db.models import DecimalField, Max, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from certifications.uploads.kinds import CREATE, Line, Problem, Said, Unfit
from certifications.uploads.models import Upload, UploadRow
from certifications.uploads.rules import columns_from_json, texts_of
from certifications.uploads.values import amount, figure

from .sales_history import sold_before

# What is summed, by field: the name of the figure beside the row.
SUMMED = {"quantity": "q", "amount": "a"}
NEXT = "\x1f"  # between serial numbers
MOST = Decimal(10) ** 15  # what is longer is wrong by itself, and adds up to nothing
OPEN = (UploadRow.State.READY, UploadRow.State.ATTENTION, UploadRow.State.DONE)


def facts_of(line: Line, product_id: str | None, signed: Decimal, whose: str = "", serials: Sequence[str] = ()) -> dict[str, str]:
    """The figures of a row: as written, the units that went out (or, below zero, came back) of which product to whom, and their numbers."""
    figures = {name: line.values[field][0] for field, name in SUMMED.items() if field in line.values}
    facts = {name: f"{number:f}" for name, number in figures.items() if abs(number) < MOST}
    if product_id:
        facts |= {"n": str(signed), "p": product_id, "b": whose}
    if product_id and serials:
        facts["s"] = NEXT.join(serials)
    return facts


def _number(name: str) -> Any:
    return Cast(KeyTextTransform(name, "facts"), DecimalField(max_digits=30, decimal_places=6))


def _rows(upload: Upload) -> QuerySet[UploadRow]:
    return UploadRow.objects.filter(upload=upload, state__in=OPEN).order_by()


def returned_more(
    upload: Upload, before_of: Callable[[str, set[str], set[str]], dict[tuple[str, str], Decimal]] = sold_before
) -> Iterator[tuple[int, Problem]]:
    """Rows of returns after which somebody had given back more of a product than it ever got, as far as was reported."""
    new = _rows(upload).filter(outcome=CREATE, facts__has_key="n").exclude(state=UploadRow.State.DONE)
    # Names that no field of the row has, for a group in SQL.
    whose = new.annotate(whose=KeyTextTransform("b", "facts"), what=KeyTextTransform("p", "facts"), net=_number("n")).values(
        "what", "whose"
    )
    short = list(whose.annotate(sum=Sum("net"), last=Max("number", filter=Q(net__lt=0))).filter(sum__lt=0))
    before = before_of(upload.organisation_id, {row["what"] for row in short}, {row["whose"] for row in short})
    for row in short:
        left = before.get((row["what"], row["whose"]), Decimal(0)) + row["sum"]
        if left < 0:
            said = Said(
                _("With this row, %(n)s more units came back from this buyer than were reported as sold to it."), {"n": figure(-left)}
            )
            yield row["last"], Problem("quantity", "returned_more", said, accept=_("They were sold before the programme"))


# Of units by their numbers: those that left more often in this file than they came back, or twice on a day; or came back more often.
_TWICE = """
WITH units AS (
    SELECT number, facts ->> 'p' AS p, facts ->> 'd' AS d, sign((facts ->> 'n')::numeric) AS way,
        upper(unnest(string_to_array(facts ->> 's', %s))) AS s
    FROM certifications_uploadrow WHERE upload_id = %s AND state IN ('ready', 'attention') AND outcome = 'create' AND facts ? 's'
)
SELECT s, max(number) FILTER (WHERE way > 0), min(number) FILTER (WHERE way > 0), 1 FROM units GROUP BY p, s HAVING sum(way) > 1
UNION SELECT s, max(number), min(number), 1 FROM units WHERE way > 0 GROUP BY p, s, d HAVING count(*) > 1
UNION SELECT s, max(number) FILTER (WHERE way < 0), min(number) FILTER (WHERE way < 0), -1 FROM units GROUP BY p, s HAVING sum(way) < -1
"""


def sent_twice(upload: Upload) -> Iterator[tuple[int, Problem]]:
    """Rows that name a serial number which another row of the file has sent, or brought back, already: one unit counts once."""
    with connection.cursor() as cursor:
        cursor.execute(_TWICE, [NEXT, upload.pk])
        found = cursor.fetchall()
    for serial, last, first, way in found:
        if way > 0:
            said = _("Serial number %(s)s left in row %(n)d already. Correct one of the two, or leave this row out.")
        else:
            said = _("Serial number %(s)s came back in row %(n)d already. Correct one of the two, or leave this row out.")
        yield last, Problem("serial", "sent_twice" if way > 0 else "back_twice", Said(said, {"s": serial, "n": first}))


# Of units by their numbers: each sale that follows another one, by the day and by the row, with nothing between. What is written already
# counts, and it is the other row that is asked about.
_SOLD_TWICE = """
WITH units AS (
    SELECT number, state = 'done' AS done, facts ->> 'p' AS p, facts ->> 'd' AS d, facts ->> 'k' AS k,
        upper(unnest(string_to_array(facts ->> 's', %s))) AS s
    FROM certifications_uploadrow
    WHERE upload_id = %s AND state IN ('ready', 'attention', 'done') AND outcome = 'create' AND facts ?& '{s,d,k}'
), told AS (
    SELECT s, k, number, done, lag(k) OVER w AS before, lag(number) OVER w AS other, lag(done) OVER w AS other_done
    FROM units WINDOW w AS (PARTITION BY p, s ORDER BY d, number)
)
SELECT s, CASE WHEN done THEN other ELSE number END, CASE WHEN done THEN number ELSE other END
FROM told WHERE k = 'sale' AND before = 'sale' AND NOT (done AND other_done) ORDER BY s DESC
"""


def sold_twice(upload: Upload) -> Iterator[tuple[int, Problem]]:
    """Rows that sell a unit which another row of the file has sold, and of which nothing says that it came back in between."""
    with connection.cursor() as cursor:
        cursor.execute(_SOLD_TWICE, [NEXT, upload.pk])
        found = cursor.fetchall()
    said = _(
        "Serial number %(s)s is sold in row %(n)d already, and does not come back in between. Correct one of the two, or say that it was sold again."
    )
    for serial, number, other in found:
        yield number, Problem("serial", "sold_twice", Said(said, {"s": serial, "n": other}), accept=_("It was sold again"))


_MOVING = """
SELECT s, way < 0, d FROM (
    SELECT (facts ->> 'd')::date AS d, (facts ->> 'n')::numeric AS way, upper(unnest(string_to_array(facts ->> 's', %s))) AS s
    FROM certifications_uploadrow
    WHERE upload_id = %s AND state = 'ready' AND outcome = 'create' AND facts ?& '{s,d}' AND NOT number = ANY(%s)
) AS units WHERE s = ANY(%s)
"""


def moving(upload: Upload, serials: Sequence[str], besides: Sequence[int]) -> list[tuple[str, bool, dt.date]]:
    """(serial number in capitals, whether it comes back, on which day) in the other rows of the file that are ready to be written."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVING, [NEXT, upload.pk, list(besides), list(serials)])
        return cursor.fetchall()


def remarks(upload: Upload) -> Iterator[Problem]:
    """Totals that are not the sum of what stands above them, blanks that were read as the row above, sheets that were not read."""
    yield from _totals(upload)
    filled = UploadRow.objects.filter(upload=upload).exclude(filled={}).count()
    if filled:
        said = _("In %(n)d rows, blank cells were read as what stands above. Look at the columns if that is not how the file is meant.")
        yield Problem("", "from_above", Said(said, {"n": filled}), blocks=False)
    hidden = [s["name"] for s in upload.reading.get("sheets", []) if s["hidden"] and s["rows"] and s["name"] != upload.reading.get("sheet")]
    if hidden:
        said = _("The hidden sheet “%(name)s” was not read. Choose it with the columns if it belongs to the report.")
        yield Problem("", "hidden", Said(said, {"name": hidden[0]}), blocks=False)


def _totals(upload: Upload) -> Iterator[Problem]:
    """A total is right when it is the sum of every row above it, or of those since the total before."""
    columns = columns_from_json(upload.columns)
    last, totals = 0, upload.reading.get("totals", [])
    taken_in = set(_rows(upload).filter(number__in=[number for number, _cells in totals]).values_list("number", flat=True))
    for number, cells in totals:
        if number in taken_in:
            continue
        texts = texts_of(cells, {}, {}, columns)
        above = _rows(upload).filter(number__lt=number)
        for field, name in SUMMED.items():
            try:
                written = amount(texts[field])[0] if texts.get(field) else None
            except (Unfit, InvalidOperation):
                written = None
            if written is None:
                continue
            whole = above.aggregate(n=Sum(_number(name)))["n"] or Decimal(0)
            since = above.filter(number__gt=last).aggregate(n=Sum(_number(name)))["n"] or Decimal(0)
            if written not in {whole, since}:
                said = _("Row %(row)d says a total of %(t)s; the rows above it add up to %(s)s. A row may be missing, or be there twice.")
                values = {"row": number, "t": figure(written), "s": figure(since if last else whole)}
                yield Problem(field, "total", Said(said, values), blocks=False)
        last = number
