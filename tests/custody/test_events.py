"""EPCIS events by the file: what left and came back is counted by the rules of tables, once; what is wrong is named by event and field."""

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.custody.models import Movement
from certifications.custody.models_codes import TradeCode, WrongEvent
from certifications.flow.uploads import KINDS, kinds_of
from certifications.ledger.ids import new_ulid
from certifications.people.models import User
from certifications.uploads import actions
from certifications.uploads.models import Upload
from certifications.uploads.readers import Unreadable
from certifications.uploads.readers.gs1 import item_of
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import now, problems, sent, undone
from tests.world import World, client_of

from .events import ANALYSER, HOSPITAL, KIT, MAKER, MAKER_GLN, QINGLAN, QINGLAN_GLN, analyser, document, event, lot
from .reports import DAY, MONTH
from .shipments import HEAD as SHIPPED
from .shipments import unit
from .test_sales import codes

pytestmark = pytest.mark.django_db
NAMES = {HOSPITAL: "宁波江南医院"}


@pytest.fixture
def recorded(world: World) -> World:
    """A lead has recorded what the GTINs and the GLNs of the two firms mean."""
    rows = [
        (KIT, "CI-2440-100", ""),
        (ANALYSER, "CI-3600-A", ""),
        (MAKER_GLN, "", "Corvane Instruments AG"),
        (QINGLAN_GLN, "", world.qinglan.name_native),
    ]
    upload = written(sent(world.lead, csv(("GTIN", "货号", "公司"), *rows), kind="codes"), world.lead)
    assert (upload.status, problems(upload)) == ("committed", [])
    return world


def reported(by: User, *events: Any, kind: str = "epcis", **more: Any) -> Upload:
    return sent(by, document(*events, **{"names": NAMES, **more}), kind=kind, name="events.jsonld")


def counted() -> list[tuple[str, str, str, str, str]]:
    rows = Movement.objects.filter(taken_back_at=None).select_related("product").order_by("recorded_at", "row", "pk")
    return [(m.kind, m.product.catalogue_number, f"{m.quantity.normalize():f}", m.lot or m.serial, m.buyer_name) for m in rows]


def test_a_distributor_reports_what_left_and_what_came_back(recorded: World) -> None:
    sold = event(analyser("A1"), quantityList=[lot("24A", 5)], since=QINGLAN, to=HOSPITAL)
    back = event(quantityList=[lot("24A", 1)], since=HOSPITAL, bizStep="receiving", eventID="urn:uuid:2", epcList=[])
    repair = event(analyser("A1"), since=QINGLAN, to=MAKER, eventID="urn:uuid:3")
    got = event(analyser("A9"), since=MAKER, to=QINGLAN, bizStep="receiving", eventID="urn:uuid:4")
    upload = reported(recorded.filer, sold, back, repair, got)
    assert codes(upload) == []
    assert upload.remarks[0]["texts"]["en"].startswith("Read, and no movement to be counted: receipt 1.")
    written(upload, recorded.filer)
    assert counted() == [
        ("sale", "CI-3600-A", "1", "A1", "宁波江南医院"),
        ("sale", "CI-2440-100", "5", "24A", "宁波江南医院"),
        ("return", "CI-2440-100", "1", "24A", "宁波江南医院"),
        ("rma", "CI-3600-A", "1", "A1", "Corvane Instruments AG"),
    ]
    first = Movement.objects.get(event_id="urn:uuid:1", serial="A1")
    assert first.report is not None
    assert (first.happened_on, first.report.period, first.from_organisation) == (DAY, MONTH, recorded.qinglan)


def test_the_maker_reports_its_shipments_and_a_unit_that_a_table_reported_is_not_shipped_again(recorded: World) -> None:
    shipped = event(analyser("A1"), quantityList=[lot("24A", 20)], since=MAKER, to=QINGLAN)
    upload = written(reported(recorded.order_desk, shipped, kind="epcis_in"), recorded.order_desk)
    assert counted() == [
        ("sell_in", "CI-3600-A", "1", "A1", recorded.qinglan.name),
        ("sell_in", "CI-2440-100", "20", "24A", recorded.qinglan.name),
    ]
    table = sent(recorded.lead, csv(SHIPPED, unit("A1", Invoice_no="7")), kind="shipments")
    assert codes(table) == [(2, "serial", "shipped_already")]
    other = reported(recorded.lead, event(analyser("A1"), to=HOSPITAL, eventID="urn:uuid:9"), kind="epcis_in")
    assert {(2, "to", "unknown_distributor"), (1, "to", "unknown_distributor")} & set(codes(other))
    undone(upload, recorded.order_desk)
    assert counted() == []


def test_the_same_event_is_counted_once_whoever_sends_it_again(recorded: World) -> None:
    sold = event(analyser("A1"), since=QINGLAN, to=HOSPITAL)
    written(reported(recorded.filer, sold, sold), recorded.filer)
    again = reported(recorded.filer, sold, event(analyser("A2"), to=HOSPITAL, eventID="urn:uuid:2"))
    assert (again.counts["will_skip"], again.counts["will_create"]) == (1, 1)
    written(again, recorded.filer)
    assert [row[3] for row in counted()] == ["A1", "A2"]
    otherwise = reported(
        recorded.filer, event(analyser("A3"), to=HOSPITAL, eventID="x"), event(analyser("A3"), to=HOSPITAL, eventID="x", action="ADD")
    )
    assert (2, "", "twice") in codes(otherwise)
    nameless = event(analyser("A5"), to=HOSPITAL, eventID=None)
    written(reported(recorded.filer, nameless), recorded.filer)
    assert reported(recorded.filer, nameless).counts["will_skip"] == 1


def test_an_event_declared_wrong_counts_no_more_and_counts_again_when_that_is_taken_back(recorded: World) -> None:
    error = {"declarationTime": "2026-10-06T08:00:00Z", "reason": "incorrect_data", "correctiveEventIDs": ["urn:uuid:2"]}
    sold = event(quantityList=[lot("24A", 50)], epcList=[], to=HOSPITAL)
    right = event(quantityList=[lot("24A", 5)], epcList=[], to=HOSPITAL, eventID="urn:uuid:2")
    first = written(reported(recorded.filer, sold), recorded.filer)
    upload = reported(recorded.filer, {**sold, "errorDeclaration": error}, right)
    assert (codes(upload), upload.counts["will_create"]) == ([], 2)
    written(upload, recorded.filer)
    assert [row[2] for row in counted()] == ["5"]
    assert reported(recorded.filer, sold).counts["will_skip"] == 1, "it never counts when it comes again"
    assert undone(upload, recorded.filer).status == "undone"
    assert [row[2] for row in counted()] == ["50"]
    assert undone(now(first), recorded.filer).status == "undone"
    assert counted() == [], "the first file's movement, counted again, goes with the first file"
    # In one file with what it is about: nothing of it was ever counted.
    together = reported(recorded.filer, sold, {**sold, "errorDeclaration": error})
    assert (together.counts["will_skip"], together.counts["will_create"]) == (1, 1)
    written(together, recorded.filer)
    assert counted() == []
    nameless = reported(recorded.filer, {**event(analyser("A7"), eventID=None), "errorDeclaration": error})
    assert codes(nameless) == [(1, "event_id", "no_event")]


def test_what_a_declaration_took_back_stays_so_when_its_own_file_is_gone(recorded: World) -> None:
    sold = event(quantityList=[lot("24A", 50)], epcList=[], to=HOSPITAL)
    error = {"declarationTime": "2026-10-06T08:00:00Z", "reason": "did_not_occur"}
    first = written(reported(recorded.filer, sold), recorded.filer)
    second = written(reported(recorded.filer, {**sold, "errorDeclaration": error}), recorded.filer)
    undone(now(first), recorded.filer)
    undone(now(second), recorded.filer)
    assert counted() == []


@pytest.mark.parametrize(
    ("changes", "field", "code", "where"),
    [
        ({"type": "own:Event"}, "type", "event_type", "type"),
        ({"type": None}, "type", "no_type", "type"),
        ({"action": "MOVE"}, "action", "action", "action"),
        ({"action": None}, "action", "no_action", "action"),
        ({"eventTime": "yesterday"}, "time", "moment", "eventTime"),
        ({"eventTime": "2026-10-05"}, "time", "moment", "eventTime"),
        ({"eventTime": None}, "time", "no_time", "eventTime"),
        ({"eventTime": "2090-10-05T08:00:00Z"}, "time", "not_come", "eventTime"),
        ({"eventTimeZoneOffset": "CET"}, "zone", "zone", "eventTimeZoneOffset"),
        ({"eventTimeZoneOffset": "+99:00"}, "zone", "zone", "eventTimeZoneOffset"),
        ({"eventTimeZoneOffset": None}, "zone", "no_zone", "eventTimeZoneOffset"),
        ({"epcList": ["urn:epc:id:giai:952005385.w2"]}, "product", "unknown_item", "epcList[0]"),
        ({"epcList": ["urn:epc:id:sgtin:4012345.009999.1"]}, "product", "unknown_gtin", "epcList[0]"),
        ({"epcList": ["urn:epc:id:sscc:0614141.1234567890"]}, "product", "package", "epcList[0]"),
        ({"epcList": [7]}, "product", "unknown_product", "epcList[0]"),
        ({"epcList": []}, "product", "no_product", "product"),
        ({"epcList": [], "quantityList": [lot("24A", None)]}, "quantity", "no_quantity", "quantityList[0]"),
        ({"epcList": [], "quantityList": [lot("24A", "many")]}, "quantity", "number", "quantityList[0]"),
        ({"epcList": [], "quantityList": [lot("24A", 0)]}, "quantity", "zero", "quantityList[0]"),
        ({"epcList": [], "quantityList": [lot("24A", 2, uom="KGM")]}, "quantity", "unit", "quantityList[0]"),
        ({"epcList": [], "quantityList": [lot("24A", 10**15)]}, "quantity", "places", "quantityList[0]"),
        ({"epcList": [], "quantityList": [lot("24A", 10**40)]}, "quantity", "number", "quantityList[0]"),
        ({"destinationList": []}, "to", "no_buyer", "destinationList"),
        (
            {"destinationList": [{"type": "owning_party", "destination": "urn:epc:id:sgln:1234567.00000.0"}]},
            "to",
            "unknown_gln",
            "destinationList",
        ),
        ({"sourceList": [{"type": "owning_party", "source": "urn:epc:id:sgln:1234567.00000.0"}]}, "since", "other_firm", "sourceList"),
        ({"eventID": "x" * 301}, "event_id", "too_long", "eventID"),
    ],
)
def test_what_is_wrong_is_named_by_event_and_field_and_stops_its_row_alone(
    recorded: World, changes: dict[str, Any], field: str, code: str, where: str
) -> None:
    good = event(quantityList=[lot("24Z")], epcList=[], to=HOSPITAL, eventID="urn:uuid:good")
    bad = event(analyser("A1"), to=HOSPITAL, **changes) if "destinationList" not in changes else event(analyser("A1"), **changes)
    upload = reported(recorded.filer, good, bad)
    found = upload.problems.filter(number=2, field=field, code=code, blocks=True)
    assert found.count() == 1, (codes(upload), problems(upload))
    assert upload.problems.filter(number=2, blocks=True).count() == 1, codes(upload)
    assert found[0].texts["en"].startswith(f"Event 2, {where}: ")
    assert found[0].texts["en"] != found[0].texts["zh-hans"], "said in both languages"
    assert (upload.counts["ready"], upload.counts["attention"]) == (1, 1)
    written(upload, recorded.filer, "ready")
    assert len(counted()) == 1


def test_what_is_not_known_is_mended_in_every_row_that_says_it(recorded: World) -> None:
    unknown = "urn:epc:id:sgln:1234567.00000.0"
    rows = [event(f"urn:epc:id:sgtin:4012345.009999.{n}", to=unknown, eventID=f"urn:uuid:{n}") for n in range(3)]
    upload = reported(recorded.filer, *rows, event(analyser("A1"), to=HOSPITAL, eventID="urn:uuid:z"))
    about = {"upload": upload, "kind": KINDS["epcis"], "by": recorded.filer, "number": 1, "everywhere": True}
    actions.mend(**about, field="product", value="CI-2440-100")
    actions.mend(**about, field="to", value="杭州西溪医院")
    assert (codes(now(upload)), now(upload).counts["ready"]) == ([], 4)
    written(now(upload), recorded.filer)
    assert [row[4] for row in counted()] == ["杭州西溪医院"] * 3 + ["宁波江南医院"]


def test_rejected_rows_come_back_in_as_a_table(recorded: World) -> None:
    upload = reported(
        recorded.filer, event("urn:epc:id:sgtin:4012345.009999.1", to=HOSPITAL), event(analyser("A1"), to=HOSPITAL, eventID="2")
    )
    written(upload, recorded.filer, "ready")
    file = client_of(recorded.filer).get(f"/d/uploads/{upload.number}/rejected.csv").content
    assert b"urn:uuid:1" in file
    unknown = item_of("urn:epc:id:sgtin:4012345.009999.1")
    assert unknown is not None
    again = sent(recorded.filer, file.replace(unknown.gtin.encode(), b"CI-2440-100"), kind="epcis", name="rejected.csv")
    assert (again.status, codes(again)) == ("checked", [])
    written(again, recorded.filer)
    assert {row[1] for row in counted()} == {"CI-3600-A", "CI-2440-100"}


def test_a_distributor_is_not_told_who_else_sells(recorded: World) -> None:
    other = recorded.people["stranger"].organisation
    TradeCode.objects.create(code="6901235000008", organisation=other, recorded_by=recorded.lead)
    known = event(analyser("A1"), to="urn:epc:id:sgln:6901235.00000.0")
    unknown = event(analyser("A1"), to="urn:epc:id:sgln:6901236.00000.0")
    assert problems(reported(recorded.filer, known)) == problems(reported(recorded.filer, unknown))
    named = reported(
        recorded.filer, event(analyser("A1"), to="urn:epc:id:sgln:6901236.00000.0"), names={"urn:epc:id:sgln:6901236.00000.0": other.name}
    )
    written(named, recorded.filer)
    assert [row[0] for row in counted()] == ["sale"], "no word for a transfer between two that only the maker knows"


def test_each_side_sends_its_own_and_a_document_goes_to_no_other_kind(recorded: World) -> None:
    assert {name for name, user in recorded.people.items() if any(kind.code == "epcis" for kind in kinds_of(user))} == {"filer", "stranger"}
    makers = {name for name, user in recorded.people.items() if any(kind.code == "epcis_in" for kind in kinds_of(user))}
    assert makers == {"reviewer", "second_reviewer", "lead", "order_desk"}
    assert {name for name, user in recorded.people.items() if any(kind.code == "codes" for kind in kinds_of(user))} == {"lead"}
    with pytest.raises(Unreadable) as refused:
        actions.receive(by=recorded.filer, kind=KINDS["sales"], content=document(event()), name="a.json", form_key=new_ulid())
    assert refused.value.code == "not_here"


def test_a_broken_document_ends_in_a_sentence_on_its_page(recorded: World) -> None:
    upload = sent(recorded.filer, document(event())[:-9], kind="epcis", name="a.json")
    assert (upload.status, upload.problem["code"]) == ("unreadable", "not_json")
    page = client_of(recorded.filer).get(f"/d/uploads/{upload.number}/").content.decode()
    assert "breaks off in line 1, character" in page or "第 1 行" in page


def test_codes_are_recorded_changed_and_taken_back(recorded: World) -> None:
    head = ("GTIN", "货号", "公司")
    bad = sent(
        recorded.lead,
        csv(head, (f"{KIT[:-1]}9", "CI-2440-100", ""), (KIT, "", ""), (MAKER_GLN, "", "Nobody AG"), (KIT, "", recorded.qinglan.name)),
        kind="codes",
    )
    assert {(n, code) for n, _field, code in codes(bad)} == {(2, "no_gtin"), (3, "one_of_two"), (4, "unknown_firm"), (5, "no_gln")} | {
        pair for pair in {(5, "twice"), (3, "twice")} if pair in {(n, code) for n, _field, code in codes(bad)}
    }
    change = sent(recorded.lead, csv(head, (KIT.lstrip("0"), "CI-2717-200", ""), (ANALYSER, "CI-3600-A", "")), kind="codes")
    assert (change.counts["will_update"], change.counts["will_skip"]) == (1, 1)
    written(change, recorded.lead)
    assert TradeCode.objects.get(code=KIT, ended_at=None).product.catalogue_number == "CI-2717-200"  # type: ignore[union-attr]
    assert undone(change, recorded.lead).status == "undone"
    assert TradeCode.objects.get(code=KIT, ended_at=None).product.catalogue_number == "CI-2440-100"  # type: ignore[union-attr]
    WrongEvent.objects.create(organisation=recorded.qinglan, event_id="e", declared="x", upload=change)
    for statement in (
        "UPDATE certifications_wrongevent SET event_id = 'other'",
        "DELETE FROM certifications_wrongevent",
        "UPDATE certifications_tradecode SET code = '1'",
        "DELETE FROM certifications_tradecode",
        "UPDATE certifications_tradecode SET ended_at = NULL",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(DatabaseError, match="trade_code_once"), transaction.atomic():
        TradeCode.objects.create(code=KIT, product=recorded.kit, recorded_by=recorded.lead)


def test_the_shape_of_the_published_examples_is_read(recorded: World) -> None:
    """Re-typed after two of GS1's examples: an aggregation with a pattern and weights, and a receipt without names."""
    aggregation = {
        "eventID": "ni:///sha-256;87b5", "type": "AggregationEvent", "eventTime": "2013-06-08T14:58:56.591Z", "eventTimeZoneOffset": "+02:00",
        "parentID": "urn:epc:id:sscc:0614141.1234567890", "childEPCs": [analyser("2017"), analyser("2018")], "action": "OBSERVE", "bizStep": "receiving",
        "disposition": "in_progress", "readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"}, "bizLocation": {"id": "urn:epc:id:sgln:0614141.00888.0"},
        "childQuantityList": [{"epcClass": "urn:epc:idpat:sgtin:4012345.098765.*", "quantity": 10}, lot("998877", 200.5, uom="KGM")],
        "example:myField": "Example of a vendor/user extension",
    }  # fmt: skip
    upload = reported(recorded.filer, aggregation)
    assert (upload.counts["will_skip"], codes(upload)) == (4, [])
    assert json.loads(document(aggregation))["type"] == "EPCISDocument"
