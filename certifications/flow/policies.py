"""What policies do to declarations: asked whenever one is released, and by workers of all that wait when a policy comes or goes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.catalogue import policies
from certifications.catalogue.models_policies import Policy
from certifications.catalogue.rules_policies import DECIDED, PolicyData, concerns, is_enough, strictest_level
from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.declarations.queries import end_users_of
from certifications.flags.models import Flag
from certifications.flags.rules.base import PolicyFacts
from certifications.flags.rules.ownership import OWNERS_KNOWN
from certifications.ledger.days import civil_today
from certifications.ledger.listed import listed
from certifications.parties.queries import display
from certifications.work.actions import enqueue

from . import letters
from .advance import send_round_again
from .facts import participants, policy_subject
from .ownership import owned_facts

# A dry run looks at so many open declarations, the newest first, and says so where there are more.
MOST = 2000
# So many declarations are looked at in one job, which asks for the next.
BATCH = 200
FIRST = "first"
RULES = {"refuse": "POLR", "two_people": "POL2", "confirm": "POLC", "owners": "OWNU"}


@dataclass(frozen=True)
class DryRun:
    """The open declarations that a policy would be about, of so many that were looked at; `is_whole`: of all there are."""

    affected: list[Declaration]
    looked_at: int
    is_whole: bool


def problem_with(
    declaration: Declaration, version: DeclarationVersion, asked: Sequence[PolicyFacts], level: str, each: Sequence[str] = ()
) -> str:
    """Why the policies that are about a declaration keep it from its release; empty when they do not.

    `level` is that of the end user's own word, of several the least; `each` is then that of each, in their order.
    Fails closed: a policy that began since the declaration was decided has no cleared flag, and it waits until it has.
    """
    refusing = next((policy for policy in asked if policy.effect == "refuse"), None)
    if refusing is not None:
        return _("%(policy)s refuses declarations such as this one.") % {"policy": refusing.number}
    cleared = Flag.objects.filter(declaration=declaration, rule__in=[RULES[effect] for effect in DECIDED], state=Flag.State.CLEARED)
    seen = {(flag.rule, flag.inputs.get("policy"), flag.inputs.get("version")) for flag in cleared}
    for policy in asked:
        if policy.effect in DECIDED and (RULES[policy.effect], policy.number, version.number) not in seen:
            return _("%(policy)s asks for a decision that nobody has made yet.") % {"policy": policy.number}
    least = strictest_level(policy.level for policy in asked if policy.level)
    if least and version.kind == DeclarationVersion.Kind.STOCKIST:
        return _(
            "A policy asks for the end user's own word, and of a stock nobody is the end user yet. It can be released once the end users are named, in a declaration of their own."
        )
    if is_enough(level, least):
        return ""
    if each:
        users = zip(end_users_of(version), each, strict=True)
        names = listed(display(user.party).title for user, own in users if not is_enough(own, least))
        return LEVEL_PROBLEMS_OF_SEVERAL[least]() % {"names": names}
    return LEVEL_PROBLEMS[least]()


LEVEL_PROBLEMS = {
    "link": lambda: _("A policy asks for the end user's own word; it has not confirmed this text yet."),
    "paper": lambda: _("A policy asks for the end user's signed paper, checked by a second person; there is none for this text yet."),
}
# Of several end users: each gives its own, and who has not is named.
LEVEL_PROBLEMS_OF_SEVERAL = {
    "link": lambda: _("A policy asks for the own word of every end user; still awaited: %(names)s."),
    "paper": lambda: _("A policy asks for the signed paper of every end user, checked by a second person; still awaited: %(names)s."),
}


def _with_all(declarations: QuerySet[Declaration]) -> QuerySet[Declaration]:
    return declarations.select_related("customer__party", "organisation__party").prefetch_related(
        "customer__party__names", "customer__party__sites", "versions__lines__product", "versions__parties__customer__party__names",
        "versions__parties__customer__party__sites",
    )  # fmt: skip


def _current(declaration: Declaration) -> DeclarationVersion:
    return next(version for version in declaration.versions.all() if version.number == declaration.version_number)


def _about(scope: object, classes: Sequence[str], declarations: Iterable[Declaration]) -> list[Declaration]:
    found = []
    for declaration in declarations:
        version = _current(declaration)
        lines = sorted({line.product.line for line in version.lines.all()})
        if concerns(scope, classes, policy_subject(lines, version)):
            found.append(declaration)
    return found


def dry_run(data: PolicyData) -> DryRun:
    """Which open declarations a policy would be about, drafts too. Writes nothing."""
    found = Declaration.objects.filter(status__in=Declaration.OPEN)
    rows = list(_with_all(found.order_by("-created_at"))[: MOST + 1])
    return DryRun(_about(data.scope, data.classes, rows[:MOST]), min(len(rows), MOST), len(rows) <= MOST)


def follow_later(once: str) -> None:
    """Have the workers look at everything that waits for its release; the same `once` is asked once."""
    enqueue("policies", FIRST, version=once)


def follow_hourly() -> None:
    """By the calendar: policies begin and end at midnight, and what was missed is found within the hour."""
    follow_later(timezone.now().strftime("hour-%Y%m%d%H"))


def follow(after: str, once: str) -> int:
    """Worker: look at the declarations behind `after` (an id, or FIRST) and ask for the next batch. Returns how many go round again.

    Asks what is so, not what happened lately: a policy in force that is about a declaration and has no flag on its version, or
    a refusal that holds no longer. The flags of a policy of the other effects stay when it ends, and people decide their cases.
    """
    today = civil_today()
    if after == FIRST:
        letters.follow_policies()
    in_force = [policy for policy in policies.in_force(today) if policy.effect in RULES]
    if not in_force and not Flag.objects.filter(rule=RULES["refuse"], state=Flag.State.OPEN).exists():
        return 0
    waiting = _with_all(Declaration.objects.filter(status__in=(Declaration.Status.READY, Declaration.Status.REVIEW)).order_by("pk"))
    batch = list((waiting if after == FIRST else waiting.filter(pk__gt=after))[:BATCH])
    seen: dict[str, list[Flag]] = {}
    for flag in Flag.objects.filter(declaration__in=batch, rule__in=RULES.values()):
        seen.setdefault(str(flag.declaration_id), []).append(flag)
    stale = [declaration for declaration in batch if _is_stale(declaration, in_force, seen.get(declaration.pk, []))]
    for declaration in stale:
        send_round_again(declaration, "policies")
    if len(batch) == BATCH:
        enqueue("policies", batch[-1].pk, version=once)
    return len(stale)


def _is_stale(declaration: Declaration, in_force: Sequence[Policy], flags: Iterable[Flag]) -> bool:
    """Whether its flags are not those that the policies in force ask for."""
    version = _current(declaration)
    lines = sorted({line.product.line for line in version.lines.all()})
    subject = policy_subject(lines, version)
    asked = [policy for policy in in_force if concerns(policy, policy.classes, subject)]
    refusing = {policy.number for policy in asked if policy.effect == "refuse"}
    held = {flag.inputs.get("policy") for flag in flags if flag.rule == RULES["refuse"] and flag.state == Flag.State.OPEN}
    known = {(flag.rule, flag.inputs.get("policy"), flag.inputs.get("version")) for flag in flags}
    needed = {(RULES[policy.effect], policy.number, version.number) for policy in asked if policy.effect in DECIDED}
    told = {
        (flag.inputs.get("policy"), flag.inputs.get("party_id"))
        for flag in flags
        if (flag.rule, flag.inputs.get("version")) == (RULES["owners"], version.number)
    }
    asking = [policy.number for policy in asked if policy.effect == "owners"]
    for role, party in participants(version) if asking else ():
        untold = role in OWNERS_KNOWN and any((number, party.pk) not in told for number in asking)
        if untold and owned_facts(party, role, civil_today()).is_open:
            return True
    return refusing != held or not needed <= known
