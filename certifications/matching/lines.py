"""Reads and writes JSON Lines for the commands that work on files; names file and line in every fault.

Must not know what the lines mean.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


class LineError(ValueError):
    """One sentence: which file, which line, what is wrong."""


def _source(path: str) -> Iterator[bytes]:
    if path == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as file:
            yield from file
    except OSError as error:
        raise LineError(f"{path} cannot be read: {error.strerror}.") from error


def read_lines(path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line's place ("file:number") and object. "-" is standard input; empty lines are skipped.

    Raises LineError for bytes that are not UTF-8, a line cut off, or anything but an object.
    """
    for number, raw in enumerate(_source(path), start=1):
        at = f"{'standard input' if path == '-' else path}:{number}"
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise LineError(f"{at}: byte {error.start + 1} is not UTF-8; save the file as UTF-8.") from error
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise LineError(f"{at}: not a complete JSON object; the line may be cut off.") from error
        if not isinstance(row, dict):
            raise LineError(f"{at}: a JSON object is expected on every line.")
        yield at, row


def text_field(row: dict[str, Any], field: str, at: str) -> str:
    """row[field] as text. Raises LineError where it is missing or no text."""
    value = row.get(field)
    if not isinstance(value, str):
        raise LineError(f'{at}: "{field}" is missing or not a text.')
    return value


def write_lines(path: str, rows: Iterable[dict[str, Any]]) -> int:
    """Writes every object as one line and returns how many. A file appears whole or not at all."""
    if path == "-":
        count = 0
        for count, row in enumerate(rows, start=1):  # noqa: B007  the count is the answer
            # Bytes: a result is UTF-8 whatever the terminal's own encoding is.
            sys.stdout.buffer.write(_line(row).encode())
        sys.stdout.buffer.flush()
        return count
    target = Path(path)
    try:
        handle, partial = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise LineError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        count = 0
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            for count, row in enumerate(rows, start=1):  # noqa: B007  the count is the answer
                file.write(_line(row))
        Path(partial).replace(target)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    return count


def _line(row: dict[str, Any]) -> str:
    # A lone surrogate, which JSON can carry, is no text that a file can hold: escape it.
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(row)
    return text + "\n"
