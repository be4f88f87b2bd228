"""Puts the letters of printed pages together again: to lines, to paragraphs that the margin broke, and to the cells of tables, as markup.

Must not know PDF, nor what any word means but for what opens a line of its own.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from .grids import Cell, Grid
from .plain import BEGINS, PAGE
from .runs import HAN
from .spans import MAX_HIGH, cells, parts

# A gap of so many sizes of the letters is a space, and one of so many a column.
SPACE, COLUMN = 0.28, 1.6
GAP: Final = "\u00a0" * 4
# What no line is broken within: a word, or one Han character with the bracket, figure or hyphen behind it.
_FIRST: Final = re.compile(rf"[^\s{HAN}]+|[{HAN}][^\s{HAN}]*")
LEAST_COLUMNS: Final = 3  # of a table without lines; label and value side by side are read as lines


@dataclass(frozen=True, slots=True)
class Letter:
    """One character and its box; y grows downwards."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> float:
        return max(self.bottom - self.top, 1.0)


@dataclass(slots=True)
class Row:
    """One printed line: pieces of text between wide gaps, each with where it begins and ends."""

    pieces: list[tuple[str, float, float]]
    top: float
    bottom: float

    @property
    def text(self) -> str:
        return GAP.join(piece for piece, _left, _right in self.pieces)

    @property
    def left(self) -> float:
        return self.pieces[0][1]

    @property
    def right(self) -> float:
        return self.pieces[-1][2]

    @property
    def size(self) -> float:
        return max(self.bottom - self.top, 1.0)


@dataclass(slots=True)
class Page:
    """The letters of a page and the tables drawn on it."""

    letters: list[Letter] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)


def rows_of(letters: Iterable[Letter]) -> list[Row]:
    """Letters as printed lines, from the top. Those whose middles lie at one height are one line."""
    lines: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda one: ((one.top + one.bottom) / 2, one.left)):
        middle = (letter.top + letter.bottom) / 2
        # The line may begin with another letter than the highest: the last few lines are asked.
        for line in reversed(lines[-3:]):
            first = line[0]
            if abs((first.top + first.bottom) / 2 - middle) < 0.5 * min(first.size, letter.size):
                line.append(letter)
                break
        else:
            lines.append([letter])
    found = [_row(sorted(line, key=lambda one: one.left)) for line in lines]
    return sorted((row for row in found if row.pieces), key=lambda row: row.top)


def _row(line: list[Letter]) -> Row:
    size = sorted(letter.size for letter in line)[len(line) // 2]
    pieces: list[tuple[str, float, float]] = []
    text, left, right, blank = "", line[0].left, line[0].left, False
    for letter in line:
        if letter.text == " ":
            blank = True  # how wide it is says nothing: the gap between its neighbours does
            continue
        gap = letter.left - right if text else 0.0
        if text and gap > COLUMN * size:
            pieces.append((text, left, right))
            text, left = "", letter.left
        elif text and (blank or gap > SPACE * size):
            text += " "
        blank = False
        if not text:
            left = letter.left
        text += letter.text
        right = letter.right
    pieces.append((text, left, right))
    kept = [(" ".join(piece.split()), start, end) for piece, start, end in pieces if piece.strip()]
    return Row(kept, min(one.top for one in line), max(one.bottom for one in line))


def joined(rows: Sequence[Row], left: float, right: float) -> list[str]:
    """Lines as they were written: what the right margin broke is put together again. `left` and `right` are the margins."""
    said: list[str] = []
    before: Row | None = None
    for row in rows:
        if before is not None and said and goes_on(before, row, left, right):
            said[-1] += _between(before, row, right) + row.text
        else:
            said.append(row.text)
        before = row
    return said


def goes_on(before: Row, row: Row, left: float, right: float) -> bool:
    """Whether a line goes on in the next: it reaches the margin, and the next begins at the other, in letters of the same size."""
    if len(before.pieces) > 1 or len(row.pieces) > 1 or abs(before.size - row.size) > 0.25 * before.size:
        return False
    first = _FIRST.match(row.text)
    word = len(first[0]) if first else 1
    room = right - before.right
    needed = (row.right - row.left) / max(len(row.text), 1) * word
    return room < max(1.3 * before.size, needed + 0.3 * before.size) and row.left - left < 1.2 * row.size and not BEGINS.match(row.text)


def _between(before: Row, row: Row, right: float) -> str:
    """A space where words were parted; nothing between Han characters, or in the middle of a number that filled its line."""
    latin = before.text[-1:].isascii() and row.text[:1].isascii() and before.text[-1:].isalnum() and row.text[:1].isalnum()
    return " " if latin and right - before.right > 0.6 * before.size else ""


def markup(pages: Sequence[Page]) -> str:
    """The pages as paragraphs and tables. A table that goes on over the page is one; feet of pages are left out."""
    blocks: list[_Block] = []
    for page in pages:
        for block in _blocks(page):
            last = blocks[-1] if blocks else None
            if isinstance(last, _Table) and isinstance(block, _Table) and last.goes_on(block):
                last.rows.extend(block.rows)
            elif isinstance(last, _Lines) and isinstance(block, _Lines):
                last.rows.extend(block.rows)
                last.left, last.right = min(last.left, block.left), max(last.right, block.right)
            else:
                blocks.append(block)
    return "<html><body>" + "".join(block.written() for block in blocks) + "</body></html>"


class _Lines:
    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.left, self.right = min(row.left for row in rows), max(row.right for row in rows)

    def written(self) -> str:
        return "".join(self._parts())

    def _parts(self) -> Iterable[str]:
        waiting: list[Row] = []
        for one in _runs(self.rows):
            if isinstance(one, Row):
                waiting.append(one)
                continue
            yield from self._paragraphs(waiting)
            waiting = []
            yield _loose(one)
        yield from self._paragraphs(waiting)

    def _paragraphs(self, rows: list[Row]) -> Iterable[str]:
        return (f"<p>{escape(text)}</p>" for text in joined(rows, self.left, self.right))


class _Table:
    def __init__(self, rows: list[str], xs: tuple[float, ...]) -> None:
        self.rows, self.xs = rows, xs

    def goes_on(self, other: "_Table") -> bool:
        return len(self.xs) == len(other.xs) and all(abs(a - b) < 6 for a, b in zip(self.xs, other.xs, strict=True))  # noqa: PLR2004

    def written(self) -> str:
        return "<table>" + "".join(self.rows) + "</table>"


_Block = _Lines | _Table


def _blocks(page: Page) -> list[_Block]:
    """Lines and tables of a page, from the top."""
    inside: dict[tuple[int, int], list[Letter]] = {}
    outside = []
    for letter in page.letters:
        x, y = (letter.left + letter.right) / 2, (letter.top + letter.bottom) / 2
        for n, grid in enumerate(page.grids):
            if (cell := grid.at(x, y)) is not None:
                inside.setdefault((n, cell), []).append(letter)
                break
        else:
            outside.append(letter)
    tables = [(grid.ys[0], _table(grid, {c: found for (g, c), found in inside.items() if g == n})) for n, grid in enumerate(page.grids)]
    free = [row for row in rows_of(outside) if not PAGE.match(row.text)]
    blocks: list[_Block] = []
    for top, table in tables:
        above = [row for row in free if row.top < top]
        free = free[len(above) :]
        if above:
            blocks.append(_Lines(above))
        blocks.append(table)
    return [*blocks, *([_Lines(free)] if free else [])]


def _table(grid: Grid, inside: dict[int, list[Letter]]) -> _Table:
    rows: list[list[tuple[int, str]]] = [[] for _ in range(len(grid.ys) - 1)]
    for number, cell in enumerate(grid.cells):
        said = _said(cell, inside.get(number, []))
        for begins, high in parts(cell.high, MAX_HIGH):  # what reaches further down says the same again
            rows[cell.row + begins].append((cell.column, cells(said, cell.wide, high)))
    return _Table([f"<tr>{''.join(text for _column, text in sorted(row))}</tr>" for row in rows], grid.xs)


def _said(cell: Cell, letters: list[Letter]) -> str:
    rows = rows_of(letters)
    if not rows:
        return ""
    # The margins of a cell are not drawn; what stands nearest to the left edge tells both.
    padding = max(0.0, min(min(row.left for row in rows) - cell.left, 12.0))
    return "<br>".join(escape(text) for text in joined(rows, min(row.left for row in rows), cell.right - padding))


def _runs(rows: list[Row]) -> list[Row | list[Row]]:
    """Lines, and where several in a row have columns at the same places the table that they make."""
    done: list[Row | list[Row]] = []
    for row in rows:
        last = done[-1] if done else None
        if isinstance(last, list) and _alike(last[-1], row):
            last.append(row)
        elif isinstance(last, Row) and _alike(last, row):
            done[-1] = [last, row]
        else:
            done.append(row)
    return done


def _alike(one: Row, other: Row) -> bool:
    """Whether two lines have the same columns: beginnings, middles or ends of their pieces lie below one another."""
    if len(one.pieces) != len(other.pieces) or len(one.pieces) < LEAST_COLUMNS:
        return False
    near = 0.8 * max(one.size, other.size)
    return all(
        min(abs(a[1] - b[1]), abs(a[2] - b[2]), abs(a[1] + a[2] - b[1] - b[2]) / 2) < near
        for a, b in zip(one.pieces, other.pieces, strict=True)
    )


def _loose(rows: list[Row]) -> str:
    cells = ("".join(f"<td>{escape(piece)}</td>" for piece, _left, _right in row.pieces) for row in rows)
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in cells) + "</table>"
