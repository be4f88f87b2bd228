"""A customer is registered once, in every script that it writes its name in, with numbers that were looked at."""

import pytest
from django.urls import reverse

from certifications.ledger.models import Event
from certifications.parties.actions import Incomplete, edit_customer, register_customer
from certifications.parties.models import Customer, Party
from certifications.parties.queries import display
from certifications.parties.rules import CustomerData, check_customer
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
NEW = "/d/customers/new/"
GOOD_CODE, BAD_CODE, GOOD_LEI = "12330200MA2GX00010", "12330200MA2GX00011", "9695NBJN00HOSPITAL02"
TYPED = {
    "form_key": "01HZZZZZZZZZZZZZZZZZZZZZZ1",
    "native_name": "绍兴稽山口腔医院",
    "latin_name": "Shaoxing Jishan Dental Hospital",
    "other_names": "稽山口腔\nЖишань\nجىشەن",
    "kind": "end_user",
    "uscc": "",
    "lei": "",
    "address": "绍兴市越城区稽山路 3 号",
    "country": "CN",
    "division": "330600",
    "line_of_business": "Dental hospital",
    "note": "",
}


def data(**changes: object) -> CustomerData:
    """A complete customer."""
    values: dict[str, object] = {k: v for k, v in TYPED.items() if k not in {"form_key", "other_names"}}
    return CustomerData(**{**values, **changes})  # type: ignore[arg-type]


def problems(**changes: object) -> dict[str, str]:
    """What must be mended, by field."""
    return {problem.field: problem.message for problem in check_customer(data(**changes))}


def test_names_in_five_scripts_are_kept_each_with_its_script(world: World) -> None:
    answer = client_of(world.filer).post(NEW, TYPED | {"other_names": "ཅི་ཧྲན་སྨན་ཁང་།\nЖишань\nجىشەن دوختۇرخانىسى"})
    assert answer.status_code == 302
    names = Customer.objects.get().party.names.all()
    assert [(n.text, n.script, n.kind) for n in names] == [
        ("绍兴稽山口腔医院", "Hani", "official"),
        ("Shaoxing Jishan Dental Hospital", "Latn", "english"),
        ("ཅི་ཧྲན་སྨན་ཁང་།", "Tibt", "alias"),
        ("Жишань", "Cyrl", "alias"),
        ("جىشەن دوختۇرخانىسى", "Arab", "alias"),
    ]


def test_more_names_than_are_kept_are_said_and_none_is_lost_unseen(world: World) -> None:
    names = [f"稽山口腔{n}" for n in "一二三四五六七八九十"]
    refused = client_of(world.filer).post(NEW, TYPED | {"other_names": "\n".join([*names, "稽山牙科"])})
    assert refused.status_code == 422
    assert "There are 11 other names, and 10 at most are kept" in refused.content.decode()
    assert "稽山牙科" in refused.content.decode()
    again = [*names, TYPED["native_name"], names[0]]
    assert client_of(world.filer).post(NEW, TYPED | {"other_names": "\n".join(again)}).status_code == 302
    assert [n.text for n in Customer.objects.get().party.names.filter(kind="alias")] == names


def test_the_name_in_its_own_script_decides_and_the_latin_one_stands_beside_it(world: World) -> None:
    shown = display(world.customer(native_name="拉萨雪域藏医院", latin_name="Lhasa Snowland Hospital").party)
    assert (shown.title, shown.latin) == ("拉萨雪域藏医院", "Lhasa Snowland Hospital")
    assert display(world.customer(native_name="", latin_name="Lakeside Clinic").party).title == "Lakeside Clinic"


def test_characters_that_turn_or_hide_text_do_not_survive_in_a_name(world: World) -> None:
    party = world.customer(native_name="宁波\u202e江南\u200b医院", latin_name="Ningbo  Jiangnan Hospital\x07").party
    assert [n.text for n in party.names.all()] == ["宁波江南医院", "Ningbo Jiangnan Hospital"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"native_name": "", "latin_name": ""}, "native_name", "Enter the name"),
        ({"native_name": "12345"}, "native_name", "no letters"),
        ({"latin_name": "稽山口腔"}, "latin_name", "Latin letters"),
        ({"address": "  "}, "address", "address of the site"),
        ({"line_of_business": ""}, "line_of_business", "what the customer does"),
        ({"division": ""}, "division", "six-digit"),
        ({"division": "3306"}, "division", "six digits"),
        ({"division": "990600"}, "division", "No province has a code that begins with 99"),
        ({"country": "DE"}, "division", "China alone"),
        ({"uscc": "12330200MA2GX0001"}, "uscc", "this has 17"),
        ({"uscc": "I2330200MA2GX00010"}, "uscc", "without I, O, S, V and Z"),
        ({"lei": "9695NBJN00HOSPITAL03"}, "lei", "check digits"),
        ({"lei": "9695"}, "lei", "this has 4"),
    ],
)
def test_what_is_wrong_is_said_of_the_field_that_is_wrong(changes: dict[str, object], field: str, words: str) -> None:
    found = problems(**changes)
    assert list(found) == [field]
    assert words in found[field]


def test_a_site_outside_china_has_no_division() -> None:
    assert problems(country="CH", division="") == {}


def test_a_credit_code_whose_check_character_does_not_fit_warns_and_is_kept_as_typed(world: World) -> None:
    client = client_of(world.filer)
    shown = client.post(NEW, TYPED | {"uscc": BAD_CODE}, follow=True).content.decode()
    assert "it is kept as typed" in shown
    assert "The customer is saved." in shown
    kept = Customer.objects.get().party.identifiers.get()
    assert (kept.value, kept.warning) == (BAD_CODE, "checksum")
    assert "the check character does not fit" in shown


def test_a_credit_code_that_fits_is_kept_without_a_warning(world: World) -> None:
    customer = world.customer(uscc="12330200 ma2gx00010")
    assert [(i.value, i.warning) for i in customer.party.identifiers.all()] == [(GOOD_CODE, "")]


def test_an_entity_identifier_whose_check_digits_do_not_fit_rejects_and_nothing_typed_is_lost(world: World) -> None:
    answer = client_of(world.filer).post(NEW, TYPED | {"lei": "9695NBJN00HOSPITAL03", "note": "seen on 3 May"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "compare it with the certificate" in page
    for typed in ("绍兴稽山口腔医院", "Shaoxing Jishan Dental Hospital", "9695NBJN00HOSPITAL03", "330600", "seen on 3 May", "Жишань"):
        assert typed in page
    assert not Party.objects.filter(organisation=None).exists()
    assert client_of(world.filer).post(NEW, TYPED | {"lei": GOOD_LEI}).status_code == 302


def test_the_site_keeps_its_address_and_its_division(world: World) -> None:
    site = world.customer(division="330200").party.sites.get()
    assert (site.division, site.country) == ("330200", "CN")
    assert "宁波市" in site.address


def test_the_same_form_sent_twice_makes_one_customer(world: World) -> None:
    client = client_of(world.filer)
    first, second = (client.post(NEW, TYPED) for _twice in range(2))
    assert first.url == second.url
    assert Customer.objects.count() == 1
    assert Event.objects.filter(verb="customer.registered").count() == 1


def test_one_of_ones_own_that_looks_alike_is_shown_before_a_second_is_made(world: World) -> None:
    client = client_of(world.filer)
    client.post(NEW, TYPED | {"uscc": GOOD_CODE})
    alike = TYPED | {
        "form_key": "01HZZZZZZZZZZZZZZZZZZZZZZ2",
        "native_name": "会稽诊所",
        "latin_name": "",
        "other_names": "",
        "uscc": GOOD_CODE,
    }
    answer = client.post(NEW, alike)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "You have a customer like this already." in page
    assert "绍兴稽山口腔医院" in page
    assert "会稽诊所" in page
    assert client.post(NEW, alike | {"not_a_duplicate": "1"}).status_code == 302
    assert Customer.objects.count() == 2


def test_a_customer_that_is_changed_into_another_is_shown_that_one_first(world: World) -> None:
    client = client_of(world.filer)
    client.post(NEW, TYPED | {"uscc": GOOD_CODE})
    other = TYPED | {"form_key": "01HZZZZZZZZZZZZZZZZZZZZZZ2", "native_name": "会稽诊所", "latin_name": "", "other_names": ""}
    address = client.post(NEW, other).url
    for into in ({"native_name": TYPED["native_name"]}, {"uscc": GOOD_CODE}):
        answer = client.post(f"{address}edit/", other | into)
        assert answer.status_code == 422, into
        assert "You have a customer like this already." in answer.content.decode()
    assert Customer.objects.filter(party__names__text="会稽诊所").count() == 1
    assert client.post(f"{address}edit/", other | {"uscc": GOOD_CODE, "not_a_duplicate": "1"}).status_code == 302
    # What was answered then is not asked again with the next change.
    assert client.post(f"{address}edit/", other | {"uscc": GOOD_CODE, "note": "Rings on Mondays."}).status_code == 302


def test_a_name_that_was_answered_when_it_was_registered_is_not_asked_about_with_a_change(world: World) -> None:
    client = client_of(world.filer)
    client.post(NEW, TYPED)
    again = TYPED | {"form_key": "01HZZZZZZZZZZZZZZZZZZZZZZ2", "not_a_duplicate": "1"}
    address = client.post(NEW, again).url
    assert Customer.objects.count() == 2
    change = {name: text for name, text in again.items() if name != "not_a_duplicate"} | {"note": "Rings on Mondays."}
    assert client.post(f"{address}edit/", change).status_code == 302


def test_a_customer_is_not_held_against_itself(world: World) -> None:
    client = client_of(world.filer)
    address = client.post(NEW, TYPED).url
    # The name that it had beside the first is the first one now.
    assert client.post(f"{address}edit/", TYPED | {"native_name": "稽山口腔", "other_names": "绍兴稽山口腔医院"}).status_code == 302


def test_the_customers_are_saved_as_they_are_searched_and_sorted(world: World) -> None:
    client = client_of(world.filer)
    for number, name in enumerate(("绍兴稽山口腔医院", "会稽诊所", "稽山书院医务室"), 1):
        client.post(
            NEW, TYPED | {"form_key": f"01HZZZZZZZZZZZZZZZZZZZZZZ{number}", "native_name": name, "latin_name": "", "other_names": ""}
        )
    page = client.get("/d/customers/?q=稽山&sort=registered").content.decode()
    address = next(part for part in page.split('"') if part.startswith("/d/customers/export/")).replace("&amp;", "&")
    lines = client.get(address).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["绍兴稽山口腔医院", "稽山书院医务室"]
    assert len(client.get("/d/customers/export/").content.decode("utf-8-sig").splitlines()) == 1 + 3


def test_a_change_makes_the_party_unscreened_and_is_on_record(world: World) -> None:
    customer = world.customer()
    changed = edit_customer(customer=customer, by=world.filer, data=data(latin_name="Jishan Dental"))
    assert changed.party.revision == 2
    assert [n.text for n in changed.party.names.all()] == ["绍兴稽山口腔医院", "Jishan Dental"]
    assert Event.objects.get(verb="customer.edited").data["revision"] == 2


def test_a_change_that_lacks_something_changes_nothing(world: World) -> None:
    customer = world.customer()
    with pytest.raises(Incomplete) as refused:
        edit_customer(customer=customer, by=world.filer, data=data(native_name="", latin_name="", address=""))
    assert [p.field for p in refused.value.problems] == ["native_name", "address"]
    customer.party.refresh_from_db()
    assert customer.party.revision == 1


@pytest.mark.parametrize("who", ["signatory", "distributor_admin", "reviewer", "operator", "regulator"])
def test_only_a_filer_registers_by_whatever_way_the_form_is_sent(world: World, who: str) -> None:
    assert client_of(world.people[who]).post(NEW, TYPED).status_code == 404
    assert not Customer.objects.exists()


def test_another_distributors_customer_can_be_neither_read_nor_changed(world: World) -> None:
    theirs = world.customer(by="stranger")
    client = client_of(world.filer)
    for name in ("distributors:customer", "distributors:customer-edit"):
        address = reverse(name, args=[theirs.pk])
        assert client.get(address).status_code == 404
        assert client.post(address, TYPED).status_code in {404, 405}
    theirs.party.refresh_from_db()
    assert theirs.party.revision == 1


def test_nobody_registers_for_a_distributor_that_he_does_not_act_for(world: World) -> None:
    made = register_customer(by=world.stranger, data=data(), form_key="01HZZZZZZZZZZZZZZZZZZZZZZ3")
    assert made.organisation_id == world.stranger.organisation.pk  # type: ignore[union-attr]
