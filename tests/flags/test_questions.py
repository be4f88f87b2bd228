"""A question to the distributor stops the case's clock; the answer lets it run on from where it stood."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from certifications.flags import actions
from certifications.flags.models import Case, Question
from certifications.flow import decide as flow
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from tests.world import World, client_of

from .decisions import decide, police_case

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def case(world: World) -> Case:
    """One critical flag on Qinglan's declaration."""
    return police_case(world)


def asked(world: World, case: Case) -> Question:
    """A question of the reviewer."""
    return flow.ask(
        case=case,
        by=world.reviewer,
        organisation=world.qinglan,
        text="Which department uses the kits?",
        due_on=timezone.now().date() + dt.timedelta(days=5),
    )


def test_a_question_stops_the_clock_and_the_answer_gives_the_time_back(world: World, case: Case) -> None:
    question = asked(world, case)
    case.refresh_from_db()
    assert case.status == "question"
    assert case.paused_at is not None
    due = case.due_at
    # Three hours pass before the distributor answers.
    Case.objects.filter(pk=case.pk).update(paused_at=case.paused_at - 3 * HOUR)
    flow.answer(question=question, by=world.filer, text="The genetics department.")
    case.refresh_from_db()
    assert (case.status, case.paused_at) == ("open", None)
    assert dt.timedelta() <= case.due_at - due - 3 * HOUR < HOUR


def test_nothing_is_decided_while_a_question_is_open(world: World, case: Case) -> None:
    asked(world, case)
    assert decide(case, world.reviewer).status_code == 409
    case.refresh_from_db()
    assert case.status == "question"


def test_the_distributor_reads_and_answers_on_its_own_page(world: World, case: Case) -> None:
    question = asked(world, case)
    address = reverse("distributors:question", args=[question.pk])
    client = client_of(world.filer)
    assert "Which department uses the kits?" in client.get(address).content.decode()
    assert client.post(address, {"answer": "  "}).status_code == 422
    assert client.post(address, {"answer": "The genetics department."}).status_code == 302
    question.refresh_from_db()
    assert (question.answer, question.answered_by) == ("The genetics department.", world.filer)


def test_an_answer_sent_twice_is_one_answer(world: World, case: Case) -> None:
    question = asked(world, case)
    address = reverse("distributors:question", args=[question.pk])
    client = client_of(world.filer)
    first, second = (client.post(address, {"answer": text}) for text in ("The first.", "The second."))
    assert (first.status_code, second.status_code) == (302, 422)
    question.refresh_from_db()
    assert question.answer == "The first."
    assert Event.objects.filter(verb="question.answered").count() == 1


@pytest.mark.parametrize("who", ["stranger", "distributor_admin", "reviewer", "regulator"])
def test_nobody_else_reads_or_answers_it(world: World, case: Case, who: str) -> None:
    question = asked(world, case)
    client, address = client_of(world.people[who]), reverse("distributors:question", args=[question.pk])
    assert client.get(address).status_code == 404
    assert client.post(address, {"answer": "Let me answer that."}).status_code == 404
    question.refresh_from_db()
    assert question.answered_at is None


def test_another_distributor_cannot_answer_below_the_page(world: World, case: Case) -> None:
    with pytest.raises(NotAllowed, match="another organisation"):
        flow.answer(question=asked(world, case), by=world.stranger, text="An answer.")


def test_one_question_at_a_time_and_the_database_says_so(world: World, case: Case) -> None:
    question = asked(world, case)
    with pytest.raises(StaleState):
        asked(world, case)
    with pytest.raises(IntegrityError, match="question_one_open_per_case"), transaction.atomic():
        Question.objects.create(case=case, organisation=world.qinglan, text="?", asked_by=world.lead, due_on=question.due_on)


def test_the_clock_stands_only_while_a_question_is_open_and_the_database_says_so(case: Case) -> None:
    with pytest.raises(IntegrityError, match="case_paused_while_question"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(paused_at=timezone.now())


def test_the_question_page_asks_for_a_sentence_and_a_day_to_come(world: World, case: Case) -> None:
    client, address = client_of(world.reviewer), reverse("compliance:ask", args=[case.number])
    sent = {"organisation": world.qinglan.pk, "text": "Why?", "due_on": timezone.now().date().isoformat()}
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "due_on" in answer.context["form"].errors
    answer = client.post(address, {**sent, "due_on": (timezone.now().date() + dt.timedelta(days=3)).isoformat()})
    assert "text" in answer.context["form"].errors
    assert "Why?" in answer.content.decode()
    assert not Question.objects.exists()


def test_a_declarations_question_goes_to_its_own_distributor_alone(world: World, case: Case) -> None:
    client, address = client_of(world.reviewer), reverse("compliance:ask", args=[case.number])
    sent = {"organisation": world.stranger.organisation.pk, "text": "Which department uses the kits?", "due_on": "2099-01-01"}  # type: ignore[union-attr]
    assert client.post(address, sent).status_code == 422
    assert not Question.objects.exists()


def test_the_mail_about_a_question_names_neither_case_nor_customer_nor_list(world: World, case: Case) -> None:
    asked(world, case)
    told = list(Mail.objects.filter(template="question_asked"))
    assert {m.to_user_id for m in told} == {world.filer.pk, world.signatory.pk}
    for mail in told:
        for word in (case.number, "绍兴", "Shaoxing", "police", "公安", "Which department"):
            assert word not in mail.subject + mail.body


def test_a_withdrawn_declaration_closes_its_case_whatever_stood_open(world: World, case: Case) -> None:
    from certifications.flow.sign import withdraw_declaration

    asked(world, case)
    withdraw_declaration(declaration=case.declaration, by=world.filer, reason="order")  # type: ignore[arg-type]
    case.refresh_from_db()
    assert (case.status, case.outcome, case.flags.get().state) == ("closed", "withdrawn", "closed")


def test_a_question_is_a_sentence(world: World, case: Case) -> None:
    with pytest.raises(NotAllowed, match="as a sentence"):
        actions.ask(case=case, by=world.reviewer, organisation=world.qinglan, text="Why?", due_on=timezone.now().date())
