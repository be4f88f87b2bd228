"""A month of sales by the file: every cell, row, file and what was reported before; committed, sent again, taken back."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.custody.models import Movement, SalesReport
from certifications.custody.rules import serials_of
from certifications.declarations.models import Declaration
from certifications.flow.uploads import KINDS
from certifications.ledger.days import civil_today
from certifications.parties.models import Customer
from certifications.people.models import User
from certifications.uploads import actions, steps
from certifications.uploads.models import Upload
from tests.flow.test_at_once import at_once, committed
from tests.uploads.files import csv, xlsx
from tests.uploads.steps import committed as written
from tests.uploads.steps import now, problems, sent, undone, worked
from tests.world import World, client_of

from .reports import DAY, HEAD, MONTH, row, told

__all__ = ["committed"]


def report(world: World, *rows: tuple[object, ...], head: tuple[str, ...] = HEAD, **more: object) -> Upload:
    return sent(world.filer, csv(head, *rows), kind="sales", **more)  # type: ignore[arg-type]


def codes(upload: Upload) -> list[tuple[int, str, str]]:
    return list(upload.problems.order_by("number", "field", "code").values_list("number", "field", "code"))


def accept_all(upload: Upload, by: User) -> Upload:
    for field, code in set(upload.problems.exclude(accept={}).values_list("field", "code")):
        actions.accept(upload=upload, kind=KINDS["sales"], by=by, field=field, code=code)
    return now(upload)


@pytest.mark.django_db
def test_a_month_is_reported_as_movements_with_what_was_written(world: World) -> None:
    upload = written(report(world, row(), row(交易类型="退货", 数量="-1", 金额="-4800", 发票号="INV-2")), world.filer)
    assert (upload.status, problems(upload)) == ("committed", [])
    assert told() == [("sale", "3", "24A", "", "宁波江南医院"), ("return", "1", "24A", "", "宁波江南医院")]
    sale, back = Movement.objects.order_by("row")
    assert (sale.from_organisation, sale.to_organisation, back.from_organisation, back.to_organisation) == (
        world.qinglan,
        None,
        None,
        world.qinglan,
    )
    assert (sale.reported, sale.unit_price, sale.happened_on, sale.report.period, sale.row) == ("3 盒", Decimal(4800), DAY, MONTH, 2)
    assert (back.reported, SalesReport.objects.count()) == ("-1 盒", 1)


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_the_encodings_of_china_are_read(world: World, encoding: str) -> None:
    upload = sent(world.filer, csv(HEAD, row(), row(发票号="INV-2"), encoding=encoding), kind="sales")
    assert (upload.status, upload.counts["ready"]) == ("checked", 2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("encoding", "buyer"),
    [("big5", "臺灣大學醫學院附設醫院"), ("shift_jis", "株式会社テスト研究所"), ("euc_kr", "서울대학교병원")],
)
def test_the_encodings_of_the_neighbours_are_read(world: World, encoding: str, buyer: str) -> None:
    head = {
        "big5": ("發票號碼", "發貨日期", "客戶名稱", "貨號", "數量"),
        "shift_jis": ("invoice no", "date", "顧客名", "sku", "qty"),
        "euc_kr": ("invoice no", "date", "고객명", "sku", "수량"),
    }[encoding]
    upload = sent(world.filer, csv(head, ("A-1", DAY.isoformat(), buyer, "CI-2440-100", "2"), encoding=encoding), kind="sales")
    assert written(upload, world.filer).status == "committed"
    assert Movement.objects.get().buyer_name == buyer


@pytest.mark.django_db
def test_the_mess_of_real_workbooks_is_read_and_said(world: World) -> None:
    day = f"{DAY:%Y}年{DAY.month}月{DAY.day}日"
    serial = (DAY - dt.date(1899, 12, 30)).days
    rows = [
        ("2026年流向表", None, None, None, None, None, None),
        ("单据", None, "客户", None, "货物", None, None),
        ("发票号", "发货日期", "客户名称", "城市", "货号", "数量", "金额(万元)"),
        ("INV-1", f"{DAY:%Y/%-m/%-d}", "宁波江南医院", "宁波市", "CI-2440-100", "１盒", 1.2),  # noqa: RUF001
        (None, None, None, None, "CI-2717-200", 2, 0.5),
        ("INV-2", f"{DAY:%Y%m%d}", "成都岷江妇产医院", "成都市", "CI-2440-100", "3 盒", None),
        ("INV-3", day, "杭州西溪医院", None, "CI-2440-100", 4, None),
        ("INV-4", serial, "杭州西溪医院", None, "CI-2440-100", 5, None),
        ("合计", None, None, None, None, 16, None),
        ("制表：林月", None, None, None, None, None, None),
    ]
    content = xlsx(
        rows, sheets=(("十月", False), ("草稿", True)), merges=((1, 0, 1, 1, "单据"), (1, 2, 1, 3, "客户"), (1, 4, 1, 6, "货物"))
    )
    upload = sent(world.filer, content, kind="sales", name="流向.xlsx")
    assert (upload.status, problems(upload)) == ("checked", [])
    said = [remark["texts"]["en"] for remark in upload.remarks]
    assert said[0].startswith("Row 9 says a total of 16; the rows above it add up to 15.")
    assert said[1].startswith("In 1 rows, blank cells were read as what stands above.")
    upload = written(upload, world.filer)
    found = list(Movement.objects.order_by("row").values_list("invoice_no", "buyer_name", "quantity", "amount", "happened_on", "city"))
    assert found[0] == ("INV-1", "宁波江南医院", 1, 12000, DAY, "宁波市")
    assert found[1] == ("INV-1", "宁波江南医院", 2, 5000, DAY, "宁波市")
    # A row that names its buyer says for itself that the city is blank.
    assert [(f[0], f[4], f[5]) for f in found[2:]] == [("INV-2", DAY, "成都市"), ("INV-3", DAY, ""), ("INV-4", DAY, "")]
    assert upload.reading["left_out"] == {"title": 1, "total": 1, "note": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"数量": "很多"}, "quantity", "number"),
        ({"数量": "1,5"}, "quantity", "comma"),
        ({"数量": "0"}, "quantity", "zero"),
        ({"数量": ""}, "quantity", "no_quantity"),
        ({"数量": "200", "单位": "人份"}, "quantity", "samples"),
        ({"数量": "3", "单位": "箱子"}, "quantity", "unit"),
        ({"货号": "XX-1"}, "product", "unknown_product"),
        ({"货号": "9.14E+17"}, "product", "rounded"),
        ({"发货日期": "很久以前"}, "shipped_on", "day"),
        ({"发货日期": "05/10/2026"}, "shipped_on", "day_order"),
        ({"发货日期": "2026-02-30"}, "shipped_on", "no_such_day"),
        ({"发货日期": (civil_today() + dt.timedelta(days=2)).isoformat()}, "shipped_on", "not_come"),
        ({"交易类型": "魔术"}, "kind", "choice"),
        ({"序列号": "S1,S2"}, "serial", "serial_count"),
        ({"序列号": "S1,S1,S2"}, "serial", "serials_twice"),
        ({"序列号": "S9~S1"}, "serial", "serials_range"),
        ({"申报编号": "EUD-2026-NOTOURS"}, "declaration", "no_declaration"),
        ({"客户名称": "医" * 301}, "buyer", "too_long"),
        ({"单价": "贵"}, "unit_price", "number"),
        ({"金额": "99999999999999"}, "amount", "money_long"),
    ],
)
def test_a_wrong_cell_is_named_and_stops_its_row_alone(world: World, changes: dict[str, str], field: str, code: str) -> None:
    upload = report(world, row(发票号="INV-0"), row(**changes))
    assert (3, field, code) in codes(upload), codes(upload)
    problem = upload.problems.get(number=3, field=field, code=code)
    assert problem.texts["en"]
    assert problem.texts["en"] != problem.texts["zh-hans"], "said in both languages"
    assert (upload.counts["ready"], upload.counts["attention"]) == (1, 1)
    written(upload, world.filer, "ready")
    assert len(told()) == 1


@pytest.mark.django_db
def test_what_only_looks_wrong_is_said_and_stops_nothing(world: World) -> None:
    upload = report(
        world,
        row(交易类型="", 数量="-2", 金额="-9000", 发票号="A"),
        row(货号="CI-3600-A", 数量="1", 单位="台", 金额="4800", 批号=""),
    )
    assert {(n, code) for n, _f, code in codes(upload)} == {(2, "sum:returned_more"), (2, "product_differs"), (2, "negative")}
    assert upload.problems.filter(code="product_differs", blocks=False).count() == 1
    negative = report(world, row(数量="-2", 金额="-9600"))
    assert negative.problems.filter(code="negative", blocks=False).exists()


@pytest.mark.django_db
def test_several_serials_in_a_cell_are_movements_of_one_unit_each(world: World) -> None:
    many = row(货号="CI-3600-A", 数量="3", 单位="台", 批号="", 序列号="CV-001~CV-003", 单价="", 金额="")
    upload = written(report(world, many), world.filer)
    assert [(m[1], m[3]) for m in told()] == [("1", "CV-001"), ("1", "CV-002"), ("1", "CV-003")]
    # Sold again without having come back, and one that never was sold comes back.
    again = row(货号="CI-3600-A", 数量="1", 单位="台", 批号="", 序列号="CV-002", 发票号="INV-9", 单价="", 金额="")
    other = row(货号="CI-3600-A", 数量="-1", 单位="台", 批号="", 序列号="CV-777", 发票号="INV-9", 单价="", 金额="")
    second = report(world, again, other)
    assert {(2, "serial", "sold_already"), (3, "serial", "never_sold")} <= set(codes(second))
    assert written(accept_all(second, world.filer), world.filer).status == "committed"
    assert undone(now(upload), world.filer).status == "undone"
    assert sorted(m[3] for m in told()) == ["CV-002", "CV-777"]


def test_serial_numbers_are_read_as_people_list_them() -> None:
    assert serials_of("A1、A2；A3", 3) == ["A1", "A2", "A3"]  # noqa: RUF001
    assert serials_of("SN098至SN101", 4) == ["SN098", "SN099", "SN100", "SN101"]
    assert serials_of("SN098 ~ 100", 3) == ["SN098", "SN099", "SN100"]
    assert serials_of("CV36-0101", 1) == ["CV36-0101"], "a hyphen is part of a number"
    assert serials_of("0101-0103", 3) == ["0101", "0102", "0103"], "unless it counts to the quantity"
    for text, word in (("A1 A1", "twice"), ("A9~A1", "range"), ("A1~B9", "range"), ("A1~A99999", "range")):
        with pytest.raises(ValueError, match=word):
            serials_of(text, 2)


@pytest.mark.django_db
def test_a_declaration_of_another_customer_is_asked_back(world: World) -> None:
    declaration = world.draft()
    name = declaration.customer.party.names.first().text
    assert Customer.objects.count() == Declaration.objects.count() == 1
    upload = report(
        world,
        row(申报编号=declaration.number, 客户名称=name),
        row(申报编号=declaration.number, 客户名称="别的医院", 发票号="B"),
    )
    assert codes(upload) == [(3, "declaration", "other_customer")]
    other = row(申报编号=declaration.number, 客户名称=name, 货号="CI-2717-200", 发票号="C")
    assert (2, "declaration", "other_product") in codes(report(world, other))


@pytest.mark.django_db
def test_two_rows_that_say_the_same_are_asked_about_and_may_both_be_meant(world: World) -> None:
    upload = report(world, row(), row(), row(发票号="INV-2"))
    assert codes(upload) == [(3, "", "repeated")]
    assert problems(upload)[0][2].startswith("This row says exactly the same as row 2.")
    upload = written(accept_all(upload, world.filer), world.filer)
    assert (upload.counts["did_create"], len(told())) == (3, 3)
    again = report(world, row(), row(), row(发票号="INV-2"))
    assert (again.counts["will_skip"], codes(again)) == (3, [])
    left = report(world, row(发票号="X"), row(发票号="X"))
    actions.leave_out(upload=left, kind=KINDS["sales"], by=world.filer, number=2)
    assert (codes(now(left)), now(left).counts["ready"]) == ([], 1)


@pytest.mark.django_db
def test_the_same_file_twice_changes_nothing_and_a_changed_line_is_asked_about(world: World) -> None:
    written(report(world, row(), row(发票号="INV-2")), world.filer)
    again = written(report(world, row(), row(发票号="INV-2")), world.filer, "ready")
    assert (again.counts["did_skip"], len(told())) == (2, 2)
    other = report(world, row(数量="5", 金额="24000"))
    assert codes(other) == [(2, "invoice_no", "otherwise")]
    assert "with 3." in problems(other)[0][2]


@pytest.mark.django_db
def test_more_returned_than_sold_is_asked_about_until_a_row_mends_it(world: World) -> None:
    sold = row(数量="2", 金额="9600")
    back = row(交易类型="退货", 数量="5", 发票号="R-1", 金额="")
    upload = report(world, sold, back)
    assert codes(upload) == [(3, "quantity", "sum:returned_more")]
    assert "3 more units" in problems(upload)[0][2]
    actions.mend(upload=upload, kind=KINDS["sales"], by=world.filer, number=2, field="quantity", value="6")
    actions.mend(upload=upload, kind=KINDS["sales"], by=world.filer, number=2, field="amount", value="28800")
    assert (codes(now(upload)), now(upload).counts["ready"]) == ([], 2)


@pytest.mark.django_db
def test_the_whole_upload_is_taken_back_and_the_record_keeps_it(world: World) -> None:
    upload = written(report(world, row(), row(发票号="INV-2")), world.filer)
    assert undone(upload, world.filer).status == "undone"
    assert (told(), Movement.objects.count()) == ([], 2)
    assert {m.taken_back_by for m in Movement.objects.all()} == {world.filer}
    # What was taken back can be reported anew.
    assert written(report(world, row()), world.filer).counts["did_create"] == 1


@pytest.mark.django_db
def test_all_or_nothing_leaves_nothing_when_one_row_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "WRITE_MANY", 1)
    upload = report(world, row(), row(发票号="INV-2"))
    actions.commit(upload=upload, kind=KINDS["sales"], by=world.filer, mode="all")
    # The second row is reported by somebody else between the check and the commit, with another quantity.
    other = report(world, row(发票号="INV-2", 数量="9", 金额="43200"))
    written(other, world.filer)
    assert worked(upload).status == "checked"
    assert told() == [("sale", "9", "24A", "", "宁波江南医院")]
    assert codes(now(upload)) == [(3, "invoice_no", "otherwise")]


@pytest.mark.django_db
def test_postgresql_keeps_movements_as_they_were_reported(world: World) -> None:
    written(report(world, row()), world.filer)
    movement = Movement.objects.get()
    undone(Upload.objects.get(), world.filer)
    for statement in (
        "UPDATE certifications_movement SET quantity = 99",
        "UPDATE certifications_movement SET buyer_name = 'x'",
        "UPDATE certifications_movement SET taken_back_at = NULL, taken_back_by_id = NULL",
        "DELETE FROM certifications_movement",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    theirs = SalesReport.objects.create(organisation=world.people["stranger"].organisation, period=MONTH)
    with pytest.raises(DatabaseError, match="whoever reported it"), transaction.atomic():
        Movement.objects.create(
            line="x", key="y", kind="sale", organisation=world.qinglan, report=theirs, from_organisation=world.qinglan, product=world.kit,
            quantity=1, reported="1", happened_on=DAY, upload=movement.upload, row=1,
        )  # fmt: skip


@pytest.mark.django_db
def test_another_distributor_learns_nothing(world: World) -> None:
    written(report(world, row()), world.filer)
    stranger = client_of(world.people["stranger"])
    assert "宁波江南医院" not in stranger.get("/d/movements/").content.decode()
    assert "宁波江南医院" not in stranger.get("/d/movements/csv/").content.decode()
    # The same invoice of another distributor is its own.
    theirs = sent(world.people["stranger"], csv(HEAD, row()), kind="sales")
    assert (theirs.counts["will_create"], codes(theirs)) == (1, codes(theirs))
    assert not theirs.problems.filter(blocks=True).exists()
    page = client_of(world.reviewer).get("/c/movements/?q=宁波江南医院").content.decode()
    assert "宁波江南医院" in page
    assert "14400" not in page
    assert client_of(world.people["sales"]).get("/c/movements/").status_code == 404


def test_the_same_report_from_two_people_at_once_is_written_once(committed: World) -> None:
    uploads = [report(committed, row(), row(发票号="INV-2")) for _person in range(2)]
    for upload in uploads:
        actions.commit(upload=upload, kind=KINDS["sales"], by=committed.filer, mode="all")
    assert at_once(*(lambda pk=upload.pk: steps.go_on(pk, KINDS) for upload in uploads)) == [None, None]
    assert sorted(now(upload).counts.get("did_skip", 0) for upload in uploads) == [0, 2]
    assert len(told()) == 2


class Killed(BaseException):
    """What a worker that is killed raises nowhere."""


@pytest.mark.django_db
def test_a_worker_killed_in_mid_commit_is_followed_by_one_that_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "WRITE_MANY", 2)
    rows = [row(发票号=f"INV-{n}") for n in range(5)]
    upload = report(world, *rows)
    actions.commit(upload=upload, kind=KINDS["sales"], by=world.filer, mode="all")
    seen = []

    def killed(name: str) -> None:
        seen.append(name)
        if len(seen) == 2:
            raise Killed

    with pytest.raises(Killed):
        steps.go_on(upload.pk, KINDS, killed)
    assert (now(upload).status, len(told())) == ("committing", 4)
    assert (worked(upload).status, len(told()), Movement.objects.count()) == ("committed", 5, 5)


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["accept", "leave_out", "proposals"])
def test_what_is_said_of_many_rows_is_done_by_one_statement_and_a_worker(world: World, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    changes = {"proposals": {"数量": "200", "单位": "人份", "金额": ""}}.get(act, {})
    same = [row(**changes) for _n in range(5)] if act != "proposals" else [row(**changes, 发票号=f"P-{n}") for n in range(5)]
    upload = report(world, row(发票号="GOOD"), *same)
    field, code = ("quantity", "samples") if act == "proposals" else ("", "repeated")
    assert upload.problems.filter(field=field, code=code).count() == (5 if act == "proposals" else 4)
    about = {"upload": upload, "kind": KINDS["sales"], "by": world.filer, "field": field, "code": code}
    done = {"accept": actions.accept, "leave_out": actions.leave_out, "proposals": actions.take_proposals}[act](**about)
    assert done == (5 if act == "proposals" else 4)
    assert now(upload).status == "checking", "a worker looks, and no page waits"
    upload = worked(now(upload))
    assert (upload.status, upload.counts["attention"]) == ("checked", 0)
    assert upload.counts["ready"] == {"accept": 6, "leave_out": 2, "proposals": 6}[act]


@pytest.mark.django_db
def test_a_first_row_that_names_nobody_has_nothing_above_it(world: World) -> None:
    upload = report(world, row(客户名称=""), row(发票号="INV-2"), row(发票号="", 客户名称="", 批号="25B"))
    assert codes(upload) == [(2, "buyer", "no_buyer")]
    written(upload, world.filer, "ready")
    assert [m[4] for m in told()] == ["宁波江南医院", "宁波江南医院"]
    assert {m.invoice_no for m in Movement.objects.all()} == {"INV-2"}
