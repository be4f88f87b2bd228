"""Days that no report can mean: refused at the cell; and one that is on record already stops no worker and no page."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from certifications.custody.models import Movement
from certifications.flow import received_scope
from certifications.flow.halves import halves
from certifications.ledger.days import shifted
from certifications.people.models import User
from certifications.uploads import values
from certifications.uploads.models import Upload
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import problems, sent
from tests.world import World, client_of

from . import service
from .events import HOSPITAL, QINGLAN, analyser, event
from .reports import HEAD, row
from .shipments import HEAD as SHIPPED
from .shipments import row as shipment
from .test_counted_already import table
from .test_events import recorded
from .test_events import reported as sent_events
from .test_received import colleague, flags, got, reported
from .test_sales import codes

__all__ = ["colleague", "recorded"]  # fixtures

pytestmark = pytest.mark.django_db


def month_said(by: User, text: str) -> Upload:
    return sent(by, csv((*HEAD, "月份"), (*row(), text)), kind="sales")


@pytest.mark.parametrize("text", ["0001-01-01", "1999-12-31", "31.12.1999", "19991231", "30000", "一九九九年十二月三十一日"])
def test_a_day_before_2000_is_refused_in_every_table(world: World, text: str) -> None:
    for upload, field in (
        (sent(world.filer, csv(HEAD, row(发货日期=text)), kind="sales"), "shipped_on"),
        (sent(world.lead, csv(SHIPPED, shipment(Ship_date=text)), kind="shipments"), "shipped_on"),
        (sent(world.lead, csv(SHIPPED, shipment(Invoice_date=text)), kind="shipments"), "invoiced_on"),
        (sent(world.lead, csv(service.HEAD, service.row(日期=text)), kind="service"), "happened_on"),
        (month_said(world.filer, text), "month"),
    ):
        assert (2, field, "too_early") in codes(upload), upload.kind
        assert upload.counts["ready"] == 0
    assert "before the year 2000" in problems(upload)[0][2]


@pytest.mark.parametrize(("text", "code"), [("0001-01", "too_early"), ("199912", "too_early"), ("0000-05", "month")])
def test_a_month_before_2000_is_refused(world: World, text: str, code: str) -> None:
    assert codes(month_said(world.filer, text)) == [(2, "month", code)]


def test_an_event_of_a_clock_that_was_never_set_is_refused(recorded: World) -> None:
    upload = sent_events(recorded.filer, event(analyser("A1"), since=QINGLAN, to=HOSPITAL, eventTime="1995-01-01T08:30:00Z"))
    assert ("time", "too_early") in [(field, code) for _number, field, code in codes(upload)]


# What was recorded before such days were refused


@pytest.fixture
def let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was: a day in the year 1 is a day like others."""
    monkeypatch.setattr(values, "EARLIEST", dt.date.min)


def test_a_kept_odd_day_stops_neither_the_look_at_receipts_nor_the_page(world: World, colleague: User, let_in: None) -> None:
    assert colleague.organisation is not None
    odd: dict[str, Any] = {"发货日期": "0001-01-02"}
    reported(colleague, row(客户名称=world.qinglan.name, 数量="20", 金额="", **odd))
    reported(world.filer, got(colleague.organisation.name, **odd), got("南京百衡仪器有限公司", 发票号="2", **odd))
    receipt = Movement.objects.get(kind="receipt", row=2)
    assert halves([receipt])[receipt.pk].other == Movement.objects.get(kind="sale"), "both halves lie on that day"
    assert [one[1] for one in flags()][-1] == "high", "the receipts were looked at"
    assert client_of(world.reviewer).get(reverse("compliance:movements")).status_code == 200


def test_goods_of_a_kept_odd_day_are_held_against_events(recorded: World, let_in: None) -> None:
    written(sent_events(recorded.filer, event(analyser("A1"), since=QINGLAN, to=HOSPITAL)), recorded.filer)
    assert table(recorded.filer, 发货日期="0001-01-03").counts["ready"] == 1


def test_days_are_shifted_as_far_as_the_calendar_goes() -> None:
    week = dt.timedelta(days=7)
    assert shifted(dt.date(2026, 3, 1), -week) == dt.date(2026, 2, 22)
    assert shifted(dt.date(1, 1, 3), -week) == dt.date.min
    assert shifted(dt.date(9999, 12, 30), week) == dt.date.max
    assert dt.date(1, 1, 1) in received_scope.near([dt.date(1, 1, 1)])
