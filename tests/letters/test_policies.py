"""A letter hears everything that policies ask: when it is released, before its seal, and when one begins later."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from certifications.attestations.sealed import NotSealable
from certifications.declarations.data import EndUserData, ShareData
from certifications.flow import letters as flow
from certifications.flow import policies
from certifications.flow.letter_policies import asked_of, least_level
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.letters.actions import decision_digest, digest_of
from certifications.letters.models import Letter, LetterText
from certifications.letters.queries import parties_of
from certifications.mail.models import Mail
from certifications.screening.actions import screen_party
from tests.attestations.conftest import become
from tests.authority import Authority
from tests.catalogue.asked import held, policy
from tests.catalogue.changes import agreed, proposed
from tests.declarations.end_users import asked as asked_end_user
from tests.declarations.end_users import link, said_yes
from tests.orders.shop import Shop, attest
from tests.parties.owning import stated
from tests.world import World, client_of, code_of, make_world

from .asked import decided, released, sealed, waiting

pytestmark = pytest.mark.django_db
BUYER = {"native_name": "宁波海曙妇幼保健院", "latin_name": "", "uscc": "", "lei": ""}


def clinic(effect: str, **changes: Any) -> Any:
    """A policy about kits in China, whoever the buyer is."""
    return policy(effect, **{"classes": (), **changes})


def release(world: World, letter: Letter, *answered: str) -> Any:
    return flow.decide(letter=letter, by=world.reviewer, outcome="release", answered=answered, code=code_of(world.reviewer))


def test_a_policy_that_asks_a_person_is_answered_by_name(world: World) -> None:
    letter = waiting(world)
    asking = held(world, clinic("confirm", title="A person looks at kits"))
    with pytest.raises(NotAllowed) as refused:
        flow.decide(letter=letter, by=world.reviewer, outcome="release", code="")
    assert refused.value.code == "policies"
    assert asking.number in str(refused.value)
    page = client_of(world.reviewer)
    address = f"/c/letters/{letter.number}/"
    assert f"{asking.number}: A person looks at kits" in page.get(address).content.decode()
    sent = {"release-outcome": "release", "release-explanation": ""}
    assert page.post(f"{address}decide/", {**sent, "code": code_of(world.reviewer)}).status_code == 422
    done = page.post(f"{address}decide/", {**sent, "release-policies": [asking.number], "code": code_of(world.reviewer)})
    assert done.status_code == 302
    letter.refresh_from_db()
    assert (letter.status, letter.decisions.get().answered) == ("issuing", [asking.number])


def test_a_factor_is_bound_to_the_policies_that_were_answered(world: World) -> None:
    letter = waiting(world)
    asking = held(world, clinic("confirm"))
    made = release(world, letter, asking.number)
    letter.refresh_from_db()
    assert digest_of(letter, made) == made.digest
    assert decision_digest(letter=letter, outcome="release", explanation="", public_reason="") != made.digest


@pytest.mark.parametrize("effect", ["confirm", "two_people", "refuse", "assurance", "owners"])
def test_whatever_begins_between_release_and_seal_takes_the_release_back(world: World, effect: str) -> None:
    letter = released(world)
    assert letter.status == "issuing"
    told = Mail.objects.filter(template="letter_to_release").count()
    held(world, clinic(effect))
    letter.refresh_from_db()
    assert letter.status == "waiting"
    assert Mail.objects.filter(template="letter_to_release").count() > told


def test_the_signer_seals_nothing_that_a_policy_asks_about_since(world: World) -> None:
    letter = released(world)
    # Agreed to in this moment, before any worker looked.
    data = clinic("confirm")
    agreed(proposed(world.lead, "policy", data.title, data.content()), world.reviewer)
    text = LetterText.objects.select_related("decision").get()
    with pytest.raises(NotSealable, match="policy"):
        flow.check_sealable(letter, text, by_test_authority=True)
    flow.seal(letter.pk, lambda _pdf: pytest.fail("nothing is sealed"))
    letter.refresh_from_db()
    assert letter.status == "waiting"


def test_a_proposal_that_answers_too_little_is_not_agreed_to(world: World) -> None:
    letter = waiting(world)
    held(world, clinic("two_people"))
    made = decided(letter, world.reviewer)
    held(world, clinic("confirm", title="A person looks at kits"))
    with pytest.raises(NotAllowed) as refused:
        flow.agree(decision=made, by=world.lead, code="")
    assert refused.value.code == "policies"


def test_the_buyers_own_word_is_waited_for_and_the_distributor_is_told(world: World) -> None:
    held(world, clinic("assurance", level="link"))
    customer = world.customer(**BUYER)
    letter = waiting(world)
    assert least_level(letter) == "link"
    assert any("own word" in problem for problem in flow.problems_with(letter))
    assert Mail.objects.filter(template="letter_end_user_needed", to_user_id=world.filer.pk).exists()
    page = client_of(world.filer).get(f"/d/letters/{letter.number}/").content.decode()
    assert "waits for the buyer" in page
    assert "POL-" not in page
    draft = world.draft(customer)
    asked_end_user(world, draft)
    assert said_yes(link()).status_code == 200
    assert any("own word" in problem for problem in flow.problems_with(letter)), "a draft is nobody's statement yet"
    world.signed(draft)
    assert least_level(letter) == ""
    assert flow.problems_with(letter) == []
    held(world, clinic("assurance", level="paper", title="Paper for kits"))
    assert least_level(letter) == "paper"
    assert any("signed paper" in problem for problem in flow.problems_with(letter))


def test_the_word_of_anothers_customer_or_of_other_goods_does_not_do(world: World) -> None:
    held(world, clinic("assurance", level="link"))
    theirs = world.customer("stranger", **BUYER)
    draft = world.draft(theirs, by="stranger")
    asked_end_user(world, draft, by="stranger")
    said_yes(link())
    world.signed(draft, by="stranger")
    assert least_level(waiting(world)) == "link"


def test_known_owners_are_asked_for(world: World) -> None:
    held(world, clinic("owners"))
    customer = world.customer(**BUYER)
    letter = waiting(world)
    assert any("owners" in problem for problem in flow.problems_with(letter))
    stated(world.filer, customer, share=Decimal(100), latin_name="City of Ningbo", kind="public")
    flow.go_on(letter.pk)
    assert not any("they are not known" in problem for problem in flow.problems_with(letter))


def test_a_letter_in_force_stays_and_whoever_may_revoke_it_is_told_once(roles: None, db: None, settings: Any, authority: Authority) -> None:
    settings.TRUST_DIR = authority.trust_folder
    become("portal_app")
    world = make_world()
    letter, _pdf = sealed(world, authority)
    held(world, clinic("refuse"))
    policies.follow(policies.FIRST, "again")
    letter.refresh_from_db()
    assert letter.status == "valid"
    told = list(Mail.objects.filter(template="letter_under_policy").values_list("to_user_id", flat=True))
    assert sorted(told) == sorted({world.reviewer.pk, world.second_reviewer.pk, world.lead.pk})
    assert asked_of(letter).policies


def test_a_policy_that_asks_nothing_of_it_now_tells_nobody(roles: None, db: None, settings: Any, authority: Authority) -> None:
    settings.TRUST_DIR = authority.trust_folder
    become("portal_app")
    world = make_world()
    sealed(world, authority)
    held(world, clinic("refuse", classes=("police",)))
    assert not Mail.objects.filter(template="letter_under_policy").exists()


def test_a_buyer_that_becomes_a_customer_later_speaks_for_its_letter(world: World) -> None:
    held(world, clinic("assurance", level="link"))
    letter = waiting(world)
    assert least_level(letter) == "link"
    customer = world.customer(**BUYER)
    draft = world.draft(customer)
    asked_end_user(world, draft)
    said_yes(link())
    world.signed(draft)
    assert least_level(letter) == ""
    assert customer.party in parties_of(letter)
    # It is named by the letter from now on: while it is not screened the letter waits.
    assert flow.problems_with(letter)
    screen_party(customer.party)
    assert flow.problems_with(letter) == []


def test_of_a_declaration_for_several_the_buyer_speaks_for_its_own_goods_alone(world: World) -> None:
    held(world, clinic("assurance", level="link"))
    buyer = world.customer(**BUYER)
    first = world.customer()
    share = EndUserData(buyer.pk, (ShareData(world.kit.pk, Decimal(9)),), "宁波市海曙区柳汀街 1 号", "CN", "330200")
    draft = world.draft(first, kind="several", end_users=(share,))
    asked_end_user(world, draft, end_user=first.pk)
    said_yes(link())
    world.signed(draft)
    letter = waiting(world)
    assert least_level(letter) == "link", "the word of the other hospital is none of the buyer's"
    asked_end_user(world, draft, end_user=buyer.pk, email="head@haishu-clinic.example")
    said_yes(link("head@haishu-clinic.example"))
    assert least_level(letter) == ""


def test_whoever_is_only_on_the_way_of_the_goods_gave_no_word(world: World) -> None:
    held(world, clinic("assurance", level="link"))
    buyer = world.customer(**BUYER)
    draft = world.draft(consignee_ids=(buyer.pk,))
    asked_end_user(world, draft)
    said_yes(link())
    world.signed(draft)
    assert least_level(waiting(world)) == "link"


@pytest.mark.parametrize("status", ["valid", "suspended", "revoked"])
def test_the_word_of_an_attestation_counts_as_long_as_it_stands(
    roles: None, db: None, settings: Any, authority: Authority, status: str
) -> None:
    settings.TRUST_DIR = authority.trust_folder
    become("portal_app")
    world = make_world()
    held(world, clinic("assurance", level="link"))
    customer = world.customer(**BUYER)
    draft = world.draft(customer)
    asked_end_user(world, draft)
    said_yes(link())
    declaration = world.signed(draft)
    attest(declaration, world)
    Shop(world, declaration).say(status=status)
    letter = waiting(world)
    assert least_level(letter) == ("" if status == "valid" else "link")


def test_a_policy_that_was_on_record_and_begins_after_the_release_is_told_too(
    roles: None, db: None, settings: Any, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TRUST_DIR = authority.trust_folder
    become("portal_app")
    world = make_world()
    held(world, clinic("refuse", from_date=civil_today() + dt.timedelta(days=3)))
    sealed(world, authority)
    assert not Mail.objects.filter(template="letter_under_policy").exists()
    tomorrow = civil_today() + dt.timedelta(days=3)
    for module in ("letter_policies", "letters"):
        monkeypatch.setattr(f"certifications.flow.{module}.civil_today", lambda: tomorrow)
    assert flow.follow_policies() == 1
    assert Mail.objects.filter(template="letter_under_policy").exists()
