"""The timeline: who changed what, and what it was before; a distributor reads its own acts, compliance everything."""

import csv
import io

import pytest
from django.urls import reverse

from certifications.flow import cards, timeline
from certifications.flow import owners as flow_owners
from certifications.flow.advance import advance
from certifications.flow.customers import edit_customer
from certifications.flow.rescreening import rescreen
from certifications.parties.models import Customer
from certifications.parties.queries import data_of
from certifications.parties.rules_card import ContactData
from tests.world import World, client_of

from .cards import a_site, site_data
from .further_names import proposed_alias
from .owning import found, stated

pytestmark = pytest.mark.django_db


def told(world: World) -> Customer:
    """A customer to which a few things happened."""
    customer = world.customer()
    data = data_of(customer)
    edit_customer(customer=customer, by=world.filer, data=type(data)(**{**data.__dict__, "line_of_business": "Teaching hospital"}))
    site = a_site(world, customer)
    cards.change_site(customer=customer, site=site, by=world.filer, data=site_data(activity="Oncology"))
    cards.put_contact(customer=customer, by=world.filer, data=ContactData("陈一鸣", email="chen@jiangnan.example"))
    rescreen(customer.party_id)
    proposed_alias(customer.party, world.reviewer, "Crosswind Reagents")
    advance(world.signed(world.draft(customer)).pk)
    return customer


def test_old_and_new_stand_beside_who_and_when(world: World) -> None:
    customer = told(world)
    page = client_of(world.filer).get(reverse("distributors:timeline", args=[customer.pk])).content.decode()
    for words in (
        "<del>Hospital, genetics department</del>",
        "Teaching hospital",
        "<del>Genetics</del>",
        "Oncology",
        "Lin Yue",
        "Contact added",
        "Signed",
    ):
        assert words in page, words
    assert "陈一鸣" not in page


def test_a_distributor_reads_nothing_of_screening_aliases_or_compliances_work(world: World) -> None:
    customer = told(world)
    own = client_of(world.filer).get(reverse("distributors:timeline", args=[customer.pk])).content.decode()
    for words in ("Party screened", "aliases", "Screening began"):
        assert words not in own, words
    for kind in ("screening", "names"):
        body = client_of(world.filer).get(reverse("distributors:timeline", args=[customer.pk]), {"kind": kind}).content.decode()
        assert "Party screened" not in body
        assert "aliases" not in body
    whole = client_of(world.reviewer).get(reverse("compliance:party-timeline", args=[customer.party_id])).content.decode()
    assert "Party screened" in whole
    assert "A change of aliases was proposed" in whole
    assert "Oncology" in whole


@pytest.mark.parametrize(
    ("kind", "there", "not_there"), [("sites", "Site added", "Contact added"), ("contacts", "Contact added", "Site added")]
)
def test_one_kind_is_shown_alone_on_the_page_and_in_the_file(world: World, kind: str, there: str, not_there: str) -> None:
    customer = told(world)
    for name in ("distributors:timeline", "distributors:timeline-csv"):
        body = client_of(world.filer).get(reverse(name, args=[customer.pk]), {"kind": kind}).content.decode()
        assert there in body
        assert not_there not in body


def test_the_file_holds_a_line_for_each_field_that_changed(world: World) -> None:
    customer = told(world)
    answer = client_of(world.reviewer).get(reverse("compliance:party-timeline-csv", args=[customer.party_id]))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][1:3] == ["What happened", "By"]
    assert ["Site changed", "Lin Yue", "", "What is done there", "Genetics", "Oncology"] in [row[1:] for row in rows]
    assert [row[0] for row in rows[1:]] == sorted((row[0] for row in rows[1:]), reverse=True)


def test_another_distributors_timeline_is_not_there(world: World) -> None:
    customer = told(world)
    for name in ("distributors:timeline", "distributors:timeline-csv"):
        assert client_of(world.stranger).get(reverse(name, args=[customer.pk])).status_code == 404


def test_many_events_cost_as_many_statements_as_few(world: World) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    customer = told(world)
    client, address = client_of(world.filer), reverse("distributors:timeline", args=[customer.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(12):
        cards.put_contact(customer=customer, by=world.filer, data=ContactData("周敏", phone=f"0574 8700 12{number:02}"))
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_a_distributor_reads_its_own_acts_on_owners_and_nobody_else_s(world: World) -> None:
    customer = world.customer()
    of_it = stated(world.filer, customer, latin_name="Jiangnan Holding")
    assert of_it.owner is not None
    above = stated(world.filer, customer, of=of_it.owner, latin_name="Yongjiang Capital")
    flow_owners.end_for_customer(ownership=above, by=world.filer, reason="It sold its shares in May.")
    found(world.reviewer, customer.party, latin_name="Crosswind Reagents")
    mine = timeline.of_customer(customer, world.filer, "owners")
    assert [event.verb for event in mine] == ["party.owner_ended", "party.owner_stated", "party.owner_stated"]
    page = client_of(world.filer).get(reverse("distributors:timeline", args=[customer.pk]), {"kind": "owners"}).content.decode()
    assert page.count("An owner was stated") == 2
    assert "A statement of an owner was ended" in page
    assert world.reviewer.name not in page
    assert not timeline.of_customer(customer, world.stranger, "owners").exists()
    whole = client_of(world.reviewer).get(reverse("compliance:party-timeline", args=[customer.party_id])).content.decode()
    assert world.reviewer.name in whole


def test_declarations_that_name_it_otherwise_than_first_stand_on_its_timeline(world: World) -> None:
    carrier = world.customer(native_name="申海货运", latin_name="", kind="consignee")
    declaration = world.signed(world.draft(world.customer(), forwarder_id=carrier.pk))
    page = client_of(world.filer).get(reverse("distributors:timeline", args=[carrier.pk]), {"kind": "declarations"}).content.decode()
    assert declaration.number in page
    whole = client_of(world.reviewer).get(reverse("compliance:party-timeline", args=[carrier.party_id])).content.decode()
    assert declaration.number in whole
