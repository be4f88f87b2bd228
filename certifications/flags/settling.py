"""Flags whose fact is gone, closed without a judgement of anybody; nothing grave that people must judge is among them."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.declarations.models import Declaration
from certifications.evidence.models import EvidenceLine
from certifications.ledger.actions import record
from certifications.ledger.moves import move

from .actions import void_open_proposal
from .models import Case, Flag
from .rules import blocks


@transaction.atomic
def settle_gone(*, declaration: Declaration, rule: str, still: set[str], verb: str, outcome: str, about: str = "party_id") -> None:
    """Clear flags of a rule whose fact is gone: the party was screened since, the concern elsewhere was lifted, the policy ended.

    `still` holds those of whom it is still so, by the input `about`: parties' ids, policies' numbers. No person is needed, because
    nothing is approved by it: whatever the screening found has its own flag, a concern is lifted by two people where it was
    confirmed, and two people end a policy.
    """
    for flag in Flag.objects.select_for_update().filter(declaration=declaration, rule=rule, state=Flag.State.OPEN):
        if flag.inputs.get(about) not in still:
            _gone(flag, Flag.State.CLEARED, verb=verb, outcome=outcome)


@transaction.atomic
def settle_line(*, line: EvidenceLine, still: Collection[str]) -> list[Flag]:
    """The names of a line were resolved otherwise: close what the rules (`still` are those that fire) do not say any more.

    Without a judgement, and nothing grave: what blocks is cleared by two people, who find the answer beside it. Returns what is left open so.
    """
    left = []
    for flag in Flag.objects.select_for_update().filter(line=line, state=Flag.State.OPEN).exclude(rule__in=still):
        if blocks(flag.severity):
            left.append(flag)
        else:
            _gone(flag, Flag.State.CLOSED, verb="flag.resolved", outcome="resolved")
    return left


@transaction.atomic
def settle_subject(*, key: str, rule: str, still: Collection[str], among: Q = Q()) -> None:  # noqa: B008 - a Q never changes
    """Close what a rule does not say any more of the subject of a case (`still`: fingerprints of what it does), as `settle_line` does.

    `among` are the flags whose facts were looked at; of the others nothing is known.
    """
    own = Flag.objects.select_for_update().filter(among, case__subject=key, rule=rule, state=Flag.State.OPEN)
    for flag in own.exclude(fingerprint__in=still):
        if not blocks(flag.severity):
            _gone(flag, Flag.State.CLOSED, verb="flag.resolved", outcome="resolved")


def _gone(flag: Flag, state: str, *, verb: str, outcome: str) -> None:
    """The fact that a flag states is gone; its case closes with the last one."""
    Flag.objects.filter(pk=flag.pk).update(state=state, closed_at=Now())
    record(verb=verb, obj=flag, by=None)
    case = Case.objects.select_for_update().get(pk=flag.case_id)
    if case.flags.filter(state=Flag.State.OPEN).exists():
        return
    if case.status == Case.Status.PROPOSED:
        # What was proposed spoke of facts that are gone.
        void_open_proposal(case=case, by=None, reason=_("The facts that the flags state are gone."))
        case.refresh_from_db()
    if case.status == Case.Status.OPEN:
        move(obj=case, to=Case.Status.CLOSED, by=None, also={"closed_at": timezone.now(), "outcome": outcome})


@transaction.atomic
def settle_for_return(*, declaration: Declaration) -> None:
    """A declaration left the queue (withdrawn): close its cases without a judgement on their flags."""
    for case in Case.objects.select_for_update().filter(declaration=declaration).exclude(status=Case.Status.CLOSED):
        if case.status == Case.Status.PROPOSED:
            void_open_proposal(case=case, by=None, reason=_("The declaration was withdrawn."))
        if case.status == Case.Status.QUESTION:
            move(obj=case, to=Case.Status.OPEN, by=None, also={"paused_at": None})
        case.flags.filter(state=Flag.State.OPEN).update(state=Flag.State.CLOSED, closed_at=Now())
        move(obj=case, to=Case.Status.CLOSED, by=None, also={"closed_at": timezone.now(), "outcome": "withdrawn"})
