"""What a distributor got from a colleague is the receiving half of a transfer: no return, no sale, and counted once."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from certifications.custody.models import Movement
from certifications.flow.uploads import KINDS
from certifications.people.models import User
from certifications.uploads import actions
from certifications.uploads.models import Upload, UploadRow
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import now, problems, sent
from tests.world import World, client_of

from .events import HOSPITAL, MAKER, QINGLAN, analyser, event, lot
from .reports import HEAD, row, told
from .test_events import NAMES, recorded, reported
from .test_sales import codes

__all__ = ["recorded"]  # the fixture of recorded GTINs and GLNs

pytestmark = pytest.mark.django_db
COLLEAGUE = "urn:epc:id:sgln:6901236.00000.0"
WITH_COLLEAGUE = {**NAMES, COLLEAGUE: "Nanjing Baiheng Instruments"}


def report(by: User, *rows: tuple[Any, ...]) -> Upload:
    return sent(by, csv(HEAD, *rows), kind="sales")


def received(*epcs: str, number: int = 1, since: str = COLLEAGUE, **changes: Any) -> dict[str, Any]:
    return event(*epcs, since=since, to=QINGLAN, bizStep="receiving", eventID=f"urn:uuid:r{number}", **changes)


def got(by: User, *events: Any) -> Upload:
    return reported(by, *events, names=WITH_COLLEAGUE)


def said(upload: Upload, by: User, word: str) -> Upload:
    """The person says of every row that asks which way its goods came."""
    number = upload.problems.filter(code="which_way").order_by("number").values_list("number", flat=True)[0]
    actions.mend(upload=upload, kind=KINDS["epcis"], by=by, number=number, field="step", value=word, everywhere=True)
    return now(upload)


@pytest.mark.parametrize("step", ["return", "receipt"])
def test_a_program_does_not_answer_in_the_place_of_a_person(recorded: World, step: str) -> None:
    said_so = event(analyser("A1"), since=COLLEAGUE, to=QINGLAN, bizStep=step, eventID="urn:uuid:x1")
    upload = got(recorded.filer, said_so)
    assert UploadRow.objects.filter(upload=upload, facts__has_key="w").count() == 1, "read, and no movement"


@pytest.mark.parametrize("word", ["调入", "调拨入库", "transfer in", "Transfer received"])
def test_a_table_reports_what_a_colleague_sent_and_nobody_is_asked(world: World, word: str) -> None:
    upload = report(world.filer, row(交易类型=word, 客户名称="南京百衡仪器有限公司", 数量="20", 金额="96000"))
    assert codes(upload) == []
    written(upload, world.filer)
    assert told() == [("receipt", "20", "24A", "", "南京百衡仪器有限公司")]
    movement = Movement.objects.get()
    assert (movement.from_organisation, movement.to_organisation) == (None, world.qinglan)


def test_a_transfer_below_zero_is_one_received_and_what_cannot_be_below_zero_stops(world: World) -> None:
    upload = report(
        world.filer,
        row(交易类型="调拨", 数量="-20", 金额="", 客户名称="南京百衡仪器有限公司"),
        row(交易类型="借出", 数量="-1", 金额="", 发票号="L"),
        row(交易类型="返修", 数量="-1", 金额="", 发票号="R"),
        row(交易类型="调入", 数量="-1", 金额="", 发票号="T"),
    )
    assert {(n, code) for n, _field, code in codes(upload)} >= {
        (2, "negative"),
        (3, "negative"),
        (4, "negative_kind"),
        (5, "negative_kind"),
    }
    assert not upload.problems.filter(number=2, blocks=True).exists()
    assert upload.problems.get(number=2).texts["en"] == "The quantity is negative: read as a transfer received."
    written(upload, world.filer, "ready")
    assert [m[:2] for m in told()] == [("receipt", "20")]


def test_what_the_maker_sends_or_lies_in_ones_own_store_is_no_transfer(world: World) -> None:
    upload = report(
        world.filer,
        row(交易类型="调入", 客户名称="Corvane Instruments AG"),
        row(交易类型="调入", 客户名称=world.qinglan.name, 发票号="2"),
    )
    assert codes(upload) == [(2, "buyer", "from_maker"), (3, "buyer", "from_self")]
    assert not any(problem.accept for problem in upload.problems.all()), "nobody can say otherwise"


def test_what_a_colleague_sent_stands_against_no_return_and_allows_none(world: World) -> None:
    colleague = "南京百衡仪器有限公司"
    written(report(world.filer, row(交易类型="调入", 客户名称=colleague, 数量="20", 金额="")), world.filer)
    sold = row(客户名称=colleague, 数量="5", 金额="", 发票号="2")
    fits = report(world.filer, sold, row(交易类型="退货", 客户名称=colleague, 数量="5", 金额="", 发票号="3"))
    assert codes(fits) == [], "what it sent is not what it gave back"
    more = report(world.filer, row(交易类型="退货", 客户名称=colleague, 数量="1", 金额="", 发票号="4"))
    assert codes(more) == [(2, "quantity", "sum:returned_more")], "and gives it nothing to give back"


def test_a_unit_is_received_once_and_sold_after_that(world: World) -> None:
    unit = {"货号": "CI-3600-A", "数量": "1", "单位": "台", "批号": "", "单价": "", "金额": ""}
    came = row(**unit, 交易类型="调入", 客户名称="南京百衡仪器有限公司", 序列号="CV-9")
    written(report(world.filer, came), world.filer)
    again = report(world.filer, row(**unit, 交易类型="调入", 客户名称="南京百衡仪器有限公司", 序列号="CV-9", 发票号="2"))
    assert codes(again) == [(2, "serial", "received_already")]
    back = report(world.filer, row(**unit, 交易类型="退货", 序列号="CV-9", 发票号="3"))
    assert (2, "serial", "never_sold") in codes(back), "received is not sold"
    written(report(world.filer, row(**unit, 序列号="CV-9", 发票号="4")), world.filer)
    out = report(world.filer, row(**unit, 交易类型="调入", 客户名称="南京百衡仪器有限公司", 序列号="CV-9", 发票号="5"))
    assert codes(out) == [(2, "serial", "went_out")]


def test_an_event_that_received_from_a_colleague_is_asked_about_once_and_then_known(recorded: World) -> None:
    upload = got(recorded.filer, received(analyser("A1"), quantityList=[lot("24A", 20)]))
    assert codes(upload) == [(1, "step", "which_way"), (2, "step", "which_way")]
    assert [fix["value"] for fix in upload.problems.all()[0].fixes] == ["return", "receipt"]
    upload = said(upload, recorded.filer, "receipt")
    assert codes(upload) == []
    written(upload, recorded.filer)
    assert [(m[0], m[1]) for m in told()] == [("receipt", "1"), ("receipt", "20")]
    # The next time one's own records say it.
    after = got(recorded.filer, received(analyser("A2"), quantityList=[lot("24B", 5)], number=2))
    assert codes(after) == []
    written(after, recorded.filer)
    assert [m[0] for m in told()] == ["receipt"] * 4


def test_an_event_that_received_what_was_sold_is_a_return_as_before(recorded: World) -> None:
    sold = event(analyser("A1"), quantityList=[lot("24A", 5)], since=QINGLAN, to=HOSPITAL)
    back = received(number=2, since=HOSPITAL, quantityList=[lot("24A", 1)])
    written(got(recorded.filer, sold, back), recorded.filer)
    unit = got(recorded.filer, received(analyser("A1"), number=3, since=HOSPITAL))
    assert codes(unit) == []
    written(unit, recorded.filer)
    assert [m[0] for m in told()].count("return") == 2


def test_a_person_may_say_that_a_customer_of_before_gave_it_back(recorded: World) -> None:
    upload = said(got(recorded.filer, received(quantityList=[lot("24A", 2)], since=HOSPITAL)), recorded.filer, "return")
    assert codes(upload) == [(1, "quantity", "sum:returned_more")], "and is asked whether it was sold before the programme"


def test_goods_of_the_maker_stay_its_own_whatever_word_is_typed(recorded: World) -> None:
    upload = got(recorded.filer, {**received(since=MAKER, quantityList=[lot("24A", 2)]), "bizStep": "receipt"})
    assert (codes(upload), upload.counts["will_skip"]) == ([], 1)
    own = got(recorded.filer, received(since=QINGLAN, quantityList=[lot("24A", 2)], number=2))
    assert (codes(own), own.counts["will_skip"]) == ([], 1)


def test_a_colleague_and_a_stranger_are_answered_alike(recorded: World) -> None:
    """Who else sells is the maker's to know: the answer may not tell."""
    other = recorded.people["stranger"].organisation
    assert other is not None

    def answers(name: str) -> list[tuple[int, str, str]]:
        upload = reported(recorded.filer, received(quantityList=[lot("24A", 20)]), names={COLLEAGUE: name})
        table = report(recorded.filer, row(交易类型="调入", 客户名称=name, 批号="24C"))
        return [*problems(upload), *problems(table)]

    assert answers(other.name) == answers("Nobody at all Co., Ltd.")


def test_what_the_file_wrote_already_does_not_change_the_sense_of_its_next_rows(recorded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from certifications.uploads import steps

    monkeypatch.setattr(steps, "WRITE_MANY", 1)
    written(got(recorded.filer, event(quantityList=[lot("24A", 9)], epcList=[], since=QINGLAN, to=COLLEAGUE)), recorded.filer)
    events = [
        received(number=2, quantityList=[lot("24A", 1)]),
        received(analyser("A7"), number=3),
        received(number=4, quantityList=[lot("24A", 2)]),
    ]
    upload = got(recorded.filer, *events)
    assert codes(upload) == [(2, "step", "which_way")], "a unit that was never sold"
    written(said(upload, recorded.filer, "receipt"), recorded.filer)
    assert now(upload).status == "committed"
    assert [(m[0], m[1]) for m in told()][-3:] == [("return", "1"), ("receipt", "1"), ("return", "2")]


def test_the_list_shows_who_sent_it_and_the_other_distributor_nothing(recorded: World) -> None:
    written(report(recorded.filer, row(交易类型="调入", 客户名称="南京百衡仪器有限公司")), recorded.filer)
    page = client_of(recorded.filer).get("/d/movements/?kind=receipt").content.decode()
    assert "南京百衡仪器有限公司" in page
    assert "南京百衡仪器有限公司" not in client_of(recorded.stranger).get("/d/movements/").content.decode()


def test_postgresql_knows_which_way_a_receipt_goes(world: World) -> None:
    written(report(world.filer, row(交易类型="调入")), world.filer)
    made = Movement.objects.get()
    for changes in ({"from_organisation": world.qinglan, "to_organisation": None}, {"buyer_name": ""}):
        wrong = {"kind": "receipt", "buyer_name": "x", "to_organisation": world.qinglan, **changes}
        with pytest.raises(DatabaseError, match="movement_receipt_comes_in"), transaction.atomic():
            Movement.objects.create(
                line="x", key="y", organisation=world.qinglan, report=made.report, product=world.kit, quantity=1, reported="1",
                happened_on=made.happened_on, upload=made.upload, row=1, **wrong,
            )  # fmt: skip


def test_a_file_that_only_mentions_the_sender_makes_it_no_customer(recorded: World) -> None:
    stored = event(analyser("A8"), since=QINGLAN, to=COLLEAGUE, bizStep="storing", eventID="urn:uuid:s1")
    upload = got(recorded.filer, stored, received(quantityList=[lot("24A", 20)]))
    assert upload.problems.filter(code="which_way").count() == 1


def test_a_unit_that_went_out_and_comes_from_somebody_else_is_asked_about(recorded: World) -> None:
    written(
        got(recorded.filer, event(analyser("A1"), since=QINGLAN, to=HOSPITAL, bizStep="shipping", eventID="urn:uuid:o1")), recorded.filer
    )
    upload = got(recorded.filer, received(analyser("A1"), number=2))
    assert upload.problems.filter(code="which_way").count() == 1
