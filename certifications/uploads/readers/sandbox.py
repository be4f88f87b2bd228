"""Runs the reader of tables in a child process that may do nothing else (files/children.py). Must not run it in this process."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from certifications.files import children

from .types import LIMIT_MB, MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS, UNREADABLE, Reading, Unreadable, reading_from_json

MAX_OUTPUT: Final = 256 * 1024 * 1024
TEXT: Final = {str}
CHILD: Final = Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Read:
    """A table as the child wrote it; `rows` gives (row number, cells) one by one, each looked at before it is believed."""

    reading: Reading
    lines: tuple[bytes, ...]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Raises Unreadable "reader_died" for a line that no reader of ours writes."""
        before, totals = 0, {number for number, _cells in self.reading.totals}
        for line in self.lines:
            try:
                number, cells = json.loads(line)
            except (ValueError, TypeError, RecursionError):
                raise _damaged() from None
            good = isinstance(number, int) and before < number <= MAX_ROWS and isinstance(cells, list) and len(cells) <= MAX_COLUMNS
            good = good and number not in totals
            if not good or not set(map(type, cells)) <= TEXT or b"\\u0000" in line:
                raise _damaged()
            # Two million cells: each is looked at only where the whole line is longer than one may be.
            if len(line) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
                raise _damaged()
            before = number
            yield number, cells


def _damaged() -> Unreadable:
    return Unreadable("reader_died", reason="its answer was damaged")


def read_in_child(
    content: bytes,
    form: str,
    *,
    vocabulary: Iterable[str] = (),
    sheet: str = "",
    header_row: int | None = None,
    wall_seconds: float = children.WALL_SECONDS,
) -> Read:
    """As reader.read_table, in a child process. Raises Unreadable; "reader_died" with the reason for every death of the child."""
    if len(content) > MAX_BYTES:
        raise Unreadable("too_large", limit=str(LIMIT_MB))
    asked = {"form": form, "vocabulary": sorted(vocabulary), "sheet": sheet, "header_row": header_row}
    try:
        answer = children.run_child(CHILD, json.dumps(asked).encode() + b"\n" + content, wall_seconds=wall_seconds, most=MAX_OUTPUT)
    except children.Died as death:
        raise Unreadable("reader_died", reason=str(death)) from None
    first, *lines = answer.split(b"\n")
    try:
        head: Any = json.loads(first)
        if isinstance(head, dict) and head.get("unreadable") in UNREADABLE:
            raise Unreadable(head["unreadable"], **{str(k): str(v)[:80] for k, v in dict(head["params"]).items()})
        reading = reading_from_json(head)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged() from None
    if reading.count != len(lines):
        raise _damaged()
    return Read(reading, tuple(lines))
