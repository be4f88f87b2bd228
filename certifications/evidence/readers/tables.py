"""Reads tables by what their headers say: rows of awards, rankings of bidders, rows of goods, pairs of label and value.

Must not decide who won when several tables disagree: awards.py does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from .blocks import Cell, Table
from .labels import OF_GOODS, of_cell
from .names import USCC, firms, is_firm
from .runs import EMPTY, Run

_RANK_TITLE: Final = re.compile(
    r"排序|排名|名次|推荐排名|推荐名次|评审结果|评标结果|是否中标|是否成交|中标情况|中标状态|结果|推荐意见|备注|推荐顺序|候选人排序"
)
_WINNER: Final = re.compile(
    r"(?:1|第一名?|第1名?|第一顺位|是|√|中标.{0,6}|成交.{0,6}|拟?中标|(?:推荐)?第一(?:中标|成交)?候选(?:人|供应商|单位)?|推荐中标.{0,4}|排名第一)"
)
_LOSER: Final = re.compile(
    r"(?:[2-9]|1\d|第[二三四五六七八九十]名?|第[2-9]名?|否|×|未.{1,8}|有效投标.{0,2}|无效.{0,6}|(?:推荐)?第[二三](?:中标|成交)?候选.{0,4}|落标|不合格|废标|备选.{0,4}|入围未中.{0,2})"
)
FAILED: Final = re.compile(r"废标|流标|失败|终止|作废|取消")
SERIAL: Final = re.compile(r"序号|包号|标段|标项|分包|品目号|标包")
_FIRST: Final = re.compile(r"(?:推荐)?第一.{0,3}(?:中标|成交|候选|排序).{0,10}|推荐第一.{0,8}")
_LATER: Final = re.compile(r"(?:推荐)?第[二三四五].{0,3}(?:中标|成交|候选|排序).{0,10}|备选(?:中标|成交)?.{0,4}")
_NAME_OF_ONE: Final = re.compile(r"(?:单位|投标人|供应商|候选人|企业|公司)?名称|投标人|投标单位|供应商")
_PRICED: Final = re.compile(r"\d\s*万?元|[¥￥]\s*\d")
_PRICES: Final = frozenset({"amount", "line_amount", "unit_price", "bid", "total"})
_WON: Final = re.compile(r"中标|成交|中选|入围|乙方|得標")
_OF_A_SUMMARY: Final = frozenset({"region", "published", "decided", "signed", "agency"})
_OF_A_TABLE: Final = frozenset({"amount", "line_amount", "bid", "quantity", "unit_price", "supplier_address", "item"})
_BARE_NAME: Final = frozenset({"名称", "单位名称"})  # beside a role: "供应商(乙方) | 名称 | 甲公司"
_NO_GOODS: Final = re.compile(r"[一二三四五六七八九十]{1,3}、|履约|采购方式|合同|交货|付款|质保|服务期")
MOST_OF_A_TITLE: Final = 6
_MOST_TITLES: Final = 30
_PLAIN_NAME: Final = re.compile(r"名称|品名|货物|产品|试剂|项目")


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of one table row by field, each with its column title. `rank`: won, lost or "" when the row does not say."""

    cells: dict[str, tuple[Run, str]]
    codes: dict[str, Run] = field(default_factory=dict)
    rank: str = ""
    failed: bool = False
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under one header. `kind`: awards, bidders, goods."""

    kind: str
    rows: tuple[Row, ...]
    lot: Run = EMPTY  # where the lot stands in a line above the table


def in_unit(sheet: Sheet, unit: str) -> Sheet:
    """The sheet with the unit that a line above it states ("单位：万元") in every title of a price that names none."""
    if unit != "万元":
        return sheet
    rows = []
    for row in sheet.rows:
        cells = {n: (run, f"{title}({unit})" if n in _PRICES and "元" not in title else title) for n, (run, title) in row.cells.items()}
        rows.append(replace(row, cells=cells))
    return replace(sheet, rows=tuple(rows))


Pair = tuple[str, str, Run]  # field ("first" and "later" for ranked candidates, "" for running text), label, value


def read_table(table: Table, section: str) -> tuple[list[Sheet], list[Pair]]:
    """Sheets and pairs of one table. `section` is the kind of section it stands in: award, items, bidders or ""."""
    sheets: list[Sheet] = []
    pairs: list[Pair] = []
    titles: dict[int, tuple[str, str]] = {}
    width, rows, kind = 0, list[Row](), ""
    ranked = ""
    for cells in upright([_without_colons(row) for row in table.rows]):
        found = _header(cells)
        if found:
            if rows:
                sheets.append(Sheet(kind, tuple(rows)))
            titles, width, rows, kind = found, len(cells), [], _kind(found, section)
            continue
        ranked = _ranked(cells, ranked)
        if not titles:
            pairs.extend(_under(ranked, cells) or _pairs(cells))
            continue
        filled = [c for c in cells if c.run]
        if (len(filled) < 2 < width) or _is_pair(cells) or (len(filled) == 2 < width - 1 and _NO_GOODS.match(filled[0].run.text)):  # noqa: PLR2004 - a heading across the table, or label and value under it
            pairs.extend(_pairs(cells))
            continue
        rows.append(_row(repair(cells, titles, width), titles))
    if rows:
        sheets.append(Sheet(kind, tuple(rows)))
    return sheets, pairs


def _without_colons(cells: Sequence[Cell]) -> Sequence[Cell]:
    """Some editors give the colon between label and value a cell of its own."""
    return [cell for cell in cells if cell.run.text != ":"] if any(cell.run.text == ":" for cell in cells) else cells


def upright(rows: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
    """The rows of a table; of one that lies on its side, with titles in the first column and a bidder in each of several others, its columns."""
    width = len(rows[0]) if rows else 0
    if not 2 <= len(rows) <= _MOST_TITLES or width < 3 or any(len(row) != width for row in rows):
        return rows
    titles = [row[0].run.text for row in rows]
    if len(rows) > 2 and SERIAL.fullmatch(titles[0]) and [c.run.text for c in rows[0][1:]] == [str(n) for n in range(1, width)]:  # noqa: PLR2004
        # The numbers of what stands side by side.
        rows, titles = rows[1:], titles[1:]
    if turned := _goods_upright(rows, titles) or _candidates_upright(rows, titles):
        return turned
    named = [of_cell(t) for t in titles]
    if not all(found or _RANK_TITLE.search(t) or _NAME_OF_ONE.fullmatch(t) for found, t in zip(named, titles, strict=True)):
        return rows
    rest = [cell.run.text for row in rows for cell in row[1:]]
    names = [
        all(firms(cell.run, trusted=True) for cell in row[1:])
        for row, found, t in zip(rows, named, titles, strict=True)
        if (found and found[0] in {"supplier", "bidder"}) or _NAME_OF_ONE.fullmatch(t)
    ]
    return list(zip(*rows, strict=True)) if names and all(names) and all(rest) and not any(map(of_cell, rest)) else rows


def _goods_upright(rows: Sequence[Sequence[Cell]], titles: list[str]) -> Sequence[Sequence[Cell]]:
    """Of goods or lots side by side the rows that have one value for each, turned round, behind the others; nothing where it is no such table."""
    named = [found[0] if (found := of_cell(t)) else "" for t in titles]
    full = [all(c.run and not c.repeated for c in row[1:]) for row in rows]
    goods = [row for row, name, whole in zip(rows, named, full, strict=True) if name in OF_GOODS and whole]
    won = [row for row, name, whole in zip(rows, named, full, strict=True) if name in {"supplier", "supplier_address", "amount"} and whole]
    firms_beside = [
        row for row, name in zip(rows, named, strict=True) if name == "supplier" and all(firms(c.run, trusted=True) for c in row[1:])
    ]
    fields = {name for row, name in zip(rows, named, strict=True) if any(row is one for one in goods)}
    # Where somebody lost beside whoever won, as ranks and bids say, the table is read as it stands.
    if {"bid", "bidder"} & set(named) or any(_RANK_TITLE.search(t) and not t.startswith("备注") for t in titles):
        return []
    if "item" not in fields or not fields & {"brand", "model", "quantity"} or any(of_cell(c.run.text) for row in goods for c in row[1:]):
        return []
    if not firms_beside or any(of_cell(c.run.text) for row in won for c in row[1:]):
        won = []
    if len(won) == 1:
        goods, won = [*won, *goods], []
    rest = [row for row in rows if not any(row is one for one in (*goods, *won))]
    return [*map(_said, rest), *zip(*won, strict=True), *zip(*goods, strict=True)]


def _candidates_upright(rows: Sequence[Sequence[Cell]], titles: list[str]) -> Sequence[Sequence[Cell]]:
    """Of ranked candidates side by side what is known of each, turned round, with the rank first; nothing where it is no such table."""
    ranks = [row for row in rows if all(_FIRST.fullmatch(c.run.text) or _LATER.fullmatch(c.run.text) for c in row[1:])]
    if len(ranks) != 1:
        return []
    named = [
        row for row, t in zip(rows, titles, strict=True) if _NAME_OF_ONE.fullmatch(t) and all(firms(c.run, trusted=True) for c in row[1:])
    ]
    priced = [row for row, t in zip(rows, titles, strict=True) if (found := of_cell(t)) and found[0] in _PRICES]
    rank = Cell(Run("排名", (*ranks[0][0].run.at, 0, 0)[:2]))
    if not named or not priced:
        return []
    rest = [row for row in rows if not any(row is one for one in (*ranks, *named, *priced))]
    return [*map(_said, rest), *zip((rank, *ranks[0][1:]), named[0], *priced, strict=True)]


def _said(row: Sequence[Cell]) -> Sequence[Cell]:
    return [cell for cell in row if cell.run and not cell.repeated]


def _ranked(cells: Sequence[Cell], before: str) -> str:
    """Say "first" or "later" below a row that holds nothing but "第一中标候选人" and the like."""
    filled = [c.run.text for c in cells if c.run]
    if len(filled) != 1:
        return before
    return "first" if _FIRST.fullmatch(filled[0]) else "later" if _LATER.fullmatch(filled[0]) else ""


def _under(ranked: str, cells: Sequence[Cell]) -> list[Pair]:
    """The candidate's name in a row below its rank, and what else the row says."""
    names = [i for i, c in enumerate(cells[:-1]) if ranked and _NAME_OF_ONE.fullmatch(c.run.text.strip(" :"))]
    if not names:
        return []
    i = names[0]
    return [(ranked, cells[i].run.text, cells[i + 1].run), *_pairs(cells[:i]), *_pairs(cells[i + 2 :])]


def _is_pair(cells: Sequence[Cell]) -> bool:
    filled = [c for c in cells if c.run and not c.repeated]
    return len(filled) == 2 and of_cell(filled[0].run.text) is not None and of_cell(filled[1].run.text) is None  # noqa: PLR2004


def _header(cells: Sequence[Cell]) -> dict[int, tuple[str, str]]:
    """Column number to (field, title); empty when the row is no header. Two labels side by side make a header."""
    titles: dict[int, tuple[str, str]] = {}
    filled = [(i, c.run.text) for i, c in enumerate(cells) if c.run]
    if (
        len(filled) < 2
        or any(len(t) > MOST_OF_A_TITLE and is_firm(t) and not of_cell(t) for _i, t in filled)
        or any(re.search(r"\d{3,}", t) and not of_cell(t) for _i, t in filled)
    ):  # noqa: PLR2004
        return {}
    for i, text in filled:
        if found := of_cell(text):
            titles.setdefault(i, ("supplier_address" if found[0] == "address" else found[0], found[1]))
        elif _RANK_TITLE.search(text) and len(text) < 10:  # noqa: PLR2004
            titles[i] = ("rank" if not text.startswith("备注") else "remark", text)
        elif SERIAL.fullmatch(re.sub(r"\s", "", text)):
            titles[i] = ("serial", text)
        elif re.fullmatch(r"(?:标项|标段|分包|标包)名称", re.sub(r"\s", "", text)):
            titles[i] = ("lot", text)
    _settle(titles)
    if any(name == "rank" for name, _title in titles.values()) and not {"supplier", "bidder"} & {n for n, _t in titles.values()}:
        for i, text in filled:  # beside a rank a bare "单位名称" is who bid
            if i not in titles and _NAME_OF_ONE.fullmatch(text):
                titles[i] = ("bidder", text)
                break
    fields = {name for name, _title in titles.values()}
    if fields & {"brand", "model", "quantity", "unit_price"} and "item" not in fields:
        for i, text in filled:
            if titles.get(i, ("lot", ""))[0] in {"lot", "project_name"} and _PLAIN_NAME.search(text) and len(text) <= 10:  # noqa: PLR2004
                titles[i] = ("item", text)
                break
    if fields & _OF_A_SUMMARY and not fields & _OF_A_TABLE:  # "信息类型 | 中标结果 | 所属地区 | 辽宁": a summary in two pairs of columns
        return {}
    beside = any(a + 1 == b for a, b in zip(sorted(titles), sorted(titles)[1:], strict=False))
    useful = fields & {"supplier", "bidder", "item", "amount", "line_amount", "quantity", "unit_price"}
    reads_as_text = any(len(text) > 24 for _i, text in filled)  # noqa: PLR2004
    lost = fields <= {"supplier", "bidder"} and re.search(r"未(?:中标|成交|入围)[^|]{0,6}(?:原因|理由)", " ".join(t for _i, t in filled))
    if lost and fields:  # a list of who did not win: name and reason
        return {i: ("bidder", title) for i, (_name, title) in titles.items()}
    return titles if beside and useful and not reads_as_text and len(titles) * 2 >= len(filled) else _loose(titles, filled)


# Of two columns for one field, the one that says less exactly what the field holds.
_LESSER: Final = {
    "quantity": re.compile(r"数量单位|单位"),
    "model": re.compile(r"(?:产品|包装|货物)?规格(?!.*型号)|规格参数"),
    "brand": re.compile(r"厂|制造商|生产企业"),
}


def _settle(titles: dict[int, tuple[str, str]]) -> None:
    """Where two columns claim one field ("规格" beside "型号", "数量单位" beside "数量"), the more exact one keeps it."""
    for field_name, lesser in _LESSER.items():
        claims = [i for i, (name, _title) in titles.items() if name == field_name]
        for i in claims:
            title = titles[i][1]
            if lesser.match(title) and any(not lesser.match(titles[j][1]) for j in claims if j != i):
                titles[i] = ("unit" if field_name == "quantity" else "remark", title)


def _loose(titles: dict[int, tuple[str, str]], filled: list[tuple[int, str]]) -> dict[int, tuple[str, str]]:
    """A header with unknown columns between: at least supplier and amount, or name and price, and nothing that looks like a value."""
    fields = {name for name, _title in titles.values()}
    strong = ("supplier" in fields or "bidder" in fields) and fields & {"amount", "line_amount", "bid", "rank", "supplier_address"}
    goods = "item" in fields and fields & {"quantity", "unit_price", "brand", "model"}
    short = all(len(text) <= 20 for _i, text in filled)  # noqa: PLR2004
    return titles if (strong or goods) and short and len(filled) > 2 else {}  # noqa: PLR2004


def _kind(titles: dict[int, tuple[str, str]], section: str) -> str:
    fields = dict(titles.values())
    goods = "item" in fields and {"brand", "model", "quantity", "unit_price"} & set(fields)
    if "supplier" not in fields and "bidder" not in fields:
        return "goods"
    if goods and "amount" not in fields:
        return "goods"
    title = fields.get("supplier", "")
    if _WON.search(title) or (title and ("amount" in fields or section == "award")):
        return "awards"
    return "awards" if section == "award" and "bidder" not in fields else "bidders"


def _row(cells: Sequence[Cell], titles: dict[int, tuple[str, str]]) -> Row:
    values: dict[str, tuple[Run, str]] = {}
    rank = ""
    for i, (name, title) in titles.items():
        if i >= len(cells) or not cells[i].run:
            continue
        run = cells[i].run
        # "成交结果: 39.8万元", "成交结果(万元): 39.8"
        if name == "rank" and (_PRICED.search(run.text) or ("元" in title and re.fullmatch(r"[\d,.]+", run.text))):
            name = "amount"
        if name in {"rank", "remark"}:
            said = re.sub(r"\s", "", run.text)
            if _LOSER.fullmatch(said) and not (name == "remark" and said.isdigit()):
                rank = "lost"
            elif _WINNER.fullmatch(said) and not rank and not (name == "remark" and said.isdigit()):
                rank = "won"
        if name not in values or (name == "item" and values[name][1].startswith(("品目", "采购内容"))):
            values[name] = (run, title)
    if "item" not in values and "unit" in values and (unit := values["unit"][0].text.strip()) in {"元", "万元"}:
        # The unit of the amount in a column of its own, not that of goods.
        values = {n: (run, f"{title}({unit})" if n in _PRICES and "元" not in title else title) for n, (run, title) in values.items()}
    whole = " ".join(c.run.text for c in cells if c.run)
    codes = {code: c.run for c in cells for code in c.codes}
    spoken = " ".join(v.text for n, (v, _t) in values.items() if n in {"supplier", "bidder", "amount", "line_amount", "rank", "remark"})
    return Row(values, codes, rank, bool(FAILED.search(spoken)), whole)


def repair(cells: Sequence[Cell], titles: dict[int, tuple[str, str]], width: int) -> Sequence[Cell]:
    """A row that lost its empty cells: put blanks where every typed column then fits."""
    missing = width - len(cells)
    if not 0 < missing <= 2:  # noqa: PLR2004
        return cells
    blank = Cell(EMPTY)
    for first in range(len(cells), -1, -1):
        for second in range(len(cells), first - 1, -1) if missing == 2 else [0]:  # noqa: PLR2004
            trial = list(cells)
            if missing == 2:  # noqa: PLR2004
                trial.insert(second, blank)
            trial.insert(first, blank)
            if all(fits(trial[i].run, name) for i, (name, _title) in titles.items() if i < len(trial)):
                return trial
    return cells


def fits(run: Run, name: str) -> bool:
    text = run.text
    if not text:
        return name not in {"supplier", "amount", "unit_price", "item"}
    if name in {"supplier", "bidder"}:
        return bool(firms(run, trusted=True))
    if name == "uscc":
        return bool(USCC.search(text))
    if name in {"amount", "unit_price", "line_amount", "quantity", "serial"}:
        return bool(re.match(r"[¥￥\d一二三四五六七八九十壹贰叁肆伍陆柒捌玖/\-人]", text)) and not re.fullmatch(r"[\d\-]{8,}", text)
    if name in {"supplier_address", "unit", "item", "brand"}:
        return not re.fullmatch(r"[¥￥\d.,\s%元]+", text)
    return True


def _pairs(cells: Sequence[Cell]) -> Iterator[Pair]:
    """Label and value side by side; cells with a label and a colon inside come as running text with field ""."""
    i = 0
    while i < len(cells):
        text = cells[i].run.text
        plain = re.sub(r"[\s:]", "", text)
        if cells[i].repeated or not text:
            i += 1
            continue
        found = of_cell(text)
        first, later = _FIRST.fullmatch(plain), _LATER.fullmatch(plain)
        if (found or first or later) and i + 1 < len(cells):
            j = next((j for j in range(i + 1, min(i + 4, len(cells))) if cells[j].run and cells[j].run.text not in _BARE_NAME), None)
            if j is not None and not of_cell(cells[j].run.text):
                name, label = ("later", plain) if later else found or ("first", plain)
                yield name, label, cells[j].run
                if ":" in cells[j].run.text:
                    yield "", "", cells[j].run
                i = j + 1
                continue
        if ":" in text:
            yield "", "", cells[i].run
        i += 1
