"""A further name of a party: two people, no distributor, screened and recognised by it, withdrawn by two, and never rewritten."""

import datetime as dt

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from certifications.declarations.models import Declaration
from certifications.flow import aliases as flow
from certifications.flow.resolution import find_seller
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.parties import actions, aliases
from certifications.parties.models import Customer, Party
from certifications.parties.models_aliases import PartyAlias
from certifications.parties.queries import display, parties_visible_to, search_parties
from certifications.parties.rules import CustomerData
from certifications.screening.actions import screen_many
from certifications.screening.delta import index_parties
from certifications.screening.queries import party_state
from certifications.work.models import Job
from tests.parties.further_names import LISTED, WORDS, agreed_alias, proposed_alias
from tests.world import World, client_of, code_of, proof_for

pytestmark = pytest.mark.django_db


def proposed(world: World, party: Party, text: str = LISTED, ends: PartyAlias | None = None, **words: str) -> PartyAlias:
    return proposed_alias(party, world.reviewer, text, ends, **words)


def agreed(world: World, alias: PartyAlias, by: str = "lead") -> Party:
    return agreed_alias(alias, world.people[by])


@pytest.fixture
def customer(world: World) -> Customer:
    made = world.customer(native_name="甬川检测站", latin_name="Yongchuan Testing", uscc="", lei="")
    screen_many([made.party_id])
    assert party_state(made.party).state == "clear"
    return made


def test_one_person_changes_nothing(world: World, customer: Customer) -> None:
    alias = proposed(world, customer.party)
    assert aliases.compared_names([customer.party_id])[customer.party_id] == ["甬川检测站", "Yongchuan Testing"]
    with pytest.raises(NotAllowed):
        agreed(world, alias, by="reviewer")
    assert party_state(customer.party).state == "clear"


def test_an_agreed_alias_is_screened_and_no_distributor_sees_it(world: World, customer: Customer) -> None:
    party = agreed(world, proposed(world, customer.party))
    assert party_state(party).state == "waiting", "not screened by this name yet"
    screen_many([party.pk])
    state = party_state(party)
    assert state.state == "hit"
    assert LISTED in [finding.party_name for finding in state.findings]
    assert LISTED not in display(party).names
    assert not search_parties(parties_visible_to(world.filer), LISTED).exists()
    assert search_parties(parties_visible_to(world.auditor), LISTED.upper()).get() == party


def test_the_distributors_form_does_not_touch_it(world: World, customer: Customer) -> None:
    agreed(world, proposed(world, customer.party))
    data = CustomerData(
        kind="end_user",
        native_name="甬川检测站",
        latin_name="Yongchuan",
        country="CN",
        division="330200",
        address="中山东路 1 号",
        line_of_business="Testing",
    )
    actions.edit_customer(customer=customer, by=world.filer, data=data)
    assert aliases.compared_names([customer.party_id])[customer.party_id] == ["甬川检测站", "Yongchuan", LISTED, "Yongchuan Testing"]


def test_a_delta_and_the_register_know_it(world: World, customer: Customer) -> None:
    agreed(world, proposed(world, customer.party, "Crosswind Reagents"))
    names = index_parties().names
    assert "Crosswind Reagents" in list(names.names)
    seller = Party.objects.get(organisation=world.qinglan)
    asked = {"line": "", "division": "", "valid_on": dt.date.today()}
    assert find_seller(name="Crosswind Instruments", **asked).party_id != seller.pk
    agreed(world, proposed(world, seller, "Crosswind Instruments"))
    assert find_seller(name="Crosswind Instruments", **asked).party_id == seller.pk


def test_it_is_withdrawn_by_two_people_and_may_come_again(world: World, customer: Customer) -> None:
    party = agreed(world, proposed(world, customer.party))
    alias = aliases.in_force().get()
    end = proposed(world, party, ends=alias)
    assert aliases.in_force().exists(), "a proposal ends nothing"
    revision = agreed(world, end).revision
    assert not aliases.in_force().exists()
    assert revision == customer.party.revision + 2
    agreed(world, proposed(world, party))
    assert aliases.in_force().count() == 1


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"text": "Yongchuan Testing"}, "text"),
        ({"text": "123 / 456"}, "text"),
        ({"text": "甬" * 301}, "text"),
        ({"reason": "because"}, "reason"),
        ({"reason": "wrong_party"}, "reason"),
        ({"explanation": "so it is"}, "explanation"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(world: World, customer: Customer, words: dict[str, str], field: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        proposed(world, customer.party, **words)
    assert refused.value.code == field
    assert not PartyAlias.objects.exists()


def test_the_same_is_not_proposed_twice_and_not_ended_twice(world: World, customer: Customer) -> None:
    proposed(world, customer.party)
    with pytest.raises(StaleState):
        proposed(world, customer.party)
    agreed(world, PartyAlias.objects.get())
    alias = aliases.in_force().get()
    agreed(world, proposed(world, customer.party, ends=alias))
    with pytest.raises(StaleState):
        proposed(world, customer.party, ends=alias)


def test_a_factor_is_bound_to_the_words(world: World, customer: Customer) -> None:
    other = aliases.alias_digest(party=customer.party, text="Another Name", ends=None, **WORDS)
    with pytest.raises(NotAllowed) as refused:
        aliases.propose_alias(party=customer.party, by=world.reviewer, text=LISTED, proof=proof_for(world.reviewer, other), **WORDS)
    assert refused.value.code == "digest"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certifications_partyalias SET text = 'Somebody Else'",
        "UPDATE certifications_partyalias SET state = 'proposed'",
        "DELETE FROM certifications_partyalias",
        "UPDATE certifications_partyalias SET agreed_by_id = proposed_by_id",
    ],
)
def test_postgresql_refuses_another_past(world: World, customer: Customer, statement: str) -> None:
    agreed(world, proposed(world, customer.party))
    with pytest.raises((ProgrammingError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_postgresql_refuses_an_alias_that_was_never_proposed(world: World, customer: Customer) -> None:
    with pytest.raises((ProgrammingError, InternalError)), transaction.atomic():
        PartyAlias.objects.create(
            party=customer.party, text="X Y", script="Latn", reason="match", explanation="x", digest="0" * 64, state="effective",
            proposed_by=world.reviewer, proposed_proof_id="1", agreed_by=world.lead, agreed_at=dt.datetime.now(dt.UTC), agreed_proof_id="2",
        )  # fmt: skip


def test_the_page_takes_two_people_through_it_and_the_workers_are_asked(world: World, customer: Customer) -> None:
    address = f"/c/parties/{customer.party_id}/"
    first, second = client_of(world.reviewer), client_of(world.lead)
    typed = {"text": LISTED, **WORDS}
    refused = first.post(address + "alias/", {**typed, "code": "000000"})
    assert refused.status_code == 422
    assert LISTED in refused.content.decode(), "nothing typed is lost"
    assert not PartyAlias.objects.exists()
    assert first.post(address + "alias/", {**typed, "code": code_of(world.reviewer)}).status_code == 302
    alias = PartyAlias.objects.get()
    assert Mail.objects.filter(template="second_person_for_alias", to_user_id=world.lead.pk).exists()
    assert second.get("/c/parties/").content.decode().count(LISTED) == 1
    own = first.post(address + "alias/agree/", {"alias": alias.pk, "code": code_of(world.reviewer)})
    assert own.status_code == 422
    assert second.post(address + "alias/agree/", {"alias": alias.pk, "code": code_of(world.lead)}).status_code == 302
    party = Party.objects.get(pk=customer.party_id)
    assert Job.objects.filter(kind="rescreen", object_id=party.pk, version=f"rev-{party.revision}").exists()
    assert second.get(f"/c/parties/?q={LISTED[:20]}").content.decode().count(f"/c/parties/{party.pk}/") == 1
    assert client_of(world.filer).get(address).status_code == 404
    assert LISTED not in client_of(world.filer).get(f"/d/customers/{customer.pk}/").content.decode()


def test_a_declaration_that_waits_goes_round_again(world: World) -> None:
    declaration = world.signed()
    Declaration.objects.filter(pk=declaration.pk).update(status="review")
    alias = proposed_alias(declaration.customer.party, world.reviewer)
    flow.agree(alias=alias, by=world.lead, code=code_of(world.lead))
    declaration.refresh_from_db()
    assert declaration.status == "screening"
