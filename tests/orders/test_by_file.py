"""Files of orders: asked row by row by a worker, answered as a program is, nothing twice, and taken back."""

import csv as standard
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from certifications.flow import upload_orders
from certifications.flow import uploads as flow
from certifications.flow.upload_goods import Goods
from certifications.flow.uploads import KINDS, kinds_of
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.orders.models import OrderLine
from certifications.uploads import actions, steps
from tests.uploads.files import csv, xlsx
from tests.uploads.steps import committed, now, problems, sent, worked
from tests.world import client_of

from .by_file import HEAD, answered, asked, row
from .shop import Shop, later

pytestmark = pytest.mark.django_db


def test_a_file_is_answered_row_by_row_and_what_is_released_is_reserved(shop: Shop) -> None:
    upload = asked(shop, row(10), row(20, "99"), row(10, "3", order_number="PO-2", unit="盒"))
    assert (upload.status, upload.counts["ready"]) == ("checked", 3)
    assert not OrderLine.objects.exists()
    upload = committed(upload, shop.world.filer)
    assert shop.balance.reserved == 5
    assert [(one["answer"], one["left"], one["row"]) for one in answered(shop, upload)] == [
        ("release", "22", "2"), ("hold", "22", "3"), ("release", "19", "4"),
    ]  # fmt: skip
    first, second, _third = answered(shop, upload)
    assert first["order_line"] == OrderLine.objects.get(order_number="PO-1", line="10").pk
    assert "less left than was ordered" in second["reasons"]
    page = client_of(shop.world.filer).get(f"/d/uploads/{upload.number}/").content.decode()
    assert "2 released, 1 held, 0 need a declaration" in page
    every = client_of(shop.world.filer).get(f"/d/uploads/{upload.number}/rows/").content.decode()
    assert f"/orders/{first['order_line']}/" in every
    assert "Released: the quantity is reserved." in every
    assert "less left than was ordered" in every


def test_the_file_of_answers_comes_back_in(shop: Shop) -> None:
    """The very file: what was held is asked again, and what is reserved stays reserved once."""
    upload = committed(
        asked(shop, row(10), row(20, "1.1250"), row(30, "99", date=f"{later(3):%Y/%m/%d}", country="中国")), shop.world.filer
    )
    assert shop.balance.reserved == Decimal("3.125")
    file = client_of(shop.world.filer).get(f"/d/uploads/{upload.number}/answers.csv").content
    again = sent(shop.world.filer, file, kind="orders", name="answers.csv")
    assert (again.status, again.counts["ready"], again.counts["will_update"]) == ("checked", 3, 3)
    again = committed(again, shop.world.filer)
    assert (again.counts["said_release"], again.counts["said_hold"]) == (2, 1)
    assert (shop.balance.reserved, OrderLine.objects.count()) == (Decimal("3.125"), 3)
    assert OrderLine.objects.get(line="30").wanted_on == later(3)


def test_the_order_desks_file_of_answers_comes_back_in_too(shop: Shop) -> None:
    desk = shop.world.order_desk
    upload = committed(sent(desk, csv(("distributor", *HEAD), (shop.world.qinglan.name, *row(10))), kind="any_orders"), desk)
    file = client_of(desk).get(f"/c/uploads/{upload.number}/answers.csv").content
    again = committed(sent(desk, file, kind="any_orders", name="answers.csv"), desk)
    assert (again.counts["said_release"], shop.balance.reserved, OrderLine.objects.count()) == (1, 2, 1)


def test_every_wrong_cell_is_named_and_the_others_go_their_way(shop: Shop) -> None:
    upload = asked(
        shop,
        row(10),
        row(20, "two"),
        row(30, country="Atlantis", date="tomorrow"),
        row(40, date=later(-1).isoformat()),
        row(50, unit="metre"),
        row(60, catalogue_number="CI-9999"),
        row(70, "0"),
        row(80, customer=""),
        row(90, division="33"),
        row(10, "3"),
    )
    assert {(number, field) for number, field, _said in problems(upload)} == {
        (3, "quantity"), (4, "country"), (4, "date"), (5, "date"), (6, "unit"), (7, "product"), (8, "quantity"), (9, "customer"),
        (10, "division"), (11, ""),
    }  # fmt: skip
    assert all(said.endswith((".", "2026-10-05.")) for _number, _field, said in problems(upload))
    with pytest.raises(NotAllowed, match="still need attention"):
        actions.commit(upload=upload, kind=KINDS["orders"], by=shop.world.filer, mode="all")
    upload = committed(upload, shop.world.filer, "ready")
    assert [(one.line, one.status) for one in OrderLine.objects.all()] == [("10", "released")]
    back = client_of(shop.world.filer).get(f"/d/uploads/{upload.number}/rejected.csv").content.decode("utf-8-sig")
    lines = list(standard.reader(io.StringIO(back)))
    assert len(lines) == 10
    assert "Unit: This unit does not convert" in next(line[-1] for line in lines if line[1] == "50")


def test_the_same_file_twice_reserves_once_and_asks_again_what_was_held(shop: Shop) -> None:
    shop.say(status="suspended")
    rows = [row(10), row(20)]
    committed(asked(shop, *rows), shop.world.filer)
    assert set(OrderLine.objects.values_list("status", flat=True)) == {"held"}
    shop.say(status="valid")
    for _twice in range(2):
        upload = committed(asked(shop, *rows), shop.world.filer)
        assert (shop.balance.reserved, OrderLine.objects.count()) == (4, 2)
        assert [one["answer"] for one in answered(shop, upload)] == ["release", "release"]


def test_rows_that_say_the_same_count_once(shop: Shop) -> None:
    upload = committed(asked(shop, row(10), row(10)), shop.world.filer)
    assert (upload.counts["did_create"], shop.balance.reserved, OrderLine.objects.count()) == (1, 2, 1)


def test_what_was_released_for_other_goods_is_not_asked_again_as_the_same_line(shop: Shop) -> None:
    shop.order("2", order_number="PO-1")
    upload = asked(shop, row(10, "5"), row(20))
    assert [(number, field) for number, field, _said in problems(upload)] == [(2, "line")]
    assert "PO-1/10 was released for other goods" in problems(upload)[0][2]


def test_a_killed_worker_loses_nothing_and_reserves_nothing_twice(shop: Shop) -> None:
    upload = asked(shop, *(row(10 * n, "1") for n in range(1, 8)))
    actions.commit(upload=upload, kind=KINDS["orders"], by=shop.world.filer, mode="all")
    dies = iter([False, True, False, False, True])

    def fault(_name: str) -> None:
        if next(dies, False):
            raise KeyboardInterrupt

    for reserved in (2, 5):
        with pytest.raises(KeyboardInterrupt):
            steps.go_on(upload.pk, flow.KINDS, fault)
        # A row is a transaction of its own: as many are reserved as are done.
        assert (now(upload).done, shop.balance.reserved) == (reserved, reserved)
    upload = worked(upload)
    assert (upload.status, upload.counts["said_release"], shop.balance.reserved) == ("committed", 7, 7)


def test_a_line_is_written_without_reading_the_whole_catalogue(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = asked(shop, row(10), row(20, catalogue_number=f"CI-2440-100 {shop.world.kit.name}"))
    read: list[int] = []

    def goods(catalogue: list[Any]) -> Goods:
        read.append(len(catalogue))
        return Goods(catalogue)

    monkeypatch.setattr(upload_orders, "Goods", goods)
    committed(upload, shop.world.filer)
    assert read == [1, 1, 1]  # both rows once before the first is written, then one by one
    assert shop.balance.reserved == 4


def test_the_order_desk_names_the_distributor(shop: Shop) -> None:
    desk, own = shop.world.order_desk, shop.world.qinglan
    head = ("distributor", *HEAD)
    rows = [(own.name, *row(10)), (own.pk, *row(20)), ("Nobody's Trading", *row(30)), ("", *row(40))]
    upload = sent(desk, csv(head, *rows), kind="any_orders")
    assert [(number, field) for number, field, _said in problems(upload)] == [(4, "distributor"), (5, "distributor")]
    upload = committed(upload, desk, "ready")
    assert shop.balance.reserved == 4
    assert set(OrderLine.objects.values_list("organisation", flat=True)) == {own.pk}
    assert [one["answer"] for one in answered(shop, upload, "order_desk", "c")] == ["release", "release"]
    book = client_of(desk).get("/c/uploads/workbook/any_orders.xlsx")
    assert book.status_code == 200
    assert client_of(shop.world.filer).get(f"/d/uploads/{upload.number}/").status_code == 404


def test_each_asks_for_its_own_orders_alone(shop: Shop) -> None:
    world = shop.world
    for who, kind in (("filer", "orders"), ("order_desk", "any_orders"), ("signatory", ""), ("reviewer", ""), ("auditor", "")):
        mine = {kind.code for kind in kinds_of(world.people[who])} & {"orders", "any_orders"}
        assert mine == {kind} - {""}, who
    for who, kind in (("signatory", "orders"), ("filer", "any_orders"), ("reviewer", "any_orders"), ("order_desk", "orders")):
        with pytest.raises(PermissionDenied):
            actions.receive(by=world.people[who], kind=KINDS[kind], content=csv(HEAD, row()), name="x.csv", form_key=new_ulid())
    upload = committed(asked(shop, row()), world.filer)
    for who, side in (("stranger", "d"), ("order_desk", "c"), ("signatory", "d")):
        assert client_of(world.people[who]).get(f"/{side}/uploads/{upload.number}/answers.csv").status_code == 404, who
    # Another distributor's file with the same numbers is about its own customers, and it has none of this number.
    theirs = committed(sent(world.stranger, csv(HEAD, row()), kind="orders"), world.stranger)
    assert theirs.counts["said_hold"] == 1
    assert shop.balance.reserved == 2


def test_a_right_that_ended_stops_the_file(shop: Shop) -> None:
    upload = asked(shop, row(10), row(20))
    actions.commit(upload=upload, kind=KINDS["orders"], by=shop.world.filer, mode="all")
    shop.world.filer.memberships.update(ended_at=timezone.now(), ended_by_id=shop.world.distributor_admin.pk)
    upload = worked(upload)
    assert (upload.status, OrderLine.objects.count()) == ("checked", 0)


def test_only_files_that_ask_have_answers(shop: Shop) -> None:
    upload = sent(shop.world.filer, csv(("客户名称",), ("宁波江南医院",)), kind="customers")
    assert client_of(shop.world.filer).get(f"/d/uploads/{upload.number}/answers.csv").status_code == 404


def test_so_many_rows_and_no_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert KINDS["orders"].max_rows == KINDS["any_orders"].max_rows == 10_000
    monkeypatch.setattr(type(KINDS["orders"]), "max_rows", 2)
    assert asked(shop, row(10), row(20)).status == "checked"
    upload = asked(shop, row(10), row(20), row(30))
    assert (upload.status, upload.problem["code"]) == ("unreadable", "too_many_rows")


def test_headings_in_chinese_and_a_workbook_are_read_too(shop: Shop) -> None:
    head = ("订单号", "行号", "客户编号", "货号", "数量", "单位", "国家", "行政区划", "发货日期")
    place: Any = "宁波市"
    cells = list(row(10))
    cells[6], cells[7], cells[8] = "中国", place, later(3)  # type: ignore[call-overload]
    upload = sent(shop.world.filer, xlsx([head, cells]), kind="orders", name="orders.xlsx")
    committed(upload, shop.world.filer)
    line = OrderLine.objects.get()
    assert (line.status, line.place_division, line.wanted_on) == ("released", "330200", later(3))


def test_where_orders_were_sent_before_leads_to_where_they_are_sent_now(shop: Shop) -> None:
    for who, address in (("filer", "/d/uploads/new/?kind=orders"), ("order_desk", "/c/uploads/new/?kind=any_orders")):
        answer = client_of(shop.world.people[who]).get("/orders/upload/")
        assert (answer.status_code, answer.headers["Location"]) == (302, address)
        page = client_of(shop.world.people[who]).get("/orders/").content.decode()
        assert f'href="{address}"' in page
