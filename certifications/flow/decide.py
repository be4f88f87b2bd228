"""Decisions on cases and their consequences: a refused declaration, a returned one, one that may go on."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.declarations import actions as declarations
from certifications.declarations.models import Declaration
from certifications.declarations.queries import taking_part
from certifications.flags import actions as flags
from certifications.flags.models import Case, Decision, Question
from certifications.flags.outcomes import Outcome
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.mail.actions import tell_all
from certifications.parties.alike import known_with
from certifications.parties.owners import owned_by
from certifications.people.factors import prove
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, in_place_of, recipients

from . import ownership_acts
from .advance import enqueue_advance, send_round_again, tell_distributor


def propose(
    *,
    case: Case,
    by: User,
    outcome: str,
    reason: str,
    explanation: str,
    form_key: str,
    message: str = "",
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> Decision:
    """Decide a case or propose a decision; the factor is bound to exactly these words on exactly these flags."""
    check(by, Permission.DECIDE_CASES)
    earlier = flags.earlier_decision(case=case, by=by, form_key=form_key)
    if earlier is not None:
        # The form was sent twice: nothing is decided, spent or set in motion again.
        return earlier
    words = {"outcome": outcome, "reason": reason, "explanation": explanation, "message": message}
    flags.check_proposal(case=case, **words)
    digest = flags.decision_digest(case=case, **words)
    proof = prove(by, digest=digest, purpose="decide", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        decision = flags.propose(case=case, by=by, proof=proof, form_key=form_key, **words)
        if decision.state == Decision.State.EFFECTIVE:
            _consequences(decision, by)
        else:
            tell_all(recipients(Permission.DECIDE_CASES), but=by, template="second_person_needed", context={"number": decision.case.number})
    return decision


def agree(*, decision: Decision, by: User, code: str = "", assertion: str = "", session: Any = None) -> Decision:
    """The second person agrees; the consequences follow in the same transaction."""
    check(by, Permission.DECIDE_CASES)
    if decision.state != Decision.State.PROPOSED:
        # Before the factor is spent: somebody was quicker.
        raise StaleState(_("The proposal was decided or withdrawn by somebody else; load it again."))
    check_second(proposer=decision.proposed_by, by=by, right=Permission.DECIDE_CASES)
    proof = prove(by, digest=decision.digest, purpose="agree", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        decision = flags.agree(decision=decision, by=by, proof=proof)
        _consequences(decision, by)
    return decision


def disagree(*, decision: Decision, by: User, reason: str) -> None:
    """Take back or refuse a proposal; the record stays and the case is open again."""
    check(by, Permission.DECIDE_CASES)
    flags.void(decision=decision, by=by, reason=reason)


def _consequences(decision: Decision, by: User) -> None:
    case = Case.objects.select_related("declaration__organisation", "declaration__created_by").get(pk=decision.case_id)
    if case.declaration is not None:
        _go_on(case.declaration, decision, by)
    _reopen_touched(case)
    # What people said of a finding is weighed for everybody whom that party owns, whatever case it stood in.
    about = {str(flag.party_id) for flag in case.flags.all() if flag.party_id and (flag.rule == "LIST" or case.declaration is None)}
    ownership_acts.follow(owned_by(about, civil_today()))


def _go_on(declaration: Declaration, decision: Decision, by: User) -> None:
    if declaration.status == Declaration.Status.READY:
        # Lesser flags do not keep a declaration from being ready; what people decide on them does.
        move(obj=declaration, to=Declaration.Status.REVIEW, by=by, data={"decision": decision.pk})
    if decision.outcome == Outcome.RETURN:
        declarations.send_back(declaration=declaration, by=by)
        tell_distributor(declaration, "declaration_returned")
    else:
        enqueue_advance(declaration, f"decision-{decision.pk}")


def _reopen_touched(case: Case) -> None:
    """What was open or is confirmed about a party holds other declarations too; let each that waits look again."""
    party_ids = {flag.party_id for flag in case.flags.all() if flag.party_id}
    for declaration in declarations_of(party_ids):
        if declaration.pk != case.declaration_id:
            send_round_again(declaration, f"decided-{Decision.objects.filter(case=case).latest('proposed_at').pk}")


def declarations_of(party_ids: set[str]) -> list[Declaration]:
    """Declarations under review in which one of the parties takes part, somebody on record under its number or name, or whom it owns."""
    if not party_ids:
        return []
    touched = [*known_with(party_ids), *owned_by(party_ids, civil_today())]
    return list(Declaration.objects.filter(taking_part(touched), status=Declaration.Status.REVIEW).distinct())


def reopen(*, case: Case, by: User, reason: str) -> None:
    """Look at a decided case again. Refused for a declaration that is over: a new one is filed instead."""
    check(by, Permission.DECIDE_CASES)
    if case.declaration is not None and case.declaration.status not in Declaration.OPEN:
        raise NotAllowed(_("The declaration of this case is over; what it was refused for stands on its record."), "over")
    with transaction.atomic():
        flags.reopen(case=case, by=by, reason=reason)
        if case.declaration is not None:
            send_round_again(case.declaration, f"reopened-{case.pk}")


def ask(*, case: Case, by: User, organisation: Organisation, text: str, due_on: Any) -> Question:
    """Ask a distributor; it is told by mail and sees the question on its own pages."""
    check(by, Permission.DECIDE_CASES)
    with transaction.atomic():
        question = flags.ask(case=case, by=by, organisation=organisation, text=text, due_on=due_on)
        tell_all(
            recipients(Permission.ANSWER_QUESTIONS, organisation=organisation),
            template="question_asked",
            context={"due_on": due_on, "question": question.pk},
        )
    return question


def withdraw_question(*, case: Case, by: User, reason: str) -> Question:
    """Take the open question of a case back: a distributor that stays silent does not hold a decision up for ever."""
    check(by, Permission.DECIDE_CASES)
    with transaction.atomic():
        question = flags.withdraw_question(case=case, by=by, reason=reason)
        tell_all(recipients(Permission.ANSWER_QUESTIONS, organisation=question.organisation), template="question_withdrawn", context={})
    return question


def answer(*, question: Question, by: User, text: str) -> Question:
    """The distributor answers; whoever asked is told."""
    check(by, Permission.ANSWER_QUESTIONS)
    if by.organisation is None or question.organisation_id != by.organisation.pk:
        raise NotAllowed(_("This question was put to another organisation."), "not_yours")
    with transaction.atomic():
        question = flags.answer(question=question, by=by, text=text)
        tell_all(
            in_place_of(question.asked_by, Permission.DECIDE_CASES), template="question_answered", context={"number": question.case.number}
        )
    return question
