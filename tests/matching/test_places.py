"""Short, former and shared names of places: when they count, and which place is meant."""

import pytest

from certifications.matching import Entry, build_index, classify, match


@pytest.mark.parametrize(
    ("name", "divisions"),
    [
        ("沙雅公安局", ["652924"]),
        ("沙雅科技有限公司", []),
        ("和平消防设备有限公司", []),
        ("Gyantse PSB", ["540222"]),
        ("Lop PSB", ["653224"]),
        ("Lop Trading Co., Ltd.", []),
        ("北京市公安局朝阳分局", ["110105"]),
        ("库尔勒市公安局朝阳分局", ["652801"]),  # a street's branch, no place elsewhere
        ("库车县公安局", ["652902"]),
        ("哈密地区公安局", ["650500"]),
        ("伊宁监狱", ["654002"]),
        ("乌鲁木齐天山区昆仑宾馆", ["650102"]),
        ("新疆生产建设兵团第二师焉耆医院", ["652826"]),
        ("上海南汇监狱", ["310115"]),
        ("河南通达电缆股份有限公司", ["410000"]),
        ("鼓楼区人民法院", []),  # five cities have one
    ],
)
def test_a_short_or_shared_name_means_a_place_only_where_it_can_mean_no_other_thing(name: str, divisions: list[str]) -> None:
    assert list(classify(name).divisions) == divisions


def test_the_chinese_name_of_an_entry_says_which_place_its_english_name_means() -> None:
    """新和县 in Xinjiang and 新河县 in Hebei are both Xinhe County."""
    entry = Entry("it", "", ["新和县公安局", "Xinhe County Public Security Bureau"])
    assert match("新河县公安局", build_index([entry]))[0].score < 0.70
    assert match("新和县公安局", build_index([entry]))[0].score == 1.0
    assert match("Xinhe County PSB", build_index([entry]))[0].score >= 0.85


def test_two_bodies_of_the_corps_are_not_alike_because_both_are_the_corps() -> None:
    index = build_index([Entry("it", "", ["新疆生产建设兵团第八师公安局"])])
    assert match("新疆生产建设兵团第八师中级人民法院", index)[0].score < 0.70
    assert match("兵团第八师公安局", index)[0].score >= 0.85
