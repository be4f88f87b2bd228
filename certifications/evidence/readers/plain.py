"""Turns pasted text into lines and tables: pipes, tabs as a browser copies them, or wide gaps where a table was flattened.

Must not know what any word means.
"""

import re
from typing import Final

from .blocks import Cell, Document, Line, Table
from .runs import Writer, clean, columns, squeeze

ROW_GAP: Final = re.compile(r"\t{1,3}")
LONG_GAP: Final = re.compile(r"[\t \u3000\u00a0]{8,}")


def from_text(source: str) -> Document:
    """Blocks of pasted text."""
    document, writer = Document(), Writer()
    rows: list[tuple[Cell, ...]] = []
    for line in re.split(r"\r\n?|\n|\x0b|\x0c|\u2028|\u2029", clean(source)):
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


def _cells(line: str) -> list[str]:
    """The cells of a table row, or nothing for running text."""
    if line.count("|") >= 1 and (line.count("|") > 1 or line.rstrip().endswith("|")):
        return [c.strip() for c in line.strip().removeprefix("|").removesuffix("|").split("|")]
    if "\t" in line.strip() and not LONG_GAP.search(line.strip()):
        return [c.strip() for c in ROW_GAP.split(line.strip("\r\n "))]
    return []
