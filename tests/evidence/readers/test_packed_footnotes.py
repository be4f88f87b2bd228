"""Footnotes of a Word document: those that the text points to stand at its end. Numbers that Word counts by itself are not written."""

import pytest

from certifications.evidence.readers.docx import MAX_FOOTNOTES, read_docx
from certifications.evidence.readers.everything import read_any
from certifications.evidence.readers.sniffing import DOCX
from certifications.evidence.readers.types import Proposal, Unreadable

from .packed import SPACE, docx, p, table

RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
AGENCY = "代理机构：新疆朗弘工程咨询有限公司"


def part(name: str, inner: str) -> bytes:
    return f'<?xml version="1.0"?><w:{name} xmlns:w="{SPACE}">{inner}</w:{name}>'.encode()


def pointing(text: str, key: str, about: str = "") -> str:
    return p(text).replace("</w:p>", f'<w:r>{about}<w:footnoteReference w:id="{key}"/></w:r></w:p>')


def word(body: str, notes: bytes, file: str = "footnotes.xml") -> bytes:
    tied = f'<Relationships><Relationship Id="r" Type="{RELATED}" Target="{file}"/></Relationships>'.encode()
    return docx(body, **{f"word__{file}": notes, "word___rels__document.xml.rels": tied})


def lines(content: bytes) -> list[str]:
    return read_docx(content).markup.removeprefix("<html><body><p>").removesuffix("</p></body></html>").split("</p><p>")


def footnote(key: str, text: str) -> str:
    return f'<w:footnote w:id="{key}">{p(text)}</w:footnote>'


@pytest.mark.parametrize("file", ["footnotes.xml", "footnotes2.xml", "/word/footnotes.xml"])
def test_footnotes_that_the_text_points_to_stand_at_the_end_wherever_they_lie(file: str) -> None:
    notes = f'<w:footnote w:type="separator" w:id="-1">{p("LINE")}</w:footnote>' + footnote("2", AGENCY) + footnote("3", "中标供应商：无人")
    name = file.rpartition("/")[2]
    tied = f'<Relationships><Relationship Id="r" Type="{RELATED}" Target="{file}"/></Relationships>'.encode()
    content = docx(
        pointing("中标公告", "2") + p("正文"), **{f"word__{name}": part("footnotes", notes), "word___rels__document.xml.rels": tied}
    )
    assert lines(content) == ["中标公告", "正文", AGENCY]


def test_a_footnote_of_what_was_taken_out_or_hidden_is_not_read() -> None:
    gone = (
        pointing("中标公告", "2")
        .replace("<w:r><w:footnoteReference", "<w:del><w:r><w:footnoteReference")
        .replace("/></w:r></w:p>", "/></w:r></w:del></w:p>")
    )
    hidden = pointing("中标公告", "2", "<w:rPr><w:vanish/></w:rPr>")
    for body in (gone, hidden):
        assert lines(word(body, part("footnotes", footnote("2", AGENCY)))) == ["中标公告"]


@pytest.mark.parametrize(
    ("notes", "code"),
    [(b"<w:footnotes", "cut_off"), (part("footnotes", "<!-- " + "x" * MAX_FOOTNOTES + " -->"), "too_long")],
    ids=["damaged", "too large"],
)
def test_a_notice_is_read_without_footnotes_that_cannot_be_and_says_so(notes: bytes, code: str) -> None:
    award = table(["供应商名称", "中标（成交）金额（万元）"], ["西安泓桥生物科技有限公司", "46.44"])
    found = read_any(word(p("乌海市公安局DNA检验试剂采购项目中标公告") + award, notes), DOCX)
    assert isinstance(found, Proposal)
    assert [s.name for s in found.suppliers] == ["西安泓桥生物科技有限公司"]
    assert code in {note.code for note in found.notes}


def test_footnotes_are_not_trusted_more_than_the_text() -> None:
    evil = f'<!DOCTYPE a [<!ENTITY b "c">]><w:footnotes xmlns:w="{SPACE}"/>'.encode()
    with pytest.raises(Unreadable) as refused:
        read_docx(word(p("a"), evil))
    assert refused.value.code == "xml_doctype"


def test_the_numbers_that_word_counts_become_part_of_no_value() -> None:
    lists = (
        '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    )
    number = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    award = table(["供应商名称", "中标（成交）金额（万元）"], ["西安泓桥生物科技有限公司", "46.44"]).replace("<w:p>", f"<w:p>{number}")
    found = read_any(docx(p("乌海市公安局DNA检验试剂采购项目中标公告") + award, **{"word__numbering.xml": part("numbering", lists)}), DOCX)
    assert isinstance(found, Proposal)
    assert [(s.name, str(s.amount)) for s in found.suppliers] == [("西安泓桥生物科技有限公司", "464400")]
