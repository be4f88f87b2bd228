"""The files that native readers correct say what they mean: each row has its columns, codes exist, nothing shadows another."""

import csv
from collections import Counter

import pytest

from certifications.matching import classify, tables
from certifications.matching.lexicon import lexicon
from certifications.matching.text import has_han, normalise

FILES = ("bodies", "divisions", "people", "ranks", "xpcc")
# Former names that another division bears today: they stay ambiguous until a wider place is named beside them.
KNOWN_NAMESAKES = {("650109", "东山区")}


def _lines(table: str) -> list[str]:
    return (tables.FOLDER / f"{table}.csv").read_text(encoding="utf-8").split("\n")


@pytest.mark.parametrize("table", FILES)
def test_a_file_is_plain_text_with_one_row_a_line(table: str) -> None:
    lines = _lines(table)
    assert lines[-1] == "", "the last line ends with a line break"
    assert not any("\r" in line or "\t" in line or line != line.rstrip() for line in lines)
    assert not any(line == "" for line in lines[:-1])
    assert lines[0].startswith("# ")
    rows = list(csv.reader(line for line in lines if line and not line.startswith("#")))
    assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize("table", FILES)
def test_a_list_in_a_cell_has_no_gap_blank_or_repetition(table: str) -> None:
    for row in tables.rows(table):
        for column in ("han", "latin", "romanisations", "short_names", "ordinal", "ends"):
            cell = row.get(column, "")
            parts = cell.split(";") if cell else []
            assert all(part and part == part.strip() for part in parts), (table, row)
            assert len(parts) == len(set(parts)), (table, row)
            if column in {"han", "short_names", "ends"}:
                assert all(has_han(part) for part in parts), (table, row)
            elif column != "ordinal":
                assert not any(has_han(part) for part in parts), (table, row)


def test_divisions_are_sorted_and_hang_below_a_division_that_exists() -> None:
    codes = [row["code"] for row in tables.rows("divisions")]
    assert codes == sorted(codes)
    known = set(codes)
    # Municipalities, counties right below a province, and the cities of the Corps have no prefecture of their own.
    without = {"1101", "1201", "3101", "5001", "5002", "4190", "4290", "4690", "6590"}
    assert not [code for code in codes if code[:4] + "00" not in known and code[:4] not in without]


def test_a_further_name_of_a_division_is_not_the_official_name_of_another() -> None:
    official = {row["name"] for row in tables.rows("divisions")}
    clashes = {(row["code"], short) for row in tables.rows("divisions") for short in tables.values(row["short_names"]) if short in official}
    assert clashes == KNOWN_NAMESAKES


def test_no_division_repeats_its_own_pinyin_or_shares_a_foreign_spelling_outside_its_family() -> None:
    """Kashgar may be the prefecture and its city; two places far apart must not share a Uyghur or Tibetan spelling."""
    owners: dict[str, set[str]] = {}
    for row in tables.rows("divisions"):
        for latin in tables.values(row["romanisations"]):
            owners.setdefault(normalise(latin), set()).add(row["code"])
    shared = {latin: codes for latin, codes in owners.items() if len({code[:4] for code in codes}) > 1}
    # Hainan is a province and a prefecture in Qinghai; Deqen and others are told apart by their rank word.
    assert {latin: codes for latin, codes in shared.items() if len({code[:2] for code in codes}) == 1} == {}
    assert set(shared) <= {"hainan"}


def test_a_body_is_spelt_in_one_row_only_whatever_the_script() -> None:
    for column in ("han", "latin"):
        spelt = Counter(normalise(word).replace(" ", "") for row in tables.rows("bodies") for word in tables.values(row[column]))
        assert [word for word, count in spelt.items() if count > 1] == []


@pytest.mark.parametrize("row", [r for r in tables.rows("bodies") if r["strength"] == "strong"], ids=lambda r: str(r["concept"]))
def test_every_word_for_a_body_gives_its_class_when_it_stands_alone(row: dict[str, str]) -> None:
    """A word that another row swallows would never be used: it is shadowed."""
    for word in [*tables.values(row["han"]), *tables.values(row["latin"])]:
        found = set(classify(word).classes)
        assert found & set(row["classes"].split("+")), (word, found)


def test_no_short_place_name_hides_a_word_for_a_body() -> None:
    bodies = {normalise(word) for row in tables.rows("bodies") for word in tables.values(row["han"])}
    assert {word for word in bodies if lexicon().han.forms[word].kind != "body"} == set()


def test_peoples_and_corps_divisions_are_unique() -> None:
    assert max(Counter(row["concept"] for row in tables.rows("people")).values()) == 1
    assert max(Counter(row["concept"] for row in tables.rows("ranks")).values()) == 1
    ordinals = [ordinal for row in tables.rows("xpcc") for ordinal in tables.values(row["ordinal"])]
    assert len(ordinals) == len(set(ordinals)) == 28
