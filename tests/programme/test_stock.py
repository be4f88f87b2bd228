"""Opening stock: by form and by file, corrected with history, confirmed exactly as it stands, nobody else's business."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from certifications.flow import first_day as flow
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.parties.actions import Incomplete
from certifications.people.models import Membership, User
from certifications.programme import queries
from certifications.programme.models import StockConfirmation, StockCount
from certifications.programme.rules import StockData
from tests.people.powers import delegated
from tests.uploads.files import csv, xlsx
from tests.uploads.steps import committed, problems, sent, undone
from tests.world import World, client_of, code_of, proof_for

pytestmark = pytest.mark.django_db
DAY = civil_today() - dt.timedelta(days=30)


def counted(world: World, quantity: str = "12", lot: str = "24A", serial: str = "", **more: Any) -> StockCount:
    data = StockData(lot, serial, Decimal(quantity), more.get("on", DAY))
    return flow.count_stock(by=world.filer, product=world.kit, data=data)


def test_each_product_lot_and_serial_is_counted_once_and_corrected_after(world: World) -> None:
    first = counted(world)
    with pytest.raises(NotAllowed) as twice:
        counted(world, "13")
    assert twice.value.code == "twice"
    second = flow.correct_stock(row=first, by=world.filer, quantity=Decimal("11.5"), counted_on=DAY, reason="One box was opened.")
    assert [row.quantity for row in queries.chain_of(second)] == [Decimal("11.5"), Decimal(12)]
    assert list(queries.counting(StockCount.objects.all())) == [second]
    with pytest.raises(NotAllowed, match="meanwhile"):
        flow.correct_stock(row=first, by=world.filer, quantity=Decimal(1), counted_on=DAY, reason="From an old page.")


def test_bad_rows_are_named_by_field(world: World) -> None:
    with pytest.raises(Incomplete) as caught:
        counted(world, "2", serial="S1", on=civil_today() + dt.timedelta(days=2))
    assert {p.field for p in caught.value.problems} == {"quantity", "counted_on"}
    with pytest.raises(Incomplete):
        counted(world, "-1")
    row = counted(world)
    with pytest.raises(Incomplete) as nothing:
        flow.correct_stock(row=row, by=world.filer, quantity=row.quantity, counted_on=DAY, reason="short")
    assert {p.field for p in nothing.value.problems} == {"reason", "quantity"}


def test_the_signatory_confirms_exactly_what_was_shown(world: World) -> None:
    row = counted(world)
    state = queries.stock_state(world.qinglan.pk)
    assert state.word == "open"
    with pytest.raises(NotAllowed) as other:
        flow.confirm_stock(by=world.signatory, digest="0" * 64, code="")
    assert other.value.code == "digest"
    flow.confirm_stock(by=world.signatory, digest=state.digest, code=code_of(world.signatory))
    assert queries.stock_state(world.qinglan.pk).word == "confirmed"
    flow.correct_stock(row=row, by=world.filer, quantity=Decimal(10), counted_on=DAY, reason="Counted again by two.")
    assert queries.stock_state(world.qinglan.pk).word == "open"


def test_a_signatory_confirms_within_its_powers_of_that_day_alone(world: World) -> None:
    counted(world)
    digest = queries.stock_state(world.qinglan.pk).digest
    tomorrow = civil_today() + dt.timedelta(days=1)
    for changes, said in (
        ({}, "does not cover this act"),
        ({"kinds": ("stock",), "lines": ("analysers",)}, "does not cover the product line"),
        ({"kinds": ("stock",), "valid_from": tomorrow}, "begins on"),
    ):
        with transaction.atomic():
            delegated(world, **changes)
            # Asked before a factor is spent: no code is given here.
            with pytest.raises(NotAllowed, match=said) as refused:
                flow.confirm_stock(by=world.signatory, digest=digest, code="")
            assert refused.value.code == "power"
            assert said in client_of(world.signatory).get("/d/stock/").content.decode()
            transaction.set_rollback(True)
    power = delegated(world, kinds=("stock",), lines=("kits",))
    made = flow.confirm_stock(by=world.signatory, digest=digest, code=code_of(world.signatory))
    assert made.under["number"] == power.number
    assert power.number in client_of(world.signatory).get("/d/stock/").content.decode()


def test_who_lost_the_role_since_the_page_was_read_confirms_nothing(world: World) -> None:
    counted(world)
    digest = queries.stock_state(world.qinglan.pk).digest
    signer = User.objects.get(pk=world.signatory.pk)
    assert "signatory" in signer.roles
    Membership.objects.filter(user=signer).update(ended_at="2026-01-01T00:00:00Z", ended_by_id="x")
    with pytest.raises(PermissionDenied):
        flow.confirm_stock(by=signer, digest=digest, code=code_of(signer))
    assert not StockConfirmation.objects.exists()


def test_postgresql_takes_no_confirmation_outside_the_powers(world: World) -> None:
    counted(world)
    digest = queries.stock_state(world.qinglan.pk).digest

    def confirm(by: User, **changes: Any) -> None:
        proof = proof_for(by, str(changes.pop("proved", digest)), "stock")
        values = {"organisation": world.qinglan, "digest": digest, "row_count": 1, "confirmed_by": by, "proof_id": proof.pk, **changes}
        with transaction.atomic():
            StockConfirmation.objects.create(**values)

    with pytest.raises(DatabaseError, match="only a signatory"):
        confirm(world.filer)
    with pytest.raises(DatabaseError, match="only a signatory"):
        confirm(world.stranger)
    with pytest.raises(DatabaseError, match="other rows"):
        confirm(world.signatory, proved="0" * 64)
    power = delegated(world, kinds=("declarations",))
    with pytest.raises(DatabaseError, match="confirms within one"):
        confirm(world.signatory)
    with pytest.raises(DatabaseError, match="no such delegation"):
        confirm(world.signatory, under={"id": power.pk, "number": power.number})


def test_a_search_shows_a_part_and_the_whole_is_confirmed(world: World) -> None:
    counted(world)
    page = client_of(world.signatory)
    assert "/d/stock/confirm/" in page.get("/d/stock/").content.decode()
    assert "/d/stock/confirm/" not in page.get("/d/stock/?q=24A").content.decode()


def test_postgresql_changes_no_row_and_takes_no_correction_of_something_else(world: World) -> None:
    row = counted(world)
    for statement in (
        "UPDATE certifications_stockcount SET quantity = 99 WHERE id = %s",
        "DELETE FROM certifications_stockcount WHERE id = %s",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [row.pk])
    with pytest.raises(DatabaseError, match="same stock"), transaction.atomic():
        StockCount.objects.create(
            organisation=row.organisation,
            product=row.product,
            lot="other",
            quantity=1,
            counted_on=DAY,
            supersedes=row,
            reason="no",
            recorded_by=world.filer,
        )


def test_the_pages_add_correct_confirm_and_export(world: World) -> None:
    filer, signatory = client_of(world.filer), client_of(world.signatory)
    assert "Nothing is counted yet" in filer.get("/d/stock/").content.decode()
    sent = {"product": world.kit.pk, "lot": "24A", "serial": "", "quantity": "7", "counted_on": str(DAY)}
    assert filer.post("/d/stock/", {**sent, "quantity": "-7"}).status_code == 422
    assert filer.post("/d/stock/", sent).status_code == 302
    row = StockCount.objects.get()
    corrected = filer.post(f"/d/stock/{row.pk}/", {"quantity": "6", "counted_on": str(DAY), "reason": "One was broken already."})
    assert corrected.status_code == 302
    assert "One was broken already." in filer.get(corrected.headers["Location"]).content.decode()
    assert "24A" in filer.get("/d/stock/?q=24a").content.decode()
    digest = queries.stock_state(world.qinglan.pk).digest
    assert signatory.post("/d/stock/confirm/", {"digest": digest, "code": "000000"}).status_code == 422
    assert signatory.post("/d/stock/confirm/", {"digest": digest, "code": code_of(world.signatory)}).status_code == 302
    csv = filer.get("/d/stock/csv/").content.decode()
    assert csv.count("24A") == 2
    stranger = client_of(world.people["stranger"])
    assert stranger.get(f"/d/stock/{row.pk}/").status_code == 404
    assert "24A" not in stranger.get("/d/stock/csv/").content.decode()
    assert "24A" in client_of(world.reviewer).get(f"/c/programme/distributors/{world.qinglan.pk}/").content.decode()


HEAD = ("货号", "批号", "序列号", "数量", "盘点日期")


def test_a_file_counts_updates_skips_and_is_taken_back_with_history(world: World) -> None:
    rows = (("CI-2440-100", "24A", "", "36", "2026-01-05"), ("CI-3600-A", "", "CV-17", "1台", "2026年1月5日"))
    upload = committed(sent(world.filer, xlsx([HEAD, *rows]), kind="stock", name="stock.xlsx"), world.filer)
    assert upload.status == "committed"
    assert [(r.lot, r.serial, str(r.quantity)) for r in StockCount.objects.order_by("product__catalogue_number")] == [
        ("24A", "", "36.00"), ("", "CV-17", "1.00"),
    ]  # fmt: skip
    again = sent(world.filer, csv(HEAD, ("CI-2440-100", "24A", "", "30", "2026-01-05"), rows[1]), kind="stock")
    assert (again.counts["will_update"], again.counts["will_skip"]) == (1, 1)
    assert (committed(again, world.filer).status, problems(again)) == ("committed", [])
    current = queries.counting(StockCount.objects.filter(lot="24A")).get()
    assert (str(current.quantity), queries.chain_of(current)[0].reason != "") == ("30.00", True)
    assert undone(again, world.filer).status == "undone"
    back = queries.counting(StockCount.objects.filter(lot="24A")).get()
    assert (str(back.quantity), len(queries.chain_of(back))) == ("36.00", 3)


def test_a_file_names_row_column_and_mend(world: World) -> None:
    bad = (
        ("CI-2440-100", "24A", "", "1200 tests", "2026-01-05"),
        ("NOPE", "", "", "1", "2026-01-05"),
        ("CI-3600-A", "", "CV-17", "2", "2099-01-05"),
    )
    upload = sent(world.filer, csv(HEAD, *bad), kind="stock")
    found = {(number, field) for number, field, _text in problems(upload)}
    assert {(2, "quantity"), (3, "product"), (4, "quantity"), (4, "counted_on")} <= found
    assert StockCount.objects.count() == 0


def test_the_workbook_of_ones_own_stock_comes_back(world: World) -> None:
    counted(world)
    client = client_of(world.filer)
    book = client.get("/d/uploads/workbook/stock.xlsx")
    assert book.status_code == 200
    upload = sent(world.filer, book.content, kind="stock", name="stock.xlsx")
    assert (upload.counts["will_skip"], upload.counts.get("will_create", 0), problems(upload)) == (1, 0, [])
