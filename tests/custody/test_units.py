"""What is known of one unit or lot: in order of time, by whom it was reported, and where it differs from what was said before."""

import csv as csv_of
import datetime as dt
import re

import pytest

from certifications.custody.models_sightings import Sighting
from certifications.flow import units
from certifications.flow.unit_entries import Told
from tests.flags.cases import line as confirmed_line
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import sent, undone
from tests.world import World, client_of

from . import service
from .reports import DAY
from .shipments import HEAD as SHIPPED
from .shipments import QINGLAN
from .shipments import row as shipment
from .test_service import LATER, known, told

pytestmark = pytest.mark.django_db


def history(world: World, number: str) -> list[tuple[str, str, int]]:
    """(what, of whom, differences) of everything that is known of a number."""
    found = [entry for unit in units.find(world.reviewer, number) for entry in units.entries(world.reviewer, unit)[0]]
    return [(entry.what, entry.told.user or entry.to, len(entry.differs)) for entry in found]


def test_the_history_of_a_unit_goes_from_the_maker_to_whoever_saw_it_last(world: World) -> None:
    known(world)
    there = service.row(类型="服务", 日期=LATER, 用户名称="成都岷江妇产医院", 省份="四川省", 城市="成都市", 科室="")
    again = service.row(
        类型="服务", 日期=(DAY + dt.timedelta(days=5)).isoformat(), 用户名称="成都岷江妇产医院", 省份="四川省", 城市="成都市", 科室="二楼"
    )
    written(told(world.lead, service.row(), there, again), world.lead)
    assert history(world, "cv-001") == [
        ("sell_in", QINGLAN, 0),
        ("sale", "宁波江南医院", 0),
        ("activation", "宁波江南医院", 0),
        ("service", "成都岷江妇产医院", 2),
        ("service", "成都岷江妇产医院", 0),
    ]
    page = client_of(world.reviewer).get("/c/units/?q=CV-001").content.decode()
    page = re.sub(r"<span[^>]*>|</span>", "", page[page.index('id="un-1"') :])
    assert page.index("Shipment to a distributor") < page.index("Sale") < page.index("Service visit")
    assert f"Last reported of 宁波江南医院 on {DAY.isoformat()}." in page
    assert "1 difference" in page
    rows = list(csv_of.reader(client_of(world.auditor).get("/c/units/csv/?q=CV-001").content.decode("utf-8-sig").splitlines()))
    assert [row[1] for row in rows[1:]] == ["Shipment to a distributor", "Sale", "Activation", "Service visit", "Service visit"]
    assert "Last reported of" in rows[4][15]


def test_what_was_taken_back_stands_there_as_such_and_is_compared_with_nothing(world: World) -> None:
    known(world)
    wrong = service.row(用户名称="成都岷江妇产医院", 省份="四川省", 城市="成都市", 科室="")
    upload = written(told(world.lead, wrong), world.lead)
    assert [one[2] for one in history(world, "CV-001")] == [0, 0, 2]
    undone(upload, world.lead)
    assert [one[2] for one in history(world, "CV-001")] == [0, 0, 0]
    page = client_of(world.reviewer).get("/c/units/?q=CV-001").content.decode()
    assert "taken back" in page
    written(told(world.lead, service.row(日期=LATER)), world.lead)
    assert history(world, "CV-001")[-1] == ("activation", "宁波江南医院", 0)


def test_a_unit_that_came_back_is_compared_with_nothing_before(world: World) -> None:
    known(world)
    back = shipment(
        Material="CI-3600-A", Batch="", Serial_numbers="CV-001", Qty="1", Unit="", Type="return", Ship_date=LATER, Invoice_date=""
    )
    written(sent(world.lead, csv(SHIPPED, back), kind="shipments"), world.lead)
    later = (DAY + dt.timedelta(days=9)).isoformat()
    written(told(world.lead, service.row(日期=later, 用户名称="成都岷江妇产医院", 省份="四川省", 城市="成都市", 科室="")), world.lead)
    assert history(world, "CV-001")[-1] == ("activation", "成都岷江妇产医院", 0)


def test_a_lot_is_followed_and_a_notice_that_names_the_number_stands_among_the_rest(world: World) -> None:
    written(sent(world.lead, csv(SHIPPED, shipment(Batch="24C117")), kind="shipments"), world.lead)
    confirmed_line(world, product_text="DNA kit, lot 24C117")
    assert [one[0] for one in history(world, "24C117")] in (["sell_in", "evidence"], ["evidence", "sell_in"])
    page = client_of(world.reviewer).get("/c/units/?q=24C117").content.decode()
    assert "Lot" in page
    assert "EV-" in page
    alone = client_of(world.reviewer).get("/c/units/?q=lot+24C").content.decode()
    assert "Named in evidence alone" in alone


def test_of_a_big_lot_the_page_reads_the_newest_entries_and_the_file_holds_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certifications.pages.compliance.views_units.SHOWN", 2)
    days = [(DAY + dt.timedelta(days=n)).isoformat() for n in range(4)]
    written(sent(world.lead, csv(SHIPPED, *(shipment(Batch="24C118", Ship_date=day) for day in days)), kind="shipments"), world.lead)
    (unit,) = units.find(world.reviewer, "24C118")
    shown, left = units.entries(world.reviewer, unit, most=2)
    assert ([one.on.isoformat() for one in shown], left) == (days[2:], 2), "the earliest of the newest first"
    client = client_of(world.reviewer)
    page = client.get("/c/units/?q=24C118").content.decode()
    assert "2 earlier entries stand in the CSV alone." in page
    assert page.count("Shipment to a distributor</span>") == 2
    rows = client_of(world.auditor).get("/c/units/csv/?q=24C118").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 5


def test_the_same_user_by_number_by_name_or_by_the_party_that_is_meant() -> None:
    one = Told("宁波江南医院", "12330200MB0123456A")
    assert units.same_user(one, Told("江南", "1233 0200 MB01 2345 6A"), {})
    assert not units.same_user(one, Told("宁波江南医院", "91330103311245785N"), {}), "two numbers are two"
    assert units.same_user(Told("宁波 江南医院"), Told("宁波江南医院"), {})
    key = units.user_key
    bound = {key(Told("Jiangnan Hospital")): frozenset({"P"}), key(one): frozenset({"P", "Q"})}
    assert units.same_user(Told("Jiangnan Hospital"), one, bound)
    assert not units.same_user(Told("Jiangnan Hospital"), one, {})
    assert units.same_place("330200", "330205")
    assert not units.same_place("330205", "330206")


def test_the_page_lists_what_was_seen_and_finds_what_differs(world: World) -> None:
    client = client_of(world.reviewer)
    assert "No sighting is on record yet" in client.get("/c/units/").content.decode()
    known(world)
    there = service.row(类型="服务", 日期=LATER, 用户名称="成都岷江妇产医院", 省份="四川省", 城市="成都市", 科室="")
    written(told(world.lead, service.row(), there), world.lead)
    both = client.get("/c/units/").content.decode()
    assert both.index("成都岷江妇产医院") < both.index("遗传实验室"), "the newest first"
    differing = client.get("/c/units/?differs=1").content.decode()
    assert ("UPL" in differing, differing.count('<td data-of="User and place">')) == (True, 1)
    assert both.count('<td data-of="User and place">') == 2
    assert "遗传实验室" in client.get("/c/units/?kind=activation").content.decode()
    assert "Nothing like that" in client.get("/c/units/?q=nowhere").content.decode()
    rows = client.get("/c/units/csv/?differs=1").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert client.get("/c/units/?from=9999999999999&q=%00").status_code in {200, 400}


def test_nobody_but_compliance_opens_it(world: World) -> None:
    known(world)
    for who in ("filer", "signatory", "stranger", "order_desk", "sales", "operator", "regulator"):
        for address in ("/c/units/?q=CV-001", "/c/units/csv/?q=CV-001"):
            assert client_of(world.people[who]).get(address).status_code == 404
    assert not Sighting.objects.exists()
