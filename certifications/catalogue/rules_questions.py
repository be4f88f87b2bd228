"""The questionnaire about a customer: which questions are asked of whom, what an answer must be, what a draft must hold. Pure.

A question may follow from an earlier one ("asked when question 2 is answered yes") and from what the customer is: its kinds, its
countries, the product lines that are declared for it. Both must hold; an empty list means everybody.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TypeVar

from django.utils.translation import gettext as _

from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.listed import listed
from certifications.parties.rules import Problem, clean_name

from .rules_policies import END_USERS, UNKNOWN

KINDS = ("yes_no", "choice", "text", "date")
YES_NO = ("yes", "no")
MOST_QUESTIONS, MOST_CHOICES, MOST_TEXT, MOST_ANSWER = 60, 20, 500, 2000


class Asked(Protocol):
    """A question as a draft or a version holds it. `number` counts from 1; `follows` is the number of an earlier one, or 0."""

    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def follows(self) -> int: ...
    @property
    def follows_value(self) -> str: ...
    @property
    def classes(self) -> Sequence[str]: ...
    @property
    def countries(self) -> Sequence[str]: ...
    @property
    def lines(self) -> Sequence[str]: ...
    @property
    def fingerprint(self) -> str: ...


AskedT = TypeVar("AskedT", bound=Asked)


@dataclass(frozen=True)
class QuestionData:
    """A question as drafted. `choices` are (English, Chinese); the English words are what an answer keeps."""

    text: str
    text_zh: str
    kind: str
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    follows: int = 0
    follows_value: str = ""
    classes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    def content(self) -> dict[str, Any]:
        """As a draft and a proposal keep it."""
        return {**asdict(self), "choices": [list(pair) for pair in self.choices], **{n: list(getattr(self, n)) for n in _LISTS}}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "QuestionData":
        """From the content of a draft or a proposal."""
        choices = tuple((str(en), str(zh)) for en, zh in content["choices"])
        return cls(**{**content, "choices": choices, **{name: tuple(content[name]) for name in _LISTS}})

    @property
    def fingerprint(self) -> str:
        """What is asked, whatever its number and of whom: an answer counts as long as this stays."""
        return sha256_hex(canonical([self.text, self.text_zh, self.kind, [list(pair) for pair in self.choices]]))


_LISTS = ("classes", "countries", "lines")


@dataclass(frozen=True)
class QuestionnaireData:
    """A version as drafted. `holds_signing`: whether nothing is signed for a customer whose answers are incomplete."""

    questions: tuple[QuestionData, ...] = ()
    holds_signing: bool = False

    def content(self) -> dict[str, Any]:
        """As a draft and a proposal keep it."""
        return {"holds_signing": self.holds_signing, "questions": [question.content() for question in self.questions]}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "QuestionnaireData":
        """From the content of a draft or a proposal."""
        return cls(tuple(QuestionData.of(one) for one in content["questions"]), bool(content["holds_signing"]))


@dataclass(frozen=True)
class CustomerFacts:
    """What decides of whom a question is asked."""

    classes: frozenset[str]
    countries: frozenset[str]
    lines: frozenset[str]


def concerns(question: Asked, facts: CustomerFacts) -> bool:
    """Whether what the customer is makes the question one of its own."""
    kinds = facts.classes or {UNKNOWN}
    pairs = ((question.classes, kinds), (question.countries, facts.countries), (question.lines, facts.lines))
    return all(not wanted or bool(set(wanted) & held) for wanted, held in pairs)


def asked_of(questions: Iterable[AskedT], facts: CustomerFacts, answers: Mapping[str, str]) -> list[AskedT]:
    """The questions that are asked now, in order; `answers` by fingerprint. What follows from a question that is not asked is not asked."""
    found: dict[int, AskedT] = {}
    for question in questions:
        above = found.get(question.follows) if question.follows else None
        holds = not question.follows or (above is not None and answers.get(above.fingerprint) == question.follows_value)
        if holds and concerns(question, facts):
            found[question.number] = question
    return list(found.values())


def missing(questions: Iterable[AskedT], facts: CustomerFacts, answers: Mapping[str, str]) -> list[AskedT]:
    """Asked, required, and not answered yet."""
    return [one for one in asked_of(questions, facts, answers) if one.required and not answers.get(one.fingerprint)]


def answer_problem(kind: str, choices: Iterable[str], value: str, today: dt.date) -> str:
    """What is wrong with an answer as typed; empty when nothing, and for none."""
    if not value:
        return ""
    if kind == "yes_no" and value not in YES_NO:
        return _("Answer yes or no.")
    if kind == "choice" and value not in set(choices):
        return _("Choose one of the answers.")
    if kind == "text" and len(value) > MOST_ANSWER:
        return _("An answer has at most %(n)d characters; shorten it.") % {"n": MOST_ANSWER}
    if kind == "text" and not clean_name(value):
        return _("Answer in words.")
    if kind == "date":
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            return _("Enter a day, such as 2026-11-27.")
        if abs(day.year - today.year) > 100:  # noqa: PLR2004
            return _("This year is too far away; check the date.")
    return ""


def question_problems(question: QuestionData, number: int, before: Sequence[QuestionData], known_lines: Iterable[str]) -> list[Problem]:
    """What must be mended in a question that stands at `number`, after those `before` it."""
    problems = []
    for field, text in (("text", question.text), ("text_zh", question.text_zh)):
        if not text.strip():
            problems.append(Problem(field, _("Write the question in both languages.")))
        elif len(text) > MOST_TEXT:
            problems.append(Problem(field, _("A question has at most %(n)d characters; shorten it.") % {"n": MOST_TEXT}))
    if question.kind not in KINDS:
        problems.append(Problem("kind", _("Choose how it is answered.")))
    words = [en for en, _zh in question.choices]
    if question.kind == "choice" and not (1 < len(words) <= MOST_CHOICES and len(set(words)) == len(words)):
        problems.append(Problem("choices", _("Write between two and %(n)d different answers, one a line.") % {"n": MOST_CHOICES}))
    elif question.kind == "choice" and not all(en and zh for en, zh in question.choices):
        problems.append(Problem("choices", _("Write each answer in both languages: English | 中文.")))
    elif question.kind != "choice" and words:
        problems.append(Problem("choices", _("Only a choice has answers to choose from; leave this empty.")))
    problems += _follows_problems(question, number, before)
    if not set(question.classes) <= set(END_USERS):
        problems.append(Problem("classes", _("Choose from the kinds of end users.")))
    unknown = set(question.lines) - set(known_lines)
    if unknown:
        problems.append(Problem("lines", _("The catalogue has no line %(line)s.") % {"line": min(unknown)}))
    if question.fingerprint in {one.fingerprint for one in before}:
        problems.append(Problem("text", _("The same is asked above already.")))
    return problems


def _follows_problems(question: QuestionData, number: int, before: Sequence[QuestionData]) -> list[Problem]:
    if not question.follows:
        return [Problem("follows_value", _("Say which question must be answered so."))] if question.follows_value else []
    if not 0 < question.follows < number or question.follows > len(before):
        return [Problem("follows", _("It can follow from an earlier question alone; move it down, or choose another."))]
    above = before[question.follows - 1]
    offered = YES_NO if above.kind == "yes_no" else tuple(en for en, _zh in above.choices) if above.kind == "choice" else ()
    if not offered:
        return [Problem("follows", _("It can follow from a yes-or-no question or a choice alone."))]
    if question.follows_value not in offered:
        return [
            Problem(
                "follows_value",
                _("Question %(n)d is answered with one of: %(list)s.") % {"n": question.follows, "list": listed(offered)},
            )
        ]
    return []


def questionnaire_problems(data: QuestionnaireData, known_lines: Iterable[str]) -> list[Problem]:
    """Everything that must be mended before a version may be proposed; each sentence names its question."""
    lines = tuple(known_lines)
    if not 0 < len(data.questions) <= MOST_QUESTIONS:
        return [Problem("questions", _("A questionnaire holds between one and %(n)d questions.") % {"n": MOST_QUESTIONS})]
    problems = []
    for number, question in enumerate(data.questions, start=1):
        for problem in question_problems(question, number, data.questions[: number - 1], lines):
            text = _("Question %(n)d: %(problem)s") % {"n": number, "problem": problem.message}
            problems.append(Problem("questions", text))
    return problems


def moved(data: QuestionnaireData, number: int, step: int) -> QuestionnaireData:
    """The draft with a question one place up (-1) or down (+1), or without it (0); what follows from a question goes with its number.

    Raises ValueError for a question that another follows from, where it would be removed or come after it.
    """
    old = list(range(1, len(data.questions) + 1))
    if step == 0:
        old.remove(number)
    else:
        other = number + step
        if not 0 < other <= len(old):
            return data
        old[number - 1], old[other - 1] = old[other - 1], old[number - 1]
    new_of = {before: after for after, before in enumerate(old, start=1)}
    rows = []
    for before in old:
        question = data.questions[before - 1]
        if question.follows and new_of.get(question.follows, len(old) + 1) >= new_of[before]:
            raise ValueError(before)
        rows.append(QuestionData(**{**question.__dict__, "follows": new_of[question.follows] if question.follows else 0}))
    return QuestionnaireData(tuple(rows), data.holds_signing)
