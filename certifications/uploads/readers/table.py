"""Finds the table in a sheet: where the headings are, in one row or two, and which rows below are data.

Pure; knows no Django and no field, only the keys of headings that somebody may have used.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from .headings import UNDER, keys_of
from .types import MAX_CELLS, Unreadable

LOOKED_AT: Final = 30  # rows in which headings are looked for
LISTED: Final = 50  # rows left out that are named one by one
MOST_TOTALS: Final = 2_000  # rows of totals that are kept beside the data; more are no totals
# The word by itself, or with what a total is of behind it. "Total Lab Co", "Summit Medical" and "Sum-2026-001" are somebody's names.
TOTAL: Final = re.compile(
    r"^(?:"
    r"(?:本页)?(?:合\s*计|总\s*计|小\s*计|共\s*计|總\s*計|合\s*計|小\s*計)\s*(?:数量|金额|件数|行数|笔数|人民币|RMB|CNY|數量|金額)?(?:大写|大寫)?"
    r"|(?:grand\s+|sub-?\s*)?(?:totals?|sum)\b(?:\s+(?:number|quantity|qty|amount|value|price|cost|net|gross|sales|units|rows|cny|rmb|usd|eur)\b(?:\s+(?:amount|value))?|\s+(?:of|in|for|per)\b.{0,24})?"
    r")\s*(?:[(（].*[)）](?:数量|金额|數量|金額)?)?\s*(?:[:：].{0,12}|\d[\d.,]*\s*\S{0,4})?$",
    re.IGNORECASE,
)
DAY: Final = re.compile(r"^(?:\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})(?!\d)")
NOTE: Final = re.compile(
    r"^(?:备\s*注|備\s*註|注|註|说\s*明|制\s*表|填\s*表|填\s*报|审\s*核|打\s*印|报\s*表|note|remark|prepared|printed|source)s?(?:\s*(?:人|日期|时间|by|on))?\s*[:：\d]",
    re.IGNORECASE,
)
FIGURE: Final = re.compile(r"^[\d.,:/\-\s年月日]+$")
Rows = Sequence[tuple[int, list[str]]]
Merged = Sequence[tuple[int, int, int, int]]


@dataclass
class Table:
    """Headings and data rows; `left` says of each row that is no data why."""

    header: tuple[str, ...]
    header_rows: tuple[int, ...]
    rows: list[tuple[int, list[str]]]
    left: Counter[str] = field(default_factory=Counter)
    left_rows: list[tuple[int, str]] = field(default_factory=list)
    totals: list[tuple[int, list[str]]] = field(default_factory=list)


def clean(cell: str) -> str:
    """A cell without blanks around it and without what no database keeps; line breaks inside stay."""
    kept = "".join(c for c in cell.replace("\r\n", "\n").replace("\r", "\n") if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return kept.strip(" \t\n\u00a0\u3000\ufeff\u200b")


def _filled(cells: Iterable[str]) -> int:
    return sum(bool(cell) for cell in cells)


def _hits(header: Iterable[str], vocabulary: frozenset[str]) -> int:
    return sum(any(key in vocabulary for key in keys_of(cell)) for cell in header)


def table_of(
    rows: Iterable[tuple[int, list[str]]], vocabulary: frozenset[str], *, merged: Merged = (), header_row: int | None = None
) -> Table:
    """The table in the rows. `header_row` is what a person said: a row, or 0 for a table without headings.

    Raises Unreadable: empty, no_rows, too_many_cells.
    """
    # What is plain in a file of two million cells is told apart here and not by two million calls.
    kept = [(n, [c.strip() if c.isprintable() else clean(c) for c in cells]) for n, cells in rows]
    held = [(number, cells) for number, cells in kept if any(cells)]
    if not held:
        raise Unreadable("empty")
    if sum(len(cells) for _number, cells in held) > MAX_CELLS:
        raise Unreadable("too_many_cells", cells=f"{MAX_CELLS:,}")
    header, header_rows = _header(held, vocabulary, merged, header_row)
    table = Table(header, header_rows, [])
    blank = len(kept) - len(held)
    last = max(header_rows, default=0)
    wanted = [cell.casefold() for cell in header if cell]
    full: float | None = None
    for number, cells in held:
        if number in header_rows:
            continue
        why = "title" if number < last else _no_data(cells, wanted)
        if why == "total":
            full = _fullness(held, last) if full is None else full
            why = "" if len(table.totals) == MOST_TOTALS or _tells_goods(cells, full) else why
        if why:
            table.left[why] += 1
            if why == "total":
                table.totals.append((number, cells))
            if len(table.left_rows) < LISTED:
                table.left_rows.append((number, why))
        else:
            table.rows.append((number, cells))
    if blank:
        table.left["blank"] = blank
    if not table.rows:
        raise Unreadable("no_rows")
    width = max(*(len(cells) for _number, cells in table.rows), len(header))
    while width > len(header) and not any(width <= len(cells) and cells[width - 1] for _number, cells in table.rows):
        width -= 1
    table.header = tuple((list(header) + [""] * width)[:width])
    table.rows = [row if len(row[1]) <= width else (row[0], row[1][:width]) for row in table.rows]
    return table


def _no_data(cells: list[str], wanted: list[str]) -> str:
    """Why a row is no data; "" for one that is."""
    first = next(cell for cell in cells if cell)
    if TOTAL.match(first):
        return "total"
    if not (wanted and first.casefold() == wanted[0]) and len(cells) - cells.count("") > 2:  # noqa: PLR2004 - most rows
        return ""
    filled = [cell.casefold() for cell in cells if cell]
    if len(wanted) > 1 and first.casefold() == wanted[0] and filled == wanted:
        return "repeated"  # headings printed on every page
    if len(filled) <= 2 < len(wanted) and NOTE.match(first):  # noqa: PLR2004
        return "note"
    return ""


def _fullness(held: Rows, last: int) -> float:
    """How many cells most rows below the headings fill, but for those that begin as totals do."""
    filled = [_filled(cells) for number, cells in held if number > last and not TOTAL.match(next(cell for cell in cells if cell))]
    return median(filled) if filled else 0


def _tells_goods(cells: list[str], full: float) -> bool:
    """Whether a row that begins as a total does is data: it has a day, or is as full as the others and says more than figures."""
    _first, *rest = [cell for cell in cells if cell]
    return any(DAY.match(cell) for cell in rest) or (len(rest) + 1 >= full and any(map(_is_word, rest)))


def _is_word(cell: str) -> bool:
    return not cell[0].isdigit() and any(map(str.isalpha, cell))


def _header(held: Rows, vocabulary: frozenset[str], merged: Merged, header_row: int | None) -> tuple[tuple[str, ...], tuple[int, ...]]:
    if header_row == 0:
        return (), ()
    if header_row is not None:
        chosen = next((cells for number, cells in held if number == header_row), None)
        if chosen is not None:
            return tuple(chosen), (header_row,)
    best: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    points = 0
    top = held[:LOOKED_AT]
    for place, (number, cells) in enumerate(top):
        found = _hits(cells, vocabulary)
        if found > points:
            best, rows, points = tuple(cells), (number,), found
        if place + 1 < len(top) and top[place + 1][0] == number + 1:
            joined = _joined(number, cells, top[place + 1][1], merged)
            found = _hits(joined, vocabulary) if joined else 0
            if found > points:
                best, rows, points = joined, (number, number + 1), found
    if points >= 2 or (points and _filled(best) <= 2):  # noqa: PLR2004
        return best, rows
    for number, cells in top:
        # Nothing known: the first row of several words and no figures.
        if _filled(cells) > 1 and not any(FIGURE.match(cell) for cell in cells if cell):
            return tuple(cells), (number,)
    return (), ()


def _joined(number: int, upper: list[str], lower: list[str], merged: Merged) -> tuple[str, ...]:
    """Two rows as one row of headings, `货物 / 数量`; empty when the lower one is data or nothing is grouped."""
    if _filled(upper) < 2 or _filled(lower) < 2 or any(FIGURE.match(cell) for cell in lower if cell):  # noqa: PLR2004
        return ()
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    spans = {column: first for top, first, bottom, last in merged if top == number == bottom for column in range(first, last + 1)}
    if not merged:
        # A CSV file knows no merged cells: a blank beside a group, with something below, belongs to the group.
        group = 0
        for column in range(1, width + 1):
            group = column if upper[column - 1] else group
            if group and not upper[column - 1] and lower[column - 1]:
                spans[column] = group
                spans[group] = group
    if not spans:
        return ()
    joined = []
    for column in range(1, width + 1):
        above = upper[spans.get(column, column) - 1] if (column in spans or upper[column - 1]) else ""
        below = lower[column - 1]
        joined.append(f"{above}{UNDER}{below}" if above and below else above or below)
    return tuple(joined)
