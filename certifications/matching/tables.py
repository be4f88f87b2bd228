"""Reads the engine's data files: CSV with comment lines that name the source.

Knows their format and nothing of what the rows mean. LEXICON_VERSION changes with any byte of them.
"""

import csv
import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


def rows(table: str) -> list[dict[str, str]]:
    """The rows of data/<table>.csv, comment lines left out."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def values(cell: str) -> list[str]:
    """The parts of a cell that lists several, parted by ";"."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def lexicon_version() -> str:
    """The first sixteen hex digits of the SHA-256 over all data files, by name."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


LEXICON_VERSION = lexicon_version()
