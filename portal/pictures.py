"""Geometry of the drawings that pages show as SVG. Numbers in, coordinates out; no text for people, no HTML."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

LEFT, RIGHT, ROW = 112, 344, 24


@dataclass(frozen=True)
class Bar:
    """One part of a score."""

    label: str
    value: Decimal
    x: float
    width: float
    y: int

    @property
    def text(self) -> str:
        return f"{'+' if self.value >= 0 else '−'}{abs(self.value):.2f}"

    @property
    def is_negative(self) -> bool:
        return self.value < 0


@dataclass(frozen=True)
class Waterfall:
    """A score drawn part by part, with its threshold."""

    bars: tuple[Bar, ...]
    total: Decimal
    total_x: float
    threshold: Decimal | None
    threshold_x: float
    height: int

    @property
    def sum_y(self) -> int:
        return self.height - 3

    @property
    def sum_x(self) -> float:
        return self.total_x + 6


def _scale(value: Decimal, most: Decimal) -> float:
    return round(LEFT + float(value / most) * (RIGHT - LEFT), 1)


def waterfall_of(pieces: Iterable[Any], total: Any, threshold: Any = None) -> Waterfall:
    """Lay out pieces, each (label, value) or a mapping with those keys, left to right from zero."""
    pairs = [(p["label"], p["value"]) if isinstance(p, dict) else (p[0], p[1]) for p in pieces]
    values = [(str(label), Decimal(str(value))) for label, value in pairs]
    end = Decimal(str(total))
    limit = None if threshold is None else Decimal(str(threshold))
    peak, running = Decimal(0), Decimal(0)
    for _label, value in values:
        running += value
        peak = max(peak, running)
    most = max(peak, end, limit or Decimal(0), Decimal(1))
    bars, running = [], Decimal(0)
    for row, (label, value) in enumerate(values):
        start = min(running, running + value)
        x = max(float(LEFT), _scale(start, most))
        bars.append(Bar(label, value, x, round(max(2.0, float(abs(value) / most) * (RIGHT - LEFT)), 1), 24 + row * ROW))
        running += value
    height = 24 + len(bars) * ROW + 14
    return Waterfall(tuple(bars), end, _scale(end, most), limit, _scale(limit or Decimal(0), most), height)
