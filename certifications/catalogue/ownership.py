"""Rules of ownership: which hold on a day, and how one takes effect or ends. What they do to parties is flow's business."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.actions import Actor, record
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed
from certifications.parties.actions import Incomplete

from . import dated
from .models_ownership import OwnershipRule
from .models_versions import CatalogueProposal
from .rules_ownership import RuleData, rule_problems

# What a rule and its proposal name alike.
SAME = ("name", "authority", "threshold", "is_aggregated", "chain", "from_date", "until", "source", "source_link")


def in_force(on: dt.date) -> QuerySet[OwnershipRule]:
    """What holds on the day, by number."""
    return dated.in_force(OwnershipRule, on)


def data_of(rule: OwnershipRule) -> RuleData:
    """The rule as it would be proposed."""
    return RuleData(lists=tuple(rule.lists), programmes=tuple(rule.programmes), **{name: getattr(rule, name) for name in SAME})


@transaction.atomic
def check_rule(subject: str, content: dict[str, Any]) -> None:
    """`subject`: the name; content as RuleData keeps it."""
    data = RuleData.of(content)
    problems = rule_problems(data)
    if problems or subject != data.name:
        raise (
            Incomplete(problems) if problems else NotAllowed(_("Name the rule in a few words; whoever decides a case reads them."), "name")
        )
    if data.replaces and dated.open_row(OwnershipRule, data.replaces, data.from_date).from_date > data.from_date:
        raise NotAllowed(_("The one that it replaces begins later."), "replaces")


def take_rule(proposal: CatalogueProposal, by: Actor) -> OwnershipRule:
    """Two people agreed: it holds from its day on; the one that it replaces ends on that day."""
    data = RuleData.of(proposal.content)
    made = OwnershipRule.objects.create(
        number=new_number("OWN", timezone.now().year),
        lists=list(data.lists),
        programmes=list(data.programmes),
        proposal=proposal,
        **{name: getattr(data, name) for name in SAME},
    )
    record(verb="ownershiprule.agreed", obj=made, by=by, data={"from": data.from_date, "until": data.until or ""})
    if data.replaces:
        dated.end_row(dated.open_row(OwnershipRule, data.replaces, data.from_date), data.from_date, by, "ownershiprule.ended")
    return made


@transaction.atomic
def check_end(subject: str, content: dict[str, Any]) -> None:
    """`subject`: the number; content: `until`, the first day on which it no longer holds."""
    until = dt.date.fromisoformat(content["until"])
    if dated.open_row(OwnershipRule, subject, until).from_date > until:
        raise NotAllowed(_("It ends before it begins; correct one of the dates."), "until")


def take_end(proposal: CatalogueProposal, by: Actor) -> OwnershipRule:
    """Two people agreed: it no longer holds from that day on."""
    until = dt.date.fromisoformat(proposal.content["until"])
    held = dated.open_row(OwnershipRule, proposal.subject, until)
    dated.end_row(held, until, by, "ownershiprule.ended")
    return held
