"""Declarations by the file: drafts of several rows, asked back where a cell may mean two things, never a signed one changed."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration
from certifications.declarations.queries import data_of, version_of
from certifications.flow import sign as flow
from certifications.flow.uploads import KINDS
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.uploads import actions
from certifications.uploads.models import UploadKey
from tests.world import World

from .files import SALES, USE, csv
from .steps import committed, now, problems, sent, undone

pytestmark = pytest.mark.django_db
KIND = KINDS["declarations"]


def since() -> str:
    """The day of signing, asked for each row: a run of the suite may pass midnight."""
    return civil_today().isoformat()


def until() -> str:
    return (civil_today() + dt.timedelta(days=300)).isoformat()


def row(
    reference: str = "Q-1", customer: str = "宁波江南医院", product: str = "CI-2440-100", quantity: str = "24", **changes: str
) -> tuple[str, ...]:
    """One row of goods."""
    values = {
        "reference": reference, "customer": customer, "product": product, "quantity": quantity, "end_use": USE, "place": "宁波市中山东路 412 号",
        "country": "CN", "division": "330200", "valid_from": since(), "valid_until": until(),
    }  # fmt: skip
    return tuple((values | changes).values())


# The columns that a draft needs beside those of before, so that it can be signed without its page.
SIGNABLE = (*SALES, "合同或订单号", "业务关系", "联系人", "运输路线")
TOLD = ("JN-2026-118", "Supplied and serviced since 2019.", "He Jing, 0574 8000 4120", "")


def drafts(world: World) -> list[Declaration]:
    return list(Declaration.objects.filter(organisation=world.qinglan, status="draft").order_by("number"))


def goods(declaration: Declaration) -> dict[str, Decimal]:
    lines = version_of(declaration).lines.select_related("product")
    return {line.product.catalogue_number: line.quantity for line in lines}


def test_rows_of_one_reference_are_one_draft(world: World) -> None:
    world.customer()
    upload = sent(
        world.filer, csv(SALES, row(), row(product="CI-2717-200", quantity="３盒"), row("Q-2", quantity="1,200")), kind="declarations"
    )
    assert (problems(upload), upload.counts["will_create"], upload.counts["rows"]) == ([], 2, 3)
    upload = committed(upload, world.filer)
    assert sorted(map(len, map(goods, drafts(world)))) == [1, 2]
    assert {"CI-2440-100": Decimal(24), "CI-2717-200": Decimal(3)} in [goods(d) for d in drafts(world)]
    assert {"CI-2440-100": Decimal(1200)} in [goods(d) for d in drafts(world)]


def test_a_blank_means_as_above_and_more_goods_belong_to_the_declaration_above(world: World) -> None:
    world.customer()
    world.customer(native_name="成都岷江妇产医院", latin_name="Chengdu Minjiang Maternity Hospital")
    more = ("", "", "CI-2717-200", "2", "", "", "", "", "", "")
    head, bare = SALES[1:], lambda r: r[1:]
    upload = sent(world.filer, csv(head, bare(row()), bare(more), bare(row(customer="成都岷江妇产医院"))), kind="declarations")
    assert (problems(upload), upload.counts["will_create"]) == ([], 2)
    committed(upload, world.filer)
    assert sorted(map(len, map(goods, drafts(world)))) == [1, 2]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"customer": "杭州没有的医院"}, "customer", "None of your customers"),
        ({"customer": ""}, "customer", "Enter the end user"),
        ({"product": "CI-9999"}, "product", "no such number"),
        ({"quantity": "0"}, "quantity", "more than zero"),
        ({"quantity": "1,5"}, "quantity", "comma"),
        ({"quantity": "2400 人份"}, "quantity", "100 samples are one unit"),
        ({"quantity": "3 箱子"}, "quantity", "not the product's"),
        ({"end_use": "科研"}, "end_use", "Say what the goods will be used for"),
        ({"valid_until": "05/10/2027"}, "valid_until", "two days"),
        ({"valid_until": "soon"}, "valid_until", "cannot be read as a day"),
        ({"valid_until": "2020-01-01"}, "valid_until", "ends before it begins"),
        ({"valid_from": ""}, "valid_from", "Enter a day"),
        ({"division": "江北区"}, "place_division", "Several divisions"),
        ({"place": "𓀀 room"}, "place_address", "cannot be printed"),
    ],
)
def test_a_row_is_refused_by_the_rule_of_the_form_in_its_own_cell(world: World, changes: dict[str, str], field: str, said: str) -> None:
    world.customer()
    upload = sent(world.filer, csv(SALES, row(**changes), row("Q-2")), kind="declarations")
    found = [(number, column) for number, column, text in problems(upload) if said in text]
    assert found == [(2, field)]
    assert len(problems(upload)) == 1
    assert (upload.counts["ready"], upload.counts["attention"]) == (1, 1)


def test_what_may_be_samples_is_mended_by_one_press(world: World) -> None:
    world.customer()
    upload = sent(world.filer, csv(SALES, row(quantity="2400 人份")), kind="declarations")
    fix = upload.problems.get().fixes[0]
    actions.mend(upload=upload, kind=KIND, by=world.filer, number=2, field=fix["field"], value=fix["value"])
    committed(now(upload), world.filer)
    assert goods(drafts(world)[0]) == {"CI-2440-100": Decimal(24)}


def test_one_bad_row_keeps_its_whole_declaration_back(world: World) -> None:
    world.customer()
    upload = sent(world.filer, csv(SALES, row(), row(product="CI-0"), row("Q-2")), kind="declarations")
    assert [r.state for r in upload.rows.order_by("number")] == ["attention", "attention", "ready"]
    committed(upload, world.filer, "ready")
    assert len(drafts(world)) == 1


def test_rows_of_one_reference_that_disagree_are_named(world: World) -> None:
    world.customer()
    upload = sent(world.filer, csv(SALES, row(), row(product="CI-2717-200", division="330205")), kind="declarations")
    assert [(n, f) for n, f, _t in problems(upload)] == [(3, "place_division")]
    assert "Row 2" in problems(upload)[0][2]


def test_the_same_file_twice_makes_no_second_draft(world: World) -> None:
    world.customer()
    bare = [r[1:] for r in (SALES, row(), row(quantity="25"))]
    for content in (csv(SALES, row(), row("Q-2")), csv(*bare)):
        before = len(drafts(world))
        committed(sent(world.filer, content, kind="declarations"), world.filer)
        assert len(drafts(world)) == before + 2
        again = committed(sent(world.filer, content, kind="declarations"), world.filer)
        assert (again.counts["did_skip"], len(drafts(world))) == (2, before + 2)


def test_a_reference_sent_again_changes_its_draft_and_undo_puts_it_back(world: World) -> None:
    world.customer()
    committed(sent(world.filer, csv(SALES, row()), kind="declarations"), world.filer)
    upload = sent(world.filer, csv(SALES, row(quantity="30")), kind="declarations")
    assert (upload.counts["will_update"], upload.rows.get().changes) == (1, [["quantity", "24 × CI-2440-100", "30 × CI-2440-100"]])
    upload = committed(upload, world.filer)
    declaration = drafts(world)[0]
    assert goods(declaration) == {"CI-2440-100": Decimal(30)}
    assert undone(upload, world.filer).status == "undone"
    assert goods(declaration) == {"CI-2440-100": Decimal(24)}


def test_a_signed_declaration_is_neither_changed_nor_taken_back(world: World) -> None:
    world.customer()
    upload = committed(sent(world.filer, csv(SIGNABLE, (*row(), *TOLD)), kind="declarations"), world.filer)
    declaration = world.signed(drafts(world)[0])
    with pytest.raises(NotAllowed, match="was signed"):
        actions.undo(upload=upload, kind=KIND, by=world.filer)
    again = sent(world.filer, csv(SALES, row(quantity="30")), kind="declarations")
    assert "no draft any more" in problems(again)[0][2]
    assert (version_of(declaration).lines.get().quantity, now(upload).status) == (Decimal(24), "committed")


def test_a_part_of_which_the_file_has_no_column_is_opened_before_anybody_signs(world: World) -> None:
    """Who sent no column of the way has not said who is on it; a blank cell of one is an answer."""
    world.customer()
    head, bare = SIGNABLE[:-1], (*row(), *TOLD[:-1])
    committed(sent(world.filer, csv(head, bare), kind="declarations"), world.filer)
    (draft,) = drafts(world)
    assert version_of(draft).answered == ["documents", "end_use", "goods", "parties"]
    with pytest.raises(Incomplete, match="not filled in yet: Destination and route"):
        world.signed(draft)
    again = csv(SIGNABLE, (*row(quantity="30"), *TOLD))
    committed(sent(world.filer, again, kind="declarations"), world.filer)
    committed(sent(world.filer, csv(head, (*row(quantity="31"), *TOLD[:-1])), kind="declarations"), world.filer)
    world.signed(draft)
    draft.refresh_from_db()
    assert (draft.status, goods(draft)) == ("signed", {"CI-2440-100": Decimal(31)})


def test_drafts_are_withdrawn_when_the_upload_is_taken_back_and_may_be_sent_again(world: World) -> None:
    world.customer()
    content = csv(SALES, row(), row("Q-2"))
    upload = committed(sent(world.filer, content, kind="declarations"), world.filer)
    assert undone(upload, world.filer).status == "undone"
    assert (drafts(world), UploadKey.objects.count()) == ([], 0)
    committed(sent(world.filer, content, kind="declarations"), world.filer)
    assert len(drafts(world)) == 2


def test_a_customer_is_found_by_name_number_or_reference_and_only_among_one_s_own(world: World) -> None:
    own = world.customer(uscc="12330200MA2GX00010")
    world.customer(by="stranger", native_name="苏州别家医院", latin_name="Suzhou Other Hospital", uscc="12320500MA2GX00010")
    names = ["宁波江南医院", "ningbo jiangnan hospital", "12330200MA2GX00010", own.pk, f"宁波江南医院 · {own.pk}"]
    upload = sent(world.filer, csv(SALES, *(row(f"Q-{n}", name) for n, name in enumerate(names))), kind="declarations")
    assert (problems(upload), upload.counts["will_create"]) == ([], 5)
    for name in names:
        alone = sent(world.filer, csv(SALES, row(customer=name)), kind="declarations")
        assert (problems(alone), alone.counts["ready"]) == ([], 1), name
    foreign = sent(world.filer, csv(SALES, row(customer="苏州别家医院"), row("Q-2", customer="谁也没有的医院")), kind="declarations")
    said = [text for _number, _field, text in problems(foreign)]
    assert said[0] == said[1]


def test_what_the_authorisation_does_not_cover_warns_and_does_not_block(world: World) -> None:
    world.customer()
    upload = sent(world.filer, csv(SALES, row(division="650100")), kind="declarations")
    assert upload.counts["ready"] == 1
    problem = upload.problems.get()
    assert (problem.code, problem.blocks) == ("outside", False)


def test_zeros_that_a_spreadsheet_took_off_are_no_error(world: World) -> None:
    from certifications.catalogue.models import Product

    world.customer()
    Product.objects.filter(catalogue_number="CI-2440-100").update(catalogue_number="00123")
    upload = sent(world.filer, csv(SALES, row(product="123")), kind="declarations")
    assert problems(upload) == []


def test_a_declaration_by_file_says_what_one_by_the_form_says(world: World) -> None:
    customer = world.customer()
    by_form = world.draft(customer, valid_until=dt.date.fromisoformat(until()))
    rows = (*row(place="宁波市中山东路 412 号 3 号楼 5 层"), *TOLD)
    committed(sent(world.filer, csv(SIGNABLE, rows), kind="declarations"), world.filer)
    by_file = Declaration.objects.exclude(pk=by_form.pk).get()
    assert data_of(version_of(by_file)) == data_of(version_of(by_form))


def test_stock_standing_declarations_and_the_way_of_the_goods_come_by_file(world: World) -> None:
    world.customer()
    carrier = world.customer(native_name="申海货运", latin_name="", kind="consignee")
    head = (*SIGNABLE, "声明类型", "声明期限", "上限周期", "周期上限", "货运代理", "转售范围", "库存报告")
    standing = (*row(), *TOLD, "", "长期", "每月", "4", "申海货运", "", "")
    stock = (*row("Q-2", customer="", end_use=""), "", "", "", "", "备货", "", "", "", "", "浙江省内说明科室与样本量的医院", "每季度")
    upload = sent(world.filer, csv(head, standing, stock), kind="declarations")
    assert problems(upload) == []
    committed(upload, world.filer)
    found = {version_of(d).kind: data_of(version_of(d)) for d in drafts(world)}
    assert (found["single"].period, found["single"].lines[0].ceiling, found["single"].forwarder_id) == ("month", Decimal(4), carrier.pk)
    assert (found["stockist"].reporting, found["stockist"].resale_scope) == ("quarter", "浙江省内说明科室与样本量的医院")
    assert all(flow.problems_of(d) == [] for d in drafts(world))
    assert sent(world.filer, csv(head, standing, stock), kind="declarations").counts.get("will_skip") == 2


def test_what_does_not_fit_names_its_own_column(world: World) -> None:
    world.customer()
    head = (*SIGNABLE, "声明期限", "上限周期", "周期上限", "货运代理", "发往地址")
    upload = sent(world.filer, csv(head, (*row(), *TOLD, "长期", "", "99", "无此货代", "宁波市 1 号")), kind="declarations")
    assert {field for _row, field, _text in problems(upload)} == {"period", "ceiling", "forwarder", "ship_to_country", "final_consignee"}


def test_a_file_leaves_alone_what_was_filled_in_on_the_page(world: World) -> None:
    world.customer()
    committed(sent(world.filer, csv(SALES, row()), kind="declarations"), world.filer)
    (draft,) = drafts(world)
    assert [p.field for p in flow.problems_of(draft)] == ["relationship", "contact", "contract"]
    flow.edit(
        declaration=draft,
        by=world.filer,
        data=replace(data_of(version_of(draft)), relationship="Supplied since 2019.", samples_per_month=210),
    )
    committed(sent(world.filer, csv(SALES, row(quantity="30")), kind="declarations"), world.filer)
    data = data_of(version_of(draft))
    assert (data.relationship, data.samples_per_month, data.lines[0].quantity) == ("Supplied since 2019.", 210, Decimal(30))
