"""EPCIS documents and GS1 identifiers as tables: nothing guessed, nothing lost, whatever is in them."""

import json
from typing import Any

import pytest

from certifications.uploads.readers.epcis import HEADER, epcis_table
from certifications.uploads.readers.gs1 import Item, fits, gtin14, item_of, package_of, place_of, step_of
from certifications.uploads.readers.sandbox import read_in_child
from certifications.uploads.readers.sniffing import sniff
from certifications.uploads.readers.types import Unreadable
from tests.custody.events import ANALYSER, HOSPITAL, HOSPITAL_GLN, KIT, QINGLAN, QINGLAN_GLN, analyser, document, event, lot


def table(*events: Any, **more: Any) -> list[dict[str, str]]:
    _reading, rows = epcis_table(document(*events, **more))
    return [dict(zip(HEADER, cells, strict=True)) for _number, cells in rows]


@pytest.mark.parametrize(
    ("uri", "item"),
    [
        ("urn:epc:id:sgtin:4012345.003600.SN%2F1", Item(ANALYSER, serial="SN/1")),
        ("urn:epc:class:lgtin:4012345.002440.24A", Item(KIT, lot="24A")),
        ("urn:epc:idpat:sgtin:4012345.002440.*", Item(KIT)),
        (f"https://id.gs1.org/01/{ANALYSER}/21/SN1", Item(ANALYSER, serial="SN1")),
        (f"https://shop.example/x/01/{KIT}/10/24A?a=b", Item(KIT, lot="24A")),
        (f"https://id.gs1.org/01/{KIT[:-1]}9", None),
        ("urn:epc:id:sgtin:401234.003600.1", None),
        ("urn:epc:id:giai:952005385.w2", None),
        ("http://[broken/01/1", None),
        ("", None),
    ],
)
def test_an_identifier_of_a_trade_item_says_its_gtin_lot_and_serial_number(uri: str, item: Item | None) -> None:
    assert item_of(uri) == item


def test_places_packages_and_words_are_read_with_their_check_digits() -> None:
    assert [place_of(uri) for uri in ("urn:epc:id:sgln:6909999.00000.0", HOSPITAL, "https://id.gs1.org/414/6909999000006", "x")] == [
        HOSPITAL_GLN, HOSPITAL_GLN, None, None,
    ]  # fmt: skip
    assert package_of("urn:epc:id:sscc:0614141.1234567890") == "106141412345678908"
    assert fits("106141412345678908")
    words = ("shipping", "urn:epcglobal:cbv:bizstep:shipping", "https://ref.gs1.org/cbv/BizStep-shipping")
    assert {step_of(word) for word in words} == {"shipping"}
    assert step_of("https://example.org/steps/own") == "https://example.org/steps/own"
    assert (gtin14("4012345036008"), gtin14("4012345036009"), gtin14("12")) == (ANALYSER, None, None)


def test_each_thing_of_each_event_is_a_row_with_everything_that_the_event_says() -> None:
    papers = [
        {"type": "urn:epcglobal:cbv:btt:inv", "bizTransaction": "urn:epcglobal:cbv:bt:6901234000009:INV-7"},
        {"type": "po", "bizTransaction": "http://x.example/po/9"},
    ]
    told = event(
        analyser("A1"),
        to=HOSPITAL,
        since=QINGLAN,
        quantityList=[lot("24A", 2.5, uom="EA")],
        bizTransactionList=papers,
        bizLocation={"id": HOSPITAL},
    )
    first, second = table(told, names={HOSPITAL: "宁波江南医院"})
    assert (first["item"], first["product"], first["serial"], first["quantity"]) == ("epcList[0]", ANALYSER, "A1", "1")
    assert (second["item"], second["product"], second["lot"], second["quantity"], second["unit"]) == (
        "quantityList[0]",
        KIT,
        "24A",
        "2.5",
        "",
    )
    assert (first["since"], first["to"], first["to_name"], first["place_name"]) == (
        QINGLAN_GLN,
        HOSPITAL_GLN,
        "宁波江南医院",
        "宁波江南医院",
    )
    assert (first["invoice"], first["order"], first["zone"], first["step"]) == ("INV-7", "9", "+08:00", "shipping")


def test_a_package_is_opened_by_what_was_packed_into_it_before() -> None:
    sscc = "urn:epc:id:sscc:0614141.1234567890"
    packed = {
        **event(bizStep="packing", epcList=None, eventID="p"),
        "type": "AggregationEvent",
        "parentID": sscc,
        "childEPCs": [analyser("A1"), analyser("A2")],
    }
    taken = {**packed, "action": "DELETE", "childEPCs": [analyser("A1")], "eventID": "t"}
    rows = table(packed, taken, event(sscc, eventID="s"))
    assert [(row["event"], row["serial"], row["package"]) for row in rows] == [
        ("1", "A1", ""), ("1", "A2", ""), ("2", "A1", ""), ("3", "A2", "106141412345678908"),
    ]  # fmt: skip
    unknown = table(event("urn:epc:id:sscc:0614141.9999999999"))
    assert unknown[0]["product"].startswith("urn:epc:id:sscc:"), "handed over to be refused by name"


def test_an_event_that_was_declared_wrong_is_marked_wherever_it_stands() -> None:
    error = {"declarationTime": "2026-10-06T08:00:00Z", "reason": "did_not_occur", "correctiveEventIDs": ["urn:uuid:2"]}
    rows = table(event(analyser("A1")), event(analyser("A1"), errorDeclaration=error), event(analyser("A2"), eventID="urn:uuid:2"))
    assert [(row["item"], row["declared"]) for row in rows] == [
        ("epcList[0]", "2026-10-06T08:00:00Z did_not_occur urn:uuid:2"), ("errorDeclaration", "2026-10-06T08:00:00Z did_not_occur urn:uuid:2"), ("epcList[0]", ""),
    ]  # fmt: skip


def test_all_five_kinds_of_events_are_read_and_what_is_no_event_is_handed_over() -> None:
    made = [
        {**event(epcList=None, eventID=f"{kind}"), "type": kind, **lists}
        for kind, lists in (
            ("AggregationEvent", {"childEPCs": [analyser("A1")], "childQuantityList": [lot("24A")]}),
            ("TransformationEvent", {"inputEPCList": [analyser("A1")], "outputQuantityList": [lot("24B")]}),
            ("TransactionEvent", {"epcList": [analyser("A1")]}),
            ("AssociationEvent", {"childEPCs": [analyser("A1")]}),
        )
    ]
    rows = table(*made, "no event", {"type": "own:Event"}, {"type": "ObjectEvent", "epcList": [7, None, {"a": 1}], "quantityList": "x"})
    assert [row["type"] for row in rows[:6]] == ["AggregationEvent"] * 2 + ["TransformationEvent"] * 2 + [
        "TransactionEvent",
        "AssociationEvent",
    ]
    assert (rows[6]["type"], rows[7]["type"]) == ("no event", "own:Event")
    assert [row["product"] for row in rows[8:]] == ["7", "?", '{"a": "1"}', "?"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "not_json"),
        (document(event())[:-20], "not_json"),
        (b'{"a": NaN}', "json_twice"),
        (b'{"a": 1, "a": 2}', "json_twice"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "json_twice"),
        (b"[]", "not_epcis"),
        (b'{"type": "EPCISDocument"}', "not_epcis"),
        (b'{"epcisBody": {"eventList": 7}}', "not_epcis"),
        (document(), "no_events"),
        (document(event(), schemaVersion="1.2"), "epcis_version"),
        (b"\xff{\x00", "encoding"),
    ],
)
def test_what_is_no_document_of_events_is_refused_with_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        epcis_table(content)
    assert refused.value.code == code
    assert str(refused.value)


def test_what_is_odd_in_a_document_is_read_as_text_and_never_a_crash() -> None:
    with pytest.raises(Unreadable) as caught:
        epcis_table(document(event("urn:x:1"), type=["EPCISDocument"], epcisBody=None))
    assert caught.value.code == "not_epcis"
    assert table(event("urn:epc:id:sgtin:4012345.003600.A%001"))[0]["serial"] == "A1"


def test_packages_within_packages_end_at_the_most_rows_that_a_table_has() -> None:
    def sscc(n: int) -> str:
        return f"urn:epc:id:sscc:0614141.1{n:09d}"

    packed = [
        {
            **event(epcList=None, eventID=f"{level}-{n}"),
            "type": "AggregationEvent",
            "parentID": sscc(level * 100 + n),
            "childEPCs": [sscc((level + 1) * 100 + m) for m in range(60)],
        }
        for level in range(5)
        for n in range(60)
    ]
    with pytest.raises(Unreadable) as refused:
        epcis_table(document(*packed, event(sscc(0), eventID="s")))
    assert refused.value.code == "too_many_rows"


def test_the_caged_reader_reads_a_document_and_its_name_tells_it() -> None:
    content = document(event(analyser("A1"), quantityList=[lot("24A", 10**30)]))
    assert sniff(content, "events.jsonld") == "json"
    read = read_in_child(content, "json")
    rows = list(read.rows())
    assert (read.reading.header, len(rows), rows[1][1][HEADER.index("quantity")]) == (HEADER, 2, str(10**30))
    for wrong, name in ((b"a,b\n1,2\n", "a.json"), (b"PK\x03\x04", "a.json")):
        with pytest.raises(Unreadable):
            sniff(wrong, name)
    assert json.loads(content)["schemaVersion"] == "2.0"
