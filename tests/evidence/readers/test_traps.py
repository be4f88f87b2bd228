"""The traps that real notices set, one by one."""

from decimal import Decimal

import pytest

from certifications.evidence.readers import Proposal, read_notice
from tests.evidence.readers.samples import content

HEAD = "库尔勒市公安局试剂采购项目中标公告\n项目编号：KEL-2026-1\n采购人：库尔勒市公安局\n"


def read(body: str, title: str = "") -> Proposal:
    return read_notice((HEAD + body).encode(), title=title)


def codes(proposal: Proposal) -> set[str]:
    return {note.code for note in proposal.notes}


def table(*rows: str) -> str:
    """A pasted table; cells parted by "/"."""
    return "三、中标信息\n" + "\n".join(row.replace("/", "\t") for row in rows)


@pytest.mark.parametrize(
    ("title", "cell", "yuan"),
    [
        ("中标金额(万元)", "48.6", 486_000),
        ("中标金额（万元）", "４８．６", 486_000),
        ("中标金额(元)", "486,000.00", 486_000),
        ("中标金额(万元)", "486000.00元", 486_000),
        ("中标（成交）金额", "￥48.600000 万元（人民币）", 486_000),
        ("中标金额", "最终报价:486000.00(元)", 486_000),
        ("中标金额", "￥:486，000.00元", 486_000),
    ],
)
def test_ten_thousands_stated_only_in_the_header_become_yuan(title: str, cell: str, yuan: int) -> None:
    proposal = read(table(f"供应商名称/供应商地址/{title}", f"西安泓桥生物科技有限公司/西安市锦业路1号/{cell}"))
    assert proposal.amounts == (Decimal(yuan),)


def test_wan_wan_yuan_in_words_is_taken_as_wan_beside_the_figures() -> None:
    proposal = read("中标供应商：西安泓桥生物科技有限公司\n中标金额：人民币壹佰玖拾伍万万元整（￥195万元）")
    assert proposal.amounts == (Decimal(1_950_000),)
    assert "words_and_figures" not in codes(proposal)


def test_words_that_differ_from_figures_are_pointed_out() -> None:
    proposal = read("中标供应商：西安泓桥生物科技有限公司\n中标金额：人民币壹拾玖万元整（￥195万元）")
    assert proposal.amounts == (Decimal(1_950_000),)
    assert "words_and_figures" in codes(proposal)


def test_a_sum_that_differs_from_the_total_by_ten_thousand_is_doubtful() -> None:
    proposal = read(
        "总中标金额：￥48.6 万元（人民币）\n" + table("供应商名称/供应商地址/中标金额(万元)", "西安泓桥生物科技有限公司/西安/486000")
    )
    assert "amount_doubtful" in codes(proposal)


def test_only_the_first_of_a_table_of_every_bidder_is_a_winner() -> None:
    proposal = read(
        table(
            "排名/中标供应商名称/中标金额(万元)",
            "第一名/西安泓桥生物科技有限公司/48.6",
            "第二名/兰州朔禾科学器材有限公司/47.1",
            "第三名/成都衡拓生物技术有限公司/49.9",
        )
    )
    assert [s.name for s in proposal.suppliers] == ["西安泓桥生物科技有限公司"]
    assert proposal.amounts == (Decimal(486_000),)


def test_a_table_of_bidders_outside_the_award_is_no_award() -> None:
    proposal = read(
        "三、投标情况\n供应商名称\t投标报价\n兰州朔禾科学器材有限公司\t318600\n成都衡拓生物技术有限公司\t325000\n四、中标信息\n中标供应商：西安泓桥生物科技有限公司\n中标金额：312000元"
    )
    assert [s.name for s in proposal.suppliers] == ["西安泓桥生物科技有限公司"]


def test_a_failed_lot_beside_awarded_ones_is_left_out_and_said() -> None:
    proposal = read(table("包号/中标供应商/中标金额(元)", "1/西安泓桥生物科技有限公司/206400", "2/废标/废标"))
    assert [s.name for s in proposal.suppliers] == ["西安泓桥生物科技有限公司"]
    assert "failed_lot" in codes(proposal)


@pytest.mark.parametrize("said", ["废标", "流标", "采购失败", "作废"])
def test_a_failed_lot_that_names_a_firm_all_the_same_is_no_award(said: str) -> None:
    proposal = read(
        table("包号/中标供应商/中标金额(元)/备注", "1/西安泓桥生物科技有限公司/206400/", f"2/兰州朔禾科学器材有限公司/188000/{said}")
    )
    assert [s.name for s in proposal.suppliers] == ["西安泓桥生物科技有限公司"]
    assert proposal.amounts == (Decimal(206_400),)


def test_a_notice_of_failure_names_no_supplier() -> None:
    proposal = read_notice(content("failed_turpan_2026.html"))
    assert proposal.stage == "failed"
    assert proposal.suppliers == ()
    assert {"failed_lot", "no_supplier"} <= codes(proposal)


def test_a_discount_is_no_price() -> None:
    proposal = read_notice(content("discount_hami_2026.txt"))
    assert proposal.amounts == ()
    assert {"rate_not_price", "no_amount"} <= codes(proposal)
    in_table = read(table("供应商名称/供应商地址/中标金额或下浮率", "西安泓桥生物科技有限公司/西安市锦业路1号/12.5%"))
    assert in_table.amounts == ()
    assert "rate_not_price" in codes(in_table)


def test_lost_empty_cells_do_not_shift_the_columns() -> None:
    proposal = read_notice(content("lost_cells_changji_2026.txt"))
    assert [(s.name, s.address, s.uscc, s.amount) for s in proposal.suppliers] == [
        ("西安泓桥生物科技有限公司", "西安市高新区锦业路某大厦1103室", "", Decimal(206_400)),
        ("兰州朔禾科学器材有限公司", "兰州市城关区雁南街道某号", "91620102MA71C8RF0B", Decimal(48_000)),
    ]


def test_nested_word_tables_and_names_broken_over_paragraphs_are_joined() -> None:
    proposal = read_notice(content("nested_word_karamay_2019.html"))
    assert proposal.buyer == "克拉玛依市公安局"
    assert [s.name for s in proposal.suppliers] == ["乌鲁木齐瑞澜仪器设备有限公司"]


def test_details_in_an_attachment_are_undisclosed_not_a_brand() -> None:
    proposal = read_notice(content("zcy_hetian_award_2025.html"))
    assert (proposal.items[1].brand, proposal.items[1].model) == ("", "")
    assert "details_attached" in codes(proposal)


def test_template_codes_outrank_labels() -> None:
    proposal = read_notice(content("zcy_hetian_award_2025.html"))
    assert proposal.fields["buyer"].confidence > 0.95
    assert proposal.fields["suppliers.0.name"].confidence > 0.95


def test_candidates_are_no_award() -> None:
    proposal = read_notice(content("candidates_yili_2026.txt"))
    assert proposal.stage == "candidate"
    assert "candidates" in codes(proposal)
    assert proposal.fields["suppliers.0.name"].confidence < 0.7


def test_a_buyer_only_in_the_title_is_proposed_with_little_confidence() -> None:
    proposal = read_notice(content("title_only_bole_2024.txt"))
    assert proposal.buyer == "博乐市公安局"
    assert proposal.fields["buyer"].confidence < 0.5
    assert {"buyer_from_title", "supplier_from_ranking"} <= codes(proposal)


def test_a_title_that_a_person_typed_serves_when_the_text_has_none() -> None:
    proposal = read_notice(
        "中标供应商：西安泓桥生物科技有限公司\n中标金额：48.6万元\n".encode(), title="喀什地区公安局DNA试剂采购项目中标公告"
    )
    assert proposal.buyer == "喀什地区公安局"
    assert "buyer" not in proposal.fields
    assert proposal.stage == "award"


@pytest.mark.parametrize("written", ["***", "保密", "依法不予公开"])
def test_a_withheld_supplier_is_a_state_of_its_own(written: str) -> None:
    proposal = read(f"中标供应商：{written}\n中标金额：48.6万元")
    assert proposal.suppliers == ()
    assert "supplier_withheld" in codes(proposal)
    assert "no_supplier" not in codes(proposal)


def test_two_lots_won_by_one_firm_are_two_awards() -> None:
    proposal = read(table("包号/中标供应商/中标金额(元)", "1/西安泓桥生物科技有限公司/39600", "2/西安泓桥生物科技有限公司/70080"))
    assert [(s.name, s.amount) for s in proposal.suppliers] == [
        ("西安泓桥生物科技有限公司", Decimal(39_600)),
        ("西安泓桥生物科技有限公司", Decimal(70_080)),
    ]


def test_a_consortium_is_read_as_its_members() -> None:
    proposal = read("中标供应商：西安泓桥生物科技有限公司（牵头人）、兰州朔禾科学器材有限公司（联合体成员）\n中标金额：48.6万元")
    assert [s.name for s in proposal.suppliers] == ["西安泓桥生物科技有限公司", "兰州朔禾科学器材有限公司"]
    assert "several_suppliers" in codes(proposal)


def test_the_agencys_number_does_not_stand_in_for_the_projects() -> None:
    proposal = read_notice(
        "公告\n代理编号：DL-77\n项目编号：KEL-2026-9\n采购人：库尔勒市公安局\n中标供应商：西安泓桥生物科技有限公司".encode()
    )
    assert proposal.project_no == "KEL-2026-9"


def test_a_notice_without_a_supplier_says_so() -> None:
    proposal = read_notice("库尔勒市公安局采购意向公告\n采购单位：库尔勒市公安局\n预算金额：60万元".encode())
    assert proposal.stage == "intention"
    assert proposal.suppliers == ()
    assert {"no_supplier", "no_amount", "no_project_no", "no_items"} <= codes(proposal)


def test_text_that_is_no_notice_yields_notes_and_no_values() -> None:
    proposal = read_notice(b"The quick brown fox jumps over the lazy dog. " * 20)
    assert (proposal.buyer, proposal.suppliers, proposal.project_no, proposal.stage) == ("", (), "", "")
    assert "no_stage" in codes(proposal)
