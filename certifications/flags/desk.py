"""What the lead's desk counts: the backlog by age and severity, who has how much of it, how fast and how well it is decided. Reads only."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q
from django.utils import timezone

from certifications.people.models import User
from certifications.people.permissions import Permission
from certifications.people.queries import users_with

from .models import Case, Decision, Flag
from .rules import Severity, worst

# The first day of each age; a case belongs to the last that it has reached.
AGES = (0, 1, 3, 6, 11, 21)
BANDS = {"high": ("critical", "high"), "medium": ("medium",), "low": ("low", "info")}
WEEKS, RECENT_DAYS = 12, 7


class Median(Aggregate):
    """PostgreSQL's median."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Load:
    """What one person has: `late` of the `held`, what it decided in the last days as first or second person, what waits for it as second."""

    name: str
    held: int
    late: int
    decided: int
    to_countersign: int


@dataclass(frozen=True)
class Desk:
    """`ages`: for each of AGES the number of cases in each band. `median`: from opening to decision in WEEKS, None where none was decided.

    `rules`: (rule, cleared, decided) in the same time, the most often cleared first.
    """

    ages: list[dict[str, int]]
    held: int
    late: int
    median: dt.timedelta | None
    rules: list[tuple[str, int, int]]
    loads: list[Load]


def desk(now: dt.datetime | None = None) -> Desk:
    """The desk as it is now. As many queries for many cases as for few."""
    now = now or timezone.now()
    since = now - dt.timedelta(weeks=WEEKS)
    cases = list(
        Case.objects.exclude(status=Case.Status.CLOSED).prefetch_related("flags").only("opened_at", "due_at", "status", "owner_id")
    )
    late = [case for case in cases if _is_late(case, now)]
    took = ExpressionWrapper(F("closed_at") - F("opened_at"), output_field=DurationField())
    median = Case.objects.filter(closed_at__gte=since).aggregate(median=Median(took))["median"]
    judged = Flag.objects.filter(closed_at__gte=since, state__in=[Flag.State.CLEARED, Flag.State.CONFIRMED]).values("rule")
    counted = judged.annotate(decided=Count("pk"), cleared=Count("pk", filter=Q(state=Flag.State.CLEARED)))
    rules = sorted(((row["rule"], row["cleared"], row["decided"]) for row in counted), key=lambda row: (-row[1] / row[2], row[0]))
    return Desk(_ages(cases, now), len(cases), len(late), median, rules, _loads(cases, late, now))


def _is_late(case: Case, now: dt.datetime) -> bool:
    """Past its time; the clock stands while a question is open."""
    return case.status != Case.Status.QUESTION and case.due_at < now


def _ages(cases: Iterable[Case], now: dt.datetime) -> list[dict[str, int]]:
    found = [dict.fromkeys(BANDS, 0) for _age in AGES]
    for case in cases:
        days = (now - case.opened_at).days
        flags = list(case.flags.all())
        severity = worst(flag.severity for flag in ([flag for flag in flags if flag.state == Flag.State.OPEN] or flags))
        band = next((band for band, words in BANDS.items() if Severity(severity).value in words), "low")
        found[max(n for n, first in enumerate(AGES) if days >= first)][band] += 1
    return found


def _loads(cases: Iterable[Case], late: Iterable[Case], now: dt.datetime) -> list[Load]:
    """Everybody who may decide, by name, and last what nobody has taken."""
    people: list[User] = sorted(users_with(Permission.DECIDE_CASES), key=lambda user: user.name)
    held, behind = Counter(case.owner_id for case in cases), Counter(case.owner_id for case in late)
    decided: dict[str, int] = defaultdict(int)
    recent = now - dt.timedelta(days=RECENT_DAYS)
    for first, second in Decision.objects.filter(Q(proposed_at__gte=recent) | Q(agreed_at__gte=recent)).values_list(
        "proposed_by", "agreed_by"
    ):
        for pk in filter(None, (first, second)):
            decided[pk] += 1
    waiting = Counter(Decision.objects.filter(state=Decision.State.PROPOSED).values_list("proposed_by", flat=True))
    loads = [Load(user.name, held[user.pk], behind[user.pk], decided[user.pk], sum(waiting.values()) - waiting[user.pk]) for user in people]
    known = {user.pk for user in people}
    loose = [pk for pk in held if pk not in known]
    return [*loads, Load("", sum(held[pk] for pk in loose), sum(behind[pk] for pk in loose), 0, 0)]
