"""What changes a flag on goods received after it was raised: the sender's own word, a shipment, what is taken back and comes back, an answer."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from certifications.custody.models import Movement
from certifications.flags.models import Case, Flag
from certifications.flags.queries import blocking_flags
from certifications.flags.rules import BY_ID
from certifications.flow import received, received_scope, resolution
from certifications.flow.senders import Place, Places
from certifications.ledger.days import civil_today
from certifications.parties.authorising import record_authorisation
from certifications.parties.models import Party
from certifications.parties.models_register import Authorisation
from certifications.people.models import Organisation, User
from certifications.resolution.models import ReportedName
from certifications.uploads.models import Upload
from certifications.work.models import Job
from tests.flow.steps import work
from tests.parties.rights import changed, terms
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import sent, undone
from tests.world import World, client_of

from .events import lot
from .reports import DAY, HEAD, row
from .shipments import HEAD as SHIPPED
from .shipments import unit as shipped_unit
from .test_events import recorded
from .test_events import reported as told_by_event
from .test_received import colleague, flags, got, reported
from .test_transfers import COLLEAGUE, said
from .test_transfers import received as received_event

__all__ = ["colleague", "recorded"]  # fixtures

pytestmark = pytest.mark.django_db
UNIT = {"货号": "CI-3600-A", "数量": "1", "单位": "台", "批号": "", "单价": "", "金额": "", "序列号": "CV-1"}


def today() -> str:
    return civil_today().isoformat()


def right_there(party: Party, **more: Any) -> Authorisation:
    """A right for kits and analysers where Qinglan is, on record long before."""
    data = terms(**{"since": 240, "lines": ("kits", "analysers"), "divisions": ("440000",), **more})
    return record_authorisation(party=party, by=None, data=data, recorded_at=timezone.now() - dt.timedelta(days=241))


@pytest.fixture
def suspended(world: World) -> User:
    """The filer of another distributor, whose right where Qinglan is was suspended today."""
    filer = world.people["stranger"]
    assert filer.organisation is not None
    changed(world, right_there(filer.organisation.party), "suspended", on=civil_today())
    return filer


def name_of(by: User) -> str:
    assert by.organisation is not None
    return by.organisation.name


def sends(by: User, to: str, **changes: str) -> Upload:
    """Twenty kits of lot 24A went to a firm today, as the sender reports it."""
    return reported(by, row(**{"交易类型": "调拨", "客户名称": to, "数量": "20", "金额": "", "发货日期": today(), **changes}))


def sentence() -> str:
    return BY_ID["RECV"].explain(Flag.objects.filter(rule="RECV").order_by("pk").last().inputs)  # type: ignore[union-attr]


# One firm's word


def test_one_firms_word_about_another_of_the_register_holds_nobody(world: World, suspended: User) -> None:
    reported(world.filer, got(name_of(suspended), 发货日期=today()))
    assert flags() == [("suspended", "medium", "open")]
    assert f"Only {world.qinglan.name} says so." in sentence()
    assert suspended.organisation is not None
    assert not blocking_flags(declaration_id="", party_ids=[suspended.organisation.party.pk]).exists()


def test_the_senders_own_report_makes_it_grave(world: World, suspended: User) -> None:
    reported(world.filer, got(name_of(suspended), 发货日期=today()))
    its = sends(suspended, world.qinglan.name)
    assert flags() == [("suspended", "medium", "closed"), ("suspended", "high", "open")]
    assert f"{name_of(suspended)} reports that it sent such goods to {world.qinglan.name}." in sentence()
    assert suspended.organisation is not None
    assert blocking_flags(declaration_id="", party_ids=[suspended.organisation.party.pk]).exists()
    undone(its, suspended)
    work("names", "received")
    assert flags() == [("suspended", "medium", "closed"), ("suspended", "high", "open")], "nothing grave goes by itself"


def test_it_is_grave_at_once_where_the_sender_was_first_and_not_where_other_goods_were_sent(world: World, suspended: User) -> None:
    sends(suspended, world.qinglan.name)
    reported(world.filer, got(name_of(suspended), 发货日期=today()))
    assert [one[1] for one in flags()] == ["high"]
    reported(world.filer, got(name_of(suspended), 发货日期=DAY.isoformat(), 发票号="2", 批号="25A"))
    sends(suspended, world.qinglan.name, 批号="26A", 发票号="3")
    assert [one[1] for one in flags()] == ["high"], "and of goods that went elsewhere nothing new is said"


def test_one_half_shows_one_receipt(world: World, suspended: User) -> None:
    """Two months' goods, one of which the sender reports: the other month's flag stays as it was."""
    before = (civil_today().replace(day=1) - dt.timedelta(days=1)).isoformat()
    changed(world, right_there(suspended.organisation.party, divisions=("440300",), lines=("consumables",)), "suspended", on=civil_today())  # type: ignore[union-attr]
    reported(world.filer, got(name_of(suspended), 发货日期=today()), got(name_of(suspended), 发票号="2", 发货日期=before, 批号="23A"))
    sends(suspended, world.qinglan.name)
    assert [(f.inputs["month"], f.severity) for f in Flag.objects.filter(rule="RECV", state="open")] == [(today()[:7], "high")]


def test_a_half_that_an_earlier_receipt_used_shows_no_second_one(world: World, suspended: User) -> None:
    """The earlier receipt is of a day on which the sender had its right, so that no flag speaks of it."""
    before = (civil_today().replace(day=1) - dt.timedelta(days=1)).isoformat()
    sends(suspended, world.qinglan.name, 发货日期=before)
    reported(world.filer, got(name_of(suspended), 发货日期=before), got(name_of(suspended), 发票号="2", 发货日期=today()))
    assert flags() == [("suspended", "medium", "open")]


@pytest.mark.parametrize("first", ["shipment", "receipt"])
def test_a_shipment_of_the_very_unit_makes_it_grave(world: World, suspended: User, first: str) -> None:
    def shipped() -> None:
        one = shipped_unit("cv-1", Customer=name_of(suspended), Ship_date=DAY.isoformat())
        upload = written(sent(world.lead, csv(SHIPPED, one), kind="shipments"), world.lead)
        assert upload.status == "committed"
        work("received")

    def came() -> None:
        reported(world.filer, got(name_of(suspended), **{**UNIT, "发货日期": today()}))

    for act in (shipped, came) if first == "shipment" else (came, shipped):
        act()
    assert ("suspended", "high", "open") in flags()
    assert "The manufacturer had shipped this unit" in sentence()


@pytest.mark.parametrize("changes", [{"Customer": "Shenzhen Qinglan Scientific Instruments"}, {"Serial_numbers": "CV-2"}])
def test_a_shipment_of_another_unit_or_to_another_shows_nothing(world: World, suspended: User, changes: dict[str, str]) -> None:
    values = {"Customer": name_of(suspended), "Ship_date": DAY.isoformat(), **changes}
    serial = values.pop("Serial_numbers", "CV-1")
    written(sent(world.lead, csv(SHIPPED, shipped_unit(serial, **values)), kind="shipments"), world.lead)
    reported(world.filer, got(name_of(suspended), **{**UNIT, "发货日期": today()}))
    assert [one[1] for one in flags()] == ["medium"]


# Taken back, and back again


def test_a_lesser_flag_goes_with_its_goods_and_comes_again_with_them(world: World, suspended: User) -> None:
    upload = reported(world.filer, got(name_of(suspended), 发货日期=today()))
    undone(upload, world.filer)
    work("names", "received")
    assert flags() == [("suspended", "medium", "closed")]
    assert Case.objects.get(subject__startswith="received:").status == "closed"
    reported(world.filer, got(name_of(suspended), 发货日期=today()))
    assert [one[2] for one in flags()] == ["closed", "open"]


def test_a_grave_flag_stays_for_people_and_says_that_its_goods_are_gone(world: World) -> None:
    upload = reported(world.filer, got("南京百衡仪器有限公司"))
    case = Case.objects.get()
    address = reverse("compliance:queue")
    gone = "Nothing of these goods counts any more"
    assert gone not in client_of(world.reviewer).get(address, {"case": case.number}).content.decode()
    undone(upload, world.filer)
    work("names", "received")
    assert flags() == [("never", "high", "open")]
    assert gone in client_of(world.reviewer).get(address, {"case": case.number}).content.decode()


def test_an_event_declared_wrong_takes_its_flag_along_and_its_return_brings_it_back(recorded: World, suspended: User) -> None:
    names, day = {COLLEAGUE: name_of(suspended)}, {"eventTime": f"{today()}T00:30:00.000Z", "eventTimeZoneOffset": "+00:00"}
    came = received_event(quantityList=[lot("24A", 20)], **day)
    upload = said(told_by_event(recorded.filer, came, names=names), recorded.filer, "receipt")
    written(upload, recorded.filer)
    work("names", "received")
    assert flags() == [("suspended", "medium", "open")]
    wrong = {**came, "errorDeclaration": {"declarationTime": f"{today()}T00:40:00Z"}}
    declared = written(told_by_event(recorded.filer, wrong, names=names), recorded.filer, "ready")
    assert not Movement.objects.filter(kind="receipt", taken_back_at=None).exists()
    work("names", "received")
    assert [one[2] for one in flags()] == ["closed"]
    undone(declared, recorded.filer)
    assert Movement.objects.filter(kind="receipt", taken_back_at=None).exists()
    work("names", "received")
    assert [one[2] for one in flags()] == ["closed", "open"]


# How much is read


def test_an_upload_has_its_own_months_looked_at_and_no_others(world: World, colleague: User) -> None:
    firm = "南京百衡仪器有限公司"
    first = reported(world.filer, got(firm))
    far = (DAY.replace(day=1) - dt.timedelta(days=100)).isoformat()
    second = reported(world.filer, got(firm, 发货日期=far, 发票号="B"))
    [scope] = received_scope.scopes_of(first.pk)
    assert (scope.receiver, scope.months) == (world.qinglan, frozenset({DAY.replace(day=1)}))
    [other] = received_scope.scopes_of(second.pk)
    assert other.months == frozenset({dt.date.fromisoformat(far).replace(day=1)})
    assert [one[2] for one in flags()] == ["open", "open"]


def test_what_was_not_looked_at_is_not_settled(world: World, suspended: User) -> None:
    reported(world.filer, got(name_of(suspended), 发货日期=today()))
    far = (DAY.replace(day=1) - dt.timedelta(days=100)).isoformat()
    reported(world.filer, got(name_of(suspended), 发货日期=far, 发票号="B"))
    assert ("suspended", "medium", "open") in flags()


def test_one_senders_flags_are_settled_without_anothers(world: World) -> None:
    reported(world.filer, got(name_of(world.people["stranger"])), got("Nanjing Yuhua Laboratory Supplies Co., Ltd.", 发票号="2"))
    assert sorted(flags()) == [("elsewhere", "medium", "open"), ("unanswered", "medium", "open")]


def test_months_whose_halves_may_be_one_anothers_are_looked_at_together() -> None:
    march = dt.date(2026, 3, 1)
    assert received_scope.near([march]) == {dt.date(2026, n, 1) for n in (1, 2, 3, 4, 5)}


def test_an_answer_asks_once_for_each_receiver_and_sender(world: World, colleague: User) -> None:
    assert colleague.organisation is not None
    for n in range(3):
        reported(world.filer, got("Nanjing Yuhua Laboratory Supplies Co., Ltd.", 发票号=str(n)))
    before = Job.objects.filter(kind="received").count()
    name = ReportedName.objects.get(role="seller")
    words = {"party_id": colleague.organisation.party.pk, "answer": "same", "reason": "writing", "explanation": "A slip in one letter."}
    resolution.answer(reported=name, by=world.reviewer, **words)
    asked = Job.objects.filter(kind="received").order_by("-pk")
    assert (asked.count(), asked[0].object_id) == (before + 1, f"{world.qinglan.pk}:{name.pk}")
    work("received")
    assert [one[2] for one in flags()] == ["closed"]


def test_goods_are_seen_once_until_more_of_them_come(world: World) -> None:
    firm = "南京百衡仪器有限公司"
    upload = reported(world.filer, got(firm))
    received.look(upload.pk)
    assert Flag.objects.get(rule="RECV").count == 1
    reported(world.filer, got(firm, 发票号="2"))
    assert Flag.objects.get(rule="RECV").count == 2


def test_two_writings_of_one_sender_are_one_flag(world: World) -> None:
    reported(world.filer, got("Nanjing Baiheng Instruments"), got("NANJING  BAIHENG INSTRUMENTS", 发票号="2"))
    flag = Flag.objects.get(rule="RECV")
    assert (flag.count, flag.inputs["quantity"]) == (1, "40")


# Where the goods were received


def placed(flag: Flag) -> tuple[str, list[str], str]:
    return flag.inputs["standing"], flag.inputs["divisions"], flag.inputs["place_known_by"]


def test_a_right_for_other_provinces_than_the_receivers_is_elsewhere(world: World) -> None:
    reported(world.filer, got(name_of(world.people["stranger"])))
    assert flags() == [("elsewhere", "medium", "open")]
    assert placed(Flag.objects.get(rule="RECV")) == ("elsewhere", ["440300"], "established")


def forget_place(party: Party) -> None:
    Party.objects.filter(pk=party.pk).update(division="")
    party.sites.update(division="")


def test_who_is_established_nowhere_known_receives_where_it_has_rights_in_each_of_them(world: World, colleague: User) -> None:
    party = world.qinglan.party
    forget_place(party)
    assert Places(world.qinglan).of("kits", DAY) == Place("CN", ("330000", "340000", "440000", "510000"), "rights")
    reported(world.filer, got(name_of(colleague)))
    assert placed(Flag.objects.get(rule="RECV"))[::2] == ("elsewhere", "rights"), "two of four provinces are not all"


def test_a_site_tells_where_the_receiver_is(world: World) -> None:
    party = world.qinglan.party
    forget_place(party)
    party.sites.create(address="杭州市", country="CN", division="330100")
    reported(world.filer, got(name_of(world.people["stranger"])))
    assert flags() == [], "authorised in Zhejiang"


def test_where_no_place_is_known_a_right_for_some_provinces_is_a_question(world: World, colleague: User) -> None:
    upload = written(sent(world.filer, csv(HEAD, got(name_of(colleague))), kind="sales"), world.filer, "ready")
    Party.objects.filter(organisation=world.qinglan).update(organisation=None)
    received.look(upload.pk)
    assert placed(Flag.objects.get(rule="RECV")) == ("elsewhere", [], "unknown")
    assert "is not on record" in sentence()


def test_where_no_place_is_known_a_right_for_the_whole_country_holds(world: World) -> None:
    firm = Organisation.objects.create(kind="distributor", name="Jinling Instruments", country="CN")
    right_there(Party.objects.create(kind="distributor", country="CN", organisation=firm), divisions=())
    upload = written(sent(world.filer, csv(HEAD, got(firm.name)), kind="sales"), world.filer, "ready")
    Party.objects.filter(organisation=world.qinglan).update(organisation=None)
    received.look(upload.pk)
    assert flags() == []


def test_a_receiver_abroad_is_asked_about_its_own_country(world: World, colleague: User) -> None:
    Party.objects.filter(organisation=world.qinglan).update(country="SG")
    reported(world.filer, got(name_of(colleague)))
    assert flags() == [("elsewhere", "medium", "open")]


def test_one_receiver_is_looked_at_by_one_worker_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = written(sent(world.filer, csv(HEAD, got("南京百衡仪器有限公司")), kind="sales"), world.filer, "ready")
    held: list[bool] = []

    def look_whether_it_is_locked(_name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks, (SELECT hashtextextended(%s, 0) AS key) AS wanted WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                " AND mode = 'ExclusiveLock' AND (classid::bigint << 32) | objid::bigint = key",
                [f"received {world.qinglan.pk}"],
            )
            held.append(cursor.fetchone()[0] == 1)

    monkeypatch.setattr(received, "fault", look_whether_it_is_locked)
    received.look(upload.pk)
    assert held == [True]
