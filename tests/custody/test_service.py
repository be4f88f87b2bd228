"""Service visits, parts orders and activations by the file: each kept as it was written, and said where it differs from what was reported."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from certifications.custody.models_sightings import Sighting
from certifications.flow.uploads import KINDS, kinds_of
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.people.models import User
from certifications.resolution.models import NameUse, ReportedName
from certifications.uploads import actions, steps
from certifications.uploads.models import Upload
from tests.flow.steps import work
from tests.flow.test_at_once import at_once, committed
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import now, problems, sent, undone
from tests.world import World, client_of

from . import reports
from .reports import DAY
from .service import HEAD, row
from .shipments import HEAD as SHIPPED
from .shipments import unit
from .test_sales import codes

__all__ = ["committed"]
LATER = (DAY + dt.timedelta(days=3)).isoformat()


def told(by: User, *rows: tuple[object, ...]) -> Upload:
    return sent(by, csv(HEAD, *rows), kind="service")


def known(world: World) -> None:
    """The unit left for Qinglan and was sold to a hospital in Ningbo."""
    written(sent(world.lead, csv(SHIPPED, unit("CV-001", Ship_date="2026-01-05", Invoice_date="")), kind="shipments"), world.lead)
    sold = reports.row(
        货号="CI-3600-A",
        数量="1",
        单位="台",
        批号="",
        序列号="CV-001",
        单价="",
        金额="",
        客户名称="杭州西溪医疗器械公司",
        终端用户="宁波江南医院",
    )
    head = (*reports.HEAD, "省份", "城市")
    written(sent(world.filer, csv(head, (*sold, "浙江省", "宁波市")), kind="sales"), world.filer)


def seen() -> list[tuple[str, str, str]]:
    rows = Sighting.objects.filter(taken_back_at=None).order_by("upload", "row")
    return [(one.kind, one.serial, one.user_name) for one in rows]


@pytest.mark.django_db
def test_what_was_seen_is_kept_as_it_was_written(world: World) -> None:
    known(world)
    part = row(类型="备件", 日期=LATER, 备件号="P-77", 备件名称="毛细管阵列", 数量="2", 工单号="PO-9")
    upload = written(told(world.lead, row(), row(类型="Repair", 日期=LATER, 仪器型号=""), part), world.lead)
    assert (upload.status, problems(upload)) == ("committed", [])
    assert seen() == [(kind, "CV-001", "宁波江南医院") for kind in ("activation", "service", "parts")]
    first, second, third = Sighting.objects.order_by("row")
    assert (first.site, first.city, first.done_by, first.order_no, first.quantity) == ("遗传实验室", "宁波市", "Mats Lind", "SO-1", None)
    assert second.product.catalogue_number == "CI-3600-A", "known by the serial number"
    assert (third.part_no, third.part, third.quantity) == ("P-77", "毛细管阵列", 2)
    assert {one.organisation for one in (first, second, third)} == {world.lead.organisation}


@pytest.mark.django_db
def test_compliance_alone_reports_what_was_seen(world: World) -> None:
    able = {name for name, user in world.people.items() if any(kind.code == "service" for kind in kinds_of(user))}
    assert able == {"reviewer", "second_reviewer", "lead"}, "the order desk sees no customer's name"
    for who in ("order_desk", "filer", "auditor", "sales", "operator"):
        with pytest.raises(PermissionDenied):
            actions.receive(by=world.people[who], kind=KINDS["service"], content=csv(HEAD, row()), name="x.csv", form_key=new_ulid())
    upload = told(world.lead, row())
    desk = client_of(world.order_desk)
    assert desk.get(f"/c/uploads/{upload.number}/").status_code == 404
    assert upload.number not in desk.get("/c/uploads/").content.decode()
    theirs = sent(world.filer, csv(reports.HEAD, reports.row()), kind="sales")
    for who in ("lead", "reviewer", "order_desk"):
        assert client_of(world.people[who]).get(f"/c/uploads/{theirs.number}/").status_code == 404, "a distributor's file is its own"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"类型": "魔术"}, "kind", "choice"),
        ({"类型": ""}, "kind", "no_kind"),
        ({"日期": "不久"}, "happened_on", "day"),
        ({"日期": ""}, "happened_on", "no_day"),
        ({"日期": "2026-02-30"}, "happened_on", "no_such_day"),
        ({"日期": "05/10/2026"}, "happened_on", "day_order"),
        ({"日期": (civil_today() + dt.timedelta(days=2)).isoformat()}, "happened_on", "not_come"),
        ({"序列号": ""}, "serial", "no_serial"),
        ({"序列号": "1.2E+11"}, "serial", "rounded"),
        ({"序列号": "S" * 61}, "serial", "too_long"),
        ({"仪器型号": "XX-1"}, "product", "unknown_product"),
        ({"仪器型号": "", "序列号": "CV-404"}, "product", "which_product"),
        ({"用户名称": "", "科室": "", "省份": "", "城市": ""}, "user", "no_user"),
        ({"用户名称": "院" * 301}, "user", "too_long"),
        ({"类型": "备件"}, "part_no", "no_part"),
        ({"数量": "几个"}, "quantity", "number"),
        ({"数量": "-1"}, "quantity", "places"),
        ({"数量": "0"}, "quantity", "places"),
        ({"数量": "1.5555"}, "quantity", "places"),
        ({"数量": "12345678901"}, "quantity", "places"),
    ],
)
def test_a_wrong_cell_is_named_and_stops_its_row_alone(world: World, changes: dict[str, str], field: str, code: str) -> None:
    upload = told(world.lead, row(工单号="GOOD"), row(**changes))
    found = upload.problems.filter(number=3, field=field, code=code)
    assert found.count() == 1, codes(upload)
    assert found[0].texts["en"] != found[0].texts["zh-hans"], "said in both languages"
    assert (upload.counts["ready"], upload.counts["attention"]) == (1, 1)
    written(upload, world.lead, "ready")
    assert len(seen()) == 1


@pytest.mark.django_db
def test_another_user_or_place_than_was_last_reported_is_said_and_stops_nothing(world: World) -> None:
    known(world)
    other = row(日期=LATER, 用户名称="成都岷江妇产医院", 省份="四川省", 城市="成都市", 科室="")
    upload = told(world.lead, other, row(日期=LATER, 用户名称="", 科室="", 省份="", 城市="", 地址="浙江省宁波市江北区环城路 1 号"))
    assert codes(upload) == [(2, "site", "other_place"), (2, "user", "other_user")]
    assert problems(upload)[0][2] == f"Last reported of 宁波江南医院 on {DAY.isoformat()}."
    assert upload.counts["ready"] == 2, "a district of the same city is no other place"
    unheard = told(world.lead, row(序列号="CV-404"))
    assert codes(unheard) == [(2, "serial", "never_moved")]
    assert unheard.counts["ready"] == 1


@pytest.mark.django_db
def test_the_same_rows_twice_change_nothing_and_all_of_it_is_taken_back(world: World) -> None:
    upload = written(told(world.lead, row(), row(类型="服务", 日期=LATER)), world.lead)
    again = told(world.reviewer, row(), row(类型="服务", 日期=LATER))
    assert (again.counts["will_skip"], codes(again)) == (2, codes(again))
    twice = told(world.lead, row(工单号="X"), row(工单号="X"))
    assert (3, "", "repeated") in codes(twice)
    assert undone(upload, world.lead).status == "undone"
    assert (seen(), Sighting.objects.count()) == ([], 2)
    assert {one.taken_back_by for one in Sighting.objects.all()} == {world.lead}
    assert written(told(world.lead, row()), world.lead).counts["did_create"] == 1


def test_the_same_file_from_two_people_at_once_is_kept_once(committed: World) -> None:
    uploads = [told(who, row(), row(工单号="2")) for who in (committed.lead, committed.reviewer)]
    for upload, who in zip(uploads, (committed.lead, committed.reviewer), strict=True):
        actions.commit(upload=upload, kind=KINDS["service"], by=who, mode="all")
    assert at_once(*(lambda pk=upload.pk: steps.go_on(pk, KINDS) for upload in uploads)) == [None, None]
    assert sorted(now(upload).counts.get("did_skip", 0) for upload in uploads) == [0, 2]
    assert len(seen()) == 2


@pytest.mark.django_db
def test_postgresql_keeps_sightings_as_they_were_reported(world: World) -> None:
    undone(written(told(world.lead, row()), world.lead), world.lead)
    # One that counts as well: of one that was taken back another guard refuses everything.
    written(told(world.lead, row(序列号="CV-002")), world.lead)
    for statement in (
        "UPDATE certifications_sighting SET user_name = 'x' WHERE serial = 'CV-002'",
        "UPDATE certifications_sighting SET user_name = 'x'",
        "UPDATE certifications_sighting SET serial = 'x'",
        "UPDATE certifications_sighting SET taken_back_at = NULL, taken_back_by_id = NULL",
        "DELETE FROM certifications_sighting",
        "TRUNCATE certifications_sighting",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db
def test_the_names_in_committed_rows_are_looked_up_once_each(world: World) -> None:
    customer = world.customer()
    name = customer.party.names.first().text
    written(told(world.lead, row(用户名称=name), row(用户名称=name, 工单号="2"), row(用户名称="谁也不认识的医院", 工单号="3")), world.lead)
    assert not ReportedName.objects.exists()
    work("names")
    held = {one.name: one for one in ReportedName.objects.filter(role="end_user")}
    assert {text: one.state for text, one in held.items()} == {name: "bound", "谁也不认识的医院": "nobody"}
    assert list(NameUse.objects.filter(reported=held[name]).values_list("kind", flat=True)) == ["sighting"]
    written(sent(world.filer, csv(reports.HEAD, reports.row(客户名称=name, 终端用户="谁也不认识的医院")), kind="sales"), world.filer)
    work("names")
    assert NameUse.objects.filter(reported=held["谁也不认识的医院"], kind="movement").count() == 1
    page = client_of(world.reviewer).get(f"/c/evidence/names/{held[name].pk}/").content.decode()
    assert "/c/units/?q=CV-001" in page
    written(sent(world.lead, csv(SHIPPED, unit("CV-9")), kind="shipments"), world.lead)
    work("names")
    assert not ReportedName.objects.filter(name__contains="Qinglan").exists(), "a distributor of the portal is no question"
