"""One unit leaves the manufacturer once until it came back, whatever is reported, declared wrong and taken back in whichever order."""

import datetime as dt
from typing import Any

import pytest

from certifications.custody.models import Movement
from certifications.flow.uploads import KINDS
from certifications.ledger.moves import NotAllowed
from certifications.uploads import actions
from certifications.uploads.models import Upload
from tests.uploads.steps import committed as written
from tests.uploads.steps import now, undone, worked
from tests.world import World

from .events import HOSPITAL, QINGLAN, analyser, event, lot
from .reports import DAY
from .shipments import row, unit
from .test_events import recorded, reported
from .test_sales import codes
from .test_shipments import shipped

__all__ = ["recorded"]
pytestmark = pytest.mark.django_db
ERROR = {"declarationTime": "2026-10-06T08:00:00Z", "reason": "incorrect_data", "correctiveEventIDs": ["urn:uuid:2"]}


def on(days: int) -> str:
    return (DAY + dt.timedelta(days=days)).isoformat()


def out() -> list[tuple[str, str, dt.date]]:
    """Movements that count, by day."""
    rows = Movement.objects.filter(taken_back_at__isnull=True).order_by("happened_on", "recorded_at", "row")
    return [(m.kind, m.serial, m.happened_on) for m in rows]


def accepted(upload: Upload, world: World) -> Upload:
    for field, code in set(upload.problems.exclude(accept={}).values_list("field", "code")):
        actions.accept(upload=now(upload), kind=KINDS[upload.kind], by=world.lead, field=field, code=code)
    return now(upload)


def test_a_declaration_is_taken_back_together_with_what_stands_in_the_place_of_the_event(recorded: World) -> None:
    first = event(analyser("A1"), to=QINGLAN)
    written(reported(recorded.lead, first, kind="epcis_in"), recorded.lead)
    wrong = written(reported(recorded.lead, {**first, "errorDeclaration": ERROR}, kind="epcis_in"), recorded.lead)
    right = event(analyser("A1"), to=QINGLAN, eventID="urn:uuid:2")
    corrective = written(reported(recorded.lead, right, kind="epcis_in"), recorded.lead)
    with pytest.raises(NotAllowed, match="Serial number A1 would have been shipped twice") as refused:
        undone(wrong, recorded.lead)
    assert refused.value.code == "bound"
    assert (now(wrong).status, out()) == ("committed", [("sell_in", "A1", DAY)])
    assert undone(corrective, recorded.lead).status == "undone"
    assert undone(now(wrong), recorded.lead).status == "undone"
    assert out() == [("sell_in", "A1", DAY)]


def test_both_in_one_document_are_taken_back_in_one_go(recorded: World) -> None:
    first = event(quantityList=[lot("24A", 50)], epcList=[], to=QINGLAN)
    written(reported(recorded.lead, first, kind="epcis_in"), recorded.lead)
    # Serial numbers of units that only the corrective event names.
    right = event(analyser("A1"), to=QINGLAN, eventID="urn:uuid:2")
    both = written(reported(recorded.lead, {**first, "errorDeclaration": ERROR}, right, kind="epcis_in"), recorded.lead)
    assert out() == [("sell_in", "A1", DAY)]
    assert undone(both, recorded.lead).status == "undone"
    assert out() == [("sell_in", "", DAY)]


def test_a_return_that_a_shipment_followed_stays_when_its_file_is_taken_back(world: World) -> None:
    written(shipped(world.lead, unit("CV-001")), world.lead)
    back = written(shipped(world.lead, unit("CV-001", Type="return", Ship_date=on(1), Invoice_no="2")), world.lead)
    again = written(shipped(world.lead, unit("cv-001", Ship_date=on(2), Invoice_no="3")), world.lead)
    with pytest.raises(NotAllowed, match="Serial number CV-001 would have been shipped twice"):
        undone(back, world.lead)
    assert len(out()) == 3
    # Asked for before the other was written: the worker looks once more, and says why the row stays.
    Movement.objects.filter(upload=again).update(taken_back_at=dt.datetime.now(dt.UTC), taken_back_by=world.lead)
    actions.undo(upload=back, kind=KINDS["shipments"], by=world.lead)
    again = written(shipped(world.lead, unit("CV-001", Ship_date=on(2), Invoice_no="4")), world.lead)
    assert worked(back).status == "committed"
    kept = now(back).problems.get()
    assert (kept.code, kept.texts["en"] != kept.texts["zh-hans"]) == ("kept", True)
    assert [kind for kind, _serial, _day in out()] == ["sell_in", "sell_back", "sell_in"]
    assert undone(now(again), world.lead).status == "undone"
    assert undone(now(back), world.lead).status == "undone"
    assert [kind for kind, _serial, _day in out()] == ["sell_in"]


def test_what_a_declaration_took_back_counts_again_while_its_own_upload_is_at_work(recorded: World) -> None:
    sold = event(quantityList=[lot("24A", 50)], epcList=[], to=HOSPITAL)
    first = written(reported(recorded.filer, sold), recorded.filer)
    second = written(reported(recorded.filer, {**sold, "errorDeclaration": ERROR}), recorded.filer)
    assert out() == []
    Upload.objects.filter(pk=first.pk).update(status="checking")
    actions.undo(upload=second, kind=KINDS["epcis"], by=recorded.filer)
    assert worked(second).status == "undone"
    assert len(out()) == 1


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"Type": "return", "Ship_date": on(3)}, [(2, "serial", "back_already")]),
        ({"Type": "return", "Ship_date": on(1)}, [(2, "serial", "back_already")]),
        ({"Ship_date": on(1)}, [(2, "serial", "shipped_already")]),
        ({"Ship_date": on(-1)}, [(2, "serial", "shipped_already")]),
        ({"Ship_date": on(0)}, [(2, "serial", "shipped_already")]),
        ({"Ship_date": on(2)}, []),
        ({"Ship_date": on(3), "Serial_numbers": "cv-001"}, []),
    ],
)
def test_a_row_is_judged_by_its_own_day(world: World, changes: dict[str, Any], found: list[Any]) -> None:
    written(shipped(world.lead, unit("CV-001")), world.lead)
    written(shipped(world.lead, unit("CV-001", Type="return", Ship_date=on(2), Invoice_no="2")), world.lead)
    told = unit(**{"serial": "CV-001", "Invoice_no": "9", **{k: v for k, v in changes.items() if k != "Serial_numbers"}})
    told = tuple(changes.get("Serial_numbers", cell) if cell == "CV-001" else cell for cell in told)
    assert [one for one in codes(shipped(world.lead, told)) if "returned_more" not in one[2]] == found


def test_a_return_from_another_distributor_than_the_one_that_got_it_is_asked_about(world: World) -> None:
    other = world.people["stranger"].organisation
    assert other is not None
    written(shipped(world.lead, unit("CV-001")), world.lead)
    upload = shipped(world.lead, unit("cv-001", Customer=other.name, Type="return", Ship_date=on(1), Invoice_no="2"))
    assert (2, "serial", "other_distributor") in codes(upload)
    assert written(accepted(upload, world), world.lead).counts["did_create"] == 1
    # What the distributor says of its repair is the same return told twice.
    assert [kind for kind, _serial, _day in out()] == ["sell_in", "sell_back"]


def test_a_unit_that_left_twice_on_a_day_is_a_problem_of_its_row_alone(world: World) -> None:
    written(shipped(world.lead, unit("CV-001")), world.lead)
    written(shipped(world.lead, unit("CV-001", Type="return", Invoice_no="2")), world.lead)
    upload = shipped(world.lead, unit("CV-001", Invoice_no="3"), unit("CV-002", Invoice_no="4"))
    assert codes(upload) == [(2, "serial", "shipped_that_day")]
    assert written(upload, world.lead, "ready").counts["did_create"] == 1
    within = shipped(
        world.lead,
        unit("CV-003", Invoice_no="5"),
        unit("CV-003", Type="return", Invoice_no="6"),
        unit("cv-003", Invoice_no="7"),
        unit("CV-004", Type="return", Invoice_no="8"),
        unit("CV-004", Type="return", Invoice_no="9"),
    )
    found = {one[::2] for one in codes(within)}
    assert {(4, "sum:sent_twice"), (6, "sum:back_twice")} <= found
    assert (3, "never_shipped") in found


def test_numbers_that_differ_by_letter_case_are_one_unit(world: World) -> None:
    written(shipped(world.lead, unit("CV-001")), world.lead)
    assert codes(shipped(world.lead, unit("cv-001", Invoice_no="2"))) == [(2, "serial", "shipped_already")]
    assert codes(shipped(world.lead, unit("CV-9"), unit("cv-9", Invoice_no="2"))) == [(3, "serial", "sum:sent_twice")]


@pytest.mark.parametrize("quantity", ["1e-999999999", "1e9999999", "0e-999999999", "1e20"])
def test_a_number_that_would_be_a_gigabyte_is_refused(recorded: World, quantity: str) -> None:
    upload = reported(recorded.filer, event(quantityList=[lot("24A", 7)], epcList=[], to=HOSPITAL))
    actions.mend(upload=upload, kind=KINDS["epcis"], by=recorded.filer, number=1, field="quantity", value=quantity)
    assert codes(now(upload)) == [(1, "quantity", "number")]


def test_what_comes_back_in_another_part_of_the_file_counts_for_the_row_that_is_mended(world: World) -> None:
    written(shipped(world.lead, unit("CV-001")), world.lead)
    back = unit("CV-001", Type="return", Ship_date=on(1), Invoice_no="2")
    upload = shipped(world.lead, back, unit("CV-00X", Ship_date=on(2), Invoice_no="3"))
    actions.mend(upload=upload, kind=KINDS["shipments"], by=world.lead, number=3, field="serial", value="CV-001")
    assert codes(now(upload)) == []
    late = shipped(
        world.lead, unit("CV-001", Type="return", Ship_date=on(3), Invoice_no="2"), unit("CV-001", Ship_date=on(2), Invoice_no="3")
    )
    assert codes(late) == [(3, "serial", "shipped_already")], "it came back after it is said to have left again"


def test_an_invoice_line_is_not_held_against_another_row_of_its_own_file(world: World) -> None:
    upload = shipped(world.lead, row(), row(Qty="3", Material="nothing"))
    written(upload, world.lead, "ready")
    actions.mend(upload=now(upload), kind=KINDS["shipments"], by=world.lead, number=3, field="product", value="CI-2440-100")
    assert codes(now(upload)) == []
    assert codes(shipped(world.lead, row(Qty="3"))) == [(2, "invoice_no", "otherwise")]


SSCC = "urn:epc:id:sscc:4012345.0000000001"


def packed(*inside: str) -> dict[str, Any]:
    return event(
        type="AggregationEvent", parentID=SSCC, childEPCs=list(inside), epcList=None, action="ADD", bizStep="packing", eventID="urn:uuid:p"
    )


def test_a_package_counts_as_it_came_or_as_what_it_holds(recorded: World) -> None:
    sold = event(SSCC, to=HOSPITAL)
    upload = reported(recorded.filer, sold)
    actions.mend(upload=upload, kind=KINDS["epcis"], by=recorded.filer, number=1, field="product", value="CI-3600-A")
    written(now(upload), recorded.filer)
    opened = reported(recorded.filer, packed(analyser("A1"), analyser("A2")), sold)
    assert [one[1:] for one in codes(opened)] == [("package", "packed_apart")] * 2
    other = event(SSCC, to=HOSPITAL, eventID="urn:uuid:2")
    written(reported(recorded.filer, packed(analyser("A3")), other), recorded.filer)
    shut = reported(recorded.filer, other)
    actions.mend(upload=shut, kind=KINDS["epcis"], by=recorded.filer, number=1, field="product", value="CI-3600-A")
    assert ("package", "packed_apart") in {one[1:] for one in codes(now(shut))}


def test_an_event_without_a_number_is_the_same_when_it_comes_again_after_it_was_mended(recorded: World) -> None:
    nameless = event(quantityList=[lot("24A", 5)], epcList=[], to="urn:epc:id:sgln:6909998.00000.0", eventID=None)
    upload = reported(recorded.filer, nameless)
    actions.mend(upload=upload, kind=KINDS["epcis"], by=recorded.filer, number=1, field="to_name", value="Some Hospital")
    actions.mend(upload=now(upload), kind=KINDS["epcis"], by=recorded.filer, number=1, field="quantity", value="6")
    assert written(now(upload), recorded.filer).counts["did_create"] == 1
    assert reported(recorded.filer, nameless).counts["will_skip"] == 1
    # Two packages of one event that hold alike are two.
    alike = event(quantityList=[lot("24B", 5), lot("24B", 5)], epcList=[], to=HOSPITAL, eventID=None)
    assert reported(recorded.filer, alike).counts["will_create"] == 2


def test_the_same_receipt_twice_in_a_document_stops_nothing(recorded: World) -> None:
    receipt = event(analyser("A1"), since="urn:epc:id:sgln:4012345.00000.0", to=QINGLAN, bizStep="receiving")
    upload = reported(recorded.filer, receipt, receipt)
    assert codes(upload) == [(2, "", "same_row")]
    assert upload.counts["attention"] == 0


def test_a_receipt_from_a_colleague_is_asked_about_and_no_answer_tells_that_it_is_one(recorded: World) -> None:
    other = recorded.people["stranger"].organisation
    assert other is not None
    place = "urn:epc:id:sgln:6901236.00000.0"
    asked = []
    for name in (other.name, "杭州西溪医院"):
        got = event(quantityList=[lot("24A", 1)], epcList=[], since=place, to=QINGLAN, bizStep="receiving")
        asked.append(codes(reported(recorded.filer, got, names={place: name})))
    assert asked[0] == asked[1] == [(1, "step", "which_way")]


@pytest.mark.parametrize("swapped", [False, True])
def test_an_event_and_what_stands_in_its_place_are_corrected_by_one_document(recorded: World, swapped: bool) -> None:
    first = event(analyser("A1"), to=QINGLAN)
    written(reported(recorded.lead, first, kind="epcis_in"), recorded.lead)
    both = [{**first, "errorDeclaration": ERROR}, event(analyser("A1"), to=QINGLAN, eventID="urn:uuid:2")]
    upload = reported(recorded.lead, *(reversed(both) if swapped else both), kind="epcis_in")
    assert codes(upload) == []
    assert written(upload, recorded.lead).counts["did_create"] == 2
    assert out() == [("sell_in", "A1", DAY)]
    assert Movement.objects.get(taken_back_at=None).event_id == "urn:uuid:2"
    assert undone(now(upload), recorded.lead).status == "undone"
    assert Movement.objects.get(taken_back_at=None).event_id == "urn:uuid:1"
