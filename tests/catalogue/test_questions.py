"""The questionnaire about customers: branching, versions by two people, answers that are kept, and what holds a signature."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from certifications.catalogue import questions
from certifications.catalogue.models_questions import QuestionDraft, Questionnaire, QuestionnaireAnswer, QuestionnaireQuestion
from certifications.catalogue.rules_questions import (
    QuestionData,
    QuestionnaireData,
    answer_problem,
    moved,
    question_problems,
    questionnaire_problems,
)
from certifications.declarations.queries import frozen_form, version_of
from certifications.declarations.sittings import SetRefused, Shown
from certifications.flow import catalogue as flow_catalogue
from certifications.flow import questions as flow
from certifications.flow import sign
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.parties.actions import Incomplete
from tests.world import World, code_of

from .changes import WHY, agreed, proposed
from .questionnaires import ALL, LICENCE, OWN, UNTIL, WHOM, answered, asked, open_questions, put_in_force

pytestmark = pytest.mark.django_db


# Which questions are asked


def test_what_follows_from_an_answer_is_asked_once_it_is_given_and_no_longer_when_it_changes(world: World) -> None:
    put_in_force(world)
    customer = world.customer()
    assert (asked(customer), open_questions(customer)) == ([1, 3], [1, 3])
    answered(world, customer, (OWN, "yes"), (LICENCE, "Hospital"))
    assert (asked(customer), open_questions(customer)) == ([1, 2, 3, 4], [2])
    answered(world, customer, (WHOM, "Clinics in Ningbo"))
    assert open_questions(customer) == []
    answered(world, customer, (OWN, "no"))
    assert asked(customer) == [1, 3, 4]
    # What was answered is kept, and counts again when it is asked again.
    answered(world, customer, (OWN, "yes"))
    assert open_questions(customer) == []


def test_what_follows_is_answered_in_one_go_with_what_it_follows_from(world: World) -> None:
    put_in_force(world)
    customer = world.customer()
    assert answered(world, customer, (OWN, "yes"), (WHOM, "Clinics"), (LICENCE, "None"), (UNTIL, "2030-01-01")) == 3
    assert open_questions(customer) == []


@pytest.mark.parametrize(
    ("scope", "customer", "is_asked"),
    [
        ({"classes": ("hospital",)}, {}, True),
        ({"classes": ("police",)}, {}, False),
        ({"classes": ("unknown",)}, {"native_name": "甬江", "latin_name": "Yongjiang"}, True),
        ({"countries": ("CN",)}, {}, True),
        ({"countries": ("DE",)}, {}, False),
        ({"classes": ("hospital",), "countries": ("DE",)}, {}, False),
        ({"lines": ("kits",)}, {}, False),
    ],
)
def test_a_question_is_asked_of_whom_it_is_about(world: World, scope: dict[str, Any], customer: dict[str, Any], is_asked: bool) -> None:
    put_in_force(world, replace(OWN, **scope))
    assert asked(world.customer(**customer)) == ([1] if is_asked else [])


def test_a_question_about_a_line_is_asked_once_the_line_is_declared(world: World) -> None:
    put_in_force(world, replace(OWN, lines=("kits",)), holds=True)
    customer = world.customer()
    draft = world.draft(customer)
    assert asked(customer) == [1]
    assert flow.signing_problems([draft])
    sign.withdraw_declaration(declaration=draft, by=world.filer, reason="mistake")
    assert asked(customer) == []


def test_a_question_that_follows_from_one_that_is_not_asked_is_not_asked(world: World) -> None:
    put_in_force(world, OWN, WHOM, LICENCE, UNTIL)
    customer = world.customer()
    answered(world, customer, (OWN, "yes"))
    put_in_force(world, replace(OWN, countries=("DE",)), WHOM)
    assert asked(customer) == []


# Versions


def test_a_new_version_asks_again_only_what_is_new(world: World) -> None:
    put_in_force(world)
    customer = world.customer()
    answered(world, customer, (OWN, "no"), (LICENCE, "None"))
    other = replace(LICENCE, text="Which licence does it hold today?")
    put_in_force(world, other, replace(OWN, required=False), QuestionData("Since when?", "从何时起？", "date"))
    assert open_questions(customer) == [1, 3]
    sheet = flow.sheet_of(customer)
    assert sheet is not None
    # What was answered stays with the version that was read.
    kept = next(row.answer for row in sheet.rows if row.question.number == 2)
    assert kept is not None
    assert (kept.value, kept.question.questionnaire.version, sheet.version.version) == ("no", 1, 2)


def test_an_answer_to_a_version_that_is_over_is_not_kept(world: World) -> None:
    put_in_force(world)
    customer = world.customer()
    put_in_force(world, OWN)
    with pytest.raises(StaleState):
        answered(world, customer, (OWN, "no"), version=1)
    assert not QuestionnaireAnswer.objects.exists()


def test_two_people_put_a_version_in_force_and_filers_are_told(world: World) -> None:
    content = QuestionnaireData(ALL).content()
    proposal = proposed(world.lead, "questions", questions.SUBJECT, content)
    with pytest.raises(NotAllowed) as refused:
        agreed(proposal, world.lead)
    assert refused.value.code == "same_person"
    assert questions.in_force() is None
    flow_catalogue.agree(proposal=proposal, by=world.reviewer, code=code_of(world.reviewer))
    held = questions.in_force()
    assert held is not None
    assert [one.fingerprint for one in held.questions.all()] == [one.fingerprint for one in ALL]
    told = set(Mail.objects.filter(template="questionnaire_changed").values_list("to_email", flat=True))
    assert told == {world.filer.email, world.stranger.email}


def test_the_same_again_is_not_proposed(world: World) -> None:
    put_in_force(world)
    with pytest.raises(NotAllowed) as refused:
        proposed(world.lead, "questions", questions.SUBJECT, QuestionnaireData(ALL).content())
    assert refused.value.code == "questions"


def test_postgresql_refuses_a_version_without_two_people_and_other_words(world: World) -> None:
    content = QuestionnaireData(ALL).content()
    waiting = proposed(world.lead, "questions", questions.SUBJECT, content)
    with pytest.raises(DatabaseError, match="two people agree to a version"), transaction.atomic():
        Questionnaire.objects.create(version=9, holds_signing=False, proposal=waiting)
    held = agreed(waiting, world.reviewer)
    assert isinstance(held, Questionnaire)
    with pytest.raises(DatabaseError, match="two people agree to each question"), transaction.atomic():
        QuestionnaireQuestion.objects.create(questionnaire=held, number=5, fingerprint="x" * 64, **OWN.content())
    customer = world.customer()
    question = held.questions.all()[0]
    given = {"customer": customer, "question": question, "value": "yes"}
    with pytest.raises(DatabaseError, match="kept with what was asked"), transaction.atomic():
        QuestionnaireAnswer.objects.create(**given, fingerprint="0" * 64, answered_by=world.filer)
    for who in (world.stranger, world.lead):
        with pytest.raises(DatabaseError, match="for its own customers"), transaction.atomic():
            QuestionnaireAnswer.objects.create(**given, fingerprint=question.fingerprint, answered_by=who)
    with pytest.raises(DatabaseError), transaction.atomic():
        Questionnaire.objects.update(holds_signing=True)


# Answers


@pytest.mark.parametrize(
    ("question", "value"),
    [
        (OWN, "maybe"),
        (LICENCE, "Pharmacy"),
        (replace(UNTIL, follows=0, follows_value=""), "tomorrow"),
        (replace(WHOM, follows=0, follows_value=""), "x" * 2001),
    ],
)
def test_an_answer_of_another_kind_is_named_and_nothing_is_kept(world: World, question: QuestionData, value: str) -> None:
    put_in_force(world, question)
    customer = world.customer()
    with pytest.raises(Incomplete) as refused:
        answered(world, customer, (question, value))
    assert refused.value.problems[0].field == questions.field_of(question.fingerprint)
    assert not QuestionnaireAnswer.objects.exists()


@pytest.mark.parametrize(
    ("kind", "value"), [("yes_no", "no"), ("date", "2026-02-28"), ("text", "无"), ("choice", "Hospital"), ("date", "")]
)
def test_an_answer_that_fits_is_no_problem(kind: str, value: str) -> None:
    assert answer_problem(kind, ["Hospital"], value, civil_today()) == ""


def test_an_answer_that_did_not_change_is_not_kept_twice_and_one_taken_back_is_open_again(world: World) -> None:
    put_in_force(world, OWN)
    customer = world.customer()
    assert answered(world, customer, (OWN, "yes")) == 1
    assert answered(world, customer, (OWN, "yes")) == 0
    assert answered(world, customer, (OWN, "")) == 1
    assert open_questions(customer) == [1]
    assert QuestionnaireAnswer.objects.count() == 2


def test_answers_of_one_customer_say_nothing_of_another(world: World) -> None:
    put_in_force(world, OWN)
    mine, theirs = world.customer(), world.customer(by="stranger")
    answered(world, mine, (OWN, "yes"))
    assert open_questions(theirs) == [1]


# Signing


@pytest.mark.parametrize("holds", [True, False])
def test_incomplete_answers_hold_a_signature_where_the_version_says_so(world: World, holds: bool) -> None:
    put_in_force(world, OWN, holds=holds)
    draft = world.draft()
    digest = frozen_form(version_of(draft))[1]

    def act() -> None:
        sign.sign_declaration(
            declaration=draft,
            by=world.signatory,
            sha256=digest,
            accepted={1, 2, 3, 4, 5, 6},
            role_title="Manager",
            code=code_of(world.signatory),
        )

    if holds:
        with pytest.raises(NotAllowed) as refused:
            act()
        assert refused.value.code == "questions"
        draft.refresh_from_db()
        assert draft.status == "draft"
        answered(world, draft.customer, (OWN, "no"))
    act()
    draft.refresh_from_db()
    assert draft.status == "signed"


def test_a_sitting_names_each_declaration_that_incomplete_answers_hold(world: World) -> None:
    put_in_force(world, OWN, holds=True)
    held, free = world.draft(), world.draft(world.customer(native_name="会稽诊所", latin_name="Kuaiji Clinic"))
    answered(world, free.customer, (OWN, "no"))
    shown = [Shown(one.number, frozen_form(version_of(one))[1]) for one in (held, free)]
    accepted = {version_of(held).clause_set_id: {1, 2, 3, 4, 5, 6}}
    with pytest.raises(SetRefused) as refused:
        sign.sign_sitting(by=world.signatory, shown=shown, accepted=accepted, role_title="Manager", code=code_of(world.signatory))
    assert [number for number, _why in refused.value.problems] == [held.number]


def test_many_declarations_are_asked_about_in_as_many_statements_as_few(world: World) -> None:
    put_in_force(world, holds=True)
    drafts = [world.draft(world.customer(native_name=f"明州第{n}医院", latin_name=f"Mingzhou {n}", uscc="")) for n in range(6)]

    def statements(some: list[Any]) -> int:
        from certifications.declarations.models import Declaration
        from certifications.declarations.queries import with_texts

        rows = list(with_texts(Declaration.objects.filter(pk__in=[one.pk for one in some])))
        with CaptureQueriesContext(connection) as asked_for:
            assert len(flow.signing_problems(rows)) == len(some)
        return len(asked_for)

    assert statements(drafts) == statements(drafts[:1])


# Drafts


def test_a_draft_is_kept_as_it_is_typed_and_nobodys_words_are_overwritten(world: World) -> None:
    shown = questions.draft_digest()
    flow.keep_draft(data=QuestionnaireData((OWN,)), shown=shown, by=world.lead)
    with pytest.raises(StaleState):
        flow.keep_draft(data=QuestionnaireData(), shown=shown, by=world.lead)
    assert questions.draft().questions == (OWN,)
    agreed(proposed(world.lead, "questions", questions.SUBJECT, questions.draft().content(), WHY), world.reviewer)
    assert not QuestionDraft.objects.exists()
    assert questions.draft().questions == (OWN,)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " "}, "text"),
        ({"text_zh": ""}, "text_zh"),
        ({"kind": "number"}, "kind"),
        ({"kind": "choice"}, "choices"),
        ({"kind": "choice", "choices": (("A", "甲"), ("A", "乙"))}, "choices"),
        ({"kind": "choice", "choices": (("A", "甲"), ("B", ""))}, "choices"),
        ({"choices": (("A", "甲"), ("B", "乙"))}, "choices"),
        ({"follows": 2, "follows_value": "yes"}, "follows"),
        ({"follows": 3, "follows_value": "yes"}, "follows"),
        ({"follows": 1, "follows_value": "perhaps"}, "follows_value"),
        ({"follows_value": "yes"}, "follows_value"),
        ({"classes": ("plumber",)}, "classes"),
        ({"lines": ("teapots",)}, "lines"),
        ({"text": OWN.text, "text_zh": OWN.text_zh}, "text"),
    ],
)
def test_what_a_question_lacks_is_named_with_its_field(changes: dict[str, Any], field: str) -> None:
    question = replace(QuestionData("Is it so?", "是否如此？", "yes_no"), **changes)
    plain = replace(WHOM, follows=0, follows_value="")
    assert [one.field for one in question_problems(question, 3, [OWN, plain], ["kits"])] == [field]


def test_a_questionnaire_holds_something_and_its_problems_name_the_question() -> None:
    assert [one.field for one in questionnaire_problems(QuestionnaireData(), [])] == ["questions"]
    wrong = questionnaire_problems(QuestionnaireData((OWN, replace(LICENCE, choices=()))), [])
    assert wrong[0].message.startswith("Question 2:")


def test_what_follows_goes_with_the_number_of_what_it_follows_from() -> None:
    data = QuestionnaireData((LICENCE, OWN, replace(WHOM, follows=2)))
    up = moved(data, 2, -1)
    assert [one.text for one in up.questions] == [OWN.text, LICENCE.text, WHOM.text]
    assert up.questions[2].follows == 1
    assert moved(data, 1, 0).questions[1].follows == 1
    for number, step in ((2, 0), (3, -1), (2, 1)):
        with pytest.raises(ValueError, match="3"):
            moved(data, number, step)
    assert moved(data, 1, -1) == data
