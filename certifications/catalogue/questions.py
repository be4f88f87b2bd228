"""The questionnaire: its draft, how a version takes effect, and the only writes of answers."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.ledger.actions import Actor, record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.ledger.turns import take_turns
from certifications.matching import classify
from certifications.parties.actions import Incomplete
from certifications.parties.card import noted
from certifications.parties.models import Customer, Party
from certifications.parties.rules import Problem
from certifications.people.models import User

from .models_questions import QuestionDraft, Questionnaire, QuestionnaireAnswer, QuestionnaireQuestion
from .models_versions import CatalogueProposal
from .queries import product_lines
from .rules_questions import CustomerFacts, QuestionnaireData, answer_problem, asked_of, questionnaire_problems

SUBJECT = "questionnaire"  # there is one
FIELDS = ("text", "text_zh", "kind", "required", "follows", "follows_value")


def in_force() -> Questionnaire | None:
    """The newest version with its questions."""
    return Questionnaire.objects.prefetch_related("questions").order_by("-version").first()


def draft() -> QuestionnaireData:
    """The draft of the next version; without one, the version in force."""
    kept = QuestionDraft.objects.filter(pk=SUBJECT).first()
    if kept is not None:
        return QuestionnaireData.of(kept.content)
    held = in_force()
    return QuestionnaireData.of(held.proposal.content) if held is not None else QuestionnaireData()


def draft_digest() -> str:
    """What the draft says, for whoever writes on a page that was shown before."""
    return sha256_hex(canonical(draft().content()))


@transaction.atomic
def keep_draft(*, data: QuestionnaireData, shown: str, by: User) -> None:
    """Keep the draft, complete or not. Raises StaleState where it is not what `shown` (draft_digest) says: somebody else wrote meanwhile."""
    take_turns("questionnaire draft")
    if draft_digest() != shown:
        raise StaleState(_("Somebody else changed the draft meanwhile. Load it again; nothing of theirs was overwritten."))
    kept, _made = QuestionDraft.objects.update_or_create(pk=SUBJECT, defaults={"content": data.content(), "edited_by": by})
    record(verb="questions.drafted", obj=kept, by=by)


def check_version(subject: str, content: dict[str, Any]) -> None:
    """Raise Incomplete or NotAllowed for content that cannot take effect as things stand."""
    if subject != SUBJECT:
        raise NotAllowed(_("There is one questionnaire."), "questions")
    data = QuestionnaireData.of(content)
    problems = questionnaire_problems(data, product_lines())
    if problems:
        raise Incomplete(problems)
    held = in_force()
    if held is not None and held.proposal.content == data.content():
        raise NotAllowed(_("Nothing differs from the version before."), "questions")


def take_version(proposal: CatalogueProposal, by: Actor) -> Questionnaire:
    """Two people agreed: it is in force from this moment on."""
    take_turns("questionnaire")
    data, held = QuestionnaireData.of(proposal.content), in_force()
    made = Questionnaire.objects.create(version=held.version + 1 if held else 1, holds_signing=data.holds_signing, proposal=proposal)
    QuestionnaireQuestion.objects.bulk_create(
        QuestionnaireQuestion(questionnaire=made, number=number, fingerprint=one.fingerprint, **one.content())
        for number, one in enumerate(data.questions, start=1)
    )
    QuestionDraft.objects.filter(pk=SUBJECT, content=proposal.content).delete()
    record(verb="questions.agreed", obj=made, by=by, data={"proposal": proposal.pk, "questions": len(data.questions)})
    return made


def facts_of(party: Party, lines: Iterable[str]) -> CustomerFacts:
    """What decides which questions are asked: kinds by every name, countries of every live site, and the lines declared for it.

    Uses prefetched names and sites.
    """
    classes = {found for name in party.names.all() for found in classify(name.text).classes}
    countries = {party.country, *(site.country for site in party.sites.all() if site.is_live)}
    return CustomerFacts(frozenset(classes), frozenset(countries), frozenset(lines))


def answers_of(customers: Iterable[str]) -> dict[str, dict[str, QuestionnaireAnswer]]:
    """By customer, the newest answer to each thing asked, by its fingerprint. One query; answers taken back are left out."""
    found: dict[str, dict[str, QuestionnaireAnswer]] = {}
    rows = (
        QuestionnaireAnswer.objects.filter(customer__in=list(customers))
        .order_by("customer", "fingerprint", "-pk")
        .distinct("customer", "fingerprint")
    )
    for row in rows.select_related("answered_by", "question__questionnaire"):
        if row.value:
            found.setdefault(row.customer_id, {})[row.fingerprint] = row
    return found


def values_of(answers: Mapping[str, QuestionnaireAnswer]) -> dict[str, str]:
    """Their words alone, by fingerprint."""
    return {fingerprint: answer.value for fingerprint, answer in answers.items()}


def field_of(fingerprint: str) -> str:
    """The name of a question's field: whatever version is read next, what was typed stays with what was asked."""
    return f"q_{fingerprint[:16]}"


@transaction.atomic
def answer(*, customer: Customer, by: User, version: int, values: Mapping[str, str], facts: CustomerFacts) -> int:
    """Keep answers by the fingerprint of what is asked; what did not change is left alone. Returns how many were kept.

    Everything asked as the answers now stand may be answered, in one go with what it follows from. Raises StaleState when another
    version is in force, Incomplete (field_of) with every problem; then nothing is kept.
    """
    held = Customer.objects.select_for_update().get(pk=customer.pk)
    now = in_force()
    if now is None or now.version != version:
        raise StaleState(_("Another version of the questionnaire is in force since. Read it again; what you typed is still here."))
    known = values_of(answers_of([held.pk]).get(held.pk, {}))
    typed = {fingerprint: value.strip() for fingerprint, value in values.items()}
    problems, rows, told = [], [], []
    for question in asked_of(now.questions.all(), facts, {**known, **typed}):
        before, after = known.get(question.fingerprint, ""), typed.get(question.fingerprint, "")
        if question.fingerprint not in typed or before == after:
            continue
        problem = answer_problem(question.kind, [en for en, _zh in question.choices], after, civil_today())
        if problem:
            problems.append(Problem(field_of(question.fingerprint), problem))
        rows.append(QuestionnaireAnswer(customer=held, question=question, fingerprint=question.fingerprint, value=after, answered_by=by))
        told.append([question.text, before, after])
    if problems:
        raise Incomplete(problems)
    QuestionnaireAnswer.objects.bulk_create(rows)
    if rows:
        noted(verb="customer.answered", customer=held, by=by, rows=told, data={"version": version, "answers": len(rows)})
    return len(rows)
