"""The shapes that go in and out of the name engine.

They are plain immutable data: pages and the ledger store them, so that a finding renders the same
years later. This module must not know Django, lexicons or how anything is computed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Calibration = Literal["list", "register"]


class Band(StrEnum):
    """What a score means for the work that follows."""

    HOLD = "hold"  # restricted list: nothing goes on until a reviewer has decided
    REVIEW = "review"  # restricted list: a reviewer looks at it
    CLEAR = "clear"  # restricted list: no likeness worth a person's time
    SAME = "same"  # register: the same party as far as names can tell
    ASK = "ask"  # register: propose it to a person, never link by itself
    DIFFERENT = "different"  # register: another party


@dataclass(frozen=True, slots=True)
class Entry:
    """One entity of a list or one party of the register, with every name it is known by."""

    id: str
    schema: str = ""
    names: tuple[str, ...] = ()

    def __init__(self, id: str, schema: str = "", names: Iterable[str] = ()) -> None:  # noqa: A002
        object.__setattr__(self, "id", id)
        object.__setattr__(self, "schema", schema)
        object.__setattr__(self, "names", tuple(names))


@dataclass(frozen=True, slots=True)
class Piece:
    """Two parts of the names that were laid beside each other.

    `kind` is one of place, body, form, term, brand, word, ethnic, street; `how` says why they agree:
    concept, literal, reading, likeness. `weight` is the share of the names (0..1), `score` the
    likeness of this pair (0..1).
    """

    left: str
    right: str
    kind: str
    weight: float
    score: float
    how: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One signed contribution. The points of all rows add up to the score."""

    kind: str
    text: str
    points: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two names, their score (0..1), and everything that explains it."""

    left: str
    right: str
    score: float
    calibration: Calibration
    pieces: tuple[Piece, ...] = ()
    rows: tuple[Row, ...] = ()
    unmatched_left: tuple[str, ...] = ()
    unmatched_right: tuple[str, ...] = ()

    @property
    def band(self) -> Band:
        return band(self.score, self.calibration)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that a name may stand for: the entry's `id` and the `name` of it that fitted best."""

    id: str
    name: str
    score: float
    pieces: tuple[Piece, ...] = ()
    rows: tuple[Row, ...] = ()
    unmatched_left: tuple[str, ...] = ()
    unmatched_right: tuple[str, ...] = ()

    @property
    def band(self) -> Band:
        return band(self.score, "list")


@dataclass(frozen=True, slots=True)
class Reason:
    """The characters of the name, as it was written, that gave a class or a division.

    `kind` is "class" or "division", `value` the class or GB/T 2260 code, `text == name[start:end]`.
    """

    kind: str
    value: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Classification:
    """What a name says about its bearer. Empty where the name says nothing."""

    classes: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = field(default=())


# Documented in docs/matching.md. List thresholds come from the seed case (recall first); register
# thresholds from the need that two parties are never joined because their names look alike.
THRESHOLDS: dict[Calibration, tuple[tuple[float, Band], ...]] = {
    "list": ((0.85, Band.HOLD), (0.70, Band.REVIEW)),
    "register": ((0.90, Band.SAME), (0.70, Band.ASK)),
}


def band(score: float, calibration: Calibration) -> Band:
    """The band of a score: hold / review / clear for lists, same / ask / different for the register."""
    for floor, name in THRESHOLDS[calibration]:
        if score >= floor:
            return name
    return Band.CLEAR if calibration == "list" else Band.DIFFERENT
