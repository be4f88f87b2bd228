"""Chooses buyer, agency, project, region and dates from what the notice says about them.

Must not look at suppliers or goods.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from .blocks import Document, Line
from .facts import Fact, Facts
from .labels import words
from .names import BODY, body, body_in_title
from .runs import EMPTY, Run

_LABELS: Final = words("labels")["labels"]
_PROJECT_ORDER: Final = {label: i for i, label in enumerate(_LABELS["project_no"])}
_BUYER_ORDER: Final = {label: i for i, label in enumerate(_LABELS["buyer"])}
_WEAK_BUYERS: Final = frozenset(
    {"招标人名称", "招标单位名称", "招标单位", "招标人", "建设单位", "项目法人", "项目业主", "业主单位", "需求单位", "甲方"}
)
_HOUSE: Final = re.compile(
    r"[\u4e00-\u9fff()]{2,30}(?:医院|保健院|卫生院|大学|学院|学校|中心|局|厅|研究所|研究院|总队|支队|血站)(?![院校])"
)
_SIGNED_WITH: Final = re.compile(rf"[与同](?:采购人|招标人)({BODY.pattern})(?:签订|订立)")
# Who signs a notice of its own: the body, its office, the day.
_SIGNED: Final = re.compile(r"\s*[\u4e00-\u9fff]{0,8}(?:部|处|科|办|办公室|中心|小组)?\s*(?:二〇\S{2,9}日|20\d\d年\d{1,2}月\d{1,2}日)?")
_TOKEN: Final = re.compile(r"[A-Za-z0-9\u4e00-\u9fff\[\]()〔〕【】<>#_/.\-—–,&:]{3,60}")
_CODE_TOKEN: Final = re.compile(r"[A-Za-z0-9\u4e00-\u9fff\[\]()〔〕\-—#/_.]{4,40}$")
_BRACKETED: Final = re.compile(r"\(([A-Z]{2,}[A-Z0-9]*(?:[-/][A-Z0-9]+)*-\d{2,}(?:-[A-Z0-9]+)*)\)")
_DATE: Final = re.compile(r"((?:19|20)\d\d)\s*[年/.\-]\s*(\d{1,2})\s*[月/.\-]\s*(\d{1,2})\s*日?")
_HAN_DATE: Final = re.compile(
    r"([二一][〇零○O0九]?[〇零○O0-9一二三四五六七八九]{2,3})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A value chosen, its place, how sure the way of finding is, and which way it was (a code of types.REASONS)."""

    run: Run = EMPTY
    confidence: float = 0.0
    reason: str = ""


def buyer(document: Document, facts: Facts, title: Run, notes: set[str]) -> Said:
    """Template code, then labels by precedence, then "受 ... 委托", then weaker labels, then the title."""
    if found := _marked(document, "00014"):
        return Said(found, 0.98, "template")
    named = [(f, body(f.value)) for f in facts.of("buyer")]
    strong = [(f, run) for f, run in named if run and f.how != "prose" and _bare(f) not in _WEAK_BUYERS]
    if strong:
        return Said(strong[0][1], 0.93 if strong[0][0].how != "role" else 0.9, strong[0][0].how)
    for fact, run in named:
        if run and fact.how == "prose":
            return Said(run, 0.8, "prose")
    weak = sorted((p for p in named if p[1] and p[0].how != "prose"), key=lambda p: _BUYER_ORDER.get(_bare(p[0]), 99))
    if weak:
        return Said(weak[0][1], 0.75, "weak_label")
    found = body_in_title(title) if title else EMPTY
    if found and not re.search(r"公司$|采购中心$|交易中心$", found.text):
        notes.add("buyer_from_title")
        return Said(found, 0.4, "title")
    for run in document.lines():
        if (m := _SIGNED_WITH.search(run.text)) and (name := body(run.cut(m.start(1), m.end(1)))):
            return Said(name, 0.5, "prose")
    for found in _on_its_own_site(document):
        notes.add("buyer_from_title")
        return Said(found, 0.4, "title")
    return Said()


def _on_its_own_site(document: Document) -> Iterator[Run]:
    """Hospitals and universities name themselves in the title of their page and under the text: a line that begins with that name, from the foot."""
    named = {piece for piece in re.split(r"\s*[|_\-–—]\s*", document.title)[1:] if _HOUSE.fullmatch(piece)}
    for block in reversed(document.blocks):
        if not isinstance(block, Line):
            continue
        yield from (block.run.cut(0, len(piece)) for piece in named if block.run.text.startswith(piece))
        m = _HOUSE.match(block.run.text)
        if m and _SIGNED.fullmatch(block.run.text, m.end()) and not re.search(r"采购中心$|交易中心$", m[0]):
            yield block.run.cut(0, m.end())


def agency(document: Document, facts: Facts) -> Said:
    """The procurement agency, where one is named."""
    if found := _marked(document, "00009"):
        return Said(found, 0.98, "template")
    for prose in (False, True):
        for fact in facts.of("agency"):
            if (fact.how == "prose") is prose and (run := body(fact.value)):
                return Said(run, 0.7 if prose else 0.9, fact.how)
    return Said()


def project_no(document: Document, facts: Facts) -> Said:
    """The project number; a contract's or agency's own number only when there is no other."""
    if found := _marked(document, "00004"):
        return Said(_number(found) or found, 0.98, "template")
    options = [(_PROJECT_ORDER.get(_bare(f), 99), i, f) for i, f in enumerate(facts.of("project_no"))]
    options += [(1, -1, f) for f in facts.of("project_no_named")]
    for order, _position, fact in sorted(options, key=lambda o: (o[0] // 4, o[1]) if o[0] < 8 else (o[0], o[1])):  # noqa: PLR2004
        run = _number_after_name(fact.value) if fact.field == "project_no_named" else _number(fact.value)
        if run:
            return Said(run, 0.93 if order < 8 else 0.75, fact.how)  # noqa: PLR2004
    return _number_under_name(document)


def _bare(fact: Fact) -> str:
    label = re.sub(r"\s", "", fact.label)
    return label if label in _PROJECT_ORDER or label in _BUYER_ORDER else re.sub(r"\(.*?\)$", "", label)


def _number(run: Run) -> Run:
    """The number at the start of the run; empty when there is none. An unmatched bracket belongs to the sentence around it."""
    found = _TOKEN.match(run.text)
    if not found:
        return EMPTY
    value = found[0]
    if "," in value:
        parts = value.split(",")
        keep = 1
        while keep < len(parts) and re.fullmatch(r"[A-Za-z0-9\-]*\d[A-Za-z0-9\-]*", parts[keep]):
            keep += 1
        value = ",".join(parts[:keep])
    depth = 0
    for i, char in enumerate(value):
        depth += (char == "(") - (char == ")")
        if depth < 0:
            value = value[:i]
            break
    if cut := re.search(r"采购形式|招标编号|招标公告|招标文件编号|发布|委托代理|\((?:招标|第?[一二三]次|重新)|项目名称|[:]", value):
        value = value[: cut.start()]
    if value.count("(") > value.count(")"):
        value = value[: value.rindex("(")]
    if tail := re.search(r"(?<=\d)[\u4e00-\u9fff]{2,}$", value):
        value = value[: tail.start()]
    return run.cut(0, len(value)) if re.search(r"\d", value) and len(value) > 2 else EMPTY  # noqa: PLR2004


def _number_after_name(run: Run) -> Run:
    """From "name, number" or "name number" the number."""
    text = run.text.rstrip(" ;。,、")
    for m in re.finditer(r"[、,;\s(]", text):
        rest = text[m.end() :].strip(" )")
        if _CODE_TOKEN.fullmatch(rest) and re.search(r"\d{2,}", rest) and not re.search("项目|采购$|[:]", rest):
            start = text.rindex(rest)
            return run.cut(start, start + len(rest))
    return EMPTY


def _number_under_name(document: Document) -> Said:
    """Where "项目名称及编号：name" has the number alone on the next line, or a number in the words around "编号"."""
    lines = [b.run for b in document.blocks if isinstance(b, Line)]
    for here, below in pairwise(lines):
        if (
            re.search(r"名称及编号\s*:", here.text)
            and re.fullmatch(r"[A-Za-z0-9\[\]()\-#/]{5,40}", below.text)
            and re.search(r"\d", below.text)
        ):
            return Said(below.cut(), 0.7, "next")
    for run in lines[:12]:
        if m := _BRACKETED.search(run.text):  # "... 联用仪（XJU-GK-2023-041）于 ... 开标"
            return Said(run.cut(m.start(1), m.end(1)), 0.45, "prose")
    for run in lines:
        if m := re.search(r"(?<![包子])编号[^:\n]{0,12}[:、]\s*([^\s,。;)]{4,40})", run.text):
            found = _number(run.cut(m.start(1), m.end(1)))
            if found:
                return Said(found, 0.5, "prose")
    return Said()


def project_name(document: Document, facts: Facts) -> Said:
    """The project's name as its label gives it."""
    if found := _marked(document, "00003"):
        return Said(found, 0.98, "template")
    for fact in sorted(facts.of("project_name"), key=lambda f: f.label.startswith(("合同名称", "标段名称"))):
        if len(fact.value.text) > 3:  # noqa: PLR2004
            return Said(fact.value.cut(0, 300), 0.9, fact.how)
    return Said()


def region(facts: Facts) -> Said:
    """The administrative region that the summary states."""
    return next((Said(f.value.cut(0, 60), 0.9, f.how) for f in facts.of("region") if f.value), Said())


_NO_PLACE: Final = re.compile("指定|详见|附件|约定|合同|另行")


def delivery(facts: Facts) -> Said:
    """Where the goods are delivered; "where the buyer says" is no place."""
    said = (f for f in facts.of("delivery") if len(f.value.text) > 2 and not _NO_PLACE.search(f.value.text))  # noqa: PLR2004
    return next((Said(f.value.cut(0, 300), 0.9, f.how) for f in said), Said())


def published(document: Document, facts: Facts) -> tuple[dt.date | None, Said]:
    """Day of publication: its label, the head of the page, the page's own data, the day of award, the date under the text."""
    lines = [b.run for b in document.blocks if isinstance(b, Line)]
    labelled = [(f.value, 0.93, f.how) for f in facts.of("published")]
    head = [(run, 0.8, "head") for run in lines[:5] if len(run.text) < 60]  # noqa: PLR2004
    decided = [(f.value, 0.6, f.how) for f in facts.of("decided", "signed")]
    foot = [(run, 0.6, "foot") for run in reversed(lines[-12:]) if len(run.text) < 24]  # noqa: PLR2004
    for options in (labelled, head, None, decided, foot):
        if options is None:
            if day := _day(document.published)[0]:
                return day, Said()
            continue
        for run, confidence, reason in options:
            day, start, end = _day(run.text)
            if day:
                return day, Said(run.cut(start, end), confidence, reason)
    return None, Said()


def signed(facts: Facts) -> tuple[dt.date | None, Said]:
    """Day on which the contract was signed, where a label says it; the day of an award is none."""
    for fact in facts.of("signed"):
        day, start, end = _day(fact.value.text)
        if day:
            return day, Said(fact.value.cut(start, end), 0.9, fact.how)
    return None, Said()


def _day(text: str) -> tuple[dt.date | None, int, int]:
    for m in _DATE.finditer(text):
        try:
            return dt.date(int(m[1]), int(m[2]), int(m[3])), m.start(), m.end()
        except ValueError:
            continue
    if spelled := _HAN_DATE.search(text):
        digits = "".join(
            str("〇一二三四五六七八九".find(c)) if c in "一二三四五六七八九" else "0" if c in "〇零○O0" else c for c in spelled[1]
        )
        try:
            return dt.date(int(digits), _small(spelled[2]), _small(spelled[3])), spelled.start(), spelled.end()
        except ValueError:
            return None, 0, 0
    return None, 0, 0


def _small(text: str) -> int:
    tens, _, ones = text.rpartition("十")
    figure = "〇一二三四五六七八九"
    if "十" not in text:
        return figure.index(text)
    return (figure.index(tens) if tens else 1) * 10 + (figure.index(ones) if ones else 0)


def _marked(document: Document, code: str) -> Run:
    return next((run.cut() for name, run in document.marks if name == code and 1 < len(run.text) < 200), EMPTY)  # noqa: PLR2004
