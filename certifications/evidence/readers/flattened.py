"""Tables that lost their cells: pasted or printed with one cell a line, put together again from their titles and what fits under them.

Must not judge what a table says: tables.py does.
"""

import re
from itertools import combinations
from typing import Final

from .blocks import Block, Cell, Line, Table
from .labels import of_cell
from .runs import EMPTY, Run
from .tables import FAILED, SERIAL, fits, repair

_NUMBERED: Final = re.compile(r"(?:第|包|标[段项])?\s*(\d{1,2}|[一二三四五六七八九十])(?:包|标段|标项)?")


def rebuild(blocks: list[Block]) -> list[Block]:
    """Tables that were flattened to one cell a line: at least three column titles in a row, then values that fit under them."""
    done: list[Block] = []
    i = 0
    while i < len(blocks):
        titles = _titles_from(blocks, i)
        taken, rows = _rows_under(blocks, i + len(titles), titles) if titles else (0, [])
        if rows:
            done.append(Table((tuple(Cell(r) for r in titles), *rows)))
            i += len(titles) + taken
        else:  # titles whose values do not fit: none of them opens a table, or the columns would shift
            # A heading above them was taken for the first of them: once more without it.
            step = 1 if len(titles) > 1 and SERIAL.fullmatch(titles[1].text) else max(1, len(titles))
            done.extend(blocks[i : i + step])
            i += step
    return done


def _titles_from(blocks: list[Block], start: int) -> list[Run]:
    titles: list[Run] = []
    known: set[str] = set()
    for block in blocks[start : start + 16]:
        if not isinstance(block, Line) or len(block.run.text) > 16 or re.search(r"[:。,;]|\d{2,}", block.run.text):  # noqa: PLR2004
            break
        found = of_cell(block.run.text)
        if not titles and not found and not re.search(r"序号|品目|采购|排序|排名|名次|[包标]号|标段", block.run.text):
            break
        if found:
            known.add(found[0])
        elif titles and (len(block.run.text) < 2 or re.fullmatch(r"[\d.,]+", block.run.text)):  # noqa: PLR2004
            break
        titles.append(block.run)
    # Values follow the titles without a break: the titles end with the last that is known or looks like one.
    while titles and not (
        of_cell(titles[-1].text)
        or re.search(r"时间|地点|日期|要求|结果|说明|备注|排名|得分|评分|总分|电话|产地|类型|代码|大写|小写", titles[-1].text)
    ):
        titles.pop()
    strong = known & {"amount", "line_amount", "quantity", "unit_price", "bid"} and known & {"item", "supplier", "bidder"}
    return titles if strong and len(titles) >= 3 else []  # noqa: PLR2004


def _rows_under(blocks: list[Block], start: int, titles: list[Run]) -> tuple[int, list[tuple[Cell, ...]]]:
    values: list[Run] = []
    for block in blocks[start : start + 12 * len(titles)]:
        text = block.run.text if isinstance(block, Line) else ""
        if not text or re.search(r"[:。]$|[:：]", text) or re.match(r"\(?[一二三四五六七八九十]+[)、]", text):
            break
        values.append(block.run)  # type: ignore[union-attr]
    width = len(titles)
    named = {i: found for i, t in enumerate(titles) if (found := of_cell(t.text))}
    if not values or not width - 2 <= len(values):
        return 0, []
    full = len(values) // width
    rest = len(values) % width
    rows = [tuple(Cell(v) for v in values[n * width : (n + 1) * width]) for n in range(full)]
    used = full * width
    if rest and width - rest <= 2:  # noqa: PLR2004
        rows.append(tuple(repair([Cell(v) for v in values[used:]], named, width)))
        used += rest
    good = all(len(r) == width and all(fits(r[i].run, name) for i, (name, _t) in named.items()) for r in rows)
    return (used, rows) if good and rows else _rows_numbered(values, titles, named)


def _rows_numbered(values: list[Run], titles: list[Run], named: dict[int, tuple[str, str]]) -> tuple[int, list[tuple[Cell, ...]]]:
    """Rows that begin with 1, 2, 3 or 包1, 包2: a cell of theirs may go on in a second line, and a lot that failed says nothing but that."""
    if not SERIAL.fullmatch(titles[0].text) or not values or not _NUMBERED.fullmatch(values[0].text):
        return 0, []
    width, used, rows = len(titles), 0, list[tuple[Cell, ...]]()
    while used < len(values) and _counts_as(values[used].text, len(rows) + 1):
        rest = values[used : used + width + 3]
        if len(rest) > 1 and FAILED.search(rest[1].text):
            rows.append((Cell(rest[0]), Cell(rest[1]), *(Cell(EMPTY) for _ in range(width - 2))))
            used += 2
            continue
        found = next((row for n in range(width, len(rest) + 1) if (row := _joined(rest[:n], width, named))), None)
        if not found:
            break
        used += len([run for cell in found for run in cell.run.text.split("\n")])
        rows.append(found)
    return used, rows


def _counts_as(text: str, number: int) -> bool:
    found = _NUMBERED.fullmatch(text)
    return bool(found) and found[1].lstrip("0") in {str(number), "一二三四五六七八九十"[number - 1 : number]}  # type: ignore[index]


def _joined(lines: list[Run], width: int, named: dict[int, tuple[str, str]]) -> tuple[Cell, ...] | None:
    """The lines as cells that fit under their titles, two neighbours joined where there are too many; None where nothing fits."""
    for joints in combinations(range(1, len(lines) - 1), len(lines) - width):
        cells: list[Run] = []
        for i, run in enumerate(lines):
            if i - 1 in joints:
                before = cells[-1]
                cells[-1] = Run(f"{before.text}\n{run.text}", (*before.at, before.at[-1] + 1, *run.at))
            else:
                cells.append(run)
        if all(fits(cells[i], name) for i, (name, _title) in named.items()):
            return tuple(Cell(run) for run in cells)
    return None
