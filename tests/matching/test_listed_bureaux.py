"""The seed case: bodies that the Entity List names in English only, written as Chinese documents write them."""

import pytest

from certifications.matching import Band, compare, match
from tests.matching.listed import english_index, entities, ways_to_write

BUREAUX = [e for e in entities() if e["zh_unofficial"] and "bgi" not in e["id"] and "genomics" not in e["id"]]
WRITTEN = [(e["id"], text) for e in BUREAUX for han in e["zh_unofficial"] for text in ways_to_write(han)]
PUBLISHED = [(e["id"], text) for e in entities() for text in (e["name"], *e["aliases"])]


def test_the_list_holds_the_twenty_six_rows_with_their_citations() -> None:
    rows = entities()
    assert len(rows) == 26
    assert len({e["id"] for e in rows}) == 26
    for row in rows:
        assert row["citations"]
        assert all(" FR " in c for c in row["citations"])
        assert row["licence_policy"] == "xinjiang_dna"
    assert len(BUREAUX) == 21


@pytest.mark.parametrize(("entity", "text"), WRITTEN)
def test_a_listed_bureau_is_held_however_it_is_written(entity: str, text: str) -> None:
    best = match(text, english_index())[0]
    assert (best.id, best.band) == (entity, Band.HOLD), best


@pytest.mark.parametrize(("entity", "text"), PUBLISHED)
def test_a_published_name_is_held(entity: str, text: str) -> None:
    best = match(text, english_index())[0]
    assert (best.id, best.band) == (entity, Band.HOLD), best


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("伊犁州公安局", "el-yili-kazakh-autonomous-prefecture-public-security-bureau"),
        ("克州公安局", "el-kezilesu-kyrgyz-autonomous-prefecture-public-security-bureau"),
        ("巴州公安局", "el-bayingolin-mongolian-autonomous-prefecture-public-security-bureau"),
        ("昌吉州公安局", "el-changji-hui-autonomous-prefecture-public-security-bureau"),
        ("Hotan PSB", "el-hetian-prefecture-public-security-bureau"),
        ("Khotan Public Security Bureau", "el-hetian-prefecture-public-security-bureau"),
        ("Kashi Gong'anju", "el-kashgar-prefecture-public-security-bureau"),
        ("Ürümchi Public Security Bureau", "el-urumqi-municipal-public-security-bureau"),
        ("新疆公安厅", "el-xinjiang-uyghur-autonomous-region-xuar-peoples-government-public-security-bureau"),
        ("Xinjiang Public Security Department", "el-xinjiang-uyghur-autonomous-region-xuar-peoples-government-public-security-bureau"),
        ("兵团公安局", "el-xinjiang-production-and-construction-corps-xpcc-public-security-bureau"),
        ("第八师公安局", "el-shihezi-municipality-public-security-bureau"),
        ("新疆公安厅刑侦总队", "el-xinjiang-uyghur-autonomous-region-xuar-peoples-government-public-security-bureau"),
    ],
)
def test_short_forms_and_uyghur_spellings_are_held(text: str, entity: str) -> None:
    best = match(text, english_index())[0]
    assert (best.id, best.band) == (entity, Band.HOLD), best


@pytest.mark.parametrize(
    "text",
    [
        "公安县人民医院",
        "公安县公安局",
        "Gong'an County People's Hospital",
        "喀什地区人民医院",
        "新疆维吾尔自治区人民医院",
        "新疆维吾尔自治区疾病预防控制中心",
        "乌鲁木齐市疾病预防控制中心",
        "和田地区疾控中心",
        "中国人民公安大学",
        "喀什大学",
        "新疆大学",
        "乌鲁木齐市消防救援支队",
        "上海新疆路贸易有限公司",
        "上海市静安区西藏中路派拓商行",
        "河南天山电梯有限公司",
        "青岛昆仑仪器有限公司",
        "海南州公安局",
        "海南省公安厅",
        "库尔勒市公安局",
        "新疆维吾尔自治区库尔勒市公安局",
        "Korla City Public Security Bureau",
        "拉萨市公安局",
        "西藏自治区公安厅",
        "广州市公安局",
        "深圳市青岚科学仪器有限公司",
        "Shenzhen Qinglan Scientific Instruments Co., Ltd.",
    ],
)
def test_names_that_mean_somebody_else_stay_below_review(text: str) -> None:
    found = match(text, english_index(), 1)
    assert not found or found[0].band is Band.CLEAR, found[0]


def test_a_city_with_the_name_of_a_listed_district_is_reviewed_and_says_why() -> None:
    best = match("阿克苏市公安局", english_index())[0]
    assert best.id == "el-aksu-district-public-security-bureau"
    assert best.band is Band.REVIEW
    assert next(row.points for row in best.rows if row.kind == "place_level") < 0


def test_a_branch_of_a_listed_bureau_is_reviewed_with_what_stayed_unmatched() -> None:
    best = match("乌鲁木齐市公安局天山区分局", english_index())[0]
    assert best.id == "el-urumqi-municipal-public-security-bureau"
    assert best.band is Band.REVIEW
    assert "天山区" in best.unmatched_left


def test_candidates_come_once_per_entity_best_first_and_at_most_top() -> None:
    found = match("新疆生产建设兵团公安局", english_index(), 3)
    assert len(found) == 3
    assert len({c.id for c in found}) == 3
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


def test_a_bureau_inside_the_place_of_a_listed_one_loses_points_for_it() -> None:
    found = compare("新疆维吾尔自治区库尔勒市公安局", "新疆维吾尔自治区公安厅")
    assert [row.points < -0.1 for row in found.rows if row.kind == "place_inside"] == [True]
