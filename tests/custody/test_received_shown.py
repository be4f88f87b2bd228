"""Which of the goods received somebody else shows: by the day and not by the month of a report, each by itself, and where a unit went last."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certifications.catalogue.models import Product
from certifications.custody.models import Movement
from certifications.flags.models import Case, Flag
from certifications.flow import received, received_scope, resolution
from certifications.flow.halves import Distributors, shown_by_shipment
from certifications.ledger.days import civil_today
from certifications.parties.models import Party
from certifications.people.models import Organisation, User
from certifications.resolution.models import ReportedName
from certifications.uploads import back, steps
from certifications.work.models import Job
from tests.flags.decisions import judged
from tests.flow.steps import work
from tests.parties.rights import changed
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import sent, undone
from tests.world import World

from .events import lot
from .reports import DAY, HEAD, row
from .shipments import HEAD as SHIPPED
from .shipments import unit as shipped_unit
from .test_events import recorded
from .test_events import reported as told_by_event
from .test_received import begun, colleague, flags, got, reported
from .test_received_again import UNIT, name_of, right_there, sends, suspended, today
from .test_transfers import COLLEAGUE, said
from .test_transfers import received as received_event

__all__ = ["colleague", "recorded", "suspended"]  # fixtures

pytestmark = pytest.mark.django_db
STRANGE = "南京百衡仪器有限公司"


def told() -> list[tuple[str, str, str, str]]:
    """(standing, severity, state, quantity)."""
    return [(f.inputs["standing"], f.severity, f.state, f.inputs["quantity"]) for f in Flag.objects.filter(rule="RECV").order_by("pk")]


def shipped(world: World, to: str, on: dt.date = DAY, **changes: str) -> None:
    one = shipped_unit("cv-1", **{"Customer": to, "Ship_date": on.isoformat(), **changes})
    assert written(sent(world.lead, csv(SHIPPED, one), kind="shipments"), world.lead).status == "committed"
    work("received")


# How the sender stands


def test_a_revoked_right_for_another_province_alone_is_revoked(world: World) -> None:
    firm = Organisation.objects.create(kind="distributor", name="Jinling Instruments", country="CN")
    party = Party.objects.create(kind="distributor", country="CN", organisation=firm)
    changed(world, right_there(party, divisions=("330000",)), "revoked", on=civil_today())
    shipped(world, firm.name)
    reported(world.filer, got(firm.name, **{**UNIT, "发货日期": today()}))
    assert flags() == [("revoked", "high", "open")]


# Which receipts are looked at


def test_the_senders_word_reaches_goods_that_were_reported_in_another_month(world: World, suspended: User) -> None:
    far = (DAY.replace(day=1) - dt.timedelta(days=150)).strftime("%Y-%m")
    late = (*got(name_of(suspended), 发货日期=today()), far)
    written(sent(world.filer, csv((*HEAD, "月份"), late), kind="sales"), world.filer, "ready")
    work("names", "received")
    assert [f.inputs["month"] for f in Flag.objects.filter(rule="RECV")] == [far]
    sends(suspended, world.qinglan.name)
    assert [one[1:] for one in flags()] == [("medium", "closed"), ("high", "open")]


def test_receipts_are_found_before_they_are_flagged_and_by_a_name_that_people_answered(world: World, colleague: User) -> None:
    like = "Nanjing Yuhua Laboratory Supplies Co., Ltd."
    reported(world.filer, got(like), got(STRANGE, 发票号="2"))
    assert colleague.organisation is not None
    words = {"party_id": colleague.organisation.party.pk, "answer": "same", "reason": "writing", "explanation": "A slip in one letter."}
    resolution.answer(reported=ReportedName.objects.get(role="seller", name=like), by=world.reviewer, **words)
    work("received")
    written(sent(world.filer, csv(HEAD, got(name_of(colleague), 发票号="3")), kind="sales"), world.filer, "ready")
    its = written(
        sent(colleague, csv(HEAD, row(交易类型="调拨", 客户名称=world.qinglan.name, 数量="20", 金额="")), kind="sales"), colleague, "ready"
    )
    [scope] = received_scope.scopes_of(f"{received_scope.SENT}{its.pk}")
    assert scope.senders == {received_scope.folded(like), received_scope.folded(name_of(colleague))}


def test_goods_that_are_taken_back_leave_their_half_to_the_next_month(world: World, suspended: User) -> None:
    before = (civil_today().replace(day=1) - dt.timedelta(days=1)).isoformat()
    sends(suspended, world.qinglan.name, 发货日期=before)
    first = reported(world.filer, got(name_of(suspended), 发货日期=before))
    reported(world.filer, got(name_of(suspended), 发票号="2", 发货日期=today()))
    assert flags() == [("suspended", "medium", "open")]
    undone(first, world.filer)
    work("names", "received")
    assert [one[1:] for one in flags()] == [("medium", "closed"), ("high", "open")]


# Each by itself


def test_goods_that_nobody_else_shows_are_not_made_grave_by_those_beside_them(world: World, suspended: User) -> None:
    sends(suspended, world.qinglan.name)
    reported(
        world.filer, got(name_of(suspended), 发货日期=today()), got(name_of(suspended), 发货日期=today(), 批号="25A", 发票号="2", 数量="7")
    )
    assert sorted(told()) == [("suspended", "high", "open", "20"), ("suspended", "medium", "open", "7")]
    judged(Case.objects.get(), "clear", "error_in_source", world.reviewer, world.second_reviewer)
    reported(world.filer, got(name_of(suspended), 发货日期=today(), 批号="25A", 发票号="3", 数量="5"))
    assert [one[1:] for one in told() if one[2] == "open"] == [("medium", "open", "12")]
    sends(suspended, world.qinglan.name, 批号="26A", 发票号="9", 数量="4")
    reported(world.filer, got(name_of(suspended), 发货日期=today(), 批号="26A", 发票号="4", 数量="4"))
    assert [one[3] for one in told() if one[1:3] == ("high", "open")] == ["4"], "what was cleared is not counted once more"


def test_a_flag_from_before_the_name_was_known_does_not_bar_the_one_that_holds(world: World) -> None:
    reported(world.filer, got(STRANGE, **{**UNIT, "发货日期": today()}))
    assert flags() == [("never", "high", "open")]
    firm = Organisation.objects.create(kind="distributor", name=STRANGE, country="CN")
    party = Party.objects.create(kind="distributor", country="CN", organisation=firm)
    begun(world, firm, DAY, line=Product.objects.get(catalogue_number=UNIT["货号"]).line)
    shipped(world, STRANGE)
    assert [one[:2] for one in flags()] == [("never", "high"), ("never", "high")]
    assert [f.party_id for f in Flag.objects.filter(rule="RECV").order_by("pk")] == [None, party.pk]


# Where a unit went last


def came_at_last(world: World, sender: User) -> list[str]:
    reported(world.filer, got(name_of(sender), **{**UNIT, "发货日期": today()}))
    return [one[1] for one in flags()]


def on(days: int) -> str:
    return (DAY + dt.timedelta(days=days)).isoformat()


def unit_row(**changes: str) -> tuple[str, ...]:
    return row(**{**UNIT, **changes})


def test_a_unit_that_the_sender_sold_shows_nothing_until_it_came_back(world: World, suspended: User) -> None:
    shipped(world, name_of(suspended))
    reported(suspended, unit_row(发货日期=on(1), 客户名称="宁波江南医院"))
    assert came_at_last(world, suspended) == ["medium"]
    reported(suspended, unit_row(发货日期=on(2), 客户名称="宁波江南医院", 交易类型="退货", 发票号="2"))
    receipt = Movement.objects.get(kind="receipt")
    sender = suspended.organisation
    assert sender is not None
    assert shown_by_shipment(Movement.objects.filter(pk=receipt.pk), sender, world.qinglan, Distributors()) == {receipt.pk}


def test_a_unit_that_came_back_to_the_manufacturer_shows_nothing(world: World, suspended: User) -> None:
    shipped(world, name_of(suspended))
    shipped(world, name_of(suspended), on=DAY + dt.timedelta(days=1), Type="return", Invoice_no="R-1")
    assert Movement.objects.filter(kind="sell_back").exists()
    assert came_at_last(world, suspended) == ["medium"]


def test_a_unit_that_the_sender_says_left_for_the_receiver_is_shown_however_long_it_took(world: World, suspended: User) -> None:
    shipped(world, name_of(suspended), on=DAY - dt.timedelta(days=60))
    reported(suspended, unit_row(发货日期=on(-45), 客户名称=world.qinglan.name, 交易类型="调拨"))
    assert came_at_last(world, suspended) == ["high"]


def test_legs_of_a_unit_are_asked_for_in_the_words_of_their_index(world: World, suspended: User) -> None:
    """The index holds only rows with a serial number, and serves a query that says so."""
    assert suspended.organisation is not None
    with CaptureQueriesContext(connection) as asked:
        shown_by_shipment(Movement.objects.filter(kind="receipt"), suspended.organisation, world.qinglan, Distributors())
    [query] = [one["sql"] for one in asked if "sell_in" in one["sql"]]
    without = re.findall(r"""NOT \(\w*"?\w+"?\."serial" = ''""", query)
    assert len(without) >= 3, "of the receipts, of what was shipped, and of the last leg"


# What is kept, and asked once


def test_goods_of_a_product_that_was_renamed_are_not_gone(world: World) -> None:
    reported(world.filer, got(STRANGE))
    flag = Flag.objects.get(rule="RECV")
    flag.inputs["product"] = f"What it was called then ({world.kit.catalogue_number})"
    assert not received_scope.is_gone(flag)
    del flag.inputs["product_id"]
    assert not received_scope.is_gone(flag), "as flags from before say it"
    Movement.objects.filter(kind="receipt").update(taken_back_at=dt.datetime.now(tz=dt.UTC), taken_back_by=world.filer)
    assert received_scope.is_gone(flag)


def test_an_upload_of_events_declared_wrong_is_looked_at_once_however_many_chunks_it_is(
    recorded: World, suspended: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, day = {COLLEAGUE: name_of(suspended)}, {"eventTime": f"{today()}T00:30:00.000Z", "eventTimeZoneOffset": "+00:00"}
    came = [received_event(quantityList=[lot("24A", n)], number=n, **day) for n in (1, 2, 3)]
    first = written(said(told_by_event(recorded.filer, *came, names=names), recorded.filer, "receipt"), recorded.filer)
    work("names", "received")
    monkeypatch.setattr(steps, "WRITE_MANY", 1)
    monkeypatch.setattr(back, "BACK_MANY", 1)

    def asked() -> int:
        return Job.objects.filter(kind="received", object_id=first.pk).count()

    before = asked()
    wrong = [{**one, "errorDeclaration": {"declarationTime": f"{today()}T00:40:00Z"}} for one in came]
    declared = written(told_by_event(recorded.filer, *wrong, names=names), recorded.filer, "ready")
    assert not Movement.objects.filter(kind="receipt", taken_back_at=None).exists()
    assert asked() == before + 1
    undone(declared, recorded.filer)
    assert Movement.objects.filter(kind="receipt", taken_back_at=None).count() == 3
    assert asked() == before + 2
    received.look(first.pk)
    assert [one[2] for one in flags()] == ["open"]
