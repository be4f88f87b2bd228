"""The questionnaire in words, for compliance and distributors alike: of whom a question is asked, what was answered."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from certifications.catalogue.models_questions import QuestionnaireQuestion
from certifications.catalogue.rules_questions import Asked
from certifications.flow.questions import Sheet
from certifications.ledger.listed import apart, listed
from portal.countries import COUNTRIES
from portal.templatetags.kit import day, local
from portal.words import word_for


def value_words(kind: str, choices: Any, value: str) -> str:
    """An answer in the page's language."""
    if kind == "yes_no":
        return pgettext("answer", "yes") if value == "yes" else pgettext("answer", "no")
    if kind == "choice":
        return next((local({"c": en, "c_zh": zh}, "c") for en, zh in choices if en == value), value)
    return day(value) if kind == "date" else value


def asked_words(question: Asked, follows: Any) -> str:
    """Of whom it is asked; empty for everybody. `follows` is the question that it follows from, or None."""
    parts = []
    if follows is not None:
        said = value_words(follows.kind, follows.choices, question.follows_value)
        parts.append(_("when question %(n)d is answered “%(value)s”") % {"n": question.follows, "value": said})
    if question.classes:
        parts.append(listed(str(word_for("enduserclass", code).text) for code in question.classes))
    if question.countries:
        parts.append(listed(str(COUNTRIES.get(code, code)) for code in question.countries))
    if question.lines:
        parts.append(listed(str(word_for("line", line).text) for line in question.lines))
    return apart(parts)


def question_rows(questions: list[Any]) -> list[dict[str, Any]]:
    """Questions of a draft or a version as a page lists them."""
    return [
        {
            "number": number,
            "question": one,
            "text": local(one, "text"),
            "kind": word_for("questionkind", one.kind).text,
            "choices": [local({"c": en, "c_zh": zh}, "c") for en, zh in one.choices],
            "asked": asked_words(one, questions[one.follows - 1] if 0 < one.follows <= len(questions) else None),
        }
        for number, one in enumerate(questions, start=1)
    ]


def sheet_rows(sheet: Sheet | None) -> dict[str, Any] | None:
    """A customer's sheet as the card shows it; None while there is no questionnaire."""
    if sheet is None:
        return None

    def said(question: QuestionnaireQuestion, value: str) -> str:
        return value_words(question.kind, question.choices, value)

    return {
        "version": sheet.version,
        "complete": sheet.complete,
        "missing": len(sheet.missing),
        "rows": [
            {"text": local(row.question, "text"), "value": said(row.question, row.answer.value) if row.answer else "", "answer": row.answer}
            for row in sheet.rows
        ],
    }
