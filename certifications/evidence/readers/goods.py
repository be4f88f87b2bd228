"""Reads what was bought: rows of tables of goods, and goods listed line by line.

Must not match them with any catalogue: that is for the person and for flow.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .facts import Facts
from .money import money, number
from .runs import EMPTY, Run

_ELSEWHERE: Final = re.compile(r"^(?:详见.{0,14}|见附件.{0,6}|附件|见.{0,4}公告.{0,4}|/|无|-+|—+|\*+|以.{2,8}为准|另附)$")
_NO_GOODS: Final = re.compile(r"^(?:合计|总计|小计|\d+|[\d.,]+元?|投标.{0,4}|序号)$")
_OF_GOODS: Final = {"brand", "model", "quantity", "unit_price", "line_amount", "unit"}
MAX_ITEMS: Final = 300


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of goods as runs by field, with the values read from them. Prices in yuan."""

    runs: Mapping[str, Run]
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    amount: Decimal | None


def goods(facts: Facts, notes: set[str]) -> list[Goods]:
    """Every line of goods that the notice lists, in order."""
    found = [
        _one(row.cells, notes)
        for sheet in facts.sheets
        for row in sheet.rows
        if not row.failed and "item" in row.cells and row.cells.keys() & _OF_GOODS and not _NO_GOODS.match(row.cells["item"][0].text)
    ]
    if not found:
        found = [
            _one({f.field: (f.value, f.label) for f in reversed(group)}, notes)
            for group in facts.goods
            if any(f.field == "item" for f in group)
        ]
    return [g for g in found if g.runs["text"]][:MAX_ITEMS]


def _one(cells: Mapping[str, tuple[Run, str]], notes: set[str]) -> Goods:
    def run(name: str) -> Run:
        value = cells.get(name, (EMPTY, ""))[0].cut(strip=" :;,。、")
        if name != "item" and value and _ELSEWHERE.match(value.text):
            if re.search("附件|详见|另附", value.text):
                notes.add("details_attached")
            return EMPTY
        return value

    runs = {"text": run("item"), "brand": run("brand"), "model": run("model")}
    counted = number(run("quantity").text)
    if counted:
        runs["quantity"] = run("quantity")
    unit = run("unit")
    if unit:
        runs["unit"] = unit
    quantity, own_unit = counted or (None, "")
    prices: dict[str, Decimal | None] = {"unit_price": None, "amount": None}
    for name, source in (("unit_price", "unit_price"), ("amount", "line_amount")):
        cell = run(source) or (run("amount") if name == "amount" else EMPTY)
        said = money(re.sub(r"元\s*/\s*\S{1,3}$", "元", cell.text), cells.get(source, cells.get("amount", (EMPTY, "")))[1])
        if said.value is not None:
            prices[name] = said.value
            runs[name] = cell
    return Goods(
        {k: v for k, v in runs.items() if v} | {"text": runs["text"]},
        quantity,
        unit.text or own_unit,
        prices["unit_price"],
        prices["amount"],
    )
