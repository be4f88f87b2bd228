"""Several end users of one declaration by the file: each with rows, a place of use and quantities of its own, all with one reference."""

from decimal import Decimal

import pytest

from certifications.declarations.queries import data_of, version_of
from certifications.flow.uploads import KINDS
from certifications.parties.models import Customer
from tests.world import World

from .files import SALES, csv
from .steps import committed, problems, sent, undone
from .test_declarations import TOLD, drafts, goods, row

pytestmark = pytest.mark.django_db
KIND = KINDS["declarations"]
HEAD = (*SALES, "声明类型")
SEVERAL = ("多个最终用户",)
SECOND = {"place": "杭州市文一路 2 号", "division": "330100"}


@pytest.fixture
def second(world: World) -> Customer:
    world.customer()
    return world.customer(native_name="杭州西溪医院", latin_name="", division="330100", address="杭州市文一路 2 号", uscc="", lei="")


def test_rows_of_one_reference_are_one_declaration_of_several_end_users(world: World, second: Customer) -> None:
    content = csv(
        HEAD,
        row(quantity="15") + SEVERAL,
        row(product="CI-2717-200", quantity="3") + SEVERAL,
        row(customer="杭州西溪医院", quantity="9", **SECOND) + SEVERAL,
    )
    upload = sent(world.filer, content, kind="declarations")
    assert (problems(upload), upload.counts["will_create"]) == ([], 1)
    committed(upload, world.filer)
    [draft] = drafts(world)
    assert goods(draft) == {"CI-2440-100": Decimal(24), "CI-2717-200": Decimal(3)}
    data = data_of(version_of(draft))
    assert data.kind == "several"
    [other] = data.end_users
    assert (other.customer_id, other.place_address, other.place_division) == (second.pk, "杭州市文一路 2 号", "330100")
    assert [(share.product_id, share.quantity) for share in other.shares] == [(world.kit.pk, Decimal(9))]
    assert sorted(share.quantity for share in data.first_share()) == [3, 15]
    assert data.place_division == "330200"


def test_a_blank_place_is_asked_for_and_never_taken_from_the_end_user_above(world: World, second: Customer) -> None:
    blank = row(customer="杭州西溪医院", quantity="9", place="", division="") + SEVERAL
    upload = sent(world.filer, csv(HEAD, row(quantity="15") + SEVERAL, blank), kind="declarations")
    assert {(line, field) for line, field, *_ in problems(upload)} == {(3, "place_address"), (3, "place_division")}


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"customer": "杭州没有的医院"}, "customer", "None of your customers"),
        ({"quantity": "0"}, "quantity", ""),
    ],
)
def test_what_is_wrong_with_one_of_them_stands_in_its_row(
    world: World, second: Customer, changes: dict[str, str], field: str, said: str
) -> None:
    other = row(**{"customer": "杭州西溪医院", "quantity": "9", **SECOND, **changes}) + SEVERAL
    upload = sent(world.filer, csv(HEAD, row(quantity="15") + SEVERAL, other), kind="declarations")
    assert any(line == 3 and name == field and said in text for line, name, text, *_ in problems(upload)), problems(upload)
    assert not drafts(world)


def test_one_end_user_written_in_two_ways_is_asked(world: World, second: Customer) -> None:
    other = row(customer=second.pk, quantity="2", product="CI-2717-200", **SECOND) + SEVERAL
    named = row(customer="杭州西溪医院", quantity="9", **SECOND) + SEVERAL
    upload = sent(world.filer, csv(HEAD, row(quantity="15") + SEVERAL, named, other), kind="declarations")
    assert [(line, field) for line, field, *_ in problems(upload)] == [(4, "customer")]


def test_one_alone_is_not_several(world: World, second: Customer) -> None:
    upload = sent(world.filer, csv(HEAD, row(quantity="15") + SEVERAL), kind="declarations")
    assert any(field == "customer" and "other end users" in text for _line, field, text, *_ in problems(upload))


def test_sent_again_with_other_quantities_it_changes_the_draft_and_is_taken_back(world: World, second: Customer) -> None:
    def file(quantity: str) -> bytes:
        return csv(HEAD, row(quantity="15") + SEVERAL, row(customer="杭州西溪医院", quantity=quantity, **SECOND) + SEVERAL)

    committed(sent(world.filer, file("9"), kind="declarations"), world.filer)
    again = sent(world.filer, file("4"), kind="declarations")
    assert again.counts["will_update"] == 1
    again = committed(again, world.filer)
    [draft] = drafts(world)
    assert data_of(version_of(draft)).end_users[0].shares[0].quantity == 4
    undone(again, world.filer)
    draft.refresh_from_db()
    assert data_of(version_of(draft)).end_users[0].shares[0].quantity == 9


def test_what_is_complete_by_the_file_can_be_signed(world: World, second: Customer) -> None:
    head = (*HEAD, "合同或订单号", "业务关系", "联系人", "运输路线")
    upload = sent(
        world.filer,
        csv(head, row(quantity="15") + SEVERAL + TOLD, row(customer="杭州西溪医院", quantity="9", **SECOND) + SEVERAL + TOLD),
        kind="declarations",
    )
    committed(upload, world.filer)
    [draft] = drafts(world)
    world.signed(draft)
    draft.refresh_from_db()
    assert draft.status == "signed"
