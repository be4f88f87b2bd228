"""The rows of one report beside each other: none stands against another as history, and a unit that is sold twice in it is asked about."""

from typing import Any

import pytest

from certifications.flow.uploads import KINDS
from certifications.uploads import actions, steps
from tests.uploads.steps import committed as written
from tests.uploads.steps import now, problems
from tests.world import World

from .events import HOSPITAL, QINGLAN, analyser, event
from .reports import DAY, row, told
from .test_events import recorded
from .test_events import reported as sent_events
from .test_sales import accept_all, codes, report

__all__ = ["recorded"]  # the fixture of recorded GTINs and GLNs

pytestmark = pytest.mark.django_db
UNIT = {"货号": "CI-3600-A", "数量": "1", "单位": "台", "批号": "", "单价": "", "金额": ""}
TWICE = [(3, "serial", "sum:sold_twice")]


def unit(serial: str, **changes: str) -> tuple[Any, ...]:
    return row(**{**UNIT, "序列号": serial, **changes})


def test_a_row_that_was_mended_does_not_stand_against_the_rest_of_its_own_invoice(world: World) -> None:
    upload = report(world, row(数量="3", 金额=""), row(数量="很多", 金额=""))
    upload = written(upload, world.filer, "ready")
    actions.mend(upload=upload, kind=KINDS["sales"], by=world.filer, number=3, field="quantity", value="5")
    assert codes(now(upload)) == [], "both lines were seen beside each other"
    written(now(upload), world.filer)
    assert [m[1] for m in told()] == ["3", "5"]
    # Of another file they are what was reported before.
    assert codes(report(world, row(数量="7", 金额=""))) == [(2, "invoice_no", "otherwise")]


def test_what_the_preview_called_ready_is_written_whatever_was_written_just_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "WRITE_MANY", 1)
    upload = report(world, row(数量="3", 金额=""), row(数量="5", 金额=""), unit("S-1"), unit("S-1", 发票号="B"))
    upload = written(accept_all(upload, world.filer), world.filer)
    assert (upload.status, problems(upload)) == ("committed", [])
    assert len(told()) == 4


def test_a_unit_that_is_sold_twice_in_one_file_is_asked_about(world: World) -> None:
    upload = report(world, unit("ab-1、ab-2", 数量="2"), unit("AB-2", 发票号="B"), unit("AB-3", 发票号="C"))
    assert codes(upload) == TWICE, "in either case of letters"
    assert "AB-2 is sold in row 2 already" in problems(upload)[0][2]
    # Left out, or said to be right, it goes on; and it stays asked about when the other one is written.
    upload = written(upload, world.filer, "ready")
    actions.mend(upload=upload, kind=KINDS["sales"], by=world.filer, number=3, field="note", value="again")
    assert codes(now(upload)) == TWICE
    upload = written(accept_all(now(upload), world.filer), world.filer)
    assert [m[3] for m in told()] == ["ab-1", "ab-2", "AB-2", "AB-3"]


def test_a_unit_that_comes_back_in_between_is_sold_again(world: World) -> None:
    days = [DAY.replace(day=n).isoformat() for n in (3, 5, 7)]
    first, back, again = (
        unit("AB-1", 发货日期=days[0]),
        unit("AB-1", 交易类型="退货", 发货日期=days[1], 发票号="R"),
        unit("AB-1", 发货日期=days[2], 发票号="B"),
    )
    assert codes(report(world, again, first, back)) == [(4, "serial", "never_sold")], "by the days, wherever the rows stand"
    assert (3, "serial", "sum:sold_twice") in codes(
        report(world, first, again, unit("AB-1", 交易类型="退货", 发票号="R", 发货日期=DAY.replace(day=8).isoformat()))
    )
    assert codes(report(world, unit("X-1"), row(**{**UNIT, "货号": "CI-2440-100", "单位": "盒", "序列号": "X-1"}, 发票号="B"))) == [], (
        "of two products"
    )


def test_a_unit_whose_sale_is_written_may_come_back_in_the_same_file(world: World) -> None:
    upload = report(world, unit("AB-1"), unit("AB-1", 交易类型="退货", 发票号="R"))
    assert codes(upload) == [(3, "serial", "never_sold")]
    upload = written(upload, world.filer, "ready")
    actions.mend(upload=upload, kind=KINDS["sales"], by=world.filer, number=3, field="note", value="back")
    assert codes(now(upload)) == []


def test_a_unit_of_two_events_of_one_document_is_asked_about(recorded: World) -> None:
    events = [event(analyser("A1"), since=QINGLAN, to=HOSPITAL, eventID=f"urn:uuid:{n}") for n in (1, 2)]
    assert [code for _n, _field, code in codes(sent_events(recorded.filer, *events))] == ["sum:sold_twice"]


def test_history_minds_no_case_of_letters(world: World) -> None:
    written(report(world, unit("cv-001")), world.filer)
    assert codes(report(world, unit("Cv-001", 发票号="B"))) == [(2, "serial", "sold_already")]
    assert codes(report(world, unit("CV-001", 交易类型="退货", 发票号="R"))) == []
