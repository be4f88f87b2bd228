"""Goods without serial number and invoice that come as a table and as events: a person is asked, nothing is dropped and nothing counted twice."""

import datetime as dt
from typing import Any

import pytest

from certifications.flow.uploads import KINDS
from certifications.people.models import User
from certifications.uploads import actions
from certifications.uploads.models import Upload
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import now, problems, sent
from tests.world import World

from .events import HOSPITAL, MAKER, QINGLAN, analyser, event, lot
from .reports import DAY, HEAD, row, told
from .shipments import HEAD as SHIPPED
from .shipments import row as shipment
from .test_events import recorded, reported
from .test_sales import codes

__all__ = ["recorded"]  # the fixture of recorded GTINs and GLNs

pytestmark = pytest.mark.django_db
ASKED = [(2, "quantity", "counted_already")]


def table(by: User, **changes: str) -> Upload:
    """One row of three kits of lot 24A to the hospital, with no invoice."""
    return sent(by, csv(HEAD, row(**{"发票号": "", "单价": "", "金额": "", **changes})), kind="sales")


def events(by: User, quantity: int = 3, name: str = "24A", number: int = 1, **changes: Any) -> Upload:
    return reported(
        by,
        event(
            quantityList=[lot(name, quantity)],
            **{"epcList": [], "since": QINGLAN, "to": HOSPITAL, "eventID": f"urn:uuid:{number}", **changes},
        ),
    )


def test_a_row_whose_goods_an_event_counted_is_asked_about(recorded: World) -> None:
    first = written(events(recorded.filer), recorded.filer)
    upload = table(recorded.filer)
    assert codes(upload) == ASKED
    assert f"Row 1 of upload {first.number} says the same of {DAY.isoformat()}" in problems(upload)[0][2]
    assert upload.problems.get().blocks
    assert (upload.counts["ready"], upload.counts["attention"]) == (0, 1)
    # Left out, it counts once; said to be others, twice. Nothing happens by itself.
    actions.leave_out(upload=upload, kind=KINDS["sales"], by=recorded.filer, number=2)
    assert len(told()) == 1
    other = table(recorded.filer)
    actions.accept(upload=other, kind=KINDS["sales"], by=recorded.filer, field="quantity", code="counted_already")
    written(now(other), recorded.filer)
    assert [m[1] for m in told()] == ["3", "3"]


def test_an_event_whose_goods_a_table_counted_is_asked_about(recorded: World) -> None:
    written(table(recorded.filer), recorded.filer)
    upload = events(recorded.filer)
    assert codes(upload) == [(1, "quantity", "counted_already")]
    assert problems(upload)[0][2].startswith("Event 1, quantityList[0]: Row 2 of upload")


@pytest.mark.parametrize(
    "changes",
    [
        {"数量": "4"},
        {"批号": "24B"},
        {"货号": "CI-2717-200", "单位": ""},
        {"客户名称": "杭州西溪医院"},
        {"发货日期": (DAY + dt.timedelta(days=4)).isoformat()},
        {"交易类型": "退货"},
    ],
)
def test_other_goods_are_not_asked_about(recorded: World, changes: dict[str, str]) -> None:
    written(events(recorded.filer), recorded.filer)
    assert "counted_already" not in {code for _n, _field, code in codes(table(recorded.filer, **changes))}


def test_the_days_of_other_rows_of_the_file_bring_no_goods_nearer(recorded: World) -> None:
    """What is on record is read around all rows of a file, and compared with each by its own day."""
    written(events(recorded.filer), recorded.filer)
    blank = {"发票号": "", "单价": "", "金额": ""}
    later = row(**blank, 发货日期=(DAY + dt.timedelta(days=4)).isoformat())
    upload = sent(recorded.filer, csv(HEAD, row(**blank, 批号="25B"), later), kind="sales")
    assert codes(upload) == []


def test_another_invoice_is_of_other_goods(recorded: World) -> None:
    invoice = [{"type": "inv", "bizTransaction": "urn:epcglobal:cbv:bt:6901234000009:INV-1"}]
    written(events(recorded.filer, bizTransactionList=invoice), recorded.filer)
    assert codes(table(recorded.filer, 发票号="INV-9")) == []
    assert codes(table(recorded.filer)) == ASKED, "a row without an invoice says nothing against it"


@pytest.mark.parametrize(
    "changes",
    [
        {"批号": ""},
        {"发票号": "INV-9"},
        {"交易类型": "样品"},
        {"客户名称": "杭州经销商", "终端用户": "宁波江南医院"},
        {"发货日期": (DAY + dt.timedelta(days=3)).isoformat()},
        {"发货日期": (DAY - dt.timedelta(days=3)).isoformat()},
    ],
)
def test_what_one_of_the_two_leaves_out_or_words_otherwise_is_asked_about(recorded: World, changes: dict[str, str]) -> None:
    written(events(recorded.filer), recorded.filer)
    assert codes(table(recorded.filer, **changes)) == ASKED


def test_a_customer_of_ones_own_is_known_by_each_of_its_names(recorded: World) -> None:
    customer = recorded.customer()
    native, latin = (customer.party.names.get(text__startswith=text).text for text in ("宁波", "Ningbo"))
    written(reported(recorded.filer, event(quantityList=[lot("24A", 3)], epcList=[], to=HOSPITAL), names={HOSPITAL: latin}), recorded.filer)
    assert codes(table(recorded.filer, 客户名称=native)) == ASKED


def test_two_events_are_two_and_another_distributors_goods_are_its_own(recorded: World) -> None:
    written(events(recorded.filer), recorded.filer)
    assert codes(events(recorded.filer, number=2)) == [], "an event is known by its ID"
    theirs = sent(recorded.people["stranger"], csv(HEAD, row(发票号="")), kind="sales")
    assert not theirs.problems.filter(code="counted_already").exists()


def test_what_was_taken_back_stands_against_nothing(recorded: World) -> None:
    from tests.uploads.steps import undone

    undone(written(events(recorded.filer), recorded.filer), recorded.filer)
    assert codes(table(recorded.filer)) == []


def test_a_unit_with_its_number_in_one_of_the_two_alone_is_asked_about(recorded: World) -> None:
    written(reported(recorded.filer, event(analyser("A1"), since=QINGLAN, to=HOSPITAL)), recorded.filer)
    same = {"货号": "CI-3600-A", "数量": "1", "单位": "台", "批号": ""}
    assert codes(table(recorded.filer, **same)) == ASKED
    assert codes(table(recorded.filer, **same, 序列号="A2")) == [], "another number is another unit"
    assert codes(table(recorded.filer, **same, 序列号="A1")) == [(2, "serial", "sold_already")], "said once"
    assert codes(table(recorded.filer, **same, 序列号="a1", 交易类型="借出")) == ASKED


def test_checked_before_the_other_was_committed_it_is_asked_about_when_it_is_written(recorded: World) -> None:
    upload, other = table(recorded.filer), events(recorded.filer)
    assert (codes(upload), codes(other)) == ([], [])
    written(other, recorded.filer)
    assert written(upload, recorded.filer).status == "checked"
    assert (codes(now(upload)), len(told())) == (ASKED, 1)


def test_the_makers_shipments_are_held_against_its_events(recorded: World) -> None:
    shipped = event(quantityList=[lot("24A", 20)], epcList=[], since=MAKER, to=QINGLAN)
    written(reported(recorded.order_desk, shipped, kind="epcis_in"), recorded.order_desk)

    def line(**changes: str) -> Upload:
        return sent(recorded.lead, csv(SHIPPED, shipment(**{"Qty": "20", "Invoice_no": "", **changes})), kind="shipments")

    assert codes(line()) == ASKED
    assert codes(line(Batch="24B")) == []
    assert codes(line(Type="return", Qty="1")) == []
