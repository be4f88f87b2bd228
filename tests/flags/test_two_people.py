"""What blocks is cleared or confirmed by two people, never by one: not by the page, not by a POST, not in PostgreSQL."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from certifications.declarations.models import Declaration
from certifications.flags import actions
from certifications.flags.actions import Subject, raise_flag
from certifications.flags.models import Case, Decision
from certifications.flags.rules import Severity
from certifications.flags.rules.base import Fired
from certifications.flow import decide as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.people.models import FactorProof
from tests.flow.steps import work
from tests.world import World, client_of, proof_for
from tests.world import code_of as code

from .decisions import CONFIRMED, WORDS, agree, decide, police_case, proposed

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    """One critical flag on a declaration under review."""
    return police_case(world)


def state(case: Case) -> tuple[str, str, str]:
    """(case, its flag, its declaration)."""
    case.refresh_from_db()
    return case.status, case.flags.get().state, Declaration.objects.get(pk=case.declaration_id).status


def test_one_proposes_another_agrees_and_the_declaration_goes_on(world: World, case: Case) -> None:
    assert decide(case, world.reviewer).status_code == 302
    assert state(case) == ("proposed", "open", "review")
    work("advance")
    assert state(case) == ("proposed", "open", "review")
    assert agree(Decision.objects.get(), world.second_reviewer).status_code == 302
    assert state(case) == ("closed", "cleared", "review")
    work("advance")
    assert state(case) == ("closed", "cleared", "ready")


def test_a_confirmed_concern_refuses_the_declaration_and_its_filer_is_told(world: World, case: Case) -> None:
    decision = proposed(world, case, **CONFIRMED)
    agree(decision, world.lead)
    work("advance")
    assert state(case) == ("closed", "confirmed", "refused")
    assert Mail.objects.filter(template="declaration_refused", to_user_id=world.filer.pk).count() == 1


def test_the_proposer_cannot_agree_by_a_post_of_his_own(world: World, case: Case) -> None:
    decision = proposed(world, case)
    answer = agree(decision, world.reviewer)
    assert answer.status_code == 422
    assert "another person must agree" in answer.content.decode()
    assert state(case) == ("proposed", "open", "review")
    assert FactorProof.objects.filter(purpose="agree").count() == 0


def test_the_proposer_cannot_agree_below_the_page_either(world: World, case: Case) -> None:
    decision = proposed(world, case)
    with pytest.raises(NotAllowed, match="another person") as refused:
        actions.agree(decision=decision, by=world.reviewer, proof=proof_for(world.reviewer, decision.digest))
    assert refused.value.code == "same_person"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("state = 'effective', agreed_by_id = proposed_by_id, agreed_at = now(), agreed_proof_id = 'A'", "decision_two_people"),
        ("agreed_by_id = proposed_by_id, agreed_at = now(), agreed_proof_id = 'A'", "decision_two_people"),
        ("state = 'effective'", "decision_effective_is_agreed"),
        ("state = 'effective', agreed_at = now()", "decision_agreement_whole"),
        ("needs_second = false, state = 'effective'", "never change"),
        ("proposed_by_id = (SELECT id FROM certifications_user WHERE email LIKE 'lena%%')", "never change"),
        ("state = 'voided'", "decision_voided_whole"),
    ],
)
def test_postgresql_refuses_every_way_round_the_second_person(world: World, case: Case, statement: str, constraint: str) -> None:
    decision = proposed(world, case)
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE certifications_decision SET {statement} WHERE id = %s", [decision.pk])
    assert constraint in str(refused.value) or "decision_effective_is_agreed" in str(refused.value)


@pytest.mark.parametrize("who", ["auditor", "operator", "filer", "signatory", "regulator"])
def test_nobody_without_the_right_decides_or_agrees_by_a_post_of_his_own(world: World, case: Case, who: str) -> None:
    assert decide(case, world.people[who]).status_code == 404
    decision = proposed(world, case)
    assert agree(decision, world.people[who]).status_code == 404
    assert (
        client_of(world.people[who]).post(reverse("compliance:disagree", args=[case.number]), {"decision": decision.pk}).status_code == 404
    )
    assert state(case) == ("proposed", "open", "review")


def test_agreement_is_refused_when_the_case_changed_since_the_proposal(world: World, case: Case) -> None:
    """A flag that came after the proposal was never spoken to; the proposal is void and both must look again."""
    decision = proposed(world, case)
    fired = Fired("B02", 1, Severity.LOW, {"buyer": "x", "divisions": ["650100"]})
    raise_flag(fired=fired, subject=Subject(case.subject, "x", declaration=case.declaration), facts_key="later")
    assert agree(decision, world.second_reviewer).status_code == 409
    case.refresh_from_db()
    decision.refresh_from_db()
    assert (case.status, decision.state) == ("open", "voided")


def test_agreement_is_refused_when_a_flag_closed_since_the_proposal(world: World, case: Case) -> None:
    decision = proposed(world, case)
    case.flags.update(state="closed", closed_at=case.opened_at)
    answer = agree(decision, world.second_reviewer)
    assert answer.status_code == 409
    assert "The case changed since the proposal." in answer.content.decode()
    decision.refresh_from_db()
    assert decision.state == "proposed"


def test_a_decision_for_which_the_factor_was_not_given_is_refused(world: World, case: Case) -> None:
    other = actions.decision_digest(case=case, **{**WORDS, "explanation": "Something else was read by the person."})
    for proof in (proof_for(world.reviewer, other), proof_for(world.lead, actions.decision_digest(case=case, **WORDS))):
        with pytest.raises(NotAllowed) as refused:
            actions.propose(case=case, by=world.reviewer, proof=proof, form_key=new_ulid(), **WORDS)
        assert refused.value.code == "digest"
    assert not Decision.objects.exists()


def test_a_wrong_code_decides_nothing_and_loses_no_word(world: World, case: Case) -> None:
    answer = decide(case, world.reviewer, code="000000")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert WORDS["explanation"].replace("'", "&#x27;") in page
    assert 'value="class_misread" selected' in page
    assert 'value="clear" checked' in page
    assert not Decision.objects.exists()


def test_not_on_our_register_is_refused_by_the_page_before_a_code_is_spent(world: World, case: Case) -> None:
    answer = decide(case, world.reviewer, reason="not_on_register")
    assert answer.status_code == 422
    answer = decide(case, world.reviewer, explanation="This name is not listed in our system.")
    assert "opens a question and closes none" in answer.content.decode()
    assert not FactorProof.objects.filter(purpose="decide").exists()


def test_the_form_sent_twice_decides_once(world: World, case: Case) -> None:
    sent = {"form_key": new_ulid(), "code": code(world.reviewer)}
    answers = [decide(case, world.reviewer, **sent).status_code for _twice in range(2)]
    assert answers[0] == 302
    assert Decision.objects.count() == 1
    assert Event.objects.filter(verb="decision.proposed").count() == 1


def test_agreement_sent_twice_takes_effect_once(world: World, case: Case) -> None:
    decision = proposed(world, case)
    sent = {"code": code(world.lead)}
    first, second = (agree(decision, world.lead, **sent).status_code for _twice in range(2))
    assert first == 302
    assert second in {409, 422}
    assert Event.objects.filter(verb="decision.agreed").count() == 1
    assert Event.objects.filter(verb="case.closed").count() == 1


def test_a_proposal_that_is_not_agreed_with_stays_on_record_and_the_case_is_open_again(world: World, case: Case) -> None:
    decision = proposed(world, case)
    address = reverse("compliance:disagree", args=[case.number])
    client = client_of(world.second_reviewer)
    assert client.post(address, {"decision": decision.pk, "why": "no"}).status_code == 422
    assert client.post(address, {"decision": decision.pk, "why": "The licence is of another clinic."}).status_code == 302
    decision.refresh_from_db()
    assert (decision.state, decision.voided_by, decision.explanation) == ("voided", world.second_reviewer, WORDS["explanation"])
    assert state(case)[0] == "open"
    with pytest.raises(StaleState):
        actions.agree(decision=decision, by=world.lead, proof=proof_for(world.lead, decision.digest))


def test_a_closed_case_is_decided_no_more(world: World, case: Case) -> None:
    agree(proposed(world, case), world.second_reviewer)
    assert decide(case, world.lead).status_code == 409
    assert Decision.objects.count() == 1


def test_a_decision_of_another_case_cannot_be_agreed_to_under_this_one(world: World, case: Case) -> None:
    decision = proposed(world, case)
    other = police_case(world, native_name="嘉兴市公安局", latin_name="Jiaxing Public Security Bureau", division="330400")
    answer = client_of(world.lead).post(
        reverse("compliance:agree", args=[other.number]), {"decision": decision.pk, "code": code(world.lead)}
    )
    assert answer.status_code == 404


def test_returning_needs_one_person_and_judges_nothing(world: World, case: Case) -> None:
    words = {"outcome": "return", "reason": "incomplete", "explanation": "The department that will use the kits is missing."}
    assert decide(case, world.reviewer, **words).status_code == 422, "without a word to the distributor"
    decide(case, world.reviewer, **words, message="Name the department that will use the kits.")
    assert state(case) == ("closed", "closed", "returned")
    assert Mail.objects.filter(template="declaration_returned").count() == 1


def test_the_others_who_may_decide_are_told_by_number_alone(world: World, case: Case) -> None:
    with transaction.atomic():
        flow.propose(case=case, by=world.reviewer, form_key=new_ulid(), code=code(world.reviewer), **WORDS)
    told = Mail.objects.filter(template="second_person_needed")
    assert set(told.values_list("to_user_id", flat=True)) == {world.second_reviewer.pk, world.lead.pk}
    for mail in told:
        assert case.number in mail.subject + mail.body
        assert "绍兴" not in mail.subject + mail.body
        assert "Shaoxing" not in mail.subject + mail.body
