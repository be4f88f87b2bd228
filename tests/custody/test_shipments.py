"""The manufacturer's shipments by the file: each cell, row, file and what was shipped before; one unit leaves once until it came back."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from certifications.custody.models import Movement
from certifications.flow.uploads import KINDS, kinds_of
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.people.models import User
from certifications.uploads import actions, steps
from certifications.uploads.models import Upload
from tests.flow.test_at_once import at_once, committed
from tests.uploads.files import csv, xlsx
from tests.uploads.steps import committed as written
from tests.uploads.steps import now, problems, sent, undone, worked
from tests.world import World, client_of

from . import reports
from .reports import DAY
from .shipments import HEAD, QINGLAN, row, unit
from .test_sales import codes

__all__ = ["committed"]


def shipped(by: User, *rows: tuple[object, ...], **more: object) -> Upload:
    return sent(by, csv(HEAD, *rows), kind="shipments", **more)  # type: ignore[arg-type]


def told() -> list[tuple[str, str, str, str, str]]:
    """(kind, quantity, lot, serial, to) of every shipment that counts."""
    rows = Movement.objects.filter(taken_back_at__isnull=True, kind__in=Movement.SHIPMENTS).order_by("upload", "row", "part")
    return [
        (m.kind, f"{m.quantity.normalize():f}", m.lot, m.serial, m.to_organisation.name) for m in rows.select_related("to_organisation")
    ]  # type: ignore[union-attr]


@pytest.mark.django_db
def test_shipments_and_returns_become_movements_between_the_two_firms(world: World) -> None:
    back = row(Type="return", Qty="2", Invoice_no="90002")
    upload = written(shipped(world.order_desk, row(), back, unit("CV-001~CV-003", Qty="3", Invoice_no="90003")), world.order_desk)
    assert (upload.status, problems(upload)) == ("committed", [])
    maker = world.order_desk.organisation
    assert told() == [
        ("sell_in", "10", "24A", "", QINGLAN),
        ("sell_back", "2", "24A", "", maker.name),
        *(("sell_in", "1", "", f"CV-00{n}", QINGLAN) for n in (1, 2, 3)),
    ]
    first = Movement.objects.get(row=2)
    assert (first.organisation, first.from_organisation, first.to_organisation, first.report) == (maker, maker, world.qinglan, None)
    assert (first.happened_on, first.invoiced_on, first.buyer_name, first.contract_no) == (DAY, DAY, QINGLAN, "45001")


@pytest.mark.django_db
def test_who_may_report_shipments_and_who_not(world: World) -> None:
    assert {name for name, user in world.people.items() if any(k.code == "shipments" for k in kinds_of(user))} == {
        "reviewer", "second_reviewer", "lead", "order_desk",
    }  # fmt: skip
    for who in ("filer", "auditor", "sales", "operator", "regulator"):
        with pytest.raises(PermissionDenied):
            actions.receive(by=world.people[who], kind=KINDS["shipments"], content=csv(HEAD, row()), name="x.csv", form_key=new_ulid())


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["深圳市青岚科学仪器有限公司", " shenzhen  QINGLAN Scientific Instruments"])
def test_a_distributor_is_known_by_every_name_on_record(world: World, name: str) -> None:
    assert codes(shipped(world.lead, row(Customer=name))) == []


@pytest.mark.django_db
def test_the_chinese_headings_and_a_workbook_are_read(world: World) -> None:
    rows = [
        ("2026年发货明细", None, None, None, None, None),
        ("经销商名称", "发票号", "发货日期", "货号", "批号", "发货数量"),
        (world.qinglan.name_native, "A-1", f"{DAY:%Y年%-m月%-d日}", "CI-2440-100", "24A", "１０盒"),  # noqa: RUF001
        (None, None, None, "CI-2717-200", "27A", 2),
        ("合计", None, None, None, None, 13),
    ]
    upload = sent(world.lead, xlsx(rows), kind="shipments", name="发货.xlsx")
    assert (upload.status, problems(upload)) == ("checked", [])
    assert upload.remarks[0]["texts"]["en"].startswith("Row 5 says a total of 13; the rows above it add up to 12.")
    written(upload, world.lead)
    assert told() == [("sell_in", "10", "24A", "", QINGLAN), ("sell_in", "2", "27A", "", QINGLAN)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"Customer": "Nobody Ltd"}, "distributor", "unknown_distributor"),
        ({"Customer": "", "Invoice no": "", "Ship date": ""}, "distributor", "no_distributor"),
        ({"Qty": "many"}, "quantity", "number"),
        ({"Qty": "0"}, "quantity", "zero"),
        ({"Qty": ""}, "quantity", "no_quantity"),
        ({"Qty": "12345678901"}, "quantity", "places"),
        ({"Qty": "200", "Unit": "tests"}, "quantity", "samples"),
        ({"Material": "XX-1"}, "product", "unknown_product"),
        ({"Material": ""}, "product", "no_product"),
        ({"Material": "1.2E+11"}, "product", "rounded"),
        ({"Ship date": "some day"}, "shipped_on", "day"),
        ({"Ship date": "2026-02-30"}, "shipped_on", "no_such_day"),
        ({"Ship date": "05/10/2026"}, "shipped_on", "day_order"),
        ({"Ship date": (civil_today() + dt.timedelta(days=2)).isoformat()}, "shipped_on", "not_come"),
        ({"Type": "magic"}, "kind", "choice"),
        ({"Serial numbers": "S1,S2"}, "serial", "serial_count"),
        ({"Serial numbers": "S1,S1"}, "serial", "serials_twice"),
        ({"Serial numbers": "S9~S1"}, "serial", "serials_range"),
        ({"Customer": "D" * 301}, "distributor", "too_long"),
        ({"Price": "dear"}, "unit_price", "number"),
        ({"Total": "99999999999999"}, "amount", "money_long"),
    ],
)
def test_a_wrong_cell_is_named_and_stops_its_row_alone(world: World, changes: dict[str, str], field: str, code: str) -> None:
    first = row(**changes) if "Customer" in changes and not changes["Customer"] else row(Invoice_no="90000")
    second = row(Invoice_no="90000") if first != row(Invoice_no="90000") else row(**changes)
    upload = shipped(world.lead, first, second)
    found = upload.problems.filter(field=field, code=code)
    assert found.count() == 1, codes(upload)
    assert found[0].texts["en"] != found[0].texts["zh-hans"], "said in both languages"
    assert (upload.counts["ready"], upload.counts["attention"]) == (1, 1)
    written(upload, world.lead, "ready")
    assert len(told()) == 1


@pytest.mark.django_db
def test_what_only_looks_odd_is_said_and_stops_nothing(world: World) -> None:
    late = row(Invoice_date=(DAY - dt.timedelta(days=80)).isoformat(), Price="100", Total="900")
    upload = shipped(world.lead, late, row(Material="CI-3600-P4", Unit="", Invoice_no="2", Ship_date="2001-01-01", Invoice_date=""))
    assert codes(upload) == [(2, "amount", "product_differs"), (2, "invoiced_on", "days_apart"), (3, "product", "no_right")]
    assert problems(upload)[1][2].startswith("It left 80 days after its invoice.")
    assert upload.counts["ready"] == 2


@pytest.mark.django_db
def test_a_unit_leaves_once_until_it_came_back(world: World) -> None:
    written(shipped(world.lead, unit("CV-001")), world.lead)
    again = shipped(world.lead, unit("CV-001", Invoice_no="90009"))
    assert codes(again) == [(2, "serial", "shipped_already")]
    assert f"was shipped to {QINGLAN} on {DAY.isoformat()}" in problems(again)[0][2]
    assert again.problems.get().accept == {}, "nobody can say that one unit is two"
    back = unit("CV-001", Type="return", Invoice_no="R-1", Ship_date=(DAY + dt.timedelta(days=1)).isoformat())
    anew = unit("CV-001", Invoice_no="90009", Ship_date=(DAY + dt.timedelta(days=2)).isoformat())
    both = shipped(world.lead, back, anew)
    assert codes(both) == []
    written(both, world.lead)
    assert [m[:2] for m in told()] == [("sell_in", "1"), ("sell_back", "1"), ("sell_in", "1")]
    # The serial number of another product is another unit.
    other = shipped(world.lead, row(Serial_numbers="CV-001", Qty="1", Batch=""))
    assert codes(other) == []


@pytest.mark.django_db
def test_a_unit_in_two_rows_of_one_file_counts_once(world: World) -> None:
    upload = shipped(world.lead, unit("CV-001、CV-002", Qty="2"), unit("CV-002", Invoice_no="90009"))
    assert codes(upload) == [(3, "serial", "sum:sent_twice")]
    assert "left in row 2 already" in problems(upload)[0][2]
    assert upload.counts["attention"] == 1
    actions.mend(upload=upload, kind=KINDS["shipments"], by=world.lead, number=3, field="serial", value="CV-003")
    assert (codes(now(upload)), now(upload).counts["ready"]) == ([], 2)


@pytest.mark.django_db
def test_a_return_of_what_never_left_is_asked_about(world: World) -> None:
    upload = shipped(world.lead, unit("CV-9", Type="return"), row(Type="return", Qty="-3", Invoice_no="R-2"))
    assert codes(upload) == [(2, "quantity", "sum:returned_more"), (2, "serial", "never_shipped"), (3, "quantity", "sum:returned_more")]
    for field, code in set(upload.problems.values_list("field", "code")):
        actions.accept(upload=now(upload), kind=KINDS["shipments"], by=world.lead, field=field, code=code)
    assert written(now(upload), world.lead).counts["did_create"] == 2


@pytest.mark.django_db
def test_the_same_file_twice_changes_nothing_and_all_of_it_is_taken_back(world: World) -> None:
    rows = (row(), unit("CV-001", Invoice_no="90003"))
    upload = written(shipped(world.order_desk, *rows), world.order_desk)
    again = shipped(world.lead, *rows)
    assert (again.counts["will_skip"], codes(again)) == (2, []), "another person of the maker, the same rows"
    other = shipped(world.lead, row(Qty="11"))
    assert codes(other) == [(2, "invoice_no", "otherwise")]
    assert undone(now(upload), world.order_desk).status == "undone"
    assert (told(), Movement.objects.count()) == ([], 2)
    assert {m.taken_back_by for m in Movement.objects.all()} == {world.order_desk}
    assert written(shipped(world.lead, *rows), world.lead).counts["did_create"] == 2


@pytest.mark.django_db
def test_all_or_nothing_leaves_nothing_when_one_row_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "WRITE_MANY", 1)
    upload = shipped(world.lead, row(), unit("CV-001", Invoice_no="2"))
    actions.commit(upload=upload, kind=KINDS["shipments"], by=world.lead, mode="all")
    written(shipped(world.order_desk, unit("CV-001", Invoice_no="3")), world.order_desk)
    assert worked(upload).status == "checked"
    assert told() == [("sell_in", "1", "", "CV-001", QINGLAN)]
    assert codes(now(upload)) == [(3, "serial", "shipped_already")]


def test_two_files_at_once_ship_a_unit_once(committed: World) -> None:
    uploads = [shipped(committed.lead, unit("CV-001", Invoice_no=f"{n}")) for n in (1, 2)]
    for upload in uploads:
        actions.commit(upload=upload, kind=KINDS["shipments"], by=committed.lead, mode="all")
    assert at_once(*(lambda pk=upload.pk: steps.go_on(pk, KINDS) for upload in uploads)) == [None, None]
    assert len(told()) == 1
    assert sorted(now(upload).status for upload in uploads) == ["checked", "committed"]


@pytest.mark.django_db
def test_postgresql_holds_a_shipment_to_its_two_firms_and_a_unit_to_one_shipment_a_day(world: World) -> None:
    upload = written(shipped(world.lead, unit("CV-001")), world.lead)
    held = Movement.objects.get()
    values = {
        "line": "x", "key": "y", "kind": "sell_in", "organisation": held.organisation, "from_organisation": held.organisation,
        "to_organisation": world.qinglan, "product": held.product, "quantity": Decimal(1), "reported": "1", "happened_on": DAY, "upload": upload, "row": 9,
    }  # fmt: skip
    stranger = world.people["stranger"].organisation
    for changes, said in (
        ({"serial": "CV-001"}, "movement_shipped_once"),
        ({"organisation": world.qinglan}, "a shipment goes from the manufacturer"),
        ({"from_organisation": stranger}, "a shipment goes from the manufacturer"),
        ({"to_organisation": held.organisation}, "a shipment goes from the manufacturer"),
        ({"to_organisation": None}, "movement_in_a_report_or_a_shipment"),
        ({"kind": "sale"}, "movement_in_a_report_or_a_shipment"),
    ):
        with pytest.raises(DatabaseError, match=said), transaction.atomic():
            Movement.objects.create(**{**values, **changes})
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_movement SET to_organisation_id = %s", [stranger.pk])  # type: ignore[union-attr]


@pytest.mark.django_db
def test_a_distributor_learns_nothing_of_shipments(world: World) -> None:
    written(shipped(world.lead, row(), unit("CV-001", Invoice_no="90003")), world.lead)
    for who in ("filer", "signatory", "stranger"):
        client = client_of(world.people[who])
        for address in ("/d/movements/", "/d/movements/csv/"):
            page = client.get(address).content.decode()
            assert "90001" not in page
            assert "Shipment to a distributor" not in page
        assert client.get("/c/uploads/").status_code == 404
    # What it reports of the same units is judged by its own reports alone.
    theirs = sent(
        world.filer,
        csv(reports.HEAD, reports.row(货号="CI-3600-A", 数量="1", 单位="台", 批号="", 序列号="CV-001", 单价="", 金额="")),
        kind="sales",
    )
    assert not theirs.problems.exists()


@pytest.mark.django_db
def test_the_pages_of_the_maker_lead_from_the_file_to_the_movement(world: World) -> None:
    desk = client_of(world.order_desk)
    assert "Shipments to distributors" in desk.get("/c/uploads/new/").content.decode()
    assert "Sales report" not in desk.get("/c/uploads/new/").content.decode()
    assert desk.get("/c/uploads/workbook/shipments.xlsx").status_code == 200
    upload = shipped(world.order_desk, row(Customer="Shenzhen Qinglan"), row(Invoice_no="90002"))
    shown = desk.get(f"/c/uploads/{upload.number}/").content.decode()
    assert "no distributor of the portal" in shown
    assert f'action="/c/uploads/{upload.number}/mend/"' in shown
    answer = desk.post(f"/c/uploads/{upload.number}/mend/", {"row": 2, "fix": f"distributor={QINGLAN}"})
    assert answer.url.startswith(f"/c/uploads/{upload.number}/")
    assert now(upload).counts["ready"] == 2
    assert desk.get(f"/d/uploads/{upload.number}/").status_code == 404
    assert client_of(world.filer).get(f"/d/uploads/{upload.number}/").status_code == 404
    desk.post(f"/c/uploads/{upload.number}/commit/", {"mode": "all"})
    worked(upload)
    page = client_of(world.reviewer).get("/c/movements/?kind=sell_in").content.decode()
    assert "90001" in page
    assert "invoiced" in page
    assert "90001" in client_of(world.reviewer).get(f"/c/movements/csv/?month={DAY:%Y-%m}").content.decode()
    assert desk.get("/c/movements/").status_code == 404
