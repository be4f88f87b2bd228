"""Amounts as notices write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certifications.evidence.readers.money import in_words, money, number


@pytest.mark.parametrize(
    ("words", "yuan"),
    [
        ("玖万玖仟伍佰伍拾元整", "99550"),
        ("贰佰贰拾捌万捌仟贰佰叁拾壹元柒角贰分", "2288231.72"),
        ("壹佰玖拾伍万万元整", "1950000"),
        ("壹亿零伍拾万元整", "100500000"),
        ("拾万元整", "100000"),
        ("三千元", "3000"),
        ("无", None),
    ],
)
def test_amounts_in_words(words: str, yuan: str | None) -> None:
    assert in_words(words) == (Decimal(yuan) if yuan else None)


@pytest.mark.parametrize(
    ("text", "header", "yuan"),
    [
        ("伍佰壹拾叁万元整(¥513万元)", "", "5130000"),
        ("(RMB2,288,231.72)", "", "2288231.72"),
        ("118297.00 元 大写(壹拾壹万捌仟贰佰玖拾柒元整)", "", "118297"),
        ("1.2亿元", "", "120000000"),
        ("35.5", "成交金额(万元)", "355000"),
        ("0", "金额汇总", None),
        ("5.02%", "中标降点数", None),
        ("25元/人", "单价", None),
        ("USD 12,000.00", "成交金额", None),
        ("2026年10月28日", "", None),
        ("详见附件", "成交金额", None),
        ("", "", None),
    ],
)
def test_figures_with_their_unit(text: str, header: str, yuan: str | None) -> None:
    assert money(text, header).value == (Decimal(yuan) if yuan else None)


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [("15盒", 15, "盒"), ("一套", 1, "套"), ("40(盒)", 40, "盒"), ("1,200 人份", 1200, "人份"), ("两台", 2, "台")],
)
def test_quantities_with_their_unit(text: str, count: int, unit: str) -> None:
    assert number(text) == (Decimal(count), unit)


@given(st.decimals(min_value="0.01", max_value="9999999999", places=2))
def test_an_amount_written_with_separators_is_read_back(value: Decimal) -> None:
    assert money(f"¥{value:,}元").value == value


@given(st.text(max_size=80), st.text(max_size=12))
def test_any_text_gives_an_amount_or_none_and_a_place_inside(text: str, header: str) -> None:
    said = money(text, header)
    assert 0 <= said.start <= said.end <= len(text)
    assert said.value is None or said.value > 0
