"""The running account of one comparison, and how it is written out once somebody asks why.

A search compares far more names than it reports: points are added up at once, words are put to them later.
Must not know units, vocabulary or what a rule is worth.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from certifications.matching.types import Comparison, Row


class Sheet:
    """Signed points and their total, rounded to four digits at every step so that the rows add up to it."""

    __slots__ = ("_entries", "total")

    def __init__(self) -> None:
        self._entries: list[tuple[str, object, float]] = []
        self.total = 0.0

    def add(self, kind: str, about: object, points: float) -> None:
        """Adds points; `about` is a text, or whatever the one who asks for the rows can put into words."""
        points = round(points, 4)
        if points:
            self._entries.append((kind, about, points))
            self.total = round(self.total + points, 4)

    def cap(self, kind: str, about: object, most: float) -> None:
        if self.total > most:
            self.add(kind, about, most - self.total)

    def scale(self, kind: str, about: object, factor: float) -> None:
        self.add(kind, about, self.total * factor - self.total)

    def lift(self, kind: str, about: object, least: float) -> None:
        if self.total < least:
            self.add(kind, about, least - self.total)

    def rows(self, said: Callable[[Any], str] = str) -> tuple[Row, ...]:
        """The rows, what they are about put into words by `said` where it is no text yet."""
        return tuple([Row(kind, about if isinstance(about, str) else said(about), points) for kind, about, points in self._entries])


class Account(NamedTuple):
    """A score (0..1), and the function that writes out how it came about."""

    score: float
    comparison: Callable[[], Comparison]


class Weights(NamedTuple):
    """What the units of a name are worth, one number each: in this name, in any name, and how rare they are (0..1)."""

    here: list[float]
    anywhere: list[float]
    rarity: list[float]
