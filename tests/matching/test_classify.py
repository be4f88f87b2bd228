"""What a name says about its bearer, the traps of the field among them."""

import pytest

from certifications.matching import CLASSES, classify

CASES = [
    ("库尔勒市公安局", "police", "652801"),
    ("Korla Public Security Bureau", "police", "652801"),
    ("Kuerleshi Gonganju", "police", "652801"),
    ("新疆维吾尔自治区公安厅", "police", "650000"),
    ("新疆維吾爾自治區公安廳", "police", "650000"),
    ("巴州公安局刑警支队", "police", "652800"),
    ("阿克苏地区公安局", "police", "652900"),
    ("阿克苏市公安局", "police", "652901"),
    ("喀什地区莎车县公安局", "police", "653125"),
    ("Yarkant County Public Security Bureau", "police", "653125"),
    ("拉萨市公安局城关区分局", "police", "540102"),
    ("Lhasa Public Security Bureau", "police", "540100"),
    ("西藏自治区公安厅", "police", "540000"),
    ("海南州公安局", "police", "632500"),
    ("海南省公安厅", "police", "460000"),
    ("公安县公安局", "police", "421022"),
    ("第八师公安局", "police xpcc", "659001"),
    ("第8师石河子市公安局", "police xpcc", "659001"),
    ("新疆生产建设兵团公安局", "police xpcc", "650000"),
    ("XPCC Public Security Bureau", "police xpcc", "650000"),
    ("新疆生产建设兵团医院", "xpcc hospital", "650000"),
    ("乌鲁木齐市公安局物证鉴定中心", "police forensic_institute", "650100"),
    ("新疆公安厅刑事科学技术研究所", "police forensic_institute", "650000"),
    ("公安部物证鉴定中心", "police forensic_institute", ""),
    ("新疆新正司法鉴定所", "forensic_institute", "650000"),
    ("和田地区国家安全局", "state_security", "653200"),
    ("新疆维吾尔自治区监狱管理局", "prison", "650000"),
    ("伊宁市看守所", "police prison", "654002"),
    ("武警新疆总队", "armed_police", "650000"),
    ("中共新疆维吾尔自治区委员会政法委员会", "political_legal", "650000"),
    ("新疆警察学院", "police_academy", "650000"),
    ("Xinjiang Police College", "police_academy", "650000"),
    ("西藏自治区人民检察院", "procuratorate", "540000"),
    ("ئۈرۈمچى شەھەرلىك جامائەت خەۋپسىزلىك ئىدارىسى", "police", "650100"),
    ("Qeshqer wilayetlik jama'et xewpsizliki idarisi", "police", "653100"),
    ("خوتەن ۋىلايەتلىك دۆلەت خەۋپسىزلىك ئىدارىسى", "state_security", "653200"),
    ("قەشقەر تۈرمىسى", "prison", "653100"),
    ("喀什地区中级人民法院", "court", "653100"),
    ("哈密市司法局", "justice", "650500"),
    ("吐鲁番市人民政府", "government", "650400"),
    ("新疆维吾尔自治区卫生健康委员会", "government", "650000"),
    ("十二师公安局", "police xpcc", "650000"),
    ("新疆出入境边防检查总站", "police", "650000"),
    ("伊犁哈萨克自治州塔城地区乌苏市公安局", "police", "654202"),
    ("错那县公安局", "police", "540581"),
    ("乌市公安局", "police", "650100"),
    ("Tashkurgan Tajik Autonomous County Public Security Bureau", "police", "653131"),
    ("北京市朝阳区公安分局", "police", "110105"),
    ("吉林市公安局", "police", "220200"),
    ("武警新疆总队医院", "armed_police hospital", "650000"),
    # the traps
    ("公安县人民医院", "hospital", "421022"),
    ("Gong'an County People's Hospital", "hospital", "421022"),
    ("公安县第一中学", "", "421022"),
    ("中国人民公安大学", "police_academy university", ""),
    ("喀什大学", "university", "653100"),
    ("新疆大学", "university", "650000"),
    ("新疆医科大学第一附属医院", "hospital", "650000"),
    ("和田地区人民医院", "hospital", "653200"),
    ("西藏自治区疾病预防控制中心", "disease_control", "540000"),
    ("乌鲁木齐市公安消防支队", "fire_service", "650100"),
    ("新疆消防救援总队", "fire_service", "650000"),
    ("新疆瑞安消防设备有限公司", "company", "650000"),
    ("青岛市市北区新疆路某某药店", "company", "370203"),
    ("上海市黄浦区西藏中路268号", "", "310101"),
    ("Xizang Road Trading Co., Ltd., Shanghai", "company", "310000"),
    ("河南天山电梯有限公司", "company", "410000"),
    ("青岛昆仑仪器有限公司", "company", "370200"),
    ("青海省海南州贵德县人民医院", "hospital", "632523"),
    ("广州博瑞生物科技（新疆）有限公司", "company", "650000"),
    ("新疆路桥建设集团有限公司", "company", "650000"),
    ("北京公安物证技术有限公司", "company", "110000"),
    ("深圳市青岚科学仪器有限公司", "company", "440300"),
    ("林悦", "", ""),
]


@pytest.mark.parametrize(("name", "classes", "divisions"), CASES)
def test_classes_and_divisions_of_a_name(name: str, classes: str, divisions: str) -> None:
    found = classify(name)
    if name == "广州博瑞生物科技（新疆）有限公司":
        assert set(found.divisions) == {"440100", "650000"}
    else:
        assert found.divisions == tuple(divisions.split())
    assert set(found.classes) == set(classes.split())
    assert set(found.classes) <= set(CLASSES)


@pytest.mark.parametrize("name", [name for name, _, _ in CASES])
def test_every_class_and_division_points_at_the_characters_that_gave_it(name: str) -> None:
    found = classify(name)
    assert {r.value for r in found.reasons if r.kind == "class"} == set(found.classes)
    assert {r.value for r in found.reasons if r.kind == "division"} == set(found.divisions)
    for reason in found.reasons:
        assert reason.text == name[reason.start : reason.end]
        assert reason.text


def test_the_reason_keeps_the_written_characters() -> None:
    reason = next(r for r in classify("　新疆維吾爾自治區公安廳").reasons if r.value == "police")
    assert (reason.text, reason.start, reason.end) == ("公安廳", 9, 12)
