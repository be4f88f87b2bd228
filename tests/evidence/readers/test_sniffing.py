"""Kinds, sizes and encodings: what is let in, and the sentence for what is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certifications.evidence.readers import MAX_BYTES, Unreadable, read_notice, sniff
from tests.evidence.readers.samples import content

TEXT = content("candidates_yili_2026.txt").decode()
TRADITIONAL = (
    "內政部警政署刑事警察局決標公告\n標案案號：PL2026-07\n採購單位：內政部警政署刑事警察局\n得標廠商：泓橋生物科技有限公司\n決標金額：1,250,000元\n的是在不了有和人這中大為上個國"
    * 3
)


def refused(given_bytes: bytes, name: str = "") -> str:
    with pytest.raises(Unreadable) as caught:
        sniff(given_bytes, name)
    assert "%(" not in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_usual_encoding_of_simplified_text_is_recognised(encoding: str) -> None:
    proposal = read_notice(TEXT.encode(encoding))
    assert proposal.buyer == "伊犁哈萨克自治州公安局"
    assert proposal.suppliers[0].name == "成都衡拓生物技术有限公司"


def test_big5_is_not_misread_as_gb18030() -> None:
    proposal = read_notice(TRADITIONAL.encode("big5"))
    assert proposal.text.startswith("內政部警政署刑事警察局決標公告")
    assert proposal.encoding.startswith("big5")


def test_a_page_that_declares_gb2312_but_is_utf_8_is_read_as_utf_8() -> None:
    page = content("contract_kuerle_2026.html").decode().replace("utf-8", "gb2312").encode()
    assert sniff(page).encoding == "utf-8"
    assert read_notice(page).buyer == "库尔勒市公安局"


def test_a_short_gbk_page_is_known_by_its_declaration() -> None:
    page = '<html><head><meta charset="gbk"></head><body><p>采购人：喀什地区公安局</p></body></html>'.encode("gbk")
    assert read_notice(page).buyer == "喀什地区公安局"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "wrong_kind"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "wrong_kind"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "wrong_kind"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "wrong_kind"),
        (b"\x7fELF\x02\x01\x01\x00", "wrong_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "old_office"),
        (b"\x1f\x8b\x08\x00", "wrong_kind"),
        (b"{\\rtf1\\ansi", "wrong_kind"),
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"notice\x00with null\x00bytes" * 9, "binary"),
        (b"notice \x01\x02\x03 with control bytes", "binary"),
        (bytes(range(128, 256)) * 40, "encoding"),
        (b"caf\xe9 na\xefve r\xe9sum\xe9 " * 30, "encoding"),
    ],
)
def test_what_is_no_notice_is_refused_by_name(head: bytes, code: str) -> None:
    assert refused(head) == code


def test_a_name_that_promises_another_kind_is_refused() -> None:
    assert refused(TEXT.encode(), "notice.xlsx") == "wrong_name"
    assert sniff(TEXT.encode(), "t20261019_1.htm").media_type == "text/plain"
    assert sniff(b"<p>" + TEXT.encode() + b"</p>", "页面.HTML").media_type == "text/html"


def test_the_size_limit_is_25_mb() -> None:
    assert refused(b"a" * (MAX_BYTES + 1)) == "too_large"
    assert sniff(b"a" * MAX_BYTES).media_type == "text/plain"


def test_a_text_that_begins_like_a_program_is_still_a_text() -> None:
    assert sniff(b"BM and MZ are letters").media_type == "text/plain"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_character_cut_in_two_at_the_end_is_dropped_and_said(encoding: str) -> None:
    whole = ("库尔勒市公安局成交公告\n采购人：库尔勒市公安局\n成交供应商：西安泓桥生物科技有限公司\n地址：西安市高新区").encode(encoding)
    proposal = read_notice(whole[:-1])
    assert proposal.buyer == "库尔勒市公安局"
    assert "cut_off" in {n.code for n in proposal.notes}


@pytest.mark.parametrize("share", [0.45, 0.6, 0.8, 0.97])
def test_a_page_cut_off_in_the_middle_is_read_as_far_as_it_goes(share: float) -> None:
    page = content("ccgp_kuerle_award_2026.html")
    proposal = read_notice(page[: int(len(page) * share)])
    assert proposal.buyer == "库尔勒市公安局"
    assert "cut_off" in {n.code for n in proposal.notes}


def test_whole_pages_are_not_called_cut_off() -> None:
    for name in ("ccgp_kuerle_award_2026.html", "zcy_hetian_award_2025.html", "contract_kuerle_2026.html"):
        assert "cut_off" not in {n.code for n in read_notice(content(name)).notes}


def test_a_page_without_text_is_refused() -> None:
    with pytest.raises(Unreadable) as caught:
        read_notice(b"<html><body><script>load()</script><img src=a.png></body></html>")
    assert caught.value.code == "no_text"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        proposal = read_notice(data)
    except Unreadable:
        return
    assert proposal.text.strip()
    assert "\x00" not in proposal.text


PIECES = ["采购人：", "中标供应商：", "西安泓桥生物科技有限公司", "库尔勒市公安局", "中标金额（万元）", "48.6", "<table><tr><td>", "</td><td>", "</td></tr>", "</table>", "<p>", "</p>", "\t", "\n", " | ", "一、", "项目编号：", "A-1", "　　", "废标", "&nbsp;", "第一名", "数量", "品牌", "货物名称", "①", "㎡", '<span class="code-00014">', "</span>"]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=60).map("".join))
def test_spans_stay_inside_the_text_whatever_the_notice(source: str) -> None:
    try:
        proposal = read_notice(source.encode())
    except Unreadable:
        return
    for span in proposal.fields.values():
        assert 0 <= span.start < span.end <= len(proposal.text)
    for i, supplier in enumerate(proposal.suppliers):
        span = proposal.fields[f"suppliers.{i}.name"]
        assert supplier.name[-2:] in proposal.text[span.start : span.end].replace(" ", "")
