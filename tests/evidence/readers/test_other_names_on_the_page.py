"""Names that a page holds beside the winner's, sentences that begin like labels, refusals: nobody is called a winner who is none, and nobody is lost."""

import pytest

from certifications.evidence.readers import read_notice

ABOVE = "<h1>某某大学离心机采购成交结果公告</h1><p>采购人：某某大学</p><p>项目编号：ABC-2024-001</p>"
CELLS = "<tr><td>供应商名称<td>甲子科技有限公司<td>乙丑科技有限公司</tr><tr><td>货物名称<td>离心机<td>离心机</tr><tr><td>品牌<td>中科<td>徕卡</tr>"
LOSERS = "".join(f"<p><b>未中标</b><span>供应商：{name}科技有限公司</span></p>" for name in ("甲子", "乙丑", "丁卯"))


def winners(text: str) -> list[str]:
    return [supplier.name for supplier in read_notice(text.encode()).suppliers]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("结果公告\n采购人：某某大学\n中标供应商须在五日内联系北京中天招标有限公司\n", []),
        ("结果公告\n中标人：丙寅科技有限公司\n中标人放弃中标的由采购人另选乙丑科技有限公司\n", ["丙寅科技有限公司"]),
        ("中标公告\n中标供应商：详见附件\n北京中天招标有限公司\n2024年1月2日\n", []),
        ("中标公告\n成交供应商：清华大学\n北京中天招标有限公司\n", ["清华大学"]),
        ("中标公告\n中标供应商：广西澄澹医疗\n科技有限公司\n", ["广西澄澹医疗科技有限公司"]),
        (f"{ABOVE}<table>{CELLS}<tr><td>成交金额<td>100元<td>200元</tr><tr><td>是否中标<td>否<td>是</tr></table>", ["乙丑科技有限公司"]),
        (f"{ABOVE}<table>{CELLS.replace('供应商名称', '中标供应商')}</table>", ["甲子科技有限公司", "乙丑科技有限公司"]),
        (f"{ABOVE}<p><span>中标人：丙寅科技有限公司</span></p>{LOSERS}", ["丙寅科技有限公司"]),
        ("成交结果通知\n甲子科技有限公司：\n现确认贵公司为本项目未成交供应商。\n", []),
        ("未中标通知书\n致：甲子科技有限公司\n很遗憾，贵公司为本次采购项目的未中标供应商。\n", []),
        ("离心机采购结果公告\n经研究，不同意向甲子科技有限公司采购离心机。\n", []),
        ("离心机采购结果\n经研究，同意向甲子科技有限公司采购离心机。\n", ["甲子科技有限公司"]),
        (
            "中标公告\n一、中标信息\n中标人：丙寅科技有限公司\n二、未中标供应商\n投标人：甲子科技有限公司\n联合体成员：乙丑科技有限公司\n",
            ["丙寅科技有限公司"],
        ),
        (
            f"{ABOVE}<p>上一篇</p><p>下一篇</p><table><tr><td>成交供应商<td>成交金额</tr><tr><td>甲子科技有限公司<td>10元</tr></table>",
            ["甲子科技有限公司"],
        ),
        (
            f"{ABOVE}<table><tr><td>序号<td>中标公司<td>中标金额</tr><tr><td>1<td>甲子科技有限公司<td>10元</tr></table>",
            ["甲子科技有限公司"],
        ),
        (f"{ABOVE}<p>中标供应商：***有限公司</p>", []),
    ],
)
def test_only_the_winner_is_named(text: str, named: list[str]) -> None:
    assert winners(text) == named


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("某某医院\n取消中标公告\n(第二次)\n项目编号：ABC-2024-001\n中标供应商：甲子科技有限公司\n", "cancelled"),
        ("某某医院\n终止公告\n设备科\n项目编号：ABC-2024-001\n中标供应商：甲子科技有限公司\n", "failed"),
        ("某某医院\n预中标公示\n设备科\n项目编号：ABC-2024-001\n供应商名称\t中标金额\n甲子科技有限公司\t10元\n", "candidate"),
        ("采购公告\n结果公告\n政策法规\n某某大学离心机采购项目\n中标人：甲子科技有限公司\n", "award"),
        (
            "<title>某某大学离心机设备采购项目终止公告</title><p>公告正文</p><p>本项目因故终止。</p>"
            + "<p>其他</p>" * 14
            + "<p>某某大学离心机设备采购项目中标公告</p>",
            "failed",
        ),
    ],
)
def test_neither_a_menu_nor_another_notice_says_what_kind_it_is(text: str, stage: str) -> None:
    assert read_notice(text.encode()).stage == stage


def test_a_tariff_is_no_amount_and_a_rate_no_price() -> None:
    text = "结果公告\n中标供应商：甲子科技有限公司\n中标金额100万元以下的按1.5万元收取\n"
    assert read_notice(text.encode()).suppliers[0].amount is None
    rows = "<tr><td>包号<td>中标供应商<td>报价方式<td>中标价</tr><tr><td>1<td>甲子科技有限公司<td>下浮率(%)<td>13.5</tr>"
    assert [s.amount for s in read_notice(f"{ABOVE}<table>{rows}</table>".encode()).suppliers] == [None]


def test_words_cut_apart_by_their_looks_are_no_table() -> None:
    parts = (("项目编号", "：ABC-2024-002"), ("中标金", "额：100000元"), ("1.", "采购人信息"), ("名称", "：某某大学"))
    text = "<h1>离心机采购中标公告</h1><p>中标人：甲子科技有限公司</p>" + "".join(
        f"<div><span>{a}</span><span>{b}</span></div>" for a, b in parts
    )
    proposal = read_notice(text.encode())
    assert (proposal.project_no, proposal.suppliers[0].amount) == ("ABC-2024-002", 100_000)
    kept = "".join(f"<div><span>{a}</span><span>{b}</span></div>" for a, b in (("货物名称", "测序仪"), ("品牌", "甲"), ("数量", "1套")))
    assert [(i.text, i.brand, i.quantity) for i in read_notice(f"{ABOVE}<section>{kept}</section>".encode()).items] == [("测序仪", "甲", 1)]


def test_a_hospital_with_an_endoscope_is_a_buyer() -> None:
    assert read_notice("江苏省人民医院内镜系统采购中标公告\n中标人：甲子科技有限公司\n".encode()).buyer == "江苏省人民医院"
