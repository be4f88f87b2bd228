"""Recognises the names of firms and public bodies in a run of text, by how they end (data/parties.toml).

Must not judge whether two names are the same: that is matching's work.
"""

import re
from functools import lru_cache
from typing import Final

from .labels import either, words
from .runs import EMPTY, HAN, Run

_P: Final = words("parties")
_CHAR: Final = rf"[{HAN}A-Za-z0-9()·&\-]"
_BRANCH: Final = rf"(?:[{HAN}]{{2,10}}?(?:分公司|子公司|分行|支行))?"
_COMPANIES: Final = [e for e in _P["firm"]["endings"] if e.endswith("公司")]
_OTHERS: Final = [e for e in _P["firm"]["endings"] if not e.endswith("公司")]
# What stands in brackets behind a name and belongs to it.
_FORM: Final = r"(?:\((?:有限合伙|普通合伙|特殊普通合伙|个体工商户|个人独资|个人独资企业)\))?"
COMPANY: Final = re.compile(rf"{_CHAR}{{2,48}}?(?:{either(_COMPANIES)}){_BRANCH}{_FORM}")
OTHER_FIRM: Final = re.compile(rf"{_CHAR}{{2,40}}?(?:{either(_OTHERS)}){_FORM}")
LATE_FIRM: Final = re.compile(rf"{_CHAR}{{2,40}}(?:{either(_P['firm']['also'])}){_FORM}")
LATIN_FIRM: Final = re.compile(rf"[A-Z][A-Za-z0-9 .,&'()\-]{{2,70}}?(?:{either(_P['firm']['latin'])})(?![A-Za-z])")
BODY: Final = re.compile(rf"[{HAN}0-9()]{{2,24}}?(?:{either(_P['body']['endings'])})")
_LONG_ENDING: Final = re.compile(rf"(?:{either([e for e in _P['body']['endings'] if len(e) > 1])})$")
_PREFIX: Final = re.compile(
    r"(?:\((?:盖章|公章|签章|签字)\)\s*|\(?\d{1,2}\s*[.、:)]\s*|第?[A-Z\d一二三四五六七八九十]{1,3}(?:包|标段|标项|分包)\s*[:：、]?\s*|(?:包|标段|标项|分包)(?:号)?\s*[:：]?\s*[\dA-Z一二三四五六七八九十]{1,2}\s*[:：、]\s*|由|为)+"
)
_BROKEN: Final = re.compile(rf"(?![第包标])[{HAN}]{{3,20}}\n[{HAN}()]{{2,}}公司")
_LEGAL_FORM: Final = re.compile(r"(?:股份|有限|责任|集团|公司)+$")
WITHHELD: Final = re.compile(r"^(?:[*＊xX×#—\-/]{2,}|(?:依法)?(?:不予|暂不|不)公[开示布告]|保密|涉密|略|不公开)")
USCC: Final = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Z])")
_NOT_A_BUYER: Final = re.compile(r"信息$|信息[:、]|详见|联系|代理机构|见公告|^名称$|\d{5,}|:")
_BUYER_ENDS: Final = re.compile(r"(?=关于|20\d\d年|\d{4}|的|[“\"《(]|DNA|[A-Za-z0-9]|采购|购置|建设|信息|设备|试剂|检验|法医)")


def firms(run: Run, *, trusted: bool) -> list[Run]:
    """Firms in the run, in order. `trusted`: the label says that this is a supplier, so weaker endings count and the name starts the run."""
    found = _firms(run, trusted=trusted)
    if trusted and "\n" in run.text and (not found or (_BROKEN.match(run.text) and not is_firm(run.text.split("\n")[0]))):
        # A name broken over two paragraphs of its cell.
        kept = [i for i, char in enumerate(run.text) if char != "\n"]
        found = _firms(Run("".join(run.text[i] for i in kept), [run.at[i] for i in kept]), trusted=True)
    return found


def _firms(run: Run, *, trusted: bool) -> list[Run]:
    text = run.text
    lead = _PREFIX.match(text)
    start = lead.end() if lead and lead.end() < len(text) else 0
    found: list[Run] = []
    for pattern in (COMPANY, OTHER_FIRM, LATIN_FIRM, *([LATE_FIRM] if trusted else [])):
        at = start
        while m := pattern.search(text, at):
            begin = m.start()
            inner = _PREFIX.match(m[0])
            if inner and inner.end() < len(m[0]) - 3:
                begin += inner.end()
            if not _LEGAL_FORM.sub("", text[begin : m.end()]).strip("*"):  # "***有限公司": masked
                at = m.end()
                continue
            # A bracket that opens before the name belongs to the sentence.
            while text[begin] in ")-·&" or (text[begin] == "(" and ")" not in text[begin : m.end()]):
                begin += 1
            found.append(run.cut(begin, m.end(), strip=" "))
            between = re.match(
                r"\s*(?:\(?(?:联合体)?(?:牵头人?|成员|主体)[^)]{0,4}\)?)?\s*[、,;及和/\n]\s*(?:\(?(?:联合体)?(?:牵头人?|成员)单?位?\)?:?)?",
                text[m.end() :],
            )
            at = m.end() + (between.end() if between else 0)
            if not between or not pattern.match(text, at):
                break
        if found:
            break
    return found


@lru_cache(maxsize=20_000)
def is_firm(text: str) -> bool:
    """Whether the text as a whole is a firm's name."""
    return any(p.fullmatch(text) for p in (COMPANY, OTHER_FIRM, LATIN_FIRM))


def body(run: Run) -> Run:
    """The name at the start of a value that a label calls the buyer or agency; empty when it is none."""
    end = re.search(r"[;。,\s|]|\(?联系|\((?:盖章|公章|签章|章)\)", run.text)
    name = run.cut(
        0,
        end.start() if end and end.start() > 1 else None,
        strip=" ;,。、:()" if run.text.count("(") != run.text.count(")") else " ;,。、:",
    )
    return name if (2 < len(name.text) < 46 or re.fullmatch("某.", name.text)) and not _NOT_A_BUYER.search(name.text) else run.cut(0, 0)  # noqa: PLR2004


def body_in_title(run: Run) -> Run:
    """The public body with which a title begins: the first name that is followed by something that is no name."""
    start = 0
    if m := re.match(r"(?:关于)?[【\[(].{0,12}[】\])]|关于", run.text):
        start = m.end()
    # Where what follows tells of no end: the longest that ends in more than one character, as "大学" and "公安局" do and "院" does not.
    likely = EMPTY
    at = start
    if re.match(
        r"[^院]*院内(?=议价|采购|询价|比选|招标|谈判|遴选|磋商|自行|成交|中选|竞价)", run.text
    ):  # "院内议价", "院内采购": within the hospital, which the title does not name
        return EMPTY
    while m := BODY.match(run.text, start) if at == start else _longer(run.text, start, at):
        whole = run.cut(start, m.end())
        if _BUYER_ENDS.match(run.text, m.end()):
            return whole
        if not likely or _LONG_ENDING.search(whole.text):
            likely = whole
        at = m.end()
        if at - start > 30:  # noqa: PLR2004
            break
    return likely


def _longer(text: str, start: int, at: int) -> re.Match[str] | None:
    return (
        re.compile(rf"[{HAN}0-9()]{{{at - start},32}}?(?:{either(_P['body']['endings'])})").match(text, start) if at - start < 30 else None
    )  # noqa: PLR2004
