"""Reads what was bought: rows of tables of goods, and goods listed line by line.

Must not match them with any catalogue: that is for the person and for flow.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from .facts import Facts
from .money import money, number
from .runs import EMPTY, HAN, Run
from .types import CUT

_ELSEWHERE: Final = re.compile(r"^(?:详见.{0,14}|见附件.{0,6}|附件|见.{0,4}公告.{0,4}|/|无|-+|—+|\*+|以.{2,8}为准|另附)$")
_NO_GOODS: Final = re.compile(r"^(?:合计|总计|小计|\d+|[\d.,]+元?|投标.{0,4}|序号)$")
_OF_GOODS: Final = {"brand", "model", "brand_model", "quantity", "unit_price", "line_amount", "unit"}
_BRAND_AND_MODEL: Final = re.compile(
    rf"([{HAN}()·]{{2,16}}|[A-Z][A-Za-z]{{2,14}})\s*[/、,\s]\s*(\S.{{0,60}})|([{HAN}]{{2,10}})([A-Za-z0-9][A-Za-z0-9\-./ ]{{1,40}})"
)
_TOLD: Final = re.compile(r"品牌\s*:\s*(\S.{0,30}?)[\s,;、]*(?:规格)?型号\s*:\s*(\S.{0,60})")
_UNIT_IN_TITLE: Final = re.compile(rf"数量\(([{HAN}]{{1,2}})\)")
# Numbers of the goods, by what they are called in the tables: there "lot" is a part of the tender.
_NUMBERS: Final = {"catalogue_no": "catalogue_no", "lot": "lot_no", "serial": "serial_no"}
MAX_ITEMS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of goods as runs by field, with the values read from them. Prices in yuan; `reason` as in types.REASONS."""

    runs: Mapping[str, Run]
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    amount: Decimal | None
    reason: str = "goods_table"


def goods(facts: Facts, notes: set[str]) -> list[Goods]:
    """Every line of goods that the notice lists, in order."""
    found = [
        _one(row.cells, notes)
        for sheet in facts.sheets
        for row in sheet.rows
        if not row.failed
        and "item" in row.cells
        and row.cells.keys() & _OF_GOODS - {"unit"}
        and not _NO_GOODS.match(row.cells["item"][0].text)
    ]
    if not found:
        described = [
            {f.field: (f.value, f.label) for f in reversed(group)} for group in facts.goods if any(f.field == "item" for f in group)
        ]
        # A sentence that lists goods is also seen label by label, but there its value runs on to the next label.
        lines = facts.listed if len(facts.listed) >= len(described) else described
        found = [replace(_one(cells, notes), reason="goods_line") for cells in lines]
    named = [g for g in found if g.runs["text"]]
    if len(named) > MAX_ITEMS:
        notes.add(CUT)
    return named[:MAX_ITEMS]


def _one(cells: Mapping[str, tuple[Run, str]], notes: set[str]) -> Goods:
    def run(name: str) -> Run:
        value = cells.get(name, (EMPTY, ""))[0].cut(strip=" :;,。、")
        if name != "item" and value and _ELSEWHERE.match(value.text):
            if re.search("附件|详见|另附", value.text):
                notes.add("details_attached")
            return EMPTY
        return value

    runs = {"text": run("item"), "brand": run("brand"), "model": run("model")}
    runs |= {name: run(source) for name, source in _NUMBERS.items()}
    if (both := run("brand_model")) and not runs["brand"] and not runs["model"]:
        runs["brand"], runs["model"] = _brand_and_model(both)
    counted = number(run("quantity").text)
    if counted:
        runs["quantity"] = run("quantity")
    unit = run("unit")
    if unit:
        runs["unit"] = unit
    quantity, own_unit = counted or (None, "")
    if counted and not own_unit and (titled := _UNIT_IN_TITLE.search(cells["quantity"][1])) and titled[1] != "单位":
        own_unit = titled[1]
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


def _brand_and_model(run: Run) -> tuple[Run, Run]:
    """The two halves of a cell titled "品牌型号"; the whole is the model where they cannot be told apart."""
    if told := _TOLD.fullmatch(run.text):
        return run.cut(told.start(1), told.end(1)), run.cut(told.start(2), told.end(2))
    found = _BRAND_AND_MODEL.fullmatch(run.text)
    if not found:
        return EMPTY, run
    first, second = (1, 2) if found[1] else (3, 4)
    return run.cut(found.start(first), found.end(first)), run.cut(found.start(second), found.end(second))
