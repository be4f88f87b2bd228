"""Amounts of money as notices write them, in yuan: figures, figures with 万 or 亿, and words (壹佰玖拾伍万元整).

Works on text after NFKC. Must not know where in a notice the text stood.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_NUMBER: Final = r"\d{1,3}(?:,\s?\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE: Final = r"(万万|万|亿)?"
# Strongest way of writing first: a currency mark, the unit behind, the currency's letters, a bare number.
_FIGURES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[¥￥]\s*:?\s*({_NUMBER})\s*{_SCALE}",
        rf"({_NUMBER})\s*{_SCALE}\s*(?:元|圆|\((?:人民币)?元\))",
        rf"(?:RMB|CNY)\s*:?\s*({_NUMBER})\s*{_SCALE}",
        rf"(?<![\dA-Za-z年月./\-])(?<!\d:)({_NUMBER})(?![\d年月日%‰A-Za-z/:\-])\s*{_SCALE}",
    )
)
_RATE: Final = re.compile(r"[%‰]|下浮|降点|费率|折扣|优惠率|折$|元\s*/|元∕|元每|/亩|/天|/人|/年")
_FOREIGN: Final = re.compile(r"USD|EUR|JPY|HKD|GBP|美元|欧元|日元|港元|港币|英镑|\$|€|£", re.IGNORECASE)
_WORDS: Final = re.compile(
    r"[零〇一二三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟萬万亿]{2,}[元圆整](?:[零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖][角分]|[整正零])*"
)
_DIGITS: Final = {
    c: i for i, pair in enumerate(("零〇", "一壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for c in pair
}
_UNITS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
MOST: Final = Decimal(10) ** 13


@dataclass(frozen=True)
class Money:
    """`value` in yuan or None; it stands at start to end of the text looked at. `flag` is a note code or empty."""

    value: Decimal | None
    start: int = 0
    end: int = 0
    flag: str = ""


def money(text: str, header: str = "") -> Money:
    """The amount that `text` states; `header` (label or column title) gives the unit where the text has none. Zero is no amount."""
    marked = re.search(r"[¥￥]", text)
    if (_RATE.search(text) and not marked) or (re.search(r"下浮率|折扣|费率|优惠率|降点", header) and not re.search("[¥￥元]", text)):
        return Money(None, flag="rate_not_price")
    if _FOREIGN.search(text) and not marked:
        return Money(None, flag="foreign_currency")
    found = next((m for pattern in _FIGURES if (m := pattern.search(text))), None)
    spelled = _WORDS.search(text)
    words = in_words(spelled[0]) if spelled else None
    if found is None:
        if spelled is None or not words:
            return Money(None)
        return Money(words, spelled.start(), spelled.end())
    scale, end = found[2] or "", found.end()
    behind = re.match(r"\s*\((?:单位:)?(万元|亿元|元)[^)]*\)|\s*(元)", text[end:])
    if not scale and behind:
        scale = (behind[1] or behind[2]).removesuffix("元")
        end += behind.end()
    elif not scale and not re.search("[元圆]", found[0]):
        scale = "万" if "万元" in header else "亿" if "亿元" in header else ""
    elif behind and behind[2]:
        end += behind.end()
    # "195万万元" is a slip for 195万元: taken as 万, and the words beside it decide whether a person is warned.
    value = Decimal(re.sub(r"[,\s]", "", found[1])) * {"": 1, "万": 10_000, "万万": 10_000, "亿": 100_000_000}[scale]
    if not 0 < value < MOST:
        return Money(None)
    differs = words is not None and abs(words - value) > 1
    flag = "words_and_figures" if differs else "amount_doubtful" if scale == "万万" and not words else ""
    return Money(_trim(value), found.start(), end, flag)


def in_words(text: str) -> Decimal | None:
    """The value of an amount in words, in yuan; None when it is none. 万万 counts as 万."""
    text = text.replace("萬", "万").replace("圆", "元").replace("万万", "万").strip("整正")
    whole, _, rest = text.partition("元")
    total = section = number = 0
    for char in whole:
        if char in _DIGITS:
            number = _DIGITS[char]
        elif char in _UNITS:
            section += (number or 1) * _UNITS[char]
            number = 0
        elif char == "万":
            total, section, number = total + (section + number) * 10_000, 0, 0
        elif char == "亿":
            total, section, number = (total + section + number) * 100_000_000, 0, 0
        else:
            return None
    value = Decimal(total + section + number)
    for char, share in (("角", "0.1"), ("分", "0.01")):
        if found := re.search(rf"(.){char}", rest):
            value += _DIGITS.get(found[1], 0) * Decimal(share)
    return value if 0 < value < MOST else None


def number(text: str) -> tuple[Decimal, str] | None:
    """A quantity and its unit: "15盒" is (15, "盒"), "一套" is (1, "套"); None when there is none."""
    text = text.strip()
    if found := re.match(rf"({_NUMBER})\s*\(?([^\d\s()（）/,;。]{{0,6}})", text):
        value = Decimal(re.sub(r"[,\s]", "", found[1]))
        return (_trim(value), found[2].strip()) if value < MOST else None
    if found := re.match(r"([一二两三四五六七八九十百壹贰叁肆伍陆柒捌玖拾佰]{1,4})([^\d\s()/,;。]{1,3})$", text):
        spelled = in_words(found[1].replace("两", "二"))
        return (spelled, found[2]) if spelled else None
    return None


def _trim(value: Decimal) -> Decimal:
    """Without trailing zeros behind the point and without an exponent."""
    whole = value.to_integral_value()
    return whole.quantize(Decimal(1)) if value == whole else value.normalize()
