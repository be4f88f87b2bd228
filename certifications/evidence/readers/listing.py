"""Reads goods out of running text: "品目：STR试剂盒，数量20盒，品牌衡拓，型号HT-ID21，单价28500元", one or several in a line.

Each attribute is a word and its value, with or without a colon; what stands before the first attribute is the goods' name. Must not know
tables, and must not decide whether the section is about goods: facts.py does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .labels import either, words
from .names import is_firm
from .runs import HAN, Run

_IN_SENTENCE: Final = words("labels")["in_sentence"]
_FIELD: Final = {label: name for name, labels in _IN_SENTENCE.items() for label in labels}
_ATTRIBUTE: Final = re.compile(rf"({either(set(_FIELD))})(\([^)]{{0,10}}\))?\s*(?:[:为]\s*)?(?=\S)")
# What a value must begin with where no colon sets it off: else "数量要求" would be a quantity.
_BEGINS: Final = {
    "quantity": re.compile(r"[\d一二两三四五六七八九十百]"),
    "unit_price": re.compile(r"[¥￥\d]|人民币|[壹贰叁肆伍陆柒捌玖拾一二三四五六七八九十百]"),
    "line_amount": re.compile(r"[¥￥\d]|人民币|[壹贰叁肆伍陆柒捌玖拾一二三四五六七八九十百]"),
    **dict.fromkeys(("model", "catalogue_no", "lot_no", "serial_no"), re.compile(r"[A-Za-z0-9]")),
    "brand": re.compile(rf"[{HAN}A-Za-z]"),
}
_COUNTED: Final = frozenset({"quantity", "unit_price", "line_amount"})
_HARD: Final = re.compile(r"[;。\n|]|(?<=[^\d]),|,(?=\D)|、(?=\D)|(?<![第周])[一二三四五六七八九十]{1,3}、|\s\(?\d{1,2}[.、)](?=\D)")
_NUMBERED: Final = re.compile(rf"(?:^|(?<=[^\d.])|(?<=元))\(?\d{{1,2}}[.、)]\s*(?=[{HAN}A-Za-z])")
_LEAD: Final = re.compile(
    r"^(?:(?:第?[A-Z\d一二三四五六七八九十]{1,3}(?:包|标段|标项|分包)|(?:采购|合同)?包\s*[A-Z\d一二三四五六七八九十]{1,2}|标[项段][\d一二三四五六七八九十]{1,2})\s*[:：,]?\s*"
    r"|\(?\d{1,2}[.、)]\s*|-?\d{1,2}(?:-\d{1,2})?\s+(?=[^\d\s])|(?:品目|品名|序号)\s*\d*\s*:?\s*)+"
)
_NO_NAME: Final = re.compile(
    r"^(?:合计|总计|小计|其中|备注|说明|无|共计?|供应商|[\d\s.,元万台套盒]+)$|(?:如下|情况|信息|要求|清单|名单|说明|内容|地址|金额|报价|电话|日期|时间|公司|编号|期限|标准|方式)$|\d{4}年"
)


@dataclass(frozen=True, slots=True)
class Said:
    """One attribute: its field, its word, its value."""

    field: str
    label: str
    value: Run
    start: int
    end: int


def listed(run: Run, *, trusted: bool) -> Iterator[dict[str, tuple[Run, str]]]:
    """The goods in a line, each as {"item", "brand", ...: (value, label)}. `trusted`: the section is about goods, so one attribute is enough.

    Attributes before any name come first, without "item": they belong to goods of the line before.
    """
    said = list(_attributes(run))
    if not said:
        return
    name: Run | None = None
    current: dict[str, tuple[Run, str]] = {}
    at = 0
    for one in said:
        found = _name(run, at, one.start) if one.field != "item" else one.value
        if found and (one.field == "item" or _is_name(found.text)):
            if name is None and current:
                yield current
            elif name is not None and _counts(current, trusted=trusted):
                yield {"item": (name, "")} | current
            name, current = found, {}
        if one.field != "item":
            current.setdefault(one.field, (one.value, one.label))
        at = one.end
    if name is None and current:
        yield current
    elif name is not None and _counts(current, trusted=trusted):
        yield {"item": (name, "")} | current


def _counts(found: dict[str, tuple[Run, str]], *, trusted: bool) -> bool:
    if trusted:
        return bool(found.keys() & {"brand", "model", "quantity", "unit_price"})
    return len(found) > 1 and "quantity" in found


def _attributes(run: Run) -> Iterator[Said]:
    text = run.text
    hits = []
    for m in _ATTRIBUTE.finditer(text):
        field = _FIELD[m[1]]
        if not _begins(run, m.start()):
            continue
        if (":" in m[0] or "为" in m[0][len(m[1]) :]) or (field in _BEGINS and _BEGINS[field].match(text, m.end())):
            hits.append((m, field))
    for i, (m, field) in enumerate(hits):
        end = hits[i + 1][0].start() if i + 1 < len(hits) else len(text)
        if stop := _HARD.search(text, m.end(), end):
            end = stop.start()
        if field in _COUNTED and (space := re.search(r"\s(?=[^\d(元])", text[m.end() : end])):
            end = m.end() + space.start()
        value = run.cut(m.end(), end)
        if value.text.endswith(")") and "(" not in value.text:
            value = value.cut(0, len(value.text) - 1)
        yield Said(field, m[1] + (m[2] or ""), value, m.start(), max(end, m.end()))


def _begins(run: Run, at: int) -> bool:
    """Whether a word begins at this place: after punctuation, or after a space that the search text left out between Han characters."""
    return at == 0 or run.text[at - 1] in ",;。、:( \n|." or run.at[at] - run.at[at - 1] > 1


def _name(run: Run, start: int, end: int) -> Run | None:
    """The name of goods in the words between two attributes: the last piece of them."""
    last = start
    for m in re.finditer(r"[;。:\n|]|,(?=\D)|(?<=\D),", run.text[start:end].rstrip(" \n,;:(、。")):
        last = start + m.end()
    for m in _NUMBERED.finditer(run.text, last, end):
        last = m.end()
    piece = run.cut(last, end, strip=" \n;,。、:.·(")
    if lead := _LEAD.match(piece.text):
        piece = piece.cut(lead.end())
    return piece if piece else None


def _is_name(text: str) -> bool:
    return 1 < len(text) <= 60 and bool(re.search(rf"[{HAN}A-Za-z]{{2}}", text)) and not _NO_NAME.search(text) and not is_firm(text)  # noqa: PLR2004
