"""Finds labelled values: "采购人名称：…" in running text, and cells that are nothing but a label. The words are in data/labels.toml.

Must not know which of several values wins.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from .runs import HAN, Run

DATA: Final = Path(__file__).with_name("data")


@cache
def words(name: str) -> dict[str, Any]:
    """A data file by name, as read."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def either(options: list[str] | set[str]) -> str:
    """A pattern for any of the words, longest first."""
    return "|".join(re.escape(w) for w in sorted(options, key=lambda w: (-len(w), w)))


_FIELD_OF: Final[dict[str, str]] = {label: name for name, labels in words("labels")["labels"].items() for label in labels}
_UNIT: Final = r"\((?:人民币|元|万元|大写|小写|单位|含税|亿元|RMB)[^)]{0,14}\)|\((?:或|如有)[^)]{0,60}\)"
# Uyghur, Tibetan and Mongolian, with what stands between them and the Chinese label.
_SCRIPTS: Final = r"\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff\u0f00-\u0fff\u1800-\u18af"
_OTHER_SCRIPT: Final = re.compile(rf"[\s/|(]{{0,4}}[{_SCRIPTS}](?:[\s\-,./()0-9]{{0,12}}[{_SCRIPTS}])*[\s)]{{0,4}}")
_IN_ENGLISH: Final = re.compile(rf"(?<=[{HAN})])\s+[A-Z][A-Za-z .&/'\-]{{2,40}}$")
_LABEL: Final = re.compile(
    rf"({either(set(_FIELD_OF))})({_UNIT})?(?:{_OTHER_SCRIPT.pattern})?(?:为|是)?(?:人民币)?(?:\((?:大写|小写)\))?\s*[:：]+\s*"
)
_STOP: Final = re.compile(rf"(?:{either(words('labels')['stops']['words'])})(?:\([^)]{{0,8}}\))?\s*[:：]")
_SECTION_INSIDE: Final = re.compile(r"(?<![第周])[一二三四五六七八九十]{1,3}、")
_CELL: Final = re.compile(
    rf"(?:[一二三四五六七八九十]+[、.]|\(?\d{{1,2}}[.、)])?(?:原公告的?|本项目的?)?({either(set(_FIELD_OF))})((?:\([^)]{{0,16}}\))*)[:：]?(?:\*)?"
)
_ODD_AMOUNT: Final = re.compile(
    r"(?:中标|成交|合同|总)?[、/]?(?:中标|成交)?(?:金额|总价)[、/]?(?:\([^)]*\))*(?:或.{0,6}|/下浮率|/优惠率)?(?:\([^)]*\))*"
)
# In running text only these: the others are words of every sentence, and count in tables and in a list of goods.
IN_TEXT: Final = frozenset(
    [
        "buyer",
        "agency",
        "project_no",
        "project_no_named",
        "project_name",
        "supplier",
        "supplier_list",
        "supplier_address",
        "address",
        "uscc",
        "amount",
        "total",
        "published",
        "decided",
        "signed",
        "delivery",
        "region",
        "bidder",
        "bid",
    ]
)
OF_GOODS: Final = frozenset(
    {"item", "brand", "model", "brand_model", "quantity", "unit", "unit_price", "line_amount", "catalogue_no", "lot_no", "serial_no"}
)
_LOSING: Final = re.compile(r"(?:未|非|邀请|投标|备选|第[二三四五2345]|参与|其他|潜在|推荐|响应|被?询价|各|本次|同级)$")
_SHORT: Final = frozenset(
    {
        "供应商",
        "甲方",
        "乙方",
        "招标人",
        "地址",
        "联系地址",
        "公告时间",
        "公告日期",
        "发布时间",
        "发布日期",
        "公示日期",
        "公示时间",
        "采购方",
        "中标结果",
        "成交人",
        "中标人",
        "采购人",
        "采购单位",
        "型号",
        "规格",
        "数量",
        "金额",
        "合计",
        "总价",
        "单位",
        "品目",
        "品名",
        "标的",
        "商品",
        "货物",
        "品牌",
        "单价",
        "小计",
        "厂家",
        "商标",
        "买方",
        "卖方",
        "需方",
        "供方",
        "中标方",
        "成交方",
    }
)
# Column titles are composed: "投标含税单价(元)", "主要货物名称". The parts before the last word do not change what it means.
_COMPOSED: Final = re.compile(
    r"(?:(?:主要|核心|中标|成交|投标|合同|采购|货物|产品|设备|商品|标的|标的物|仪器|试剂|耗材|物品|含税|不含税|综合|最终|响应|报价|分项|申报|所投|所供)"
    r"(?:的)?[、/]?(?:\((?:中标|成交)\))?)+(名称|品名|品牌|厂家|型号|规格型号|型号规格|规格|数量|单位|单价|总价|小计|金额)((?:\([^)]{0,16}\))*)"
)
_COMPOSED_FIELD: Final = {
    "名称": "item", "品名": "item", "品牌": "brand", "厂家": "brand", "型号": "model", "规格型号": "model", "型号规格": "model", "规格": "model",
    "数量": "quantity", "单位": "unit", "单价": "unit_price", "总价": "line_amount", "小计": "line_amount",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """A label and the run of its value (may be empty). `unit` is the bracket behind the label, `before` what stood before it."""

    field: str
    label: str
    unit: str
    value: Run
    before: str
    start: int
    last: bool


def in_chinese(text: str) -> str:
    """The text without what says the same in Uyghur, Tibetan or Mongolian."""
    return _OTHER_SCRIPT.sub("", text) if _OTHER_SCRIPT.search(text) else text


@lru_cache(maxsize=20_000)
def of_cell(text: str) -> tuple[str, str] | None:
    """(field, label with its unit) when a cell holds nothing but a label; the same in another script beside it does not count."""
    text = re.sub(r"\s", "", _IN_ENGLISH.sub("", in_chinese(text)))
    if not 1 < len(text) <= 40:  # noqa: PLR2004
        return None
    if found := _CELL.fullmatch(text):
        return _FIELD_OF[found[1]], found[1] + found[2]
    if _ODD_AMOUNT.fullmatch(text):
        return "amount" if re.search("中标|成交|合同", text) else "line_amount", text
    if re.fullmatch(r"(?:主要)?(?:中标|成交)?[、/]?(?:中标|成交)?标的的?名称", text):
        return "item", text
    if (composed := _COMPOSED.fullmatch(text)) and composed[1] in _COMPOSED_FIELD:
        return _COMPOSED_FIELD[composed[1]], text
    if re.fullmatch(r"(?:供应商|中标|成交).{0,6}(?:联系)?地址|地址", text):
        return "supplier_address", text
    return ("uscc", text) if "信用代码" in text and not re.search(r"\d{6}", text) else None


def find(run: Run, *, goods: bool = False) -> Iterator[Hit]:
    """Labelled values of a line, in order. With `goods`, also brand, model, quantity and the like."""
    text = run.text
    wanted = IN_TEXT | OF_GOODS if goods else IN_TEXT
    hits = [m for m in _LABEL.finditer(text) if _FIELD_OF[m[1]] in wanted and _stands_alone(text, m)]
    for i, m in enumerate(hits):
        end = hits[i + 1].start() if i + 1 < len(hits) else len(text)
        if stop := _STOP.search(text, m.end(), end):
            end = stop.start()
        if section := _SECTION_INSIDE.search(text, m.end() + 1, end):
            end = section.start()
        tail = re.search(r"[\s(]*\d{1,2}\s*[.、]\s*$", text[m.end() : end]) if end < len(text) else None
        if tail and tail.start():
            end = m.end() + tail.start()
        value = run.cut(m.end(), end)
        yield Hit(_FIELD_OF[m[1]], m[1], m[2] or "", value, text[max(0, m.start() - 6) : m.start()], m.start(), i + 1 == len(hits))


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    """A short label inside a longer word ("邀请供应商：", "评审人：") is another label."""
    before = text[max(0, found.start() - 4) : found.start()]
    if _LOSING.search(before):
        return False
    return found[1] not in _SHORT or not before or not re.search(f"[{HAN}]$", before) or bool(re.search(r"[、公告示]$", before))


def starts_with_label(text: str) -> bool:
    """Whether a line opens with some label and a colon, so that it is no value of the label before it."""
    return bool(re.match(rf"[{HAN}()/\d.、 ]{{1,14}}[:：]", text))
