"""How far one cell of a table may reach: as far as the reader of markup believes it, and how the writers of markup part what reaches further."""

from collections.abc import Iterator
from typing import Final

MAX_WIDE: Final = 20
MAX_HIGH: Final = 60


def parts(length: int, most: int) -> Iterator[tuple[int, int]]:
    """(where it begins, how long it is) of each part of a length, none longer than `most`."""
    for begins in range(0, length, most):
        yield begins, min(most, length - begins)


def cells(said: str, wide: int, high: int) -> str:
    """One cell of a row as markup, at most MAX_HIGH high; a very wide one as several, of which the first holds what it says."""
    written = []
    for begins, part in parts(wide, MAX_WIDE):
        spans = (f' colspan="{part}"' if part > 1 else "") + (f' rowspan="{high}"' if high > 1 else "")
        written.append(f"<td{spans}>{'' if begins else said}</td>")
    return "".join(written)
