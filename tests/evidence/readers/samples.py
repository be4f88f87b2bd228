"""The notices that the reader is tried on: our own, and real ones where they lie beside the checkout."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
OWN = HERE / "notices"
REAL = HERE.parents[2] / "shared" / "data" / "notices"


def labels(folder: Path) -> list[dict[str, Any]]:
    """Each notice's file and what a person read in it; nothing when the folder is absent."""
    source = folder / "labels.jsonl"
    return [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines() if line.strip()] if source.is_file() else []


def content(name: str) -> bytes:
    """The bytes of one of our own notices."""
    return (OWN / name).read_bytes()
