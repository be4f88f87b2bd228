"""Collects who bid and did not win: losers' rows, later candidates, lists of those who were not chosen.

Must not decide who won; whoever won is left out by name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .blocks import Document
from .facts import Facts
from .money import money
from .names import firms
from .runs import EMPTY, Run

_LATER: Final = re.compile(
    r"(?:第[二三四五2345](?:名|顺位)?(?:中标|成交)?候选(?:人|供应商|单位)?|(?:第[二三四五2345]名)|备选(?:中标|成交)?(?:人|供应商|单位))(?:名称)?\s*:\s*"
)
_LATER_IN_PROSE: Final = re.compile(r"([^,;。:\s]{4,50}?)为第[二三四五](?:中标|成交)?候选")
MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Other:
    """A bidder that did not win, and its bid in yuan where a table or line says it."""

    name: Run
    amount: Decimal | None = None
    amount_run: Run = EMPTY


def others(document: Document, facts: Facts, won: set[str]) -> list[Other]:
    """Every other bidder once, in order; `won` holds the winners' names as searched text."""
    kept: dict[str, Other] = {}
    for one in _all(document, facts):
        if one.name.text not in won and (one.name.text not in kept or kept[one.name.text].amount is None):
            kept[one.name.text] = one
        if len(kept) >= MOST:
            break
    return list(kept.values())


def _all(document: Document, facts: Facts) -> Iterator[Other]:
    for sheet in facts.sheets:
        for row in sheet.rows:
            cell = row.cells.get("bidder") or row.cells.get("supplier")
            if cell is None or not (sheet.kind == "bidders" or row.rank == "lost"):
                continue
            price = next((row.cells[n] for n in ("bid", "amount", "line_amount") if n in row.cells), None)
            for name in firms(cell[0], trusted=True):
                yield _with_amount(name, *price) if price else Other(name)
    for fact in facts.facts:
        lost = fact.field == "supplier" and (fact.section == "bidders" or re.search(r"第[二三四五2345]", fact.before))
        if lost or fact.field in {"bidder", "later"}:
            yield from (Other(name) for name in firms(fact.value, trusted=True))
    for run in document.lines():
        if later := _LATER.search(run.text):
            yield from (Other(name) for name in firms(run.cut(later.end()), trusted=True)[:1])
        for prose in _LATER_IN_PROSE.finditer(run.text):
            yield from (Other(name) for name in firms(run.cut(prose.start(1), prose.end(1)), trusted=True)[-1:])


def _with_amount(name: Run, run: Run, title: str) -> Other:
    said = money(run.text, title)
    return Other(name, said.value, run.cut(said.start, said.end, strip=" ") if said.value is not None else EMPTY)
