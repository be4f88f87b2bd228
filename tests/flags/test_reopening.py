"""Cases that are looked at again, flags that hold elsewhere, and what PostgreSQL keeps of a judgement."""

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.flags import actions as flags
from certifications.flags.models import Case, Flag
from certifications.flow import advance, decide
from certifications.flow.release import problem_with
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.people.models import User
from tests.flags.cases import case_on_evidence
from tests.flags.decisions import judged
from tests.world import World, proof_for

pytestmark = pytest.mark.django_db
WORDS = "The notice was compared with the register and with the contract; see the letter of the distributor."


def concern_about_the_distributor(world: World) -> Case:
    """A notice names a registered distributor with no declaration that covers the sale; two people confirm."""
    case = case_on_evidence(world, seller="深圳市青岚科学仪器有限公司", buyer="杭州西溪医院")
    assert {f.rule for f in case.flags.all()} == {"S04"}
    judged(case, "confirm", "no_declaration", world.reviewer, world.second_reviewer)
    return case


def test_a_confirmed_concern_holds_the_partys_declarations_and_refuses_none(world: World) -> None:
    concern = concern_about_the_distributor(world)
    declaration = world.signed()
    assert advance.advance(declaration.pk) == "review"
    held = declaration.flags.get(rule="HELD")
    assert concern.number in held.inputs["cases"]
    assert problem_with(declaration)
    with pytest.raises(NotAllowed):
        flags.check_proposal(case=held.case, outcome="clear", reason="inquiry_answered", explanation=WORDS)


def test_it_is_lifted_where_it_was_confirmed_and_everything_goes_on_by_itself(world: World) -> None:
    concern = concern_about_the_distributor(world)
    declaration = world.signed()
    advance.advance(declaration.pk)
    decide.reopen(case=concern, by=world.lead, reason="The distributor sent the declaration that covers it.")
    concern.refresh_from_db()
    assert (concern.status, concern.flags.get().state) == ("open", "open")
    assert advance.advance(declaration.pk) == "review", "an open grave flag holds as well"
    judged(concern, "clear", "declaration_found", world.reviewer, world.lead)
    assert advance.advance(declaration.pk) == "ready"
    assert declaration.flags.get(rule="HELD").state == "cleared"


def test_a_judgement_from_before_the_reopening_closes_nothing(world: World) -> None:
    concern = concern_about_the_distributor(world)
    decide.reopen(case=concern, by=world.lead, reason="The distributor sent the declaration that covers it.")
    with pytest.raises(DatabaseError, match="two people judge"), transaction.atomic():
        Flag.objects.filter(case=concern).update(state="confirmed", closed_at="2026-01-01T00:00:00Z")


@pytest.mark.parametrize("state", ["cleared", "confirmed"])
def test_no_single_update_judges_a_grave_flag(world: World, state: str) -> None:
    case = case_on_evidence(world)
    with pytest.raises(DatabaseError, match="two people judge"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_flag SET state = %s, closed_at = now() WHERE case_id = %s", [state, case.pk])


@pytest.mark.parametrize("change", ["severity = 'low'", "rule = 'UNSC'", "inputs = '{}'", "fingerprint = 'x'"])
def test_what_a_flag_says_never_changes(world: World, change: str) -> None:
    case = case_on_evidence(world)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE certifications_flag SET {change} WHERE case_id = %s", [case.pk])


def test_flags_and_cases_are_never_removed(world: World) -> None:
    case = case_on_evidence(world)
    for table in ("flag", "case"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM certifications_{table}")
    assert case.flags.exists()


def test_a_lesser_flag_that_people_confirm_refuses_a_ready_declaration(world: World) -> None:
    declaration = world.signed(
        world.draft(world.customer(native_name="宁波市中级人民法院", latin_name="Ningbo Intermediate People's Court"))
    )
    assert advance.advance(declaration.pk) == "ready"
    case = declaration.cases.get()
    assert {f.severity for f in case.flags.all()} == {"medium"}
    judged(case, "confirm", "restricted_end_user", world.reviewer, world.lead)
    assert advance.advance(declaration.pk) == "refused"


def test_a_ready_declaration_can_be_returned(world: World) -> None:
    declaration = world.signed(
        world.draft(world.customer(native_name="宁波市中级人民法院", latin_name="Ningbo Intermediate People's Court"))
    )
    advance.advance(declaration.pk)
    judged(declaration.cases.get(), "return", "wrong_party", world.reviewer, world.lead)
    declaration.refresh_from_db()
    assert declaration.status == "returned"


def test_a_clearance_does_not_outlive_the_name_it_was_about(world: World) -> None:
    declaration = world.signed(
        world.draft(world.customer(native_name="宁波市中级人民法院", latin_name="Ningbo Intermediate People's Court"))
    )
    advance.advance(declaration.pk)
    judged(declaration.cases.get(), "clear", "class_misread", world.reviewer, world.lead)
    party = declaration.customer.party
    party.names.filter(text__startswith="宁波").update(text="宁波市公安局")
    type(party).objects.filter(pk=party.pk).update(revision=2)
    declaration.refresh_from_db()
    advance.send_round_again(declaration, "test")
    assert advance.advance(declaration.pk) == "review"
    assert declaration.flags.filter(rule="B01", state="open", severity="critical").exists()


def test_an_explanation_that_ends_in_a_newline_can_be_agreed_to(world: World) -> None:
    case = case_on_evidence(world)
    words = WORDS + "\r\n"
    digest = flags.decision_digest(case=case, outcome="confirm", reason="unregistered_seller", explanation=words)
    reason = "unregistered_seller" if "unregistered_seller" in _reasons(case) else _reasons(case)[0]
    digest = flags.decision_digest(case=case, outcome="confirm", reason=reason, explanation=words)
    decision = flags.propose(
        case=case,
        by=world.reviewer,
        outcome="confirm",
        reason=reason,
        explanation=words,
        proof=proof_for(world.reviewer, digest),
        form_key=new_ulid(),
    )
    agreed = flags.agree(decision=decision, by=world.lead, proof=proof_for(world.lead, decision.digest))
    assert agreed.state == "effective"


def _reasons(case: Case) -> list[str]:
    from certifications.flags.outcomes import Outcome, allowed_reasons

    return allowed_reasons(Outcome.CONFIRM, [f.rule for f in case.flags.filter(state="open")])


def test_the_same_form_twice_is_one_decision_and_another_forms_token_is_none(world: World) -> None:
    case = case_on_evidence(world)
    form_key, reason = new_ulid(), _reasons(case)[0]
    digest = flags.decision_digest(case=case, outcome="confirm", reason=reason, explanation=WORDS)
    made = flags.propose(
        case=case,
        by=world.reviewer,
        outcome="confirm",
        reason=reason,
        explanation=WORDS,
        proof=proof_for(world.reviewer, digest),
        form_key=form_key,
    )
    assert flags.earlier_decision(case=case, by=world.reviewer, form_key=form_key) == made
    for by, key in ((world.second_reviewer, form_key), (world.reviewer, ""), (world.reviewer, "short")):
        with pytest.raises(NotAllowed) as refused:
            flags.earlier_decision(case=case, by=by, form_key=key)
        assert refused.value.code == "form"
    flags.void(decision=made, by=world.reviewer, reason="Another document turned up.")
    with pytest.raises(NotAllowed):
        flags.earlier_decision(case=case, by=world.reviewer, form_key=form_key)


def test_a_silent_distributor_does_not_hold_a_case_up_for_ever(world: World) -> None:
    import datetime as dt

    case = case_on_evidence(world)
    question = decide.ask(
        case=case, by=world.reviewer, organisation=world.qinglan, text="Did you supply this firm?", due_on=dt.date.today()
    )
    decide.withdraw_question(case=case, by=world.lead, reason="No answer came within the time.")
    case.refresh_from_db()
    assert case.status == "open"
    with pytest.raises(NotAllowed):
        decide.answer(question=question, by=world.filer, text="We did not.")


def test_whoever_brought_a_colleague_in_does_not_decide_with_that_colleague(world: World) -> None:
    from certifications.people.models import Membership, Organisation

    case = case_on_evidence(world)
    maker = Organisation.objects.get(kind="manufacturer")
    second = User.objects.create_user("second.address@corvane.example", "x", name="Second Address")
    between = User.objects.create_user("between@corvane.example", "x", name="Between")
    Membership.objects.create(user=between, organisation=maker, role="lead", created_by_id=world.lead.pk)
    Membership.objects.create(user=second, organisation=maker, role="reviewer", created_by_id=between.pk)
    for first, agreeing in ((world.lead, second), (second, world.lead)):
        digest = flags.decision_digest(case=case, outcome="confirm", reason=_reasons(case)[0], explanation=WORDS)
        decision = flags.propose(
            case=case,
            by=first,
            outcome="confirm",
            reason=_reasons(case)[0],
            explanation=WORDS,
            proof=proof_for(first, digest),
            form_key=new_ulid(),
        )
        with pytest.raises(NotAllowed) as refused:
            flags.agree(decision=decision, by=agreeing, proof=proof_for(agreeing, digest))
        assert refused.value.code == "not_independent"
        with pytest.raises(NotAllowed):
            decide.agree(decision=decision, by=agreeing, code="000000")
        flags.void(decision=decision, by=first, reason="Somebody independent takes it on.")
        case.refresh_from_db()
