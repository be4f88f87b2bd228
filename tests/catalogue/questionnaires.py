"""Versions of the questionnaire by the real actions."""

from typing import Any

from certifications.catalogue.models_questions import Questionnaire
from certifications.catalogue.questions import SUBJECT
from certifications.catalogue.rules_questions import QuestionData, QuestionnaireData
from certifications.flow import questions as flow
from certifications.parties.models import Customer
from tests.world import World

from .changes import agreed, proposed

OWN = QuestionData("Does the customer resell goods?", "客户是否转售货物？", "yes_no")
WHOM = QuestionData("To whom does it resell?", "转售给谁？", "text", follows=1, follows_value="yes")
LICENCE = QuestionData("Which licence does it hold?", "持有哪种执照？", "choice", choices=(("Hospital", "医院"), ("None", "无")))
UNTIL = QuestionData("Until when?", "有效期至何时？", "date", follows=3, follows_value="Hospital", required=False)
ALL = (OWN, WHOM, LICENCE, UNTIL)


def put_in_force(world: World, *questions: QuestionData, holds: bool = False) -> Questionnaire:
    """Two people agreed to it."""
    content = QuestionnaireData(questions or ALL, holds).content()
    made = agreed(proposed(world.lead, "questions", SUBJECT, content), world.reviewer)
    assert isinstance(made, Questionnaire)
    return made


def answered(world: World, customer: Customer, *pairs: tuple[QuestionData, str], **more: Any) -> int:
    """What a filer answers, question by question."""
    sheet = flow.sheet_of(customer)
    assert sheet is not None
    values = {question.fingerprint: value for question, value in pairs}
    return flow.answer(customer=customer, by=world.filer, version=more.get("version", sheet.version.version), values=values)


def asked(customer: Customer) -> list[int]:
    """Numbers of the questions that are asked of the customer now."""
    sheet = flow.sheet_of(customer)
    assert sheet is not None
    return [row.question.number for row in sheet.rows]


def open_questions(customer: Customer) -> list[int]:
    """Numbers of those that must still be answered."""
    sheet = flow.sheet_of(customer)
    assert sheet is not None
    return list(sheet.missing)
