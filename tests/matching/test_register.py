"""The register's calibration: precise on the trade name, and only a person joins two parties."""

import pytest

from certifications.matching import Band, check_lei, check_uscc, compare, same_party


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("广州博瑞生物科技有限公司", "广州博瑞生物科技有限公司"),
        ("广州博瑞生物科技有限公司", "廣州博瑞生物科技有限公司"),
        ("广州博瑞生物科技有限公司", "广州市博瑞生物科技有限公司"),
        ("博瑞（广州）生物科技有限公司", "广州博瑞生物科技有限公司"),
        ("广州博瑞生物科技有限公司", "广州博瑞生物科技有限责任公司"),
        ("Guangzhou Borui Biotech Co., Ltd.", "GUANGZHOU BORUI BIOTECH CO LTD"),
        ("乌鲁木齐市公安局", "烏魯木齊市公安局"),
        ("Urumqi Public Security Bureau", "乌鲁木齐市公安局"),
    ],
)
def test_the_same_party_written_twice(a: str, b: str) -> None:
    assert same_party(a, b) is Band.SAME, compare(a, b, "register")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("广州博瑞生物科技有限公司", "Guangzhou Borui Biotech Co., Ltd."),
        ("广州博瑞生物科技有限公司", "Guangzhou Bo Rui Shengwu Keji Youxian Gongsi"),
        ("北京博瑞生物科技有限公司", "博瑞生物科技有限公司"),
        ("广州博瑞生物科技有限公司", "广州博瑞生物科技有限公司深圳分公司"),
        ("广州博瑞生物科技有限公司", "广州博瑞贸易有限公司"),
        ("和田地区人民医院", "Hotan Prefecture People's Hospital"),
    ],
)
def test_what_a_person_is_asked(a: str, b: str) -> None:
    assert same_party(a, b) is Band.ASK, compare(a, b, "register")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("广州博瑞生物科技有限公司", "广州博富瑞生物科技有限公司"),
        ("广州博瑞生物科技有限公司", "广州瑞博生物科技有限公司"),
        ("广州博瑞生物科技有限公司", "上海博瑞生物科技有限公司"),
        ("广州博瑞生物科技有限公司", "广州生物科技有限公司"),
        ("深圳市青岚科学仪器有限公司", "深圳市青峰科学仪器有限公司"),
        ("Guangzhou Borui Biotech Co., Ltd.", "Guangzhou Bofurui Biotech Co., Ltd."),
        ("乌鲁木齐市公安局", "喀什地区公安局"),
        ("喀什地区人民医院", "喀什地区公安局"),
        ("库尔勒市公安局", "库尔勒市公安局看守所"),
        ("新疆医科大学第一附属医院", "新疆医科大学第二附属医院"),
        ("喀什地区财政局", "喀什地区卫生局"),
        ("乌鲁木齐市第一中学", "乌鲁木齐市第二中学"),
        ("喀什市公安局", "喀什地区公安局"),
        ("广州华瑞康达生物医药仪器有限公司", "上海华瑞康达生物医药仪器有限公司"),
        ("", "广州博瑞生物科技有限公司"),
    ],
)
def test_different_parties_stay_apart(a: str, b: str) -> None:
    assert same_party(a, b) is Band.DIFFERENT, compare(a, b, "register")


def test_a_list_asks_where_the_register_says_different() -> None:
    names = "广州博瑞生物科技有限公司", "广州博富瑞生物科技有限公司"
    assert compare(*names, "list").score > compare(*names, "register").score


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("91330103311245785N", (True, "")),
        (" 91330103 311245785n ", (True, "")),
        ("９１３３０１０３３１１２４５７８５Ｎ", (True, "")),
        ("91350100M0001TGQXM", (False, "uscc_checksum")),
        ("91330103311245785M", (False, "uscc_checksum")),
        ("9133010331124578", (False, "uscc_length")),
        ("91330103311245I85N", (False, "uscc_alphabet")),
        ("", (False, "uscc_length")),
        ("😀" * 18, (False, "uscc_alphabet")),
    ],
)
def test_a_credit_code_is_checked(code: str, answer: tuple[bool, str]) -> None:
    assert check_uscc(code) == answer


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("529900T8BM49AURSDO55", (True, "")),
        ("5299 00T8 BM49 AURS DO55", (True, "")),
        ("529900T8BM49AURSDO56", (False, "lei_checksum")),
        ("529900T8BM49AURSDO5", (False, "lei_length")),
        ("529900T8BM49AURSDOXX", (False, "lei_alphabet")),
        ("", (False, "lei_length")),
    ],
)
def test_an_entity_identifier_is_checked(code: str, answer: tuple[bool, str]) -> None:
    assert check_lei(code) == answer
