"""What kind of notice it is, and that only an award or a contract gives anybody away as a seller."""

from decimal import Decimal

import pytest

from certifications.evidence.readers import Proposal, read_notice

NAMED = "供应商名称：西安泓桥生物科技有限公司\n中标金额：48.6万元\n"


def read(title: str, body: str = "") -> Proposal:
    return read_notice(f"{title}\n项目编号：KEL-2026-1\n采购人：库尔勒市公安局\n{body}".encode())


def codes(proposal: Proposal) -> set[str]:
    return {note.code for note in proposal.notes}


@pytest.mark.parametrize(
    ("title", "stage"),
    [
        ("库尔勒市公安局试剂采购中标公告", "award"),
        ("库尔勒市公安局试剂采购成交结果公告", "award"),
        ("库尔勒市公安局试剂单一来源采购成交公告", "award"),
        ("库尔勒市公安局试剂采购中标候选人公示", "candidate"),
        ("库尔勒市公安局试剂采购评标结果公示", "candidate"),
        ("库尔勒市公安局试剂采购拟成交公示", "candidate"),
        ("库尔勒市公安局试剂采购预中标公示", "candidate"),
        ("库尔勒市公安局试剂采购废标公告", "failed"),
        ("关于终止库尔勒市公安局试剂采购项目的公告", "failed"),
        ("库尔勒市公安局试剂采购合同公告", "contract"),
        ("库尔勒市公安局试剂采购履约验收公告", "contract"),
        ("库尔勒市公安局2026年6月政府采购意向", "intention"),
        ("库尔勒市公安局试剂采购公开招标公告", "tender"),
        ("库尔勒市公安局试剂采购单一来源公示", "tender"),
        ("库尔勒市公安局试剂采购中标结果更正公告", "amendment"),
        ("库尔勒市公安局试剂采购合同变更公告", "amendment"),
        ("关于取消库尔勒市公安局试剂采购中标结果的公告", "cancelled"),
        ("关于解除库尔勒市公安局试剂采购合同的公告", "cancelled"),
    ],
)
def test_the_title_says_what_kind_of_notice_it_is(title: str, stage: str) -> None:
    proposal = read(title)
    assert proposal.stage == stage
    span = proposal.fields["stage"]
    assert span.reason == "title"
    assert proposal.text[span.start : span.end] in title


@pytest.mark.parametrize("title", ["试剂采购公开招标公告", "试剂采购意向公告", "试剂采购废标公告", "关于取消试剂采购中标结果的公告"])
def test_whoever_is_named_before_or_after_an_award_is_no_supplier(title: str) -> None:
    proposal = read(f"库尔勒市公安局{title}" if not title.startswith("关于") else title, NAMED)
    assert (proposal.suppliers, proposal.amounts) == ((), ())


def test_a_sole_source_that_is_only_intended_is_no_supplier() -> None:
    proposal = read("库尔勒市公安局测序仪单一来源公示", "拟定的唯一供应商名称：上海谱逸仪器（集团）有限公司\n")
    assert (proposal.stage, proposal.suppliers) == ("tender", ())


def test_a_correction_proposes_only_what_stands_after_it() -> None:
    proposal = read(
        "库尔勒市公安局试剂采购中标结果更正公告",
        "更正前：中标供应商：西安泓桥生物科技有限公司，中标金额：48.6万元\n更正后：中标供应商：兰州朔禾科学器材有限公司，中标金额：49万元\n",
    )
    assert [(s.name, s.amount) for s in proposal.suppliers] == [("兰州朔禾科学器材有限公司", Decimal(490_000))]
    assert proposal.fields["suppliers.0.name"].reason == "after"
    assert "amendment" in codes(proposal)


def test_a_result_that_is_only_a_ranking_is_a_list_of_candidates() -> None:
    ranking = "第一名：西安泓桥生物科技有限公司\n投标报价：48.6万元\n第二名：兰州朔禾科学器材有限公司\n"
    proposal = read("库尔勒市公安局试剂采购结果公示", ranking)
    assert proposal.stage == "candidate"
    assert [b.name for b in proposal.other_bidders] == ["兰州朔禾科学器材有限公司"]
    assert proposal.fields["suppliers.0.name"].confidence <= 0.6  # noqa: PLR2004


def test_a_table_that_says_who_won_is_no_mere_ranking() -> None:
    rows = "供应商名称\t最终报价（元）\t结果\n兰州朔禾科学器材有限公司\t56000\t未成交\n西安泓桥生物科技有限公司\t52000\t成交\n"
    proposal = read("库尔勒市公安局试剂采购结果公示", rows)
    assert (proposal.stage, [s.name for s in proposal.suppliers]) == ("award", ["西安泓桥生物科技有限公司"])


def test_a_table_with_candidates_and_a_result_is_an_award() -> None:
    rows = "标段名称\t泵站更新改造\n中标候选人\t\n第一中标候选人\t西安泓桥生物科技有限公司\n第二中标候选人\t兰州朔禾科学器材有限公司\n中标结果\t西安泓桥生物科技有限公司\n中标价（万元）\t47.6\n"
    proposal = read_notice(rows.encode())
    assert (proposal.stage, [s.name for s in proposal.suppliers]) == ("award", ["西安泓桥生物科技有限公司"])
    without = read_notice(rows.replace("中标结果\t西安泓桥生物科技有限公司\n", "").encode())
    assert without.stage == "candidate"


def test_a_result_in_which_everything_failed_is_a_failure() -> None:
    proposal = read("库尔勒市公安局试剂采购结果公告", "本项目只有西安泓桥生物科技有限公司一家响应，采购失败。\n")
    assert (proposal.stage, proposal.suppliers) == ("failed", ())


def test_one_notice_may_award_some_lots_and_fail_others() -> None:
    proposal = read(
        "库尔勒市公安局试剂采购（包1）中标及包2废标公告", "包1：中标供应商：西安泓桥生物科技有限公司 中标金额：9万元\n包2：废标\n"
    )
    assert (proposal.stage, [s.name for s in proposal.suppliers]) == ("award", ["西安泓桥生物科技有限公司"])
    assert "failed_lot" in codes(proposal)


def test_a_text_without_a_title_is_an_award_only_where_somebody_won() -> None:
    decision = "投诉人因对试剂采购项目中标结果不满提起投诉。\n相关供应商：西安泓桥生物科技有限公司\n"
    assert read_notice(decision.encode()).stage == ""
    assert read_notice(b"\xef\xbb\xbf" + "中标供应商：西安泓桥生物科技有限公司\n中标金额：48.6万元\n".encode()).stage == "award"
    asked = "投标文件递交截止时间：2026年9月1日\n获取招标文件：政采云平台\n供应商：须具有独立法人资格\n"
    assert read_notice(asked.encode()).stage == "tender"


def test_a_withheld_supplier_and_an_undisclosed_product_are_states() -> None:
    proposal = read("库尔勒市公安局设备采购中标公告", "中标供应商：***\n")
    assert (proposal.supplier_state, proposal.product_state) == ("withheld", "undisclosed")
    hinted = read("库尔勒市公安局DNA实验室采购中标公告", NAMED)
    assert (hinted.supplier_state, hinted.product_state) == ("named", "mentioned")
    assert [m.family for m in hinted.products] == ["use"]
