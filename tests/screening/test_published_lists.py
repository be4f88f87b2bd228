"""Each published format: what is kept of it, what it says of itself, and what is refused, with its line."""

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest

from certifications.screening.importers import FORMATS, ListUnreadable, ShapeChanged, eu, ofsi, opensanctions, recognise, uk
from certifications.screening.importers.base import MOST_NAMES, day_of

from .published import MAKERS, USCC, as_ftm, eu_csv, eu_xml, ftm, ftm_row, ofsi_csv, read, simple, table, uk_csv, uk_xml, un_xml
from .samples import as_csv, as_json, rows

DAY = dt.date(2026, 11, 12)


def refusal(code: str, content: bytes) -> str:
    """The sentence with which a file in this format is refused."""
    with pytest.raises(ListUnreadable) as problem:
        read(code, content)
    return str(problem.value)


@pytest.mark.parametrize("code", MAKERS)
def test_a_file_is_recognised_by_how_it_begins(code: str) -> None:
    found = recognise(MAKERS[code](3)[:16_384])
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("content", [as_json(rows(3)), as_csv(rows(3))])
def test_the_us_list_is_recognised_too(content: bytes) -> None:
    found = recognise(content)
    assert found is not None
    assert found.code == "us_csl"


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7\n", b"<html><title>Sign in</title>", b'{"message": "no"}', b"a,b,c\n1,2,3\n", b"\x00\xff" * 40]
)
def test_what_is_no_list_is_not_recognised(content: bytes) -> None:
    assert recognise(content) is None


@pytest.mark.parametrize("code", MAKERS)
def test_every_format_gives_as_many_entries_as_it_holds(code: str) -> None:
    entries, _notes = read(code, MAKERS[code](7))
    assert len(entries) == 7
    assert len({entry.entry_id for entry in entries}) == 7


@pytest.mark.parametrize("code", [code for code in MAKERS if code != "private_csv"])
def test_every_published_format_says_of_which_day_it_is(code: str) -> None:
    assert read(code, MAKERS[code](3))[1].dated == DAY


@pytest.mark.parametrize("code", [code for code in MAKERS if code != "private_csv"])
@pytest.mark.parametrize("share", [0.4, 0.7, 0.93, 0.999])
def test_a_file_cut_anywhere_is_refused(code: str, share: float) -> None:
    whole = MAKERS[code](40)
    said = refusal(code, whole[: int(len(whole) * share)].rstrip(b"\r\n"))
    assert any(words in said for words in ("cut off", "breaks off", "damaged")), said


@pytest.mark.parametrize("code", [code for code in MAKERS if code not in {"private_csv", "eu_xml", "uk_xml", "un_xml"}])
def test_a_byte_that_is_no_utf8_is_refused_with_its_line(code: str) -> None:
    whole = MAKERS[code](9).split(b"\n")
    whole[5] = whole[5][:12] + b"\xff\xfe" + whole[5][12:]
    assert "Line 6" in refusal(code, b"\n".join(whole))


@pytest.mark.parametrize("make", [eu_xml, uk_xml])
def test_xml_that_is_no_utf8_is_refused_with_its_line(make: object) -> None:
    content: bytes = make()  # type: ignore[operator]
    assert "line" in refusal("eu_xml" if make is eu_xml else "uk_xml", content.replace(b"Quay", b"\xff\xfeQuay", 1))


def test_opensanctions_keeps_targets_and_counts_what_hangs_on_them() -> None:
    entries, notes = read("opensanctions_ftm", ftm(4))
    assert [entry.entry_id for entry in entries] == ["NK-0", "NK-1", "NK-2", "NK-3"]
    assert notes.ignored == 8


@pytest.mark.parametrize("topic", ["sanction", "export.control", "debarment"])
def test_a_topic_makes_a_target_where_the_flag_is_missing(topic: str) -> None:
    row = {**ftm_row(1, properties={"topics": [topic]}), "target": False}
    assert len(read("opensanctions_ftm", as_ftm([row]))[0]) == 1


def test_opensanctions_names_numbers_and_codes() -> None:
    numbers = {"uscCode": [USCC], "leiCode": ["5493001KJTIIGC8Y1R12"], "weakAlias": ["GO"], "previousName": ["Granite Lens"]}
    entry = read("opensanctions_ftm", as_ftm([ftm_row(1, properties=numbers)]))[0][0]
    assert set(entry.names) == {"Granite Optics 1 LLC", "Granit 1", "Гранит Оптика", "GO", "Granite Lens"}
    assert {USCC, "5493001KJTIIGC8Y1R12", "1027700100001"} <= set(entry.codes)
    assert f"USCC {USCC}" in entry.identifiers


def test_both_files_of_opensanctions_give_the_same_ids_names_and_codes() -> None:
    from_lines = {e.entry_id: (e.name, set(e.codes) - {USCC}) for e in read("opensanctions_ftm", ftm(5))[0]}
    from_table = {e.entry_id: (e.name, set(e.codes) - {USCC}) for e in read("opensanctions_csv", simple(5))[0]}
    assert from_lines == from_table


def test_both_files_of_the_eu_give_the_same_entries() -> None:
    from_xml, from_csv = read("eu_xml", eu_xml(5))[0], read("eu_csv", eu_csv(5))
    assert from_xml == from_csv[0]
    assert from_csv[1].merged == 15
    assert [entry.schema for entry in from_xml[:3]] == ["Organization", "Person", "Organization"]
    assert from_xml[0].codes == ("1027700100000",)
    assert from_xml[0].citation == "EU.0.28; 2014/269 (OJ L78); http://eur-lex.europa.eu/0"


def test_both_files_of_the_uk_give_the_same_entries_with_the_primary_name_first() -> None:
    from_xml, from_csv = read("uk_xml", uk_xml(3))[0], read("uk_csv", uk_csv(3))[0]
    assert from_xml == from_csv
    assert from_xml[0].names == ("Jonah Pell COBALT WORKS 0", "COBALT", "Кобальт 0")
    assert from_xml[0].codes[0] == "1027700100000"
    assert from_xml[2].schema == "Vessel"


def test_the_un_list_joins_name_parts_and_keeps_aliases_of_low_quality() -> None:
    entries, _notes = read("un_xml", un_xml(1, 1))
    assert entries[0].names == ("ARLO TAMSIN QUILL 0", "아를로 0", "Arlo Q 0")
    assert (entries[0].schema, entries[0].citation, entries[0].codes) == ("Person", "XXi.000, 2020-01-02", ("P7654320",))
    assert entries[1].name == "MEADOW TRADING 0 & CO"
    assert entries[1].addresses == ("Pyongyang, Democratic People's Republic of Korea",)


def test_the_ofsi_list_puts_the_rows_of_a_group_together() -> None:
    entries, notes = read("uk_ofsi_csv", ofsi_csv(2))
    assert [entry.names for entry in entries] == [("SAFFRON BANK 0", "SAFFRON 0", "زعفران"), ("SAFFRON BANK 1", "SAFFRON 1", "زعفران")]
    assert notes.merged == 2


TENFOLD = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghijk", "bcdefghijkl", strict=True))
LAUGHS = f'<!DOCTYPE x [<!ENTITY a "ha">{TENFOLD}]>'


@pytest.mark.parametrize(
    "content",
    [
        un_xml(1, 0, "<NOTE>&l;</NOTE>", LAUGHS),
        un_xml(1, 0, "<NOTE>&x;</NOTE>", '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        un_xml(1, 0, "", '<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">'),
        un_xml(1, 0, "", f"<!--{'x' * 70_000}-->{LAUGHS}"),
        un_xml(1, 0, "<NOTE>&l;</NOTE>", LAUGHS).decode().replace("utf-8", "utf-16").encode("utf-16"),
    ],
    ids=["billion laughs", "a file of ours", "fetched", "behind a long comment", "in another encoding"],
)
def test_xml_with_entities_is_not_read(content: bytes) -> None:
    assert "document type" in refusal("un_xml", content)


def test_an_entry_with_a_million_elements_ends_early() -> None:
    alias = "<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>x</ALIAS_NAME></INDIVIDUAL_ALIAS>"
    assert "elements" in refusal("un_xml", un_xml(1, 0, alias * 330_000))


def test_a_million_aliases_for_one_entity_are_refused_and_named() -> None:
    aliases = [f"Granite {n}" for n in range(1_000_000)]
    assert "more than 5000 names" in refusal("opensanctions_ftm", as_ftm([ftm_row(1, properties={"alias": aliases[:300_000]})]))
    assert "longer than 16 MB" in refusal("opensanctions_ftm", as_ftm([ftm_row(1, properties={"alias": [*aliases, *aliases]})]))
    few = as_ftm([ftm_row(1, properties={"alias": aliases[: MOST_NAMES - 2]})])
    assert len(read("opensanctions_ftm", few)[0][0].names) == MOST_NAMES - 1


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("opensanctions_csv", b"aliases", b"aka"),
        ("eu_csv", b"NameAlias_WholeName", b"Name"),
        ("uk_csv", b"Name non-latin script", b"Native name"),
        ("uk_ofsi_csv", b"Alias Type", b"Type of alias"),
    ],
)
def test_a_column_without_which_there_is_no_list_is_named(code: str, old: bytes, new: bytes) -> None:
    said = refusal(code, MAKERS[code](3).replace(old, new, 1))
    assert old.decode() in said
    assert "missing" in said


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("opensanctions_csv", b"birth_date", b"born"),
        ("eu_csv", b"Address_Street", b"Address_Road"),
        ("uk_csv", b"IMO number", b"IMO"),
        ("uk_ofsi_csv", b"Passport Details", b"Passport info"),
        ("eu_xml", b"<remark", b"<comment"),
        ("un_xml", b"ENTITY_ALIAS", b"ENTITY_AKA"),
        ("uk_xml", b"OFSIGroupID", b"GroupID"),
    ],
)
def test_a_renamed_column_is_a_changed_shape_which_can_be_read_leniently(code: str, old: bytes, new: bytes) -> None:
    changed = MAKERS[code](3).replace(old, new)
    if code == "eu_xml":
        changed = changed.replace(b"</remark", b"</comment")
    with pytest.raises(ShapeChanged):
        read(code, changed)
    entries, notes = read(code, changed, lenient=True)
    assert len(entries) == 3
    assert notes.changes


@pytest.mark.parametrize("code", ["opensanctions_ftm", "opensanctions_csv", "eu_csv", "uk_csv", "uk_ofsi_csv"])
def test_a_cut_inside_the_last_cell_leaves_a_row_that_looks_whole_and_is_refused(code: str) -> None:
    assert "line break" in refusal(code, MAKERS[code](3).rstrip(b"\r\n"))


@pytest.mark.parametrize("module", [opensanctions, eu, uk, ofsi])
def test_a_column_more_is_a_changed_shape(module: Any) -> None:
    code, delimiter, before = {
        opensanctions: ("opensanctions_csv", ",", ""),
        eu: ("eu_csv", ";", ""),
        uk: ("uk_csv", ",", "Report Date: 12-Nov-2026\r\n"),
        ofsi: ("uk_ofsi_csv", ",", "Last Updated,12/11/2026\r\n"),
    }[module]
    with pytest.raises(ShapeChanged, match="Known by another name"):
        read(code, table((*module.COLUMNS, "Known by another name"), [], delimiter, before))


def test_a_file_larger_than_its_list_can_be_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "eu_xml", dataclasses.replace(FORMATS["eu_xml"], most=1000))
    assert "larger than" in refusal("eu_xml", eu_xml(9))


def test_a_property_that_no_entry_has_any_more_is_a_changed_shape() -> None:
    renamed = [
        {**row, "properties": {("aka" if k == "alias" else k): v for k, v in row["properties"].items()}} for row in map(ftm_row, range(220))
    ]
    with pytest.raises(ShapeChanged, match="alias"):
        read("opensanctions_ftm", as_ftm(renamed))
    unnamed = [
        {**row, "properties": {("title" if k == "name" else k): v for k, v in row["properties"].items()}} for row in map(ftm_row, range(60))
    ]
    with pytest.raises(ShapeChanged, match="name"):
        read("opensanctions_ftm", as_ftm(unnamed))


@pytest.mark.parametrize("code", ["opensanctions_ftm", "opensanctions_csv", "eu_xml", "un_xml", "uk_xml"])
def test_an_id_that_stands_twice_is_refused_where_rows_are_not_put_together(code: str) -> None:
    ids = {
        "opensanctions_ftm": b"NK-",
        "opensanctions_csv": b"NK-",
        "eu_xml": b'logicalId="1',
        "un_xml": b"<DATAID>680000",
        "uk_xml": b"RUS000",
    }[code]
    content = MAKERS[code](3).replace(ids + b"2", ids + b"1").replace(ids + b"5", ids + b"4")
    assert "stands twice" in refusal(code, content)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"id": "x", "schema": "Company", "properties": {"name": ["A"], "name": ["B"]}, "target": true}\n', "same key"),
        (b'{"id": "x", "schema": "Company", "properties": {"name": "A"}, "target": true}\n', "no list"),
        (b'{"id": "x", "schema": "Company", "target": true}\n', "no properties"),
        (b'{"id": 7, "schema": "Company", "properties": {}}\n', "no id"),
        (b'{"id": "x", "schema": "Company", "properties": {"name": [NaN]}}\n', "NaN"),
        (b'{"id": "x", "schema": "Company", "properties": {}, "caption": "", "target": true}\n', "no name"),
        (b"[" * 100_000 + b"\n", "nested"),
        (b"[1, 2]\n", "no id"),
    ],
)
def test_a_line_that_is_no_entity_is_named(line: bytes, words: str) -> None:
    said = refusal("opensanctions_ftm", ftm(1) + line)
    assert words in said
    assert "Line 4" in said


def test_a_file_without_a_target_is_not_the_list() -> None:
    linked = [{**ftm_row(1, properties={"topics": ["role.pep"]}), "target": False}]
    assert "no target" in refusal("opensanctions_ftm", as_ftm(linked))


def test_an_empty_list_is_refused_in_every_form() -> None:
    assert "no entries" in refusal("un_xml", un_xml(0, 0))
    assert "no entries" in refusal("eu_xml", eu_xml(0))
    assert "no entries" in refusal("uk_csv", uk_csv(0))
    assert "no entries" in refusal("uk_ofsi_csv", ofsi_csv(0))
    assert "empty" in refusal("eu_xml", b"  ")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-12T23:00:05.475Z", DAY), ("12/11/2026", DAY), ("12-Nov-2026", DAY), ("12 November 2026", DAY),
        ("", None), ("soon", None), ("99/99/2026", None), ("12 Smarch 2026", None),
    ],
)  # fmt: skip
def test_days_as_publishers_write_them(text: str, day: dt.date | None) -> None:
    assert day_of(text) == day


def test_nothing_of_a_hostile_line_reaches_a_sentence_whole() -> None:
    long = json.dumps({"id": "x" * 5000, "schema": "Company", "properties": {"name": ["A"]}, "target": True}).encode() + b"\n"
    assert len(refusal("opensanctions_ftm", long)) < 200
