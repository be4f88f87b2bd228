"""Policies: which hold on a day, and how one takes effect or ends. What they do to a declaration is flow's business."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.actions import Actor, record
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed
from certifications.parties.actions import Incomplete

from . import dated
from .models_policies import Policy
from .models_versions import CatalogueProposal
from .queries import product_lines
from .rules_policies import PolicyData, Subject, concerns, policy_problems


def in_force(on: dt.date) -> QuerySet[Policy]:
    """What holds on the day, by number."""
    return dated.in_force(Policy, on)


def not_ended(on: dt.date) -> QuerySet[Policy]:
    """What holds on the day or will, by number."""
    return dated.not_ended(Policy, on)


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
        held = dated.open_row(Policy, data.replaces, data.from_date)
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
        dated.end_row(dated.open_row(Policy, data.replaces, data.from_date), data.from_date, by, "policy.ended")
    return made


@transaction.atomic
def check_end(subject: str, content: dict[str, Any]) -> None:
    """`subject`: the number; content: `until`, the first day on which it no longer holds."""
    until = dt.date.fromisoformat(content["until"])
    if until < civil_today():
        raise NotAllowed(_("What was asked for until today was asked for; end it today or later."), "until")
    if dated.open_row(Policy, subject, until).from_date > until:
        raise NotAllowed(_("It ends before it begins; correct one of the dates."), "until")


def take_end(proposal: CatalogueProposal, by: Actor) -> Policy:
    """Two people agreed: it no longer holds from that day on."""
    until = dt.date.fromisoformat(proposal.content["until"])
    held = dated.open_row(Policy, proposal.subject, until)
    dated.end_row(held, until, by, "policy.ended")
    return held
