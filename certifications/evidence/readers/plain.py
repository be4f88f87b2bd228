"""Turns pasted text into lines and tables: pipes, tabs as a browser copies them, or wide gaps where a table was flattened.

Must not know what any word means.
"""

import re
from typing import Final

from .blocks import Cell, Document, Line, Table
from .runs import Writer, clean, columns, squeeze

ROW_GAP: Final = re.compile(r"\t{1,3}")
MARGIN: Final = (40, 130)
# The foot of a printed page, in whose middle a table or a sentence goes on.
PAGE: Final = re.compile(r"[ \t\u3000]*(?:第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?|[-—–]\s*\d{1,4}\s*[-—–])[ \t\u3000]*$")
QUOTED: Final = re.compile(r"(?:>[ \u3000]?)+(?: +(?=>))?")
_ENDS: Final = re.compile(r"[。；;:：]\s*$")
_CELL: Final = re.compile(r"\t(?!\t)\s*\S.{0,200}$")
_SECTION: Final = re.compile(r"\s*[一二三四五六七八九十]{1,3}、")
# What opens a line of its own even behind a full one: a numbered section, or a label with its colon.
BEGINS: Final = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,2}[)）]|\d{1,2}[、.．](?!\d)|[\u4e00-\u9fff]{2,12}[：:])"
)
_COLUMNS: Final = re.compile(r"(?<=\S)[ \u3000\u00a0]{4,}(?=\S)")
LONG_GAP: Final = re.compile(r"[\t \u3000\u00a0]{8,}")


def from_text(source: str) -> Document:
    """Blocks of pasted text."""
    document, writer = Document(), Writer()
    rows: list[tuple[Cell, ...]] = []
    lines = unquoted([line for line in re.split(r"\r\n?|\n|\x0b|\x0c|\u2028|\u2029", clean(source)) if not PAGE.match(line)])
    for line in unwrap(rejoin(lines)):
        cells = _cells(line)
        if cells:
            row: list[Cell] = []
            for cell in cells:
                if row:
                    writer.glue(" | ")
                row.append(Cell(writer.add(squeeze(cell))))
            rows.append(tuple(row))
            writer.glue("\n")
            continue
        if rows and not line.strip():
            continue
        if rows:
            document.blocks.append(Table(tuple(rows)))
            rows = []
        for piece in columns(line):
            document.blocks.append(Line(writer.add(piece)))
            writer.glue("\n")
    if rows:
        document.blocks.append(Table(tuple(rows)))
    document.text = writer.text()
    return document


def unquoted(lines: list[str]) -> list[str]:
    """Lines of a forwarded e-mail without the marks before what it quotes."""
    marked = sum(1 for line in lines if QUOTED.match(line))
    return _whole_rows([QUOTED.sub("", line) for line in lines]) if marked > 5 and marked * 3 > len(lines) else lines  # noqa: PLR2004


def _whole_rows(lines: list[str]) -> list[str]:
    """Rows of a copied table that the mail broke within a cell or before one: joined where both together have as many cells as the first row."""
    whole: list[str] = []
    width = 0
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        tabs = line.count("\t")
        before = whole[-1].count("\t") if whole else 0
        # Within a cell before the last, within the last one, or before a cell.
        if width and ((0 < before < width and before + tabs == width) or (before == width and not tabs and line.strip() and "\t" in below)):
            whole[-1] += line
            continue
        width = tabs if tabs > 1 and not before else width if tabs else 0
        whole.append(line)
    return whole


def rejoin(lines: list[str]) -> list[str]:
    """Rows of a copied table whose cells hold paragraphs: a browser then breaks the line after each cell and opens the next with a tab.

    Rows are told from indented text by their likeness: the row before or behind has equally many cells.
    """
    if not any(line.startswith("\t") for line in lines):
        return lines
    groups: list[list[str]] = []
    waiting = False
    for line in lines:
        if groups and groups[-1][-1].strip() and (waiting or _CELL.match(line)):
            if line.strip():
                groups[-1].append(line.strip(" \t"))
            waiting = not line.strip()
        elif groups and line == "\t":
            waiting = True
        else:
            groups.append([line])
            waiting = False
    joined: list[str] = []
    for i, group in enumerate(groups):
        near = [groups[j] for j in (i - 1, i + 1) if 0 <= j < len(groups)]
        row = len(group) > 1 and any(len(group) in {len(other), other[0].count("\t") + 1} for other in near)
        joined.extend(["\t".join(group)] if row else group)
    return joined


def unwrap(lines: list[str]) -> list[str]:
    """Lines of a page that was broken at its right margin, as PDF text is, joined to what they were.

    A margin shows itself: two lines at least end within one character of the greatest width, none is wider, and they do not end as sentences do.
    """
    if sum(not line.strip() for line in lines) * 5 > len(lines) * 2:  # an empty line behind each says nothing
        lines = [line for line in lines if line.strip()]
    widths = [_width(line) for line in lines]
    most = max(widths, default=0)
    full = [i for i, width in enumerate(widths) if width >= most - 1]
    if not MARGIN[0] <= most <= MARGIN[1] or len(full) < 2 or len(full) * 16 < len(lines):  # noqa: PLR2004
        return lines
    if any("|" in lines[i] or "\t" in lines[i] for i in full) or sum(len(_COLUMNS.findall(lines[i])) > 1 for i in full) * 2 > len(full):
        return lines
    if sum(bool(_ENDS.search(lines[i])) for i in full) * 2 > len(full):
        return lines
    joined: list[str] = []
    goes_on = False
    # Where most lines are full, a label at the beginning of one stands there by chance.
    begins = _SECTION if len(full) * 2 > len(lines) else BEGINS
    for line, width in zip(lines, widths, strict=True):
        fresh = not goes_on or not line.strip() or bool(begins.match(line))
        if fresh:
            joined.append(line)
        else:
            joined[-1] += line.lstrip(" \u3000")
        goes_on = width >= most - 1
    return joined


def _width(line: str) -> int:
    """In half-width columns: a Han character takes two."""
    return sum(2 if char > "\u2e80" else 1 for char in line.rstrip())


def _cells(line: str) -> list[str]:
    """The cells of a table row, or nothing for running text."""
    if line.count("|") >= 1 and (line.count("|") > 1 or line.rstrip().endswith("|")):
        return [c.strip() for c in line.strip().removeprefix("|").removesuffix("|").split("|")]
    if "\t" in line.strip() and not LONG_GAP.search(line.strip()):
        return [c.strip() for c in ROW_GAP.split(line.strip("\r\n "))]
    return []
