"""The only writes to flags, cases, decisions and questions. What follows elsewhere from them is flow's business."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.declarations.models import Declaration
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.ledger.actions import record, record_first
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.parties.models import Party
from certifications.people.models import FactorProof, Organisation, User
from certifications.people.permissions import Permission
from certifications.people.second import check_proof, lock_proposal, take_agreement

from . import clearances, outcomes
from .models import Case, Decision, Flag, Question
from .outcomes import Outcome
from .rules import Fired
from .rules.base import Severity, worst

FORM_KEY_LENGTH = 26  # a ULID
# Rules whose flags go when the fact they state goes.
SELF_CLEARING = ("UNSC", "HELD", "POLR")
# Working time is the next issue's; here a case is due by severity in plain hours.
DUE_HOURS = {Severity.CRITICAL: 8, Severity.HIGH: 24, Severity.MEDIUM: 72, Severity.LOW: 168, Severity.INFO: 168}


@dataclass(frozen=True)
class Subject:
    """What a case is about: its key, the name it is titled with, and what it hangs on."""

    key: str
    name: str
    declaration: Declaration | None = None
    document: EvidenceDocument | None = None


def _case_for(subject: Subject, severity: Severity) -> Case:
    due = timezone.now() + dt.timedelta(hours=DUE_HOURS[severity])
    open_case = Case.objects.select_for_update().filter(subject=subject.key).exclude(status=Case.Status.CLOSED).first()
    if open_case is not None:
        if open_case.due_at > due:
            Case.objects.filter(pk=open_case.pk).update(due_at=due)
        return open_case
    case = Case.objects.create(
        number=new_number("C", timezone.now().year),
        subject=subject.key,
        title_name=subject.name[:300],
        declaration=subject.declaration,
        document=subject.document,
        due_at=due,
    )
    record_first(verb="case.opened", obj=case, data={"severity": severity.value})
    return case


def fingerprint_of(subject_key: str, rule: str, facts_key: str) -> str:
    """What makes a flag the same flag."""
    return sha256_hex(canonical([subject_key, rule, facts_key]))


def counted_again(*, fired: Fired, line_ids: Iterable[str]) -> Flag | None:
    """The flag that this rule raised on one of the lines before, no less gravely, counted once more; None where there is none.

    What was closed without a judgement because a name meant somebody else is raised anew when it fires again.
    """
    grave = [severity.value for severity in Severity if severity.rank >= fired.severity.rank]
    said = str(fired.inputs.get("standing", ""))
    known = Flag.objects.select_for_update().filter(line__in=list(line_ids), rule=fired.rule, severity__in=grave)
    for flag in known.exclude(state=Flag.State.CLOSED).order_by("pk"):
        if str(flag.inputs.get("standing", "")) == said:
            Flag.objects.filter(pk=flag.pk).update(count=F("count") + 1, last_at=Now())
            flag.count += 1
            return flag
    return None


@transaction.atomic
def raise_flag(*, fired: Fired, subject: Subject, facts_key: str, line: EvidenceLine | None = None, party: Party | None = None) -> Flag:
    """Raise what fired, in the subject's open case. Same subject, rule and facts: counted again, and left as decided."""
    fingerprint = fingerprint_of(subject.key, fired.rule, facts_key)
    known = Flag.objects.select_for_update().filter(fingerprint=fingerprint).first()
    if known is not None:
        Flag.objects.filter(pk=known.pk).update(count=F("count") + 1, last_at=Now())
        return known
    case = _case_for(subject, fired.severity)
    if case.status == Case.Status.PROPOSED:
        # What was proposed did not speak to this flag.
        void_open_proposal(case=case, by=None, reason=_("A new flag was raised on the case."))
    flag = Flag.objects.create(
        rule=fired.rule,
        rule_version=fired.version,
        severity=fired.severity.value,
        case=case,
        declaration=subject.declaration,
        line=line,
        party=party,
        inputs=fired.inputs,
        thresholds=fired.thresholds,
        fingerprint=fingerprint,
    )
    record_first(
        verb="flag.raised",
        obj=flag,
        data={"rule": fired.rule, "version": fired.version, "severity": fired.severity.value, "case": case.pk},
    )
    return flag


@transaction.atomic
def assign(*, case: Case, by: User, to: User | None) -> None:
    """Give the case an owner, or none."""
    if case.status == Case.Status.CLOSED:
        raise NotAllowed(_("The case is closed."), "closed")
    Case.objects.filter(pk=case.pk).update(owner=to)
    record(verb="case.assigned", obj=case, by=by, data={"to": to.pk if to else ""})
    case.owner = to


def decision_digest(*, case: Case, outcome: str, reason: str, explanation: str, message: str = "") -> str:
    """What a person gives a factor for: the case, its open flags and the words of the decision."""
    flags = sorted(case.flags.filter(state=Flag.State.OPEN).values_list("fingerprint", flat=True))
    words = {"outcome": outcome, "reason": reason, "explanation": explanation.strip()}
    if message.strip():
        words["message"] = message.strip()
    return sha256_hex(canonical({"case": case.pk, "flags": flags, **words}))


def check_proposal(*, case: Case, outcome: str, reason: str, explanation: str, message: str = "") -> None:
    """Raise NotAllowed, with the field as its code, when the decision may not be made as it stands.

    Asked before the factor is spent, and again inside `propose`.
    """
    if case.status != Case.Status.OPEN:
        raise StaleState(_("The case was changed by somebody else; load it again."))
    refusal = outcomes.check(
        outcome=outcome,
        reason=reason,
        explanation=explanation,
        message=message,
        rules=case.flags.filter(state=Flag.State.OPEN).values_list("rule", flat=True),
        has_declaration=case.declaration_id is not None,
    )
    if refusal is not None:
        raise NotAllowed(refusal.message, refusal.field)


def earlier_decision(*, case: Case, by: User, form_key: str) -> Decision | None:
    """What this very form did already, when it is sent again.

    Raises NotAllowed (form) for the token of another form, and for one whose proposal was taken back since.
    """
    earlier = Decision.objects.filter(form_key=form_key).first()
    if earlier is not None and earlier.case_id == case.pk and earlier.proposed_by_id == by.pk and earlier.state != Decision.State.VOIDED:
        return earlier
    if earlier is not None or len(form_key) != FORM_KEY_LENGTH:
        raise NotAllowed(_("This page is out of date. Load the case again and decide on what it shows."), "form")
    return None


@transaction.atomic
def propose(  # noqa: PLR0913 - the words of a decision, each by name
    *, case: Case, by: User, outcome: str, reason: str, explanation: str, proof: FactorProof, form_key: str, message: str = ""
) -> Decision:
    """Decide the case, or propose where the policy wants a second person. `proof` is bound to decision_digest.

    Raises NotAllowed with a code: not_open, outcome, reason, explanation, digest, own_person.
    """
    locked = Case.objects.select_for_update().get(pk=case.pk)
    check_proposal(case=locked, outcome=outcome, reason=reason, explanation=explanation, message=message)
    flags = list(locked.flags.filter(state=Flag.State.OPEN))
    digest = decision_digest(case=locked, outcome=outcome, reason=reason, explanation=explanation, message=message)
    check_proof(proof=proof, by=by, digest=digest, changed=_("The case changed while you decided. Read it again and confirm again."))
    second = outcomes.needs_second(Outcome(outcome), [flag.severity for flag in flags])
    decision = Decision.objects.create(
        case=locked,
        outcome=outcome,
        reason=reason,
        explanation=explanation.strip(),
        message=message.strip(),
        state=Decision.State.PROPOSED if second else Decision.State.EFFECTIVE,
        needs_second=second,
        proposed_by=by,
        proposed_proof_id=proof.pk,
        digest=digest,
        form_key=form_key,
    )
    record(
        verb="decision.proposed" if second else "decision.effective",
        obj=decision,
        by=by,
        data={"case": locked.pk, "outcome": outcome, "reason": reason, "digest": digest, "proof": proof.pk},
    )
    if second:
        move(obj=locked, to=Case.Status.PROPOSED, by=by, data={"decision": decision.pk})
    else:
        _take_effect(case=locked, decision=decision, by=by)
    return decision


@transaction.atomic
def agree(*, decision: Decision, by: User, proof: FactorProof) -> Decision:
    """The second person's agreement. The same person is refused here and, whatever happens here, by the database.

    Raises NotAllowed with a code: same_person, not_proposed, digest.
    """
    case = Case.objects.select_for_update().get(pk=decision.case_id)
    decision = lock_proposal(decision)
    digest = decision_digest(
        case=case, outcome=decision.outcome, reason=decision.reason, explanation=decision.explanation, message=decision.message
    )
    changed = _("The case changed since the proposal. Read what changed and confirm again.")
    take_agreement(row=decision, by=by, proof=proof, right=Permission.DECIDE_CASES, digest=digest, changed=changed)
    record(verb="decision.agreed", obj=decision, by=by, data={"case": case.pk, "proof": proof.pk})
    _take_effect(case=case, decision=decision, by=by)
    return decision


def _take_effect(*, case: Case, decision: Decision, by: User) -> None:
    state = {Outcome.CLEAR: Flag.State.CLEARED, Outcome.CONFIRM: Flag.State.CONFIRMED}.get(Outcome(decision.outcome))
    flags = case.flags.filter(state=Flag.State.OPEN)
    for flag in flags:
        record(verb=f"flag.{decision.outcome}", obj=flag, by=by, data={"decision": decision.pk})
    if state == Flag.State.CLEARED:
        clearances.write(decision=decision, flags=flags, by=by)
    # A returned declaration is corrected and judged anew; its flags are closed without a judgement.
    flags.update(state=state or Flag.State.CLOSED, closed_at=Now())
    move(
        obj=case,
        to=Case.Status.CLOSED,
        by=by,
        data={"decision": decision.pk},
        also={"closed_at": timezone.now(), "outcome": decision.outcome},
    )


def void_open_proposal(*, case: Case, by: User | None, reason: str) -> None:
    decision = Decision.objects.select_for_update().filter(case=case, state=Decision.State.PROPOSED).first()
    if decision is None:
        return
    # The system voids in the proposer's name where a fact changed; the event says that no person did.
    Decision.objects.filter(pk=decision.pk).update(
        state=Decision.State.VOIDED,
        voided_by=by or decision.proposed_by,
        voided_at=timezone.now(),
        voided_reason=reason[:500],
    )
    record(verb="decision.voided", obj=decision, by=by, data={"case": case.pk})
    move(obj=case, to=Case.Status.OPEN, by=by)


@transaction.atomic
def void(*, decision: Decision, by: User, reason: str) -> None:
    """Withdraw one's own proposal, or disagree with another's: the case is open again and the record stays."""
    case = Case.objects.select_for_update().get(pk=decision.case_id)
    if case.status != Case.Status.PROPOSED:
        raise StaleState(_("The proposal was decided or withdrawn by somebody else; load it again."))
    if len(reason.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence why the proposal does not stand."), "reason")
    void_open_proposal(case=case, by=by, reason=reason.strip())


@transaction.atomic
def reopen(*, case: Case, by: User, reason: str) -> None:
    """Open a decided case again: its flags are open, and block, until people decide anew. Appeals and errors come by here."""
    locked = Case.objects.select_for_update().get(pk=case.pk)
    if locked.status != Case.Status.CLOSED:
        raise StaleState(_("The case is open already; load it again."))
    if len(reason.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence why the case is looked at again."), "reason")
    judged = list(locked.flags.filter(state__in=[Flag.State.CLEARED, Flag.State.CONFIRMED]).exclude(rule__in=SELF_CLEARING))
    if not judged:
        raise NotAllowed(_("No flag of this case was judged; there is nothing to look at again."), "nothing")
    if Case.objects.filter(subject=locked.subject).exclude(status=Case.Status.CLOSED).exists():
        raise NotAllowed(_("Another case about this is open; decide that one."), "other")
    move(
        obj=locked,
        to=Case.Status.OPEN,
        by=by,
        also={
            "closed_at": None,
            "outcome": "",
            "reopened_at": timezone.now(),
            "reopened_by": by,
            "reopened_reason": reason.strip()[:500],
            "due_at": timezone.now() + dt.timedelta(hours=DUE_HOURS[worst(f.severity for f in judged)]),
        },
    )
    for flag in judged:
        record(verb="flag.reopened", obj=flag, by=by, data={"case": locked.pk, "was": flag.state})
        Flag.objects.filter(pk=flag.pk).update(state=Flag.State.OPEN, closed_at=None)


@transaction.atomic
def ask(*, case: Case, by: User, organisation: Organisation, text: str, due_on: dt.date) -> Question:
    """Ask the distributor; the case's clock stands still until it answers."""
    locked = Case.objects.select_for_update().get(pk=case.pk)
    if locked.status != Case.Status.OPEN:
        raise StaleState(_("The case was changed by somebody else; load it again."))
    if len(text.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Write the question as a sentence that the distributor can answer."), "text")
    question = Question.objects.create(
        case=locked, organisation=organisation, declaration=locked.declaration, text=text.strip(), asked_by=by, due_on=due_on
    )
    record(verb="question.asked", obj=question, by=by, data={"case": locked.pk})
    move(obj=locked, to=Case.Status.QUESTION, by=by, also={"paused_at": timezone.now()})
    return question


@transaction.atomic
def withdraw_question(*, case: Case, by: User, reason: str) -> Question:
    """Take the case's open question back; the clock runs again from where it stood."""
    locked = Case.objects.select_for_update().get(pk=case.pk)
    question = Question.objects.select_for_update().filter(case=locked, answered_at__isnull=True, withdrawn_at__isnull=True).first()
    if question is None:
        raise StaleState(_("The question was answered or withdrawn already; load the case again."))
    if len(reason.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence why the question is withdrawn."), "reason")
    now = timezone.now()
    Question.objects.filter(pk=question.pk).update(withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason.strip()[:500])
    question.refresh_from_db()
    record(verb="question.withdrawn", obj=question, by=by, data={"case": locked.pk})
    _clock_runs(locked, by, now)
    return question


def _clock_runs(case: Case, by: User, now: dt.datetime) -> None:
    if case.status == Case.Status.QUESTION and case.paused_at is not None:
        move(obj=case, to=Case.Status.OPEN, by=by, also={"paused_at": None, "due_at": case.due_at + (now - case.paused_at)})


@transaction.atomic
def answer(*, question: Question, by: User, text: str) -> Question:
    """The distributor's answer; the clock runs again from where it stood."""
    case = Case.objects.select_for_update().get(pk=question.case_id)
    question = Question.objects.select_for_update().get(pk=question.pk)
    if question.answered_at is not None:
        raise StaleState(_("The question was answered already."))
    if question.withdrawn_at is not None:
        raise StaleState(_("The question was withdrawn; no answer is needed."))
    if not text.strip():
        raise NotAllowed(_("Write an answer."), "text")
    now = timezone.now()
    Question.objects.filter(pk=question.pk).update(answer=text.strip(), answered_at=now, answered_by=by)
    question.refresh_from_db()
    record(verb="question.answered", obj=question, by=by, data={"case": case.pk})
    _clock_runs(case, by, now)
    return question
