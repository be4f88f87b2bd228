"""Goes through the notice once, in order, and collects what its lines and tables say about which field.

Must not choose between facts: parties.py, awards.py and goods.py do.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from .blocks import Document, Line
from .flattened import rebuild
from .labels import IN_TEXT, OF_GOODS, either, find, of_cell, starts_with_label, words
from .listing import listed
from .names import firms, is_firm
from .runs import EMPTY, HAN, Run
from .tables import Sheet, in_unit, read_table

_L: Final = words("labels")
_NUMBER: Final = r"(?:[一二三四五六七八九十]{1,3}[、.]|\(?[一二三四五六七八九十\d]{1,2}[.、):]\s*|[ⅠⅡⅢⅣⅤIVX]+\s+)"
_HEADING: Final = re.compile(rf"^{_NUMBER}*\s*(.{{0,40}})")
_SPLIT: Final = re.compile(
    rf"(?<=[^第周一二三四五六七八九十、(])(?=[一二三四五六七八九十]{{1,3}}[、.][{HAN}])|(?<=.)(?=\([一二三四五六七八九十]{{1,2}}\)[、.]?[{HAN}])"
)
_ROLE: Final = {word: role for role, roles in _L["roles"].items() for word in roles}
_ROLE_LINE: Final = re.compile(rf"^{_NUMBER}*\s*({either(set(_ROLE))})(?:\([^)]{{1,8}}\))?(?:名称、地址和联系方式|联系方式)?[:]?$")
_ROLE_NAME: Final = re.compile(rf"^{_NUMBER}*\s*(?:单位)?名称\s*:\s*")
_SECTION: Final = {name: re.compile(either(set(titles))) for name, titles in _L["sections"].items()}
_ON_BEHALF: Final = re.compile(rf"([{HAN}A-Za-z0-9()]{{4,40}}?)受([^,。;\d:]{{3,40}}?)的?委托")
_WON: Final = re.compile("中标|成交|中选|乙方")
_SAYS_MORE: Final = OF_GOODS - {"item", "unit", "line_amount"}
_UNIT_LINE: Final = re.compile(r"^\(?(?:金额|货币|计价)?单位\s*:\s*(?:人民币)?(万元|元)\)?$")
_AWARDED: Final = re.compile("中标|成交|中选|货物名称|设备名称|产品名称")
_NUMBERED_ITEM: Final = re.compile(
    rf"^[^{HAN}\d]{{0,3}}标的\s*[一二三四五六七八九十\d]{{1,2}}\s*:\s*(\S.{{1,60}}?)\s*(\d{{1,6}}\s*[{HAN}]{{1,2}})$"
)
_OTHERS_BELOW: Final = re.compile(r"猜你喜欢|(?:相关|同类|热门|最新)(?:公告|推荐|阅读|文章|链接)(?!.*:)|推荐阅读|[上下]一[篇条]")
MOST_OF_A_REST: Final = 24
_BEGINNING: Final = re.compile(rf"(?!详见|见附|无$)(?:(?!附件|废标|流标|公告)[{HAN}()A-Za-z]){{3,24}}")
# What may stand alone in a line as the end of a name, and is no firm by itself: "技有限公司", "公司", "科技有限公司".
_REST: Final = re.compile(
    r"(?:科技|技术|技|生物|医疗|器械|仪器|设备|贸易|商贸|科学|工程|实业|发展|制品|电子|信息|系统|智能|检测|集团|股份|份|有限|限|责任|任|公)*(?:公司|司|公)"
)
_LOT: Final = re.compile(
    r"^(?:\d{1,2}[.、]\s*)?((?:合同|采购)?包\s*[\dA-Z一二三四五六七八九十]{1,3}(?![\dA-Za-z])|第?[\dA-Z一二三四五六七八九十]{1,3}(?:包|标段|标项|分包)(?![件装])|标[项段]\s*[\dA-Z一二三四五六七八九十]{1,3}(?![\dA-Za-z]))"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value. `how`: label, cell, next (the line after its label), role, prose or code; `section` as in labels.toml."""

    field: str
    label: str
    value: Run
    how: str
    section: str = ""
    before: str = ""
    lot: Run = EMPTY


@dataclass(slots=True)
class Facts:
    """All that was said, in document order. `goods` are goods described label by label, `listed` goods in sentences."""

    facts: list[Fact] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    goods: list[list[Fact]] = field(default_factory=list)
    listed: list[dict[str, tuple[Run, str]]] = field(default_factory=list)

    def of(self, *names: str) -> Iterator[Fact]:
        """The facts of these fields, in order."""
        return (f for f in self.facts if f.field in names)


def collect(document: Document) -> Facts:
    """One pass over the document."""
    reader = _Pass()
    blocks = rebuild(document.blocks)
    for number, block in enumerate(blocks):
        if isinstance(block, Line):
            said_who = any(reader.found.of("supplier", "supplier_list")) or bool(reader.found.sheets)
            if said_who and number * 2 > len(blocks) and _OTHERS_BELOW.match(block.run.text):
                break  # what follows are other notices of the site
            if unit := _UNIT_LINE.match(block.run.text):
                reader.unit = unit[1]
            for part in split(block.run):
                reader.line(part)
            continue
        sheets, pairs = read_table(block, reader.section)
        reader.found.sheets.extend(replace(in_unit(s, reader.unit), lot=reader.lot) for s in sheets)
        if sheets:
            reader.pending = None
        # Goods in a table of labels and values, outside any section: a name with an attribute at least.
        named = {name for name, _label, _value in pairs}
        of_goods = reader.section == "items" or ("item" in named and bool(named & _SAYS_MORE))
        for name, label, value in pairs:
            if not name:
                reader.goods(value)
                reader.labels(value)
            elif name in OF_GOODS:
                # A cell may hold the whole sentence: "试剂盒，数量20盒，品牌衡拓".
                if of_goods and not (name == "item" and reader.goods(value, trusted=True)):
                    reader.add(Fact(name, label, value, "cell", "items"))
            else:
                reader.add(Fact(name, label, value, "cell", reader.section))
    return reader.found


def split(run: Run) -> Iterator[Run]:
    """A line cut where a numbered section begins inside it, as in text that lost its line breaks."""
    at = 0
    for m in _SPLIT.finditer(run.text):
        if m.start() > at and re.search(r"[:：]", run.text[m.start() : m.start() + 40]):
            yield run.cut(at, m.start(), strip=" ")
            at = m.start()
    yield run.cut(at, strip=" ")


class _Pass:
    """What must be remembered from line to line: section, role, and a label that still waits for its value."""

    def __init__(self) -> None:
        self.found = Facts()
        self.section = ""
        self.role = ""
        self.pending: Fact | None = None
        self.lot: Run = EMPTY
        self.listing = False
        self.unit = ""
        self.loose: list[Fact] = []  # goods told label by label outside of a section about goods
        self.broken: int | None = None  # the fact whose name may go on in the next line

    def add(self, fact: Fact) -> None:
        self.found.facts.append(replace(fact, lot=self.lot) if self.lot else fact)
        if fact.section == "items" and fact.field in OF_GOODS:
            if fact.field == "item" or not self.found.goods:
                self.found.goods.append([])
            self.found.goods[-1].append(fact)

    def line(self, run: Run) -> None:
        text = run.text
        if not text:
            return
        self.mend(run)
        self.heading(text)
        if self.section == "items" and text in {"服务类", "工程类"}:
            self.section = ""  # what is listed below it is no goods
        if lot := _LOT.match(text):
            self.lot = run.cut(lot.start(1), lot.end(1))
        goods = self.goods(run)
        if named := _ROLE_NAME.match(text):
            if self.role:
                self.add(Fact(self.role, "名称", run.cut(named.end()), "role", self.section))
                return
            if self.section == "items" and not goods:
                self.add(Fact("item", "名称", run.cut(named.end()), "label", "items"))
        if self.pending is not None:
            waiting, self.pending = self.pending, None
            free = waiting.field == "supplier_list" or not (starts_with_label(text) or of_cell(text))
            if free and not (waiting.field.startswith("supplier") and not firms(run, trusted=True)):
                self.add(Fact(waiting.field, waiting.label, run.cut(), "next", waiting.section))
        self.labels(run)
        self.alone(run)
        self.described(run)
        # Of a very long line only the beginning: the pattern tries some hundred lengths at each character.
        for m in _ON_BEHALF.finditer(text[:6000]) if "委托" in text else ():
            self.add(Fact("agency", "受托", run.cut(m.start(1), m.end(1)), "prose"))
            self.add(Fact("buyer", "委托", run.cut(m.start(2), m.end(2)), "prose"))

    def goods(self, run: Run, *, trusted: bool = False) -> list[dict[str, tuple[Run, str]]]:
        """Goods that the line lists; attributes at its beginning go to those that the line before ended with."""
        found = list(listed(run, trusted=trusted or self.section == "items"))
        if found and "item" not in found[0]:
            rest = found.pop(0)
            if self.listing and self.found.listed:
                self.found.listed[-1] = rest | self.found.listed[-1]
                self.found.listed.extend(found)
                return found
        self.listing = bool(found)
        self.found.listed.extend(found)
        return found

    def mend(self, run: Run) -> None:
        """A firm's name that the page broke: the beginning stood behind its label, the line begins with the rest."""
        number, self.broken = self.broken, None
        if number is None or len(run.text) > MOST_OF_A_REST or starts_with_label(run.text):
            return
        fact = self.found.facts[number]
        whole = Run(fact.value.text + run.text, (*fact.value.at, *run.at))
        if _REST.fullmatch(run.text) and is_firm(whole.text):
            self.found.facts[number] = replace(fact, value=whole)

    def described(self, run: Run) -> None:
        """Goods that a letter or a short notice tells label by label: the name that was awarded, then at least one thing more."""
        if self.section == "items":
            return
        if named := _NUMBERED_ITEM.match(run.text):
            told = (("item", "标的", named.start(1), named.end(1)), ("quantity", "数量", named.start(2), named.end(2)))
            self.loose = [Fact(name, label, run.cut(start, end), "label", "items") for name, label, start, end in told]
            self.found.goods.append(self.loose)
            return
        for hit in find(run, goods=True) if starts_with_label(run.text) else ():
            if hit.field not in OF_GOODS or not hit.value:
                continue
            fact = Fact(hit.field, hit.label + hit.unit, hit.value, "label", "items", hit.before)
            if hit.field == "item":
                self.loose = [fact] if _AWARDED.match(hit.label) else []
            elif self.loose and hit.field in _SAYS_MORE:
                self.loose.append(fact)
                if len(self.loose) == 2:  # noqa: PLR2004
                    self.found.goods.append(self.loose)

    def alone(self, run: Run) -> None:
        """A label that is the whole line, without a colon: the cells of a table of labels and values, one a line."""
        said = of_cell(run.text) if self.pending is None and ":" not in run.text else None
        if said and said[0] in IN_TEXT and (said[0] != "supplier" or _WON.search(said[1])):
            self.pending = Fact(said[0], said[1], EMPTY, "next", self.section)

    def labels(self, run: Run) -> None:
        for hit in find(run, goods=self.section == "items"):
            fact = Fact(hit.field, hit.label + hit.unit, hit.value, "label", self.section, hit.before)
            if hit.value:
                self.add(fact)
                if hit.last and hit.field == "supplier" and _BEGINNING.fullmatch(hit.value.text) and not firms(hit.value, trusted=True):
                    self.broken = len(self.found.facts) - 1
            elif hit.last and hit.field not in OF_GOODS:
                self.pending = fact

    def heading(self, text: str) -> None:
        """Keep the section and, inside contact details, whose they are."""
        numbered = re.match(_NUMBER, text)
        if role := _ROLE_LINE.match(text):
            self.role = _ROLE[role[1]]
        elif numbered and not _ROLE_NAME.match(text):
            self.role = ""
        if not numbered and not re.fullmatch(rf"[{HAN}、/()]{{4,24}}:?", text):
            return
        found = _HEADING.match(text)
        title = re.split(r"[:]", found[1])[0] if found else ""
        for name in ("bidders", "items", "award"):
            if _SECTION[name].search(title):
                self.section, self.lot = name, EMPTY
                return
        if numbered and re.match(r"[一二三四五六七八九十ⅠⅡⅢⅣⅤ]", text):
            self.section, self.lot = "", EMPTY
