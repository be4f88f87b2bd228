"""Goods as notices write them: in sentences, in tables with titles of every kind, label by label."""

from decimal import Decimal

import pytest

from certifications.evidence.readers import Item, read_notice

HEAD = (
    "库尔勒市公安局试剂采购项目中标公告\n项目编号：KEL-2026-1\n中标供应商：西安泓桥生物科技有限公司\n中标金额：48.6万元\n四、主要标的信息\n"
)
KIT = Item("STR荧光检测试剂盒", "科凡仪器", "CI-2440-100", Decimal(18), "盒", Decimal(25_800))


def items(body: str, head: str = HEAD) -> list[Item]:
    return [Item(i.text, i.brand, i.model, i.quantity, i.unit, i.unit_price) for i in read_notice((head + body).encode()).items]


@pytest.mark.parametrize(
    "line",
    [
        "品目：STR荧光检测试剂盒，数量18盒，品牌科凡仪器，型号CI-2440-100，单价25800元",
        "品目：STR荧光检测试剂盒，数量：18盒，品牌：科凡仪器，型号：CI-2440-100，单价：25,800.00元。",
        "1、STR荧光检测试剂盒 品牌科凡仪器 型号CI-2440-100 数量18盒 单价25800元",
        "（1）STR荧光检测试剂盒：品牌科凡仪器、型号CI-2440-100、数量18盒、单价2.58万元；",
        "STR荧光检测试剂盒（品牌：科凡仪器，型号：CI-2440-100），数量18盒，单价25800元，合同签订后30日交货",
        "名称：STR荧光检测试剂盒；品牌：科凡仪器；规格型号：CI-2440-100；数量：18盒；\n单价：２５８００元",
        "货物名称：STR荧光检测试剂盒\n货物品牌：科凡仪器\n货物型号：CI-2440-100\n货物数量：18盒\n货物单价：25800元",
        "名称\t品牌\t规格型号\t数量\t含税单价（元）\nSTR荧光检测试剂盒\t科凡仪器\tCI-2440-100\t18盒\t25800",
        "序号\t标的名称\t品牌型号\t数量单位\t数量\t单价(万元)\n1\tSTR荧光检测试剂盒\t科凡仪器 CI-2440-100\t盒\t18\t2.58",
        "产品名称\t生产厂家\t规格\t型号\t数量（盒）\t单价\nSTR荧光检测试剂盒\t科凡仪器\t100人份/盒\tCI-2440-100\t18\t25800元",
    ],
)
def test_one_kit_is_read_alike_however_it_is_written(line: str) -> None:
    assert items(line) == [KIT]


def test_several_goods_in_one_line_are_told_apart() -> None:
    two = items("1、解剖台 型号LC-JP2 数量2台 单价128000元；2、冷藏柜 型号LC-LC6 数量4组 单价158000元")
    assert [(i.text, i.model, i.quantity, i.unit) for i in two] == [("解剖台", "LC-JP2", 2, "台"), ("冷藏柜", "LC-LC6", 4, "组")]


def test_goods_outside_a_section_of_goods_need_a_quantity() -> None:
    head = HEAD.removesuffix("四、主要标的信息\n")
    assert items("供应商须提供品牌授权，型号不限", head) == []
    assert [i.text for i in items("成交内容：采血卡，数量2000张，品牌衡拓", head)] == ["采血卡"]


def test_sums_firms_and_headings_are_no_goods() -> None:
    assert items("合计：数量18盒，单价25800元") == []
    assert items("西安泓桥生物科技有限公司，数量1，单价3元") == []


def test_a_unit_above_the_table_holds_for_its_prices() -> None:
    proposal = read_notice("施工项目中标公告\n单位：万元\n中标单位\t中标价\t工期\n四川桓工建设工程有限公司\t213.56\t90天\n".encode())
    assert proposal.amounts == (Decimal(2_135_600),)


def test_each_award_names_its_lot() -> None:
    body = "三、中标结果\n第1包：\n中标供应商：西安泓桥生物科技有限公司\n中标金额：72.6万元\n第2包：流标\n第3包：\n中标供应商：兰州朔禾科学器材有限公司\n中标金额：158万元\n"
    proposal = read_notice(("库尔勒市公安局采购项目中标公告\n" + body).encode())
    assert [(s.lot, s.name, s.amount) for s in proposal.suppliers] == [
        ("第1包", "西安泓桥生物科技有限公司", Decimal(726_000)),
        ("第3包", "兰州朔禾科学器材有限公司", Decimal(1_580_000)),
    ]
