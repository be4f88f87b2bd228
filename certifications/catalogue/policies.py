"""Policies: which hold on a day, and how one takes effect or ends. What they do to a declaration is flow's business."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.actions import Actor, record
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.parties.actions import Incomplete

from .models_policies import Policy
from .models_versions import CatalogueProposal
from .queries import product_lines
from .rules_policies import PolicyData, Subject, concerns, policy_problems


def in_force(on: dt.date) -> QuerySet[Policy]:
    """What holds on the day, by number."""
    return not_ended(on).filter(from_date__lte=on)


def not_ended(on: dt.date) -> QuerySet[Policy]:
    """What holds on the day or will, by number."""
    return Policy.objects.filter(Q(until__isnull=True) | Q(until__gt=on)).order_by("number")


def concerning(subject: Subject, on: dt.date) -> list[Policy]:
    """What holds on the day and is about the declaration. One query."""
    return [policy for policy in in_force(on) if concerns(policy, policy.classes, subject)]


@transaction.atomic
def check_policy(subject: str, content: dict[str, Any]) -> None:
    """`subject`: the title; content as PolicyData keeps it."""
    data = PolicyData.of(content)
    problems = policy_problems(data, today=civil_today(), known_lines=product_lines())
    if problems or subject != data.title:
        raise Incomplete(problems) if problems else NotAllowed(_("Say in a few words what it asks for, and of whom."), "title")
    if data.replaces:
        held = _open(data.replaces, data.from_date)
        if held.from_date > data.from_date:
            raise NotAllowed(_("The one that it replaces begins later."), "replaces")


def take_policy(proposal: CatalogueProposal, by: Actor) -> Policy:
    """Two people agreed: it holds from its day on; the one that it replaces ends on that day."""
    data = PolicyData.of(proposal.content)
    made = Policy.objects.create(
        number=new_number("POL", timezone.now().year),
        title=data.title,
        lines=list(data.scope.lines),
        countries=list(data.scope.countries),
        divisions=list(data.scope.divisions),
        classes=list(data.classes),
        effect=data.effect,
        level=data.level,
        from_date=data.from_date,
        until=data.until,
        proposal=proposal,
    )
    record(verb="policy.agreed", obj=made, by=by, data={"from": data.from_date, "effect": data.effect})
    if data.replaces:
        _end(_open(data.replaces, data.from_date), data.from_date, by)
    return made


def _open(number: str, until: dt.date) -> Policy:
    """A policy that holds on the day or after, locked. Raises StaleState for one that has ended or will have."""
    held = Policy.objects.select_for_update().filter(number=number).filter(Q(until__isnull=True) | Q(until__gt=until)).first()
    if held is None:
        raise StaleState(_("That policy ends before this already; load the page again."))
    return held


def _end(held: Policy, until: dt.date, by: Actor) -> None:
    Policy.objects.filter(pk=held.pk).update(until=until)
    record(verb="policy.ended", obj=held, by=by, data={"until": until})


@transaction.atomic
def check_end(subject: str, content: dict[str, Any]) -> None:
    """`subject`: the number; content: `until`, the first day on which it no longer holds."""
    until = dt.date.fromisoformat(content["until"])
    if until < civil_today():
        raise NotAllowed(_("What was asked for until today was asked for; end it today or later."), "until")
    if _open(subject, until).from_date > until:
        raise NotAllowed(_("It ends before it begins; correct one of the dates."), "until")


def take_end(proposal: CatalogueProposal, by: Actor) -> Policy:
    """Two people agreed: it no longer holds from that day on."""
    until = dt.date.fromisoformat(proposal.content["until"])
    held = _open(proposal.subject, until)
    _end(held, until, by)
    return held
