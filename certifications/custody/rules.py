"""Months that are owed, their days, and serial numbers as people list them. Pure: values in, values out."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

# Whatever nobody set otherwise: the tenth day of the month after.
DUE_DAY: Final = 10
# Days before a report is due, and after (below zero), on which the distributor is told.
MARKS: Final = (5, 0, -3, -10, -20)
# How a month stands.
REPORTED, NOTHING, OPEN, DUE, OVERDUE = "reported", "nothing", "open", "due", "overdue"
WORDS: Final = (OVERDUE, DUE, OPEN, REPORTED, NOTHING)
MOST_SERIALS: Final = 500
# Characters of one serial number, or of a range of them: two of the longest and what stands between.
LONGEST_PART: Final = 130
# Kinds of movements by which goods leave a distributor for somebody it names, and by which they come to it. What goes to and comes from
# the manufacturer (rma, sell_in, sell_back) is neither.
WENT: Final = frozenset({"sale", "transfer", "sample", "loan"})
CAME: Final = frozenset({"return", "receipt"})
_SEPARATORS = re.compile(r"[,，;；、\n|\s]+")
_RANGE = re.compile(r"^(.*?)(\d{1,12})\s*(?:~|～|—|–|－|至|到|\.\.\.?|\bto\b)\s*(.*?)(\d{1,12})$", re.IGNORECASE)  # noqa: RUF001
_HYPHEN = re.compile(r"^(.*?)(\d{1,12})-(.*?)(\d{1,12})$")


def direction(kind: str) -> str:
    """Which way goods went by a kind of movement: "out", "in", or the kind itself where the manufacturer is on one side."""
    return "out" if kind in WENT else "in" if kind in CAME else kind


def month_of(day: dt.date) -> dt.date:
    """The first of its month."""
    return day.replace(day=1)


def next_month(period: dt.date) -> dt.date:
    """The first of the month after."""
    return (period.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def due_on(period: dt.date, due_day: int) -> dt.date:
    """The last day on which the month's report is in time."""
    return next_month(period).replace(day=due_day)


def owed(starts_on: dt.date | None, today: dt.date) -> Iterator[dt.date]:
    """Every month that is over and touches the programme, the oldest first; none for whose programme has not begun."""
    if starts_on is None:
        return
    period = month_of(starts_on)
    while next_month(period) <= today:
        yield period
        period = next_month(period)


@dataclass(frozen=True)
class Month:
    """One month of a distributor: its last day in time, and how it stands (WORDS)."""

    period: dt.date
    due_on: dt.date
    word: str

    @property
    def is_open(self) -> bool:
        """Whether a report is still wanted."""
        return self.word in {OPEN, DUE, OVERDUE}


def month(period: dt.date, *, due_day: int, reported: bool, nothing: bool, today: dt.date) -> Month:
    """How a month stands. Movements say more than a statement that there were none."""
    day = due_on(period, due_day)
    word = REPORTED if reported else NOTHING if nothing else OVERDUE if day < today else DUE if day - today <= SOON else OPEN
    return Month(period, day, word)


SOON: Final = dt.timedelta(days=7)


def mark_today(day: dt.date, today: dt.date) -> int | None:
    """Which reminder is due by now: the last mark that has come; None before the first and long after the last."""
    left = (day - today).days
    if left < MARKS[-1] - 31:  # noqa: PLR2004 - a month after the last nobody is told any more
        return None
    return next((mark for mark in reversed(MARKS) if left <= mark), None)


def serials_of(text: str, quantity: int | None) -> list[str]:
    """Serial numbers out of one cell: a list, a range (SN001~SN010), or both. A hyphen makes a range only where it then counts `quantity`.

    Raises ValueError with a word: range (it runs backwards, or over more than 500), twice, long.
    """
    found: list[str] = []
    for part in parts_of(text):
        if len(part) > LONGEST_PART:
            raise ValueError("long")
        # Both patterns end in a digit, and search for it in vain through every place where they may begin.
        may_run = part[-1].isdecimal()
        ranged = _RANGE.match(part) if may_run else None
        if ranged:
            found += _run(*ranged.groups(), surely=True)
            continue
        hyphen = _HYPHEN.match(part) if may_run else None
        run = _run(*hyphen.groups(), surely=False) if hyphen else []
        found += run if quantity is not None and len(run) == quantity > 1 else [part]
    if len(set(found)) < len(found):
        raise ValueError("twice")
    return found


def parts_of(text: str) -> list[str]:
    """What one cell lists, each a serial number or a range of them."""
    plain = " ".join(text.split())  # no pattern below looks through a run of blanks more than once
    joined = re.sub(r"\s*(~|～|—|–|－|至|到|\.\.)\s*", r"\1", plain)  # noqa: RUF001 - the wide forms are meant
    return list(filter(None, _SEPARATORS.split(re.sub(r"\s+to\s+", "~", joined, flags=re.IGNORECASE))))


def _run(head: str, first: str, other: str, last: str, *, surely: bool) -> list[str]:
    """SN001 to SN010, or SN001 to 010."""
    count = int(last) - int(first) + 1
    if other not in {"", head} or not 1 <= count <= MOST_SERIALS or len(last) > len(first) + 1:
        if surely:
            raise ValueError("range")
        return []
    return [f"{head}{int(first) + n:0{len(first)}d}" for n in range(count)]


def sums_differ(totals: Iterable[tuple[int, str, str]]) -> list[int]:
    """Rows of totals whose figure is another than the sum of what stands above them; (row, as written, added up)."""
    return [row for row, written, summed in totals if written != summed]
