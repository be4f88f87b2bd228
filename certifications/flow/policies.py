"""What policies do to declarations: asked again whenever one is released, and of every open one when a policy comes or goes."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from certifications.catalogue import policies
from certifications.catalogue.models_policies import Policy
from certifications.catalogue.rules_policies import LEVELS, PolicyData, Subject, concerns, strictest_level
from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.flags.models import Flag
from certifications.flags.rules.base import PolicyFacts
from certifications.ledger.days import civil_today
from certifications.parties.queries import display

from .advance import send_round_again
from .evidence import WAITING
from .facts import name_facts, policy_subject

# A dry run looks at so many open declarations, the newest first, and says so where there are more.
MOST = 2000
# A portal that stood still for a week still looks again at what a policy began to ask of.
LATE = dt.timedelta(days=7)
_RULES = {"two_people": "POL2", "confirm": "POLC"}


@dataclass(frozen=True)
class DryRun:
    """The open declarations that a policy would be about, of so many that were looked at; `is_whole`: of all there are."""

    affected: list[Declaration]
    looked_at: int
    is_whole: bool


def _subject_of(declaration: Declaration, version: DeclarationVersion, lines: Iterable[str]) -> Subject:
    """What a policy looks at: goods, the place of use, the end user's country, its own and its sites' divisions, and its names."""
    party = declaration.customer.party
    shown = display(party)
    buyer = name_facts(shown.native or shown.latin, tuple(shown.names))
    divisions = tuple(dict.fromkeys(d for d in (version.place_division, party.division, *(s.division for s in party.sites.all())) if d))
    return policy_subject(lines, version, buyer, party.country, divisions)


def least_level(declaration: Declaration, version: DeclarationVersion) -> str:
    """The least level of the end user's own word that the policies of today ask for; empty for none."""
    lines = sorted(set(version.lines.values_list("product__line", flat=True)))
    asked = [policy.level for policy in policies.concerning(_subject_of(declaration, version, lines), civil_today()) if policy.level]
    return strictest_level(asked)


def problem_with(declaration: Declaration, version: DeclarationVersion, asked: Sequence[PolicyFacts], level: str) -> str:
    """Why the policies that are about a declaration keep it from its release; empty when they do not.

    Fails closed: a policy that began since the declaration was decided has no cleared flag, and it waits until it has.
    """
    refusing = next((policy for policy in asked if policy.effect == "refuse"), None)
    if refusing is not None:
        return _("%(policy)s refuses declarations such as this one.") % {"policy": refusing.number}
    cleared = Flag.objects.filter(declaration=declaration, rule__in=_RULES.values(), state=Flag.State.CLEARED)
    seen = {(flag.rule, flag.inputs.get("policy"), flag.inputs.get("version")) for flag in cleared}
    for policy in asked:
        if policy.effect in _RULES and (_RULES[policy.effect], policy.number, version.number) not in seen:
            return _("%(policy)s asks for a decision that nobody has made yet.") % {"policy": policy.number}
    least = strictest_level(policy.level for policy in asked if policy.level)
    if least and (level not in LEVELS or LEVELS.index(level) < LEVELS.index(least)):
        return LEVEL_PROBLEMS[least]()
    return ""


LEVEL_PROBLEMS = {
    "link": lambda: _("A policy asks for the end user's own word; it has not confirmed this text yet."),
    "paper": lambda: _("A policy asks for the end user's signed paper, checked by a second person; there is none for this text yet."),
}


def _with_all(declarations: QuerySet[Declaration]) -> QuerySet[Declaration]:
    return declarations.select_related("customer__party", "organisation").prefetch_related(
        "customer__party__names", "customer__party__sites", "versions__lines__product"
    )


def _current(declaration: Declaration) -> DeclarationVersion:
    return next(version for version in declaration.versions.all() if version.number == declaration.version_number)


def _about(scope: object, classes: Sequence[str], declarations: Iterable[Declaration]) -> list[Declaration]:
    found = []
    for declaration in declarations:
        version = _current(declaration)
        lines = sorted({line.product.line for line in version.lines.all()})
        if concerns(scope, classes, _subject_of(declaration, version, lines)):
            found.append(declaration)
    return found


def dry_run(data: PolicyData) -> DryRun:
    """Which open declarations a policy would be about, drafts too. Writes nothing."""
    found = Declaration.objects.filter(status__in=Declaration.OPEN)
    rows = list(_with_all(found.order_by("-created_at"))[: MOST + 1])
    return DryRun(_about(data.scope, data.classes, rows[:MOST]), min(len(rows), MOST), len(rows) <= MOST)


def look_again(policy: Policy) -> int:
    """A policy came or went: what waits and is meant by it goes round again. Returns how many."""
    waiting = _with_all(Declaration.objects.filter(status__in=WAITING))
    meant = _about(policy, policy.classes, waiting)
    for declaration in meant:
        send_round_again(declaration, f"policy-{policy.number}-{policy.until or policy.from_date}")
    return len(meant)


def follow() -> int:
    """By the calendar: what waits goes round again for policies that began or ended these days. Returns how many."""
    today, told = civil_today(), 0
    begun = Policy.objects.filter(from_date__range=(today - LATE, today), effect__in=("refuse", *_RULES))
    for policy in begun.exclude(until__lte=today):
        flagged = Flag.objects.filter(rule__startswith="POL", inputs__policy=policy.number).values("declaration")
        waiting = _with_all(Declaration.objects.filter(status__in=WAITING).exclude(pk__in=flagged))
        for declaration in _about(policy, policy.classes, waiting):
            send_round_again(declaration, f"policy-{policy.number}")
            told += 1
    over = Policy.objects.filter(until__lte=today, effect="refuse").values_list("number", flat=True)
    open_flags = Flag.objects.filter(rule="POLR", state=Flag.State.OPEN, inputs__policy__in=list(over), declaration__status__in=WAITING)
    for declaration in Declaration.objects.filter(pk__in=open_flags.values("declaration")):
        send_round_again(declaration, "policy-over")
        told += 1
    return told
