"""The notices that the reader is tried on: our own, and real ones where they lie beside the checkout."""

from pathlib import Path

from bench.notices import FRESH, FRESH_HELD_OUT, HELD_OUT, OWN, REAL, SITES, TUNED, labels

__all__ = ["FRESH", "FRESH_HELD_OUT", "HELD_OUT", "OWN", "REAL", "SITES", "TUNED", "content", "labels"]


def content(name: str, folder: Path = OWN) -> bytes:
    """The bytes of one of our own notices."""
    return (folder / name).read_bytes()
