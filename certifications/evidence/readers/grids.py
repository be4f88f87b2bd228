"""Finds the tables of a printed page by the lines that are drawn around their cells. Pure geometry: must not know PDF or what is written.

Points are (x, y) in points of the page, y growing downwards.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Ends of lines that should meet miss one another by the width of a line; two lines so near are the two edges of one.
NEAR: Final = 2.5
SHORTEST: Final = 6.0
MOST_LINES: Final = 6_000
MOST_ROWS, MOST_COLUMNS = 400, 40

# (x, y) of both ends; across (y is one) or upright (x is one), the smaller end first.
Stroke = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid: its first row and column, how many of each it spans, and its edges."""

    row: int
    column: int
    high: int
    wide: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one drawn table and the places of its columns' lines."""

    cells: tuple[Cell, ...]
    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def at(self, x: float, y: float) -> int | None:
        """The number of the cell at a point."""
        if not self.xs[0] <= x <= self.xs[-1] or not self.ys[0] <= y <= self.ys[-1]:
            return None
        return next((n for n, one in enumerate(self.cells) if one.left <= x <= one.right and one.top <= y <= one.bottom), None)


def grids(strokes: Sequence[Stroke]) -> list[Grid]:
    """The tables that the lines of a page make, from the top. A single frame is none."""
    across = _joined([s for s in strokes if s[3] - s[1] <= s[2] - s[0]][:MOST_LINES], upright=False)
    upright = _joined([s for s in strokes if s[3] - s[1] > s[2] - s[0]][:MOST_LINES], upright=True)
    found = [grid for part in _connected(across, upright) if (grid := _grid(*part)) is not None]
    return sorted(found, key=lambda grid: (grid.ys[0], grid.xs[0]))


def _joined(strokes: list[Stroke], *, upright: bool) -> list[Stroke]:
    """Pieces of one line as one, and the two edges of a thin bar as one line."""
    if not strokes:
        return []
    low, place = (1, 0) if upright else (0, 1)
    lines: list[list[float]] = []  # place, from, to
    for stroke in sorted(strokes, key=lambda s: (round(s[place]), s[low])):
        at, start, end = (stroke[place] + stroke[place + 2]) / 2, stroke[low], stroke[low + 2]
        for held in reversed(lines[-60:]):
            if abs(held[0] - at) <= NEAR and start <= held[2] + NEAR and end >= held[1] - NEAR:
                held[1], held[2] = min(held[1], start), max(held[2], end)
                break
        else:
            lines.append([at, start, end])
    kept = [one for one in lines if one[2] - one[1] >= SHORTEST]
    return [(at, start, at, end) if upright else (start, at, end, at) for at, start, end in kept]


def _connected(across: list[Stroke], upright: list[Stroke]) -> list[tuple[list[Stroke], list[Stroke]]]:
    """Lines that cross one another, in groups."""
    parent = list(range(len(across) + len(upright)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    order = sorted(range(len(across)), key=lambda i: across[i][1])
    heights = [across[i][1] for i in order]
    for j, (x, top, _x, bottom) in enumerate(upright):
        for k in range(bisect_left(heights, top - NEAR), len(order)):
            if heights[k] > bottom + NEAR:
                break
            i = order[k]
            if across[i][0] - NEAR <= x <= across[i][2] + NEAR:
                parent[root(i)] = root(len(across) + j)
    groups: dict[int, tuple[list[Stroke], list[Stroke]]] = {}
    for n in range(len(parent)):
        group = groups.setdefault(root(n), ([], []))
        (group[0] if n < len(across) else group[1]).append(across[n] if n < len(across) else upright[n - len(across)])
    return [group for group in groups.values() if len(group[0]) > 1 and len(group[1]) > 1]


def _places(values: list[float]) -> list[float]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > NEAR:
            kept.append(value)
    return kept


def _grid(across: list[Stroke], upright: list[Stroke]) -> Grid | None:
    xs, ys = _places([s[0] for s in upright]), _places([s[1] for s in across])
    rows, columns = len(ys) - 1, len(xs) - 1
    if not 0 < rows <= MOST_ROWS or not 0 < columns <= MOST_COLUMNS or rows * columns < 2:  # noqa: PLR2004 - a frame around a text
        return None
    # Where a line is drawn between two neighbours; where none is, they are one cell.
    right = {(r, c) for c in range(columns - 1) for r in _covered(upright, xs[c + 1], ys, low=1)}
    below = {(r, c) for r in range(rows - 1) for c in _covered(across, ys[r + 1], xs, low=0)}
    taken: set[tuple[int, int]] = set()
    cells = []
    for row in range(rows):
        for column in range(columns):
            if (row, column) in taken:
                continue
            wide = 1
            while column + wide < columns and (row, column + wide - 1) not in right and (row, column + wide) not in taken:
                wide += 1
            high = 1
            while row + high < rows and not any((row + high - 1, column + i) in below for i in range(wide)):
                high += 1
            taken |= {(row + i, column + j) for i in range(high) for j in range(wide)}
            edges = (xs[column], ys[row], xs[column + wide], ys[row + high])
            cells.append(Cell(row, column, high, wide, *edges))
    return Grid(tuple(cells), tuple(xs), tuple(ys)) if len(cells) > 1 else None


def _covered(strokes: list[Stroke], at: float, places: list[float], *, low: int) -> list[int]:
    """The numbers of the stretches between `places` along which a line is drawn at `at`."""
    place = 1 - low
    drawn = [(s[low], s[low + 2]) for s in strokes if abs(s[place] - at) <= NEAR]
    return [n for n in range(len(places) - 1) if any(start <= (places[n] + places[n + 1]) / 2 <= end for start, end in drawn)]
