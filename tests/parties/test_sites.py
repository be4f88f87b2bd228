"""Where a customer is, beside its registered address: screened by its own name at once, ended and never deleted, its distributor's alone."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from certifications.declarations.queries import shown_text, version_of
from certifications.flow import cards
from certifications.flow.customers import edit_customer
from certifications.flow.rescreening import rescreen
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.parties.actions import Incomplete
from certifications.parties.aliases import all_screened, all_screened_names, compared_names
from certifications.parties.models import Party, Site
from certifications.parties.models_card import Laboratory
from certifications.parties.queries import data_of
from certifications.parties.queries_card import sites_of
from certifications.parties.rules_card import LaboratoryData, check_site
from certifications.screening.queries import party_state
from certifications.work.models import Job
from tests.world import World, client_of

from .cards import a_site, site_data

pytestmark = pytest.mark.django_db
LISTED = "新疆维吾尔自治区公安厅"


def compared(party_id: str) -> list[str]:
    return compared_names([party_id])[party_id]


def test_a_site_with_a_name_of_its_own_is_screened_at_once_like_a_name_of_the_customer(world: World) -> None:
    customer = world.customer()
    rescreen(customer.party_id)
    assert party_state(customer.party).state == "clear"
    a_site(world, customer, native_name=LISTED, latin_name="")
    party = Party.objects.get(pk=customer.party_id)
    assert party.revision == 2
    # Until the worker has looked it is not clear, and the look is asked for.
    assert party_state(party).state == "waiting"
    assert Job.objects.filter(kind="rescreen", object_id=party.pk, version="rev-2").exists()
    rescreen(party.pk)
    assert party_state(party).state == "hit"
    assert LISTED in dict(all_screened_names(all_screened()))[party.pk]


def test_ending_a_site_clears_nothing(world: World) -> None:
    customer = world.customer()
    site = a_site(world, customer, native_name=LISTED, latin_name="")
    cards.end_site(customer=customer, site=site, by=world.filer)
    rescreen(customer.party_id)
    assert party_state(Party.objects.get(pk=customer.party_id)).state == "hit"


def test_a_laboratory_is_screened_by_its_name_too(world: World) -> None:
    customer = world.customer()
    site = a_site(world, customer)
    cards.put_laboratory(customer=customer, site=site, by=world.filer, data=LaboratoryData("稽山遗传实验室", "周敏", "CNAS L1"))
    assert "稽山遗传实验室" in compared(customer.party_id)
    held = Laboratory.objects.get()
    cards.end_laboratory(customer=customer, laboratory=held, by=world.filer)
    assert "稽山遗传实验室" in compared(customer.party_id)
    with pytest.raises(StaleState):
        cards.end_laboratory(customer=customer, laboratory=held, by=world.filer)


def test_a_change_of_the_customer_leaves_its_further_sites_alone(world: World) -> None:
    customer = world.customer()
    site = a_site(world, customer)
    first = customer.party.sites.order_by("pk").first()
    assert first is not None
    cards.change_site(
        customer=customer, site=first, by=world.filer, data=site_data(native_name="本部", latin_name="", address="", division="")
    )
    data = data_of(customer)
    edit_customer(customer=customer, by=world.filer, data=type(data)(**{**data.__dict__, "address": "宁波市新路 1 号"}))
    kept = list(customer.party.sites.values_list("pk", "native_name", "address"))
    assert kept == [(first.pk, "本部", "宁波市新路 1 号"), (site.pk, "稽山东部院区", "绍兴市东湖路 1 号")]


def test_the_registered_address_is_not_ended_here(world: World) -> None:
    customer = world.customer()
    with pytest.raises(NotAllowed) as refused:
        cards.end_site(customer=customer, site=customer.party.sites.get(), by=world.filer)
    assert refused.value.code == "first"


def test_an_ended_site_is_no_place_of_use_and_stands_in_no_new_text(world: World) -> None:
    customer = world.customer()
    site = a_site(world, customer)
    draft = world.draft(customer)
    assert len(shown_text(version_of(draft))["end_user"]["sites"]) == 2
    assert [choice.site.pk for choice in sites_of(customer, world.filer)][1:] == [site.pk]
    cards.end_site(customer=customer, site=site, by=world.filer)
    assert len(shown_text(version_of(draft))["end_user"]["sites"]) == 1
    assert [choice.registered for choice in sites_of(customer, world.filer)] == [True]
    cards.end_site(customer=customer, site=site, by=world.filer, again=True)
    assert len(sites_of(customer, world.filer)) == 2
    with pytest.raises(StaleState):
        cards.end_site(customer=customer, site=site, by=world.filer, again=True)


def test_sites_are_offered_to_those_who_may_see_the_customer(world: World) -> None:
    customer = world.customer()
    assert len(sites_of(customer, world.reviewer)) == 1
    for stranger in (world.stranger, world.operator, world.regulator, world.order_desk):
        assert sites_of(customer, stranger) == []


def test_nothing_of_a_customer_changes_while_a_declaration_of_it_is_being_decided(world: World) -> None:
    customer = world.customer()
    site = a_site(world, customer)
    world.signed(world.draft(customer))
    for act in (
        lambda: a_site(world, customer),
        lambda: cards.change_site(customer=customer, site=site, by=world.filer, data=site_data(activity="Other")),
        lambda: cards.end_site(customer=customer, site=site, by=world.filer),
        lambda: cards.put_laboratory(customer=customer, site=site, by=world.filer, data=LaboratoryData("实验室")),
    ):
        with pytest.raises(NotAllowed) as refused:
            act()
        assert refused.value.code == "in_flight"
    assert Site.objects.filter(party=customer.party_id).count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"native_name": "12345"}, "native_name"),
        ({"latin_name": "东部院区"}, "latin_name"),
        ({"native_name": "院" * 301}, "native_name"),
        ({"address": " "}, "address"),
        ({"country": "", "division": ""}, "country"),
        ({"division": ""}, "division"),
        ({"division": "990600"}, "division"),
        ({"country": "DE"}, "division"),
    ],
)
def test_what_a_site_lacks_is_named_with_its_field(changes: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in check_site(site_data(**changes), registered=False)] == [field]


def test_a_refused_site_leaves_nothing_behind(world: World) -> None:
    customer = world.customer()
    with pytest.raises(Incomplete):
        a_site(world, customer, address="")
    with pytest.raises(Incomplete):  # a character that no document can print
        a_site(world, customer, activity="\U0001f9ec")
    assert (Site.objects.filter(party=customer.party_id).count(), Party.objects.get(pk=customer.party_id).revision) == (1, 1)


def test_the_form_keeps_what_was_typed_and_another_distributors_customer_is_not_there(world: World) -> None:
    customer = world.customer()
    address = reverse("distributors:site-new", args=[customer.pk])
    sent = site_data(address="").__dict__
    answer = client_of(world.filer).post(address, sent)
    assert answer.status_code == 422
    assert "Jishan East Campus" in answer.content.decode()
    assert client_of(world.filer).post(address, site_data().__dict__).status_code == 302
    site = Site.objects.get(party=customer.party_id, native_name="稽山东部院区")
    for name in ("distributors:site", "distributors:site-end", "distributors:laboratory-new"):
        there = reverse(name, args=[customer.pk, site.key])
        assert client_of(world.stranger).post(there, sent).status_code == 404
        assert client_of(world.signatory).get(there).status_code == 404
        assert client_of(world.filer).get(there).status_code == 200
    assert client_of(world.stranger).post(address, site_data().__dict__).status_code == 404


def test_a_site_of_another_customer_is_not_found_under_this_one(world: World) -> None:
    one, other = world.customer(), world.customer(native_name="会稽诊所", latin_name="Kuaiji Clinic")
    site = a_site(world, other)
    assert client_of(world.filer).get(reverse("distributors:site", args=[one.pk, site.key])).status_code == 404


def test_postgresql_keeps_a_site_with_its_party_under_its_key(world: World) -> None:
    customer, other = world.customer(), world.customer(native_name="会稽诊所", latin_name="Kuaiji Clinic")
    site = a_site(world, customer)
    for change in ({"key": "X" * 26}, {"party": other.party_id}):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            Site.objects.filter(pk=site.pk).update(**change)
