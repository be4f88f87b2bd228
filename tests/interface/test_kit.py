"""The template vocabulary: numbers, times, hashes, words, marks and runs of other scripts."""

import datetime as dt
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone, translation

from portal.pictures import waterfall_of
from portal.templatetags import kit
from portal.words import WORDS, word_for


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2026, "2026"),
        (12400, "12\u202f400"),
        (Decimal("1234567.50"), "1\u202f234\u202f567.5"),
        (Decimal("10.00"), "10"),
        (-12400, "\u221212\u202f400"),
        (0, "0"),
        (None, ""),
    ],
)
def test_numbers_group_thousands_with_a_narrow_space(value: object, shown: str) -> None:
    assert kit.num(value) == shown


def test_a_hash_stands_in_eight_groups_of_eight() -> None:
    assert kit.hash_groups("0123456789abcdef" * 4).count("<span>") == 8


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Shanghai", "23 November 2026, 00:14 UTC+8"),
        ("UTC", "22 November 2026, 16:14 UTC"),
        ("America/St_Johns", "22 November 2026, 12:44 UTC−3:30"),
    ],
)
def test_a_time_always_carries_its_zone(zone: str, shown: str) -> None:
    moment = dt.datetime(2026, 11, 22, 16, 14, 5, tzinfo=dt.UTC)
    with timezone.override(zone):
        text = kit.when(moment)
    assert f">{shown}<" in text
    assert 'datetime="2026-11-2' in text


def test_chinese_pages_write_chinese_dates() -> None:
    with translation.override("zh-hans"):
        with timezone.override("UTC"):
            assert ">2026年11月22日 16:14 UTC<" in kit.when(dt.datetime(2026, 11, 22, 16, 14, tzinfo=dt.UTC))
        assert ">2026年11月27日<" in kit.when(dt.date(2026, 11, 27))
        assert kit.day("2026-11-27") == "2026年11月27日"
        assert kit.day("2026-11-27 08:30 UTC") == "2026年11月27日 08:30 UTC"


def test_a_day_kept_as_text_reads_as_any_other_and_what_is_none_stays() -> None:
    assert kit.day("2026-11-27") == "27 November 2026"
    assert (kit.day(""), kit.day("2026-11-27T08:30:00Z"), kit.day("none")) == ("", "2026-11-27T08:30:00Z", "none")


def test_runs_of_another_script_carry_their_language() -> None:
    text = kit.lang("Korla 库尔勒市公安局 and قەشقەر شەھىرى & ལྷ་ས།")
    assert '<span lang="zh-Hans">库尔勒市公安局</span>' in text
    assert '<span lang="ug" dir="rtl">قەشقەر شەھىرى</span>' in text
    assert '<span lang="bo">ལྷ་ས།</span>' in text
    assert " &amp; " in text


@pytest.mark.parametrize("filter_", [kit.lang, lambda v: kit.marked(v, "other"), kit.short_hash, kit.hash_groups])
def test_no_filter_lets_markup_through(filter_: object) -> None:
    assert "<script" not in filter_("<script>公安</script>")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("西安泓桥医学检验有限公司", "西安泓桥生物科技有限公司", "医学检验"),
        ("aXb", "aYb", "X"),
        ("aaa", "aa", "a"),
    ],
)
def test_only_the_differing_characters_are_marked(one: str, other: str, shown: str) -> None:
    text = kit.marked(one, other)
    assert text.count("<mark>") == 1
    assert shown in text.partition("<mark>")[2].partition("</mark>")[0]


def test_equal_values_are_not_marked() -> None:
    assert "<mark>" not in kit.marked("029 5550 0187", "029 5550 0187")


def test_a_pill_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="purple"):
        kit.pill("x", "purple")


def test_a_clock_says_in_words_what_its_ring_shows() -> None:
    now = timezone.now()
    assert "h late" in kit.clock(now - dt.timedelta(hours=3))
    assert 'class="clock late"' in kit.clock(now - dt.timedelta(hours=3))
    assert "h left" in kit.clock(now + dt.timedelta(hours=4, minutes=1))
    assert "Paused" in kit.clock(now, paused=True)


def states() -> list[tuple[str, str]]:
    """Every value of every `status`, `state` and `severity` of every model."""
    found = []
    for model in apps.get_app_config("certifications").get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.Field) and field.name in {"status", "state", "severity"} and field.choices:
                group = "severity" if field.name == "severity" else str(model._meta.model_name)
                found += [(group, str(value)) for value, _label in field.flatchoices]
    return found


@pytest.mark.parametrize(("group", "value"), states())
def test_every_state_has_a_word(group: str, value: str) -> None:
    assert value in WORDS.get(group, {}), f"{group} {value} has no word in portal/words.py"


def test_no_word_is_green_for_something_that_waits() -> None:
    for group in WORDS.values():
        for value, word in group.items():
            if value in {"waiting", "stale", "failed", "pending", "screening", "old", "missing"}:
                assert word.kind != "ok", value


def test_icons_of_all_words_exist() -> None:
    from pathlib import Path  # noqa: PLC0415

    drawn = (Path(kit.__file__).parents[1] / "static" / "portal" / "icons.svg").read_text(encoding="utf-8")
    for group in WORDS.values():
        for word in group.values():
            assert f'id="{word.icon}"' in drawn, word.icon


def test_an_unknown_value_shows_itself() -> None:
    assert word_for("declaration", "brand_new").text == "brand new"


def test_each_part_of_a_score_starts_where_the_last_one_ended() -> None:
    picture = waterfall_of([("a", "0.5"), ("b", "0.4"), ("c", "-0.2")], "0.7", "0.8")
    first, second, third = picture.bars
    assert second.x == pytest.approx(first.x + first.width, abs=0.2)
    assert third.x + third.width == pytest.approx(second.x + second.width, abs=0.2)
    assert picture.total_x == pytest.approx(third.x, abs=0.2)
    assert third.text == "−0.20"
