"""Says what kind of notice it is: from its title, then its first lines, then from what its body is about.

When in doubt it says the less: a candidate that is called a winner, or a lot that failed, would accuse somebody. Must not name anybody.
"""

import re
from collections.abc import Iterator
from typing import Final

from .blocks import Document
from .facts import Facts
from .labels import in_chinese, of_cell
from .parties import Said
from .runs import EMPTY, Run

_NOTICE: Final = r"(?:公[告示]|通[知告]|函)"
# In order of caution: what undoes an award first, then what is not yet one, then what is one.
STAGES: Final = (
    (
        "cancelled",
        re.compile(
            r"(?:取消|撤销|撤回|作废)[^。]{0,60}(?:中标|成交|中选|合同|结果)|(?:中标|成交|中选)(?:结果|资格|通知书)?(?:的)?(?:无效|取消|撤销|撤回|作废)"
            r"|(?:解除|终止|撤销)[^。]{0,60}合同|合同(?:的)?(?:解除|终止|撤销)"
        ),
    ),
    (
        "failed",
        re.compile(
            rf"(?:废标|流标|失败|终止)[^。]{{0,12}}{_NOTICE}|终止[^。]{{0,80}}{_NOTICE}|(?:采购|招标|谈判|磋商|询价|比选|项目)(?:活动)?(?:失败|终止)"
            r"|(?:废标|流标)(?:\s|$)"
        ),
    ),
    (
        "amendment",
        re.compile(
            rf"(?:更正|变更|更改|补遗|澄清|勘误|答疑|延期|修改|补充)(?:[(（]?第?[一二三四五\d]*次?[)）]?)[^。,]{{0,6}}{_NOTICE}|更正(?:事项|说明)"
        ),
    ),
    (
        "candidate",
        re.compile(
            r"候选人|候选(?:供应商|单位)|候选公示|预中标|拟中标|预成交|拟成交|拟中选|拟定供应商|(?:评标|评审|评选)(?:结果|情况)?公示|推荐中标"
        ),
    ),
    ("contract", re.compile(r"合同(?:签订)?(?:公告|公示)|采购合同|验收(?:结果|情况)?公[告示]|(?:买卖|购销|供货|货物|服务|施工)合同")),
    (
        "award",
        re.compile(
            r"(?:中标|成交|结果|中选|入围)[^。]{0,8}公[告示]|(?:中标|成交)(?:结果|信息|通知)|(?:采购|比选|询价|议价)结果\s*$|结果公[告示]|成交公[告示]|中标公[告示]|決標公告|判給公告|[中得]標公告"
        ),
    ),
    ("intention", re.compile(r"采购意向|意向公[开告示]|採購意向")),
    (
        "tender",
        re.compile(
            r"(?:招标|采购|磋商|谈判|询价|比选|遴选|邀请|竞价|竞争性[^。]{2,4}|单一来源)(?:采购)?(?:方式)?公[告示]|单一来源[^。]{0,8}(?:公示|论证)"
            r"|邀请函|资格预审|招标文件|采购文件|征求意见|需求公[示告]|招標公告|採購公告"
        ),
    ),
)
_PATTERN: Final = dict(STAGES)
# "中标（废标）公告", "成交暨流标公告": one notice for lots of both kinds; its rows say which.
_BOTH: Final = re.compile(
    r"(?:中标|成交|结果)[^。]{0,4}[及暨和与、/(][^。]{0,6}(?:废标|流标)|(?:废标|流标)[^。]{0,6}[及暨和与、/)][^。]{0,4}(?:中标|成交)"
)
_TENDER_BODY: Final = re.compile(
    r"(?:投标|响应文件|报价)[^。]{0,6}截止时间|(?:获取|领取|下载|出售)(?:招标|采购|磋商|谈判)文件|潜在(?:投标人|供应商)"
)
_SECTION: Final = re.compile(r"[一二三四五六七八九十]、")
_ABOUT: Final = re.compile(r"(?:主题|标题|Subject)\s*:\s*", re.IGNORECASE)
SHORT: Final = 9
STRONG: Final = re.compile(r"中标|成交|中选|入围|[中得]標|判給")
_FAILED_BODY: Final = re.compile(
    r"(?:采购|招标|谈判|磋商|询价|项目|活动)[^。;]{0,12}(?:失败|废标|流标|终止)|(?:作|予以|按)[^。;]{0,6}(?:废标|流标)"
)
_CANDIDATE_BODY: Final = re.compile(r"(?:中标|成交)候选")
NOBODY_WON: Final = frozenset({"intention", "tender", "failed", "cancelled"})


def stage(document: Document, title: Run, facts: Facts) -> tuple[str, Said]:
    """(kind, place of the words that say so); "" when nothing says it. `title` may stand outside the text (places below 0)."""
    for run, reason, confidence in _sources(document, title):
        for name, pattern in STAGES:
            if found := pattern.search(run.text):
                if name == "failed" and _BOTH.search(run.text):
                    name = "award"
                return name, Said(run.cut(found.start(), found.end()), confidence, reason)
    return _from_body(document, facts), Said(EMPTY, 0.5, "body")


def kinds(text: str) -> set[str]:
    """Every kind of notice that the words may speak of."""
    return {name for name, pattern in STAGES if pattern.search(text)}


def failed(document: Document) -> bool:
    """Whether a sentence says that the whole procurement failed; asked only where nobody is named as winner."""
    return any(_FAILED_BODY.search(run.text) for run in document.lines())


def _sources(document: Document, title: Run) -> Iterator[tuple[Run, str, float]]:
    if title:
        yield title, "title", 0.95
    # A line with a colon speaks about another notice ("采购公告发布日期："), one with a full stop tells a story; a heading has neither.
    lines = list(document.lines())[:12]
    menu = _menu([run.text for run in lines])
    for run in [run for i, run in enumerate(lines) if i not in menu][:8]:
        if about := _ABOUT.match(run.text):  # of a forwarded e-mail
            yield run.cut(about.end()), "head", 0.8
        section = _SECTION.search(run.text, 8)  # text that lost its line breaks: the heading ends where the first section begins
        head = run.cut(0, min(section.start() if section else 200, 200), strip=" ")
        is_label = of_cell(head.text) is not None or re.match("第[一二三]", head.text)  # "中标候选人", "第一名": a cell of a table
        if not is_label and ":" not in head.text[:60] and "。" not in head.text:
            yield head, "head", 0.8


def _menu(lines: list[str]) -> set[int]:
    """Numbers of the lines that make a menu: three short ones at least, one behind another, that name notices of more than one kind."""
    found: set[int] = set()
    group: list[int] = []
    for number, text in enumerate([*lines, "." * (SHORT + 1)]):
        if len(in_chinese(text)) <= SHORT and of_cell(text) is None:
            group.append(number)
            continue
        named = {next((kind for kind, pattern in STAGES if pattern.search(lines[i])), "") for i in group} - {""}
        if len(group) > 2 and len(named) > 1:  # noqa: PLR2004
            found.update(group)
        group = []
    return found


def _from_body(document: Document, facts: Facts) -> str:
    whole = "\n".join(run.text for run in document.lines())
    won = any(f.field in {"supplier", "supplier_list"} and (_says_won(f.label) or f.section == "award") for f in facts.facts)
    won |= any(sheet.kind == "awards" or any("winningSupplierName" in row.codes for row in sheet.rows) for sheet in facts.sheets)
    if won:
        return "award"
    if _TENDER_BODY.search(whole) and not facts.sheets:
        return "tender"
    if _PATTERN["candidate"].search(whole) or _CANDIDATE_BODY.search(whole):
        return "candidate"
    if _PATTERN["contract"].search(whole) and any(f.field == "supplier" for f in facts.facts):
        return "contract"
    if {"甲方", "乙方"} <= {f.label[:2] for f in facts.facts}:
        return "contract"
    return ""


def _says_won(label: str) -> bool:
    """Whether a supplier's label says that it won: "成交供应商", "中标结果", not "拟中标人"."""
    return bool(STRONG.search(label)) and not re.search(r"候选|[拟预]", label)
