"""The numbers that Word writes before paragraphs by itself ("一、", "（二）", "3."): counted from numbering.xml. Runs in the child alone.

Of the ways to write a number those that notices use; of any other nothing is written, as before. Numbers that only a paragraph's style
asks for are not counted.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LEVELS: Final = 9
LONGEST: Final = 20  # of what is written around numbers
MOST: Final = 9_999
_DIGITS: Final = "零一二三四五六七八九"
_CHINESE: Final = frozenset({"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand"})


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered: the first number, its form and what stands around the numbers ("（%1）")."""

    start: int
    form: str
    text: str


def chinese(number: int) -> str:
    """1 to 9999 as 一, 十, 十二, 二十一, 一百零五."""
    said, gap = "", False
    for place, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + word
        gap = not digit if said else False
    return said[1:] if said.startswith("一十") else said


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 5 else otherwise  # noqa: PLR2004


def _value(element: Any, name: str) -> str:
    found = element.find(f"{W}{name}")
    return str(found.get(f"{W}val", "")) if found is not None else ""


class Numbers:
    """Counts the paragraphs of each list in the order of the document."""

    def __init__(self, numbering: Any = None) -> None:
        self._levels: dict[str, dict[int, Level]] = {}
        self._list_of: dict[str, str] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for one in numbering.findall(f"{W}abstractNum") if numbering is not None else ():
            self._levels[one.get(f"{W}abstractNumId", "")] = {
                _number(level.get(f"{W}ilvl"), 0): Level(
                    _number(_value(level, "start"), 1), _value(level, "numFmt") or "decimal", _value(level, "lvlText")[:LONGEST]
                )
                for level in one.findall(f"{W}lvl")
            }
        for one in numbering.findall(f"{W}num") if numbering is not None else ():
            name = one.get(f"{W}numId", "")
            self._list_of[name] = _value(one, "abstractNumId")
            # A list that begins anew counts by itself.
            self._starts[name] = {
                _number(over.get(f"{W}ilvl"), 0): _number(_value(over, "startOverride"), 1)
                for over in one.findall(f"{W}lvlOverride")
                if over.find(f"{W}startOverride") is not None
            }

    def before(self, paragraph: Any) -> str:
        """What Word writes before a paragraph; "" for nothing, or what is not known."""
        asked = paragraph.find(f"{W}pPr/{W}numPr")
        if asked is None:
            return ""
        name, at = _value(asked, "numId"), _number(_value(asked, "ilvl"), 0)
        levels = self._levels.get(self._list_of.get(name, ""), {})
        if at not in levels or at >= LEVELS:
            return ""
        starts = self._starts[name]
        counts = self._counts[name if starts else f"list {self._list_of[name]}"]
        counts[at] = min(counts[at] + 1, MOST) if at in counts else starts.get(at, levels[at].start)
        for deeper in [level for level in counts if level > at]:
            del counts[deeper]
        text = levels[at].text
        for level in range(at + 1):
            if f"%{level + 1}" in text:
                shown = self._shown(levels.get(level), counts.get(level, starts.get(level, 1)))
                if not shown:
                    return ""
                text = text.replace(f"%{level + 1}", shown)
        return text if levels[at].form != "bullet" else ""

    def _shown(self, level: Level | None, number: int) -> str:
        if level is None or level.form == "decimal":
            return str(number)
        return chinese(number) if level.form in _CHINESE else ""
