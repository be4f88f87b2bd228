"""Companies and people whose Chinese name is listed under another script, and strangers that only look like them.

The firms are invented but for well-known brands; each stands for a way in which English names are made.
"""

import pytest

from certifications.matching import Band, Entry, build_index, compare, match, normalise
from certifications.matching.sounds import abbreviates, likeness, of_letters, of_syllables


@pytest.mark.parametrize(
    ("han", "latin"),
    [
        ("杭州青岚光电科技股份有限公司", "Hangzhou Qinglan Optoelectronics Technology Co., Ltd."),
        ("杭州青岚光电科技股份有限公司", "Hangzhou Qinglan Photoelectric Tech Co., Ltd."),
        ("无锡海岚重工股份有限公司", "Wuxi Hailan Heavy Industries Co., Ltd."),
        ("苏州金梅达生态工程股份有限公司", "Suzhou Kinmeda Ecological Engineering Co.,Ltd."),
        ("江苏江岭新材料集团股份有限公司", "Jiangsu Jiangling Advanced Materials Group Co., Ltd."),
        ("西门子医疗器械有限公司", "Siemens Medical Devices Co., Ltd."),
        ("普洛麦格生物技术有限公司", "Promega Biotech Co., Ltd."),
        ("华润青岚医药有限公司", "China Resources Qinglan Pharmaceutical Co., Ltd."),
        ("宁波长岚轴承股份有限公司", "Ningbo Changlan Bearing Co., Ltd."),
    ],
)
def test_a_company_is_held_under_its_english_name(han: str, latin: str) -> None:
    assert compare(han, latin).band is Band.HOLD, compare(han, latin)


@pytest.mark.parametrize(
    ("han", "latin"),
    [
        ("杭州青岚科技股份有限公司", "Hangzhou Weitai Technology Co., Ltd."),
        ("杭州青岚轮胎股份有限公司", "Suzhou Weitai Tyre Co., Ltd."),
        ("江苏青岚新材料股份有限公司", "Jiangsu New Materials Co., Ltd."),
        ("浙江三岚智能控制股份有限公司", "Zhejiang Chunhui Intelligent Control Co., Ltd."),
        ("苏州华梅电气有限公司", "Suzhou Borui Electric Co., Ltd."),
        ("上海青岚贸易有限公司", "Global Trading House LLC"),
        ("青酷特智能股份有限公司", "Smart Green Power"),
    ],
)
def test_place_and_business_alone_do_not_hold_a_stranger(han: str, latin: str) -> None:
    assert compare(han, latin).score < 0.85, compare(han, latin)


def test_nothing_in_common_is_worth_next_to_nothing() -> None:
    found = compare("青岚有限公司", "Atlas Ltd")
    assert found.score <= 0.2
    assert "no_distinctive_part" in {row.kind for row in found.rows}


def test_a_word_that_is_other_pinyin_counts_against() -> None:
    rows = compare("浙江三岚智能控制股份有限公司", "Zhejiang Chunhui Intelligent Control Co., Ltd.").rows
    assert min(row.points for row in rows if row.kind in {"other_reading", "sound_only"}) < -0.1


def test_the_order_of_the_two_does_not_matter_and_pieces_stand_on_their_sides() -> None:
    there = compare("杭州青岚光电科技有限公司", "Hangzhou Qinglan Optoelectronics Ltd")
    back = compare("Hangzhou Qinglan Optoelectronics Ltd", "杭州青岚光电科技有限公司")
    assert there.score == back.score
    assert ("青岚", "qinglan") in {(p.left, p.right) for p in there.pieces}
    assert ("qinglan", "青岚") in {(p.left, p.right) for p in back.pieces}
    assert sum(row.points for row in there.rows) == pytest.approx(there.score, abs=1e-6)


def test_a_place_that_spells_the_trade_name_is_the_trade_name() -> None:
    found = compare("江苏振江新能源装备股份有限公司", "Jiangsu Zhenjiang New Energy Equipment Co., Ltd.")
    assert "place_inside" not in {row.kind for row in found.rows}
    assert ("振江", "zhenjiang") in {(p.left, p.right) for p in found.pieces}


def test_names_in_the_own_script_do_not_crowd_out_the_other() -> None:
    entries = [
        Entry(f"h{n}", "Company", [f"杭州{a}{b}科技有限公司"])
        for n, (a, b) in enumerate((a, b) for a in "青山海江" for b in "岭峰川原林石田云雷风火木")
    ]
    index = build_index([*entries, Entry("it", "Company", ["Hangzhou Chinlan Technology Co., Ltd."])])
    assert "it" in {c.id for c in match("杭州青岚科技有限公司", index, 60)}


@pytest.mark.parametrize(
    ("han", "latin"),
    [("ximenzi", "siemens"), ("jinzhengda", "kingenta"), ("puluomaige", "promega"), ("xuzijiang", "hsutzuchiang")],
)
def test_sounds_meet_across_scripts(han: str, latin: str) -> None:
    cut = {"ximenzi": ("xi", "men", "zi"), "jinzhengda": ("jin", "zheng", "da"), "puluomaige": ("pu", "luo", "mai", "ge")}
    code = of_syllables(cut.get(han, ("xu", "zi", "jiang")))
    assert likeness(code, of_letters(latin))[0] > 0.8
    assert likeness(code, of_letters("fernando"))[0] < 0.6


def test_initials_are_read_in_order_from_the_first() -> None:
    assert abbreviates("ygm", "ygm") == 1
    assert abbreviates("hyc", "hxyc") == 0.75
    assert abbreviates("gym", "ygm") == 0
    assert abbreviates("", "ygm") == 0


PEOPLE = build_index(
    [
        Entry("wang", "Person", ["WANG Xiaoming"]),
        Entry("lee", "Person", ["LEE Ka-sang"]),
        Entry("auyeung", "Person", ["Au Yeung Chun Wah"]),
        Entry("hsu", "Person", ["Hsu Tzu-chiang"]),
        Entry("lavrentiev", "Person", ["Sergei Pavlovich Lavrentiev"]),
        Entry("han", "Person", ["米哈伊尔·科洛夫"]),
    ]
)


@pytest.mark.parametrize(
    ("written", "person"),
    [
        ("王小明", "wang"),
        ("Xiaoming Wang", "wang"),
        ("李嘉生", "lee"),
        ("歐陽振華", "auyeung"),
        ("许子强", "hsu"),
        ("谢尔盖·拉夫连季耶夫", "lavrentiev"),
        ("Mikhail Kolov", "han"),
    ],
)
def test_a_person_is_found_in_the_other_script(written: str, person: str) -> None:
    found = match(written, PEOPLE, 1, schema="Person")
    assert [c.id for c in found] == [person]
    assert found[0].score >= 0.70
    assert sum(row.points for row in found[0].rows) == pytest.approx(found[0].score, abs=1e-6)


@pytest.mark.parametrize("written", ["李小明", "王大山", "迈克尔·乔丹", "谢尔盖·布林"])
def test_half_a_name_is_no_person(written: str) -> None:
    found = match(written, PEOPLE, 1, schema="Person")
    assert not found or found[0].score < 0.70, found[0]


def test_the_dot_between_chinese_names_parts_them() -> None:
    assert normalise("米哈伊尔·科洛夫") == "米哈伊尔 科洛夫"
    assert normalise("Gong·an") == "gongan"


def test_uyghur_and_arabic_script_are_read() -> None:
    assert normalise("شىنجاڭ") == "shinjang"
    assert normalise("ئالىم") == "alim"
    assert normalise("كريم") == "krym"
    assert match("شىنجاڭ جامائەت", build_index([Entry("it", "", ["Shinjang Jamaet"])]))[0].score >= 0.85


def test_a_coined_word_means_nothing_inside_one_script() -> None:
    assert compare("Newtechwood Corporation", "Timber Corporation").score < 0.70


def test_a_shared_place_does_not_make_two_names_one_string() -> None:
    rows = compare("浙江尖峰集团股份有限公司", "Zhejiang Jingu Company Limited").rows
    assert "characters" not in {row.kind for row in rows}
    spelt = compare("浙江尖峰集团股份有限公司", "Zhejiang Jianfeng Jituan Gufen Youxian Gongsi")
    assert spelt.band is Band.HOLD
