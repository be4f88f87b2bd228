"""What a declaration lacks is said of the field that lacks it; nothing that was typed is lost."""

import datetime as dt
from decimal import Decimal

import pytest

from certifications.declarations.data import LineData
from certifications.declarations.drafting import draft
from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration
from certifications.declarations.rules_checks import completeness, is_boilerplate
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.parties.models import Customer
from tests.catalogue.changes import retired
from tests.world import World, client_of

from .forms import NEW, fill_in, send, typed

pytestmark = pytest.mark.django_db
TODAY = dt.datetime.now(tz=dt.UTC).date()


def days(number: int) -> dt.date:
    """The day so many days from today."""
    return TODAY + dt.timedelta(days=number)


@pytest.fixture
def customer(world: World) -> Customer:
    """Ningbo Jiangnan Hospital."""
    return world.customer()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lines": ()}, "lines"),
        ({"lines": (LineData("x", Decimal(0)),)}, "lines"),
        ({"lines": (LineData("x", Decimal(-3)),)}, "lines"),
        ({"end_use": ""}, "end_use"),
        ({"end_use": "research"}, "end_use"),
        ({"end_use": "科研用途。"}, "end_use"),
        ({"place_address": " "}, "place_address"),
        ({"place_division": ""}, "place_division"),
        ({"place_division": "3302"}, "place_division"),
        ({"place_country": "KZ"}, "place_division"),
        ({"valid_from": days(10), "valid_until": days(10)}, "valid_until"),
        ({"valid_from": days(-10), "valid_until": days(0)}, "valid_until"),
        ({"valid_from": days(0), "valid_until": days(4 * 366 + 2)}, "valid_until"),
    ],
)
def test_each_lack_names_its_field_and_only_that(world: World, customer: Customer, changes: dict[str, object], field: str) -> None:
    assert [p.field for p in completeness(world.data(customer, **changes), TODAY)] == [field]


@pytest.mark.parametrize(
    ("since", "last"),
    [("2026-01-31", "2030-01-31"), ("2026-03-01", "2030-03-01"), ("2028-02-29", "2032-02-29"), ("2096-02-29", "2100-03-01")],
)
def test_four_whole_years_are_four_years_on_every_day(world: World, customer: Customer, since: str, last: str) -> None:
    start, end = dt.date.fromisoformat(since), dt.date.fromisoformat(last)
    for until, found in ((end, []), (end + dt.timedelta(days=1), ["valid_until"])):
        asked = world.data(customer, valid_from=start, valid_until=until)
        assert [p.field for p in completeness(asked, start)] == found


def test_everything_that_is_missing_is_said_at_once(world: World, customer: Customer) -> None:
    found = completeness(world.data(customer, lines=(), end_use="", place_address="", place_division=""), TODAY)
    assert [p.field for p in found] == ["lines", "end_use", "place_address", "place_division"]


@pytest.mark.parametrize("text", ["R&D", "for research purposes", "Laboratory use only.", "自用", "检测用途", "testing", "own use"])
def test_an_end_use_that_says_nothing_is_no_end_use(text: str) -> None:
    assert is_boilerplate(text)


def test_an_end_use_that_says_something_is_one() -> None:
    assert not is_boilerplate("科研：遗传科亲子鉴定，每月约 1000 份样本")
    assert not is_boilerplate("Research into kinship statistics, 200 samples a month")


def test_the_page_points_at_each_field_and_keeps_every_word(world: World, customer: Customer) -> None:
    sent = typed(
        world, customer, end_use="research", place_division="33", place_address="宁波市中山东路 412 号", unknown_facts="The floor."
    )
    answer = fill_in(client_of(world.filer), sent)
    page = answer.content.decode()
    form = answer.context["form"]
    assert sorted(form.errors) == ["end_use", "place_division"]
    for word in ("research", "宁波市中山东路 412 号", "The floor."):
        assert word in page
    version = Declaration.objects.get().versions.get()
    assert (version.end_use, version.place_division, version.answered) == ("research", "33", ["end_use", "goods", "parties"])


@pytest.mark.parametrize(("field", "value"), [("valid_from", "31.13.2026"), ("valid_until", ""), ("place_country", "XX"), ("customer", "")])
def test_a_field_of_the_wrong_shape_is_named_too(world: World, customer: Customer, field: str, value: str) -> None:
    answer = fill_in(client_of(world.filer), typed(world, customer, **{field: value}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


@pytest.mark.parametrize("quantity", ["-1", "abc", "1.005", "99999999999999"])
def test_a_quantity_that_is_none_is_named_by_its_product(world: World, customer: Customer, quantity: str) -> None:
    name = f"quantity_{world.kit.pk}"
    answer = fill_in(client_of(world.filer), typed(world, customer, **{name: quantity}))
    assert answer.status_code == 422
    assert name in answer.context["form"].errors
    assert quantity in answer.content.decode()


def test_a_product_that_left_the_catalogue_cannot_be_declared(world: World, customer: Customer) -> None:
    data = world.data(customer)
    retired(world, world.kit)
    with pytest.raises(Incomplete, match="no longer in the catalogue"):
        draft(by=world.filer, data=data, form_key=new_ulid())
    assert not Declaration.objects.exists()
    assert not Event.objects.filter(verb="declaration.drafted").exists()


def test_a_declaration_is_for_ones_own_customer_alone(world: World) -> None:
    theirs = world.customer(by="stranger")
    with pytest.raises(Incomplete, match="one of your customers"):
        draft(by=world.filer, data=world.data(theirs), form_key=new_ulid())


def test_the_same_form_sent_twice_makes_one_declaration(world: World, customer: Customer) -> None:
    client, sent = client_of(world.filer), typed(world, customer)
    first, second = (client.post(NEW, sent) for _twice in range(2))
    assert first.status_code == 302
    assert first.url == second.url
    assert Declaration.objects.count() == 1
    assert Event.objects.filter(verb="declaration.drafted").count() == 1


def test_a_draft_is_changed_by_its_own_filer_and_by_nobody_else(world: World, customer: Customer) -> None:
    declaration = world.draft(customer)
    sent = typed(world, customer, end_use="Transplant matching in the genetics department, 300 samples a month")
    for who in ("signatory", "distributor_admin", "stranger", "reviewer", "regulator", "operator"):
        assert send(client_of(world.people[who]), declaration, "end_use", sent).status_code == 404
    assert send(client_of(world.filer), declaration, "end_use", sent).status_code == 302
    assert declaration.versions.get().end_use.startswith("Transplant")
