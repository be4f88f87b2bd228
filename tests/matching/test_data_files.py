"""Every data file loads, names its source, and says nothing twice."""

import re
from collections import Counter
from pathlib import Path

import pytest

from certifications.matching import CLASSES, ENGINE_VERSION, LEXICON_VERSION, tables
from certifications.matching.lexicon import lexicon
from certifications.matching.readings import SYLLABLES, reading
from certifications.matching.text import has_han, normalise

FILES = sorted(path.stem for path in tables.FOLDER.glob("*.csv"))


def test_the_files_are_the_ones_the_engine_reads() -> None:
    assert FILES == ["bodies", "brands", "divisions", "forms", "glossary", "people", "ranks", "readings", "surnames", "xpcc"]
    assert re.fullmatch(r"[0-9a-f]{16}", LEXICON_VERSION)
    assert ENGINE_VERSION


@pytest.mark.parametrize("table", FILES)
def test_a_data_file_names_its_source_and_has_no_ragged_row(table: str) -> None:
    text = (tables.FOLDER / f"{table}.csv").read_text(encoding="utf-8")
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert any("Source" in line for line in comments)
    rows = tables.rows(table)
    assert rows
    for row in rows:
        assert None not in row, row
        assert None not in row.values(), row
        assert all(value == value.strip() for value in row.values()), row


@pytest.mark.parametrize("table", ["bodies", "brands", "forms", "glossary", "people", "surnames"])
def test_a_chinese_word_stands_in_one_row_only(table: str) -> None:
    words = Counter(word for row in tables.rows(table) for word in tables.values(row["han"]))
    assert [word for word, count in words.items() if count > 1] == []
    for row in tables.rows(table):
        assert all(has_han(word) for word in tables.values(row["han"])), row
        latin = tables.values(row["latin"])
        assert not any(has_han(word) for word in latin), row
        assert len(latin) == len(set(latin)), row
        assert all(word == normalise(word) or "&" in word for word in latin), row


def test_divisions_are_whole_and_hang_together() -> None:
    rows = {row["code"]: row for row in tables.rows("divisions")}
    assert len(rows) == len(tables.rows("divisions"))
    assert len(rows) > 3_200
    for code, row in rows.items():
        assert re.fullmatch(r"\d{6}", code)
        assert row["bare"] in {"yes", "no", "han"}
        assert has_han(row["name"])
        assert code[:2] + "0000" in rows
    assert rows["421022"]["name"] == "公安县"
    assert rows["652801"]["name"] == "库尔勒市"
    assert rows["632500"]["name"] == "海南藏族自治州"
    in_the_west = [code for code in rows if code[:2] in {"65", "54"}]
    assert len(in_the_west) == 213


def test_every_division_of_xinjiang_and_tibet_is_read_from_its_name_and_its_pinyin() -> None:
    forms = lexicon()
    for row in tables.rows("divisions"):
        if row["code"][:2] in {"65", "54"}:
            assert row["code"] in forms.han.forms[row["name"]].concepts
            spoken = "".join(reading(row["name"]))
            assert row["code"] in forms.pinyin.forms[spoken].concepts, row


def test_bodies_give_known_classes() -> None:
    for row in tables.rows("bodies"):
        assert row["strength"] in {"strong", "weak", "none", "xinjiang"}
        assert {c for c in row["classes"].split("+") if c} <= set(CLASSES)
        assert bool(row["classes"]) == (row["strength"] != "none")


def test_corps_divisions_stand_for_places_that_exist() -> None:
    codes = {row["code"] for row in tables.rows("divisions")}
    assert [int(row["number"]) for row in tables.rows("xpcc")] == list(range(1, 15))
    assert {row["code"] for row in tables.rows("xpcc")} <= codes


def test_corrected_readings_are_pinyin_and_are_used() -> None:
    for row in tables.rows("readings"):
        syllables = row["reading"].split()
        assert len(syllables) == len(row["word"])
        assert set(syllables) <= SYLLABLES, row
    assert reading("阿勒泰") == ("a", "le", "tai")
    assert reading("重庆单县厦门") == ("chong", "qing", "shan", "xian", "xia", "men")
    assert reading("绿城") == ("lu", "cheng")


def test_the_version_changes_with_any_byte_of_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in tables.FOLDER.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(tables, "FOLDER", tmp_path)
    assert tables.lexicon_version() == LEXICON_VERSION
    with (tmp_path / "brands.csv").open("a") as file:
        file.write("青岚,qinglan\n")
    assert tables.lexicon_version() != LEXICON_VERSION
