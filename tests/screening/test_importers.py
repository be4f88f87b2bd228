"""A list file is read whole or refused with one sentence that says what, where and how to mend."""

import json

import pytest

from certifications.screening.importers import ListUnreadable, read_csl, read_entity_list
from certifications.screening.seed import DATA

from .samples import HEAD, as_csv, as_json, row, rows


def refusal(content: bytes) -> str:
    """The sentence with which the file is refused."""
    with pytest.raises(ListUnreadable) as problem:
        read_csl(content)
    return str(problem.value)


def test_the_published_json_and_csv_give_the_same_entries() -> None:
    from_json, from_csv = read_csl(as_json(rows(7))).entries, read_csl(as_csv(rows(7))).entries
    assert len(from_json) == 7
    assert from_json == from_csv


def test_aliases_addresses_identifiers_and_citations_are_kept() -> None:
    entry = read_csl(as_json([row(1, alt_names=["北方光学", "Beifang"], ids=[{"type": "USCC", "number": "9133"}])])).entries[0]
    assert entry.names[1:] == ("北方光学", "Beifang")
    assert entry.identifiers == ("USCC, 9133",)
    assert entry.addresses == ("1 Quay Road, CN",)
    assert entry.citation == "84 FR 54002"


def test_a_byte_order_mark_changes_nothing() -> None:
    assert read_csl(b"\xef\xbb\xbf" + as_csv(rows(3))) == read_csl(as_csv(rows(3)))


def test_people_and_vessels_keep_their_kind() -> None:
    kinds = [entry.schema for entry in read_csl(as_json([row(1, type="Individual"), row(2, type="Vessel"), row(3)])).entries]
    assert kinds == ["Person", "Vessel", "Organization"]


@pytest.mark.parametrize("share", [0.03, 0.2, 0.5, 0.8, 0.97, 0.999])
def test_json_cut_anywhere_is_refused_with_the_place(share: float) -> None:
    whole = as_json(rows(40))
    assert "breaks off or is damaged at line" in refusal(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("lost", [1, 3, 9, 40, 200])
def test_csv_cut_inside_a_row_is_refused(lost: int) -> None:
    whole = as_csv([row(n, ids=["Registration 12345678"]) for n in range(40)])
    assert "cut off" in refusal(whole[:-lost].rstrip(b"\r\n"))


def test_csv_cut_inside_a_quoted_cell_is_refused() -> None:
    whole = as_csv([*rows(3), row(3, ids=["one, two, three"])])
    assert "breaks off near row" in refusal(whole[: whole.rindex(b"two")])


def test_csv_without_a_column_we_rely_on_names_the_column() -> None:
    head = tuple(name for name in HEAD if name != "alt_names")
    assert "alt_names" in refusal(as_csv(rows(5), head))


def test_json_in_which_no_row_has_aliases_any_more_is_refused() -> None:
    renamed = [{("aka" if key == "alt_names" else key): value for key, value in entry.items()} for entry in rows(5)]
    assert "alt_names" in refusal(as_json(renamed))


def test_json_where_only_some_rows_have_aliases_is_read() -> None:
    short = {key: value for key, value in row(9).items() if key != "alt_names"}
    assert len(read_csl(as_json([row(1), short])).entries) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (as_json([]), "no entries"),
        (",".join(HEAD).encode() + b"\n", "no entries"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "not UTF-8"),
        (b"%PDF-1.7\n1 0 obj\n", "not the list"),
        (b"<!doctype html><title>Sign in</title>\n", "not the list"),
        (b'{"message": "not found"}', "results"),
        (b'{"results": [1, 2]}', "results"),
        ("source,name\nEL,中文".encode("gb18030"), "not UTF-8"),
        (as_csv(rows(3)).decode().encode("utf-16"), "not UTF-8"),
        (b'{"results": ' + b"[" * 100_000, "nested"),
    ],
)  # fmt: skip
def test_what_is_not_the_list_is_refused_by_name(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_an_id_that_stands_twice_is_named() -> None:
    assert "id-1" in refusal(as_json([row(1), row(2), row(1)]))


def test_a_row_without_a_name_is_named_by_number() -> None:
    assert "Row 2" in refusal(as_json([row(1), row(2, name="")]))


def test_a_key_twice_in_one_row_is_refused() -> None:
    content = as_json(rows(1)).replace(b'"name":', b'"name": "Somebody Else", "name":')
    assert "same key twice" in refusal(content)


def test_a_number_that_is_none_is_refused() -> None:
    assert "NaN" in refusal(as_json([row(1, type=float("nan"))]))


def test_control_characters_are_taken_out_of_names() -> None:
    assert read_csl(as_json([row(1, name="Har\x00bour\x1b Ltd")])).entries[0].name == "Harbour Ltd"


def test_rows_without_an_id_keep_theirs_when_the_order_changes() -> None:
    bare = [{key: value for key, value in entry.items() if key != "id"} for entry in rows(4)]
    first = {entry.name: entry.entry_id for entry in read_csl(as_json(bare)).entries}
    second = {entry.name: entry.entry_id for entry in read_csl(as_json(bare[::-1])).entries}
    assert first == second


def test_the_seed_case_has_its_26_rows_each_with_a_federal_register_citation() -> None:
    entries = read_entity_list(DATA.read_bytes()).entries
    assert len(entries) == 26
    assert all(" FR " in entry.citation and entry.requirement and entry.policy for entry in entries)


def test_a_damaged_data_file_of_ours_is_refused() -> None:
    data = json.loads(DATA.read_bytes())
    del data["entities"][3]["name"]
    with pytest.raises(ListUnreadable):
        read_entity_list(json.dumps(data).encode())
    with pytest.raises(ListUnreadable):
        read_entity_list(DATA.read_bytes()[:5000])
