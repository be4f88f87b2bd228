"""What Word writes by itself: numbers before paragraphs, counted from numbering.xml, and footnotes, which stand at the end."""

import pytest

from certifications.evidence.readers import docx_numbers
from certifications.evidence.readers.docx import read_docx
from certifications.evidence.readers.everything import read_any
from certifications.evidence.readers.sniffing import DOCX
from certifications.evidence.readers.types import Proposal, Unreadable

from .packed import SPACE, docx, p, table


def part(name: str, inner: str) -> bytes:
    return f'<?xml version="1.0"?><w:{name} xmlns:w="{SPACE}">{inner}</w:{name}>'.encode()


def level(at: int, form: str, text: str, start: int = 1) -> str:
    about = f'<w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{at}">{about}</w:lvl>'


LISTS = (
    '<w:abstractNum w:abstractNumId="7">' + level(0, "chineseCounting", "%1、") + level(1, "chineseCountingThousand", "（%2）")
    + level(2, "decimal", "%3.") + level(3, "decimal", "%3.%4") + "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="8">' + level(0, "bullet", "·") + level(1, "upperLetter", "%2)") + "</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
)  # fmt: skip
NUMBERING = part("numbering", LISTS)


def item(text: str, at: int = 0, num: str = "1") -> str:
    numbered = f'<w:pPr><w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{num}"/></w:numPr></w:pPr>'
    return p(text).replace("<w:p>", f"<w:p>{numbered}", 1)


def lines(body: str, **parts: bytes) -> list[str]:
    return read_docx(docx(body, **parts)).markup.removeprefix("<html><body><p>").removesuffix("</p></body></html>").split("</p><p>")


def numbered(*items: str) -> list[str]:
    return lines("".join(items), **{"word__numbering.xml": NUMBERING})


# Numbers


def test_the_numbers_of_a_notice_are_read_as_word_shows_them() -> None:
    assert numbered(
        item("项目编号"), item("中标信息"), item("第一包", 1), item("第二包", 1), item("名称", 2), item("地址", 2), item("电话", 3), item("公告期限"), item("包", 1)
    ) == ["一、项目编号", "二、中标信息", "（一）第一包", "（二）第二包", "1.名称", "2.地址", "2.1 电话", "三、公告期限", "（一）包"]  # fmt: skip


def test_a_list_that_begins_anew_counts_by_itself() -> None:
    assert numbered(item("a"), item("b", num="3"), item("c"), item("d", num="3")) == ["一、a", "五、b", "二、c", "六、d"]


def test_bullets_other_forms_and_lists_that_are_not_there_write_nothing() -> None:
    assert numbered(item("a", num="2"), item("b", 1, num="2"), item("c", num="9"), item("d", 8), p("e")) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (110, "一百一十"), (1001, "一千零一"), (2024, "二千零二十四")],
)
def test_numbers_in_words(number: int, said: str) -> None:
    assert docx_numbers.chinese(number) == said


def test_a_numbered_notice_is_read_like_a_typed_one() -> None:
    award = table(["供应商名称", "中标（成交）金额（万元）"], ["西安泓桥生物科技有限公司", "46.44"])
    body = p("乌海市公安局DNA检验试剂采购项目中标公告") + item("项目编号：WHGA-2026-017") + item("中标（成交）信息") + award
    found = read_any(docx(body, **{"word__numbering.xml": NUMBERING}), DOCX)
    assert isinstance(found, Proposal)
    assert "一、项目编号" in found.text
    assert (found.project_no, [s.name for s in found.suppliers]) == ("WHGA-2026-017", ["西安泓桥生物科技有限公司"])


# Footnotes


def test_footnotes_stand_at_the_end_and_the_lines_above_them_nowhere() -> None:
    notes = f'<w:footnote w:type="separator">{p("LINE")}</w:footnote><w:footnote w:id="2">{p("代理机构：新疆朗弘工程咨询有限公司")}</w:footnote>'
    assert lines(p("中标公告") + p("正文"), **{"word__footnotes.xml": part("footnotes", notes)}) == [
        "中标公告",
        "正文",
        "代理机构：新疆朗弘工程咨询有限公司",
    ]


@pytest.mark.parametrize("name", ["numbering", "footnotes"])
def test_a_part_beside_the_text_is_not_trusted_more_than_the_text(name: str) -> None:
    evil = f'<!DOCTYPE a [<!ENTITY b "c">]><w:{name} xmlns:w="{SPACE}"/>'.encode()
    with pytest.raises(Unreadable) as refused:
        read_docx(docx(p("a"), **{f"word__{name}.xml": evil}))
    assert refused.value.code == "xml_doctype"
