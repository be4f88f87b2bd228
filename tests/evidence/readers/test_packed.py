"""Notices as PDF and as Word documents: read like pages, in the cage; whatever is hostile, locked or none ends in a sentence."""

import io
import subprocess
import sys
import time
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from certifications.evidence.readers import Proposal, Unreadable, sniff
from certifications.evidence.readers.everything import read_any
from certifications.evidence.readers.grids import grids
from certifications.evidence.readers.pdf import MAX_PAGES, read_pdf
from certifications.evidence.readers.sandbox import read_in_child
from certifications.evidence.readers.sniffing import DOCX, PDF

from .packed import (
    CATALOG,
    FONT,
    LINE,
    NOTICE,
    OLE,
    SPACE,
    WORD,
    bomb_docx,
    changed,
    docx,
    image_pdf,
    lying_docx,
    p,
    pdf,
    raw_pdf,
    stream,
    table,
    text_pdf,
    with_scripts,
    with_xfa,
    zeros,
)


def read(content: bytes, name: str = "") -> Proposal:
    """As the command and the tests of the other formats do: in this process."""
    found = read_any(content, sniff(content, name).media_type)
    assert isinstance(found, Proposal)
    return found


def caged(content: bytes, name: str = "") -> Proposal:
    """As the worker does."""
    found = read_in_child(content, sniff(content, name).media_type)
    assert isinstance(found, Proposal)
    return found


def refused(content: bytes, name: str = "") -> str:
    with pytest.raises(Unreadable) as problem:
        caged(content, name)
    assert "%(" not in str(problem.value)
    return problem.value.code


def code_of(content: bytes) -> str:
    """Why the worker cannot read it; "" where it can."""
    try:
        caged(content)
    except Unreadable as problem:
        return "" if "%(" in str(problem) else problem.code
    return ""


def says_all(found: Proposal) -> None:
    """That it says what the sample notice says, each in its place."""
    assert (found.stage, found.buyer, found.project_no) == ("award", "乌海市公安局", "WHGA-2026-017")
    assert [(s.name, s.amount) for s in found.suppliers] == [("西安泓桥生物科技有限公司", Decimal("464400.00"))]
    (item,) = found.items
    assert (item.text, item.brand, item.model, item.quantity, item.unit_price) == (
        "STR荧光检测试剂盒", "科凡仪器", "CI-2440-100", Decimal(18), Decimal(25800),
    )  # fmt: skip
    for name, value in (("buyer", "乌海市公安局"), ("suppliers.0.name", "西安泓桥生物科技有限公司"), ("items.0.model", "CI-2440-100")):
        span = found.fields[name]
        assert found.text[span.start : span.end] == value


# What is read


def test_a_pdf_is_read_like_the_page_it_was_printed_from() -> None:
    found = caged(pdf(), "notice.pdf")
    says_all(found)
    assert "以供各供应商知悉" in found.text.replace("\n", ""), "what the margin broke is one line again"
    assert "内蒙古自治区政府采购网上同时发布，其他媒介转载无效" in found.text
    assert not {"cut_off", "too_long"} & {note.code for note in found.notes}


def test_a_word_document_is_read_like_a_page() -> None:
    says_all(caged(docx(), "notice.docx"))


def test_a_table_goes_on_over_the_page() -> None:
    goods = "".join(f"<tr><td>试剂盒{n}</td><td>科凡仪器</td><td>CI-{n}</td><td>{n}盒</td><td>{n}00</td></tr>" for n in range(1, 91))
    body = f"<p>乌海市公安局试剂采购中标公告</p><p>四、主要标的信息</p><table><tr><td>名称</td><td>品牌</td><td>规格型号</td><td>数量</td><td>单价（元）</td></tr>{goods}</table>"
    found = read(pdf(body, '@page { @bottom-center { content: "第 " counter(page) " 页" } }'))
    assert [item.model for item in found.items] == [f"CI-{n}" for n in range(1, 91)]
    assert "第 1 页" not in found.text


def test_merged_cells_stand_where_they_stand() -> None:
    rows = "<tr><td>包号</td><td>供应商名称</td><td>成交金额（元）</td></tr><tr><td rowspan=2>1包</td><td>西安泓桥生物科技有限公司</td><td>1000</td></tr>"
    rows += "<tr><td>成都川和仪器有限公司</td><td>2000</td></tr><tr><td colspan=3>以上为成交结果</td></tr>"
    found = read_pdf(pdf(f"<table>{rows}</table>")).markup
    assert '<td rowspan="2">1包</td>' in found
    assert '<td colspan="3">以上为成交结果</td>' in found


def test_columns_without_lines_are_a_table_and_labels_find_their_values() -> None:
    rows = [
        ["供应商名称", "成交金额（元）", "结果"],
        ["西安泓桥生物科技有限公司", "464400", "成交"],
        ["成都川和仪器有限公司", "470000", "未成交"],
    ]
    markup = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    pairs = "<table class=bare><tr><td>采购人</td><td>乌海市公安局</td></tr><tr><td>项目编号</td><td>WHGA-2026-017</td></tr></table>"
    found = read(pdf(f"<p>乌海市公安局试剂采购成交公告</p><table class=bare>{markup}</table>{pairs}"))
    assert [s.name for s in found.suppliers] == ["西安泓桥生物科技有限公司"]
    assert (found.buyer, found.project_no) == ("乌海市公安局", "WHGA-2026-017")


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_turned_page_is_read_as_it_is_looked_at(turned: int) -> None:
    """Printed on its side and turned back by the page's own sign, as scanners and presses do."""

    def turn(writer: object) -> None:
        for page in writer.pages:  # type: ignore[attr-defined]
            page.rotate(360 - turned)
            page.transfer_rotation_to_content()
            page.rotate(turned)

    says_all(read(changed(pdf(), turn)))


def test_only_what_is_on_the_page_counts() -> None:
    beside = b"BT /F1 12 Tf 5000 5000 Td (HIDDEN BESIDE THE PAGE) Tj ET "
    found = read(text_pdf(LINE % 700 + beside))
    assert "Award of reagents" in found.text
    assert "HIDDEN" not in found.text


def test_a_frame_around_a_text_and_a_field_of_strokes_are_no_table() -> None:
    assert grids([(10, 10, 500, 10), (10, 700, 500, 700), (10, 10, 10, 700), (500, 10, 500, 700)]) == []
    started = time.perf_counter()
    mesh = [(float(n), 0.0, float(n), 800.0) for n in range(0, 12000, 3)] + [(0.0, float(n), 12000.0, float(n)) for n in range(0, 12000, 3)]
    assert grids(mesh) == []
    assert time.perf_counter() - started < 10


# Word: what is text and what is not


def test_tracked_changes_count_as_made() -> None:
    body = "<w:p><w:r><w:t>中标金额：</w:t></w:r><w:del><w:r><w:delText>9</w:delText><w:t>99</w:t></w:r></w:del><w:ins><w:r><w:t>464400元</w:t></w:r></w:ins></w:p>"
    body += "<w:p><w:moveFrom><w:r><w:t>AWAY</w:t></w:r></w:moveFrom></w:p>"
    body += (
        "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>" + p("GONE") + "</w:tc></w:tr><w:tr><w:tc>" + p("STAYS") + "</w:tc></w:tr></w:tbl>"
    )
    text = read(docx(body)).text
    assert "中标金额：464400元" in text
    assert "STAYS" in text
    assert not {"99", "AWAY", "GONE"} & set(text.split())


def test_merged_and_nested_cells_of_word() -> None:
    across = '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + p("across") + "</w:tc><w:tc>" + p("c") + "</w:tc>"
    first = (
        '<w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>' + p("down") + "</w:tc><w:tc>" + p("d") + "</w:tc><w:tc>" + p("e") + "</w:tc>"
    )
    below = "<w:tc><w:tcPr><w:vMerge/></w:tcPr>" + p("") + "</w:tc><w:tc>" + p("f") + "</w:tc><w:tc>" + p("g") + "</w:tc>"
    text = read(docx("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in (across, first, below)) + "</w:tbl>")).text
    assert text.splitlines() == ["across | c", "down | d | e", "f | g"] or "down | d | e" in text
    inner = table(["供应商名称", "西安泓桥生物科技有限公司"])
    assert "西安泓桥生物科技有限公司" in read(docx("<w:tbl><w:tr><w:tc>" + p("a") + inner + p("b") + "</w:tc></w:tr></w:tbl>")).text


def test_boxes_are_read_once_and_hidden_text_fields_and_ruby_never() -> None:
    box = f"<w:txbxContent>{p('IN A BOX')}</w:txbxContent>"
    body = f"<w:p><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:p>"
    body += "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>HIDDEN</w:t></w:r><w:r><w:rPr><w:vanish w:val='false'/></w:rPr><w:t>SHOWN</w:t></w:r></w:p>"
    body += "<w:p><w:r><w:instrText>HYPERLINK http://evil.example</w:instrText></w:r><w:hyperlink><w:r><w:t>LINKED</w:t></w:r></w:hyperlink></w:p>"
    text = read(docx(body)).text
    assert text.count("IN A BOX") == 1
    assert "SHOWN" in text
    assert "LINKED" in text
    assert "HIDDEN" not in text
    assert "evil.example" not in text


def test_markup_in_a_document_stays_text() -> None:
    assert "<script>alert(1)</script>" in read(docx(p("&lt;script&gt;alert(1)&lt;/script&gt; 公告"))).text
    assert "<script>alert(1)</script>" in read(pdf("<p>&lt;script&gt;alert(1)&lt;/script&gt; 中标公告公告公告公告</p>")).text


def test_the_strict_kind_and_another_name_of_the_text_part_are_read() -> None:
    says_all(read(docx(space="http://purl.oclc.org/ooxml/wordprocessingml/main")))
    relations = b'<Relationships xmlns="x"><Relationship Type="http://x/officeDocument" Target="/word/document2.xml"/></Relationships>'
    says_all(read(docx(main="word/document2.xml", **{"_rels__.rels": relations})))


# What is refused, by name before anything is opened


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (OLE, "a.doc", "old_office"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", "locked"),
        (docx(), "a.docm", "macros"),
        (docx(**{"word__vbaProject.bin": b"x"}), "a.docx", "macros"),
        (docx(), "a.pdf", "other_ending"),
        (docx(), "a.html", "other_ending"),
        (text_pdf(LINE % 700), "a.docx", "other_ending"),
        (text_pdf(LINE % 700), "pasted.txt", "other_ending"),
        ("采购人：库尔勒市公安局".encode(), "a.pdf", "no_such_kind"),
        ("采购人：库尔勒市公安局".encode(), "a.docx", "no_such_kind"),
        (docx().replace(b"word/document", b"xl/workbook./"), "a.docx", "wrong_kind"),
        (docx().replace(b"word/document", b"ppt/presentat"), "a.docx", "wrong_kind"),
    ],
)
def test_the_wrong_kind_is_refused_by_name(content: bytes, name: str, code: str) -> None:
    with pytest.raises(Unreadable) as problem:
        sniff(content, name)
    assert problem.value.code == code
    assert "%(" not in str(problem.value)


def test_a_workbook_under_a_documents_name_is_refused() -> None:
    import xlsxwriter

    made = io.BytesIO()
    xlsxwriter.Workbook(made).close()
    with pytest.raises(Unreadable) as problem:
        sniff(made.getvalue(), "notice.docx")
    assert problem.value.params == {"kind": "an Excel workbook"}


@pytest.mark.parametrize(
    ("content", "name", "kind"), [(text_pdf(LINE % 700), "download.do", PDF), (docx(), "", DOCX), (docx(), "A.DOCX", DOCX)]
)
def test_a_servers_own_ending_hides_nothing(content: bytes, name: str, kind: str) -> None:
    assert sniff(content, name).media_type == kind


def test_the_web_process_loads_no_reader_of_pdf() -> None:
    root = Path(__file__).resolve().parents[3]
    source = f"""import sys
sys.path.insert(0, {str(root)!r})
from certifications.evidence.readers import sniff, sandbox
sniff(b"%PDF-1.7 x", "a.pdf")
print([name for name in sys.modules if "pypdfium2" in name])
"""
    assert subprocess.run([sys.executable, "-I", "-c", source], capture_output=True, text=True, check=True).stdout == "[]\n"


# What the cage meets


def test_a_password_that_must_be_given_is_said_and_one_that_need_not_is_no_matter() -> None:
    assert refused(changed(pdf(), lambda writer: writer.encrypt("secret", "other"))) == "locked"
    says_all(caged(changed(pdf(), lambda writer: writer.encrypt("", "owner"))))


def test_pages_that_are_pictures_are_said_to_be() -> None:
    assert refused(image_pdf()) == "pictures"
    assert refused(text_pdf(b"BT /F1 9 Tf 50 50 Td (CamScanner) Tj ET")) == "pictures", "a scanner's own stamp is no notice"


def test_scripts_and_attachments_are_never_looked_at() -> None:
    found = caged(changed(pdf(), with_scripts))
    says_all(found)
    assert "SECRET" not in found.text


def test_a_form_of_another_program_says_so() -> None:
    assert refused(changed(pdf("<p>Please wait while this form is loaded by its own program.</p>"), with_xfa)) == "form_only"


def test_of_five_thousand_pages_the_beginning_is_read_and_said() -> None:
    started = time.monotonic()
    found = caged(text_pdf(*([LINE % 700] * 5000)))
    assert time.monotonic() - started < 25
    assert found.text.count("Award of reagents") == MAX_PAGES
    assert "too_long" in {note.code for note in found.notes}


def loop() -> bytes:
    pages = b"<</Type/Pages/Count 2/Kids[2 0 R 3 0 R]>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
    form = stream(b"/X Do " * 50 + LINE % 600, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X 5 0 R>>>>")
    return raw_pdf(CATALOG, pages, page, stream(b"/X Do " + LINE % 700), form)


def packed_stream(size: int) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R" + FONT + b">>"
    return raw_pdf(CATALOG, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page, stream(zeros(size), b"/Filter/FlateDecode"))


HOSTILE = {
    "object loops": loop,
    "a drawing of one gigabyte": lambda: packed_stream(1 << 30),
    "a million strokes": lambda: text_pdf(LINE % 700 + b"0 0 m 500 500 l S " * 400_000),
    "a million letters": lambda: text_pdf(b"BT /F1 1 Tf 0 0 Td " + b"(" + b"a" * 1000 + b") Tj " * 1500 + b" ET"),
    "no pages": lambda: raw_pdf(b"<</Type/Catalog>>"),
    "a head alone": lambda: b"%PDF-1.7\n",
    "noise": lambda: b"%PDF-1.7\n" + bytes(range(256)) * 400,
    "a catalog that is itself": lambda: raw_pdf(b"1 0 R"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_pdf_ends_in_bounded_time_with_a_sentence(kind: str) -> None:
    started = time.monotonic()
    code = code_of(HOSTILE[kind]())
    assert code in {"", "damaged", "pictures", "reader_died", "locked"}, code
    assert time.monotonic() - started < 32


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_cut_pdf_is_read_as_far_as_it_goes_or_said_to_be_cut(share: float) -> None:
    whole = pdf()
    part = whole[: int(len(whole) * share)]
    code = code_of(part)
    assert code in {"", "damaged", "pictures"}
    if not code:
        assert "cut_off" in {note.code for note in caged(part).notes}


def test_a_pdf_whose_end_is_missing_says_so() -> None:
    whole = text_pdf(LINE % 700)
    assert "cut_off" in {note.code for note in caged(whole.removesuffix(b"%%EOF")).notes}
    assert "cut_off" not in {note.code for note in caged(whole).notes}


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def many_parts() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{SPACE}"><w:body/></w:document>')
        for n in range(6000):
            archive.writestr(f"x{n}", b"")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (docx(head=LAUGHS), "xml_doctype"),
        (docx(head='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "xml_doctype"),
        (docx("<w:x>" * 5000 + "</w:x>" * 5000), "xml_large"),
        (docx()[:-200], "damaged"),
        (docx(p("a") + "<w:p>"), "damaged"),
        (docx(main="word/document.txt"), "damaged"),
        (docx(""), "no_text"),
        (docx(**{"WORD__VBAPROJECT.BIN": b"x"}), "macros"),
    ],
)
def test_a_hostile_word_document_ends_in_a_sentence(content: bytes, code: str) -> None:
    assert refused(content) == code


@pytest.mark.parametrize("build", [lambda: bomb_docx(300 << 20), lambda: lying_docx(300 << 20), many_parts])
def test_a_bomb_is_not_unpacked(build: object) -> None:
    started = time.monotonic()
    assert refused(build()) in {"too_much", "damaged"}  # type: ignore[operator]
    assert time.monotonic() - started < 20


def test_an_external_target_is_never_followed() -> None:
    relations = b'<Relationships xmlns="x"><Relationship Type="http://x/officeDocument" TargetMode="External" Target="http://evil.example/d.xml"/></Relationships>'
    says_all(caged(docx(**{"_rels__.rels": relations})))


def test_very_long_tables_end() -> None:
    found = caged(docx(table(*[["供应商名称", "西安泓桥生物科技有限公司"]] * 60_000)))
    assert "too_long" in {note.code for note in found.notes}


def test_a_notice_is_what_it_was_whichever_way_it_came() -> None:
    page = read(f"<html><body>{NOTICE}</body></html>".encode())
    printed = read(pdf())
    assert (page.suppliers, page.items, page.buyer, page.published_on) == (
        printed.suppliers,
        printed.items,
        printed.buyer,
        printed.published_on,
    )
    assert WORD
