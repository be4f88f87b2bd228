"""Reads of reported names. Compliance sees them; what stands here reaches no distributor."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, Max, Q, QuerySet

from certifications.parties.identities import keys_of
from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .engine import Asked, look
from .models import NameAnswer, NameCandidate, NameUse, ReportedName
from .rules import NEAR, SAME, Found, Standing, standing_of

State = ReportedName.State
Key = TypeVar("Key")


def visible_to(user: User) -> QuerySet[ReportedName]:
    """Every reported name for compliance; none for anybody else."""
    return ReportedName.objects.all() if may(user, Permission.SEE_PARTIES) else ReportedName.objects.none()


def listed(names: QuerySet[ReportedName], *, text: str = "", role: str = "", order: str = "uses") -> QuerySet[ReportedName]:
    """Names with how often each stands somewhere and its best likeness, sorted: by uses, by likeness, by age."""
    if text.strip():
        plain = text.strip()
        names = names.filter(Q(name__icontains=plain) | Q(code__iexact=plain) | Q(candidates__party_text__icontains=plain)).distinct()
    if role in ReportedName.Role.values:
        names = names.filter(role=role)
    orders = {"likely": ("-best", "pk"), "old": ("first_at", "pk"), "new": ("-first_at", "-pk")}
    counted = names.annotate(use_count=Count("uses", distinct=True), best=Max("candidates__score"))
    return counted.order_by(*orders.get(order, ("-use_count", "-best", "pk")))


def holding_answers(reported_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """By name and party the answers that hold: not taken back, and the party's key fields are what they were."""
    rows = list(NameAnswer.objects.filter(reported__in=list(reported_ids), withdrawn_at__isnull=True))
    now = keys_of({row.party_id for row in rows})
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row.keys == now[row.party_id]:
            found[row.reported_id][row.party_id] = row.answer
    return found


@dataclass(frozen=True)
class Resolved:
    """Where a name stands, with what was found, the likeliest first."""

    standing: Standing
    found: tuple[Found, ...]
    # Parties of which a person said that the name does not mean them, or that nobody can say.
    refused: frozenset[str] = frozenset()

    @property
    def nearest(self) -> Found | None:
        """What it is bound to, else the likeliest that is like it at all."""
        bound = (row for row in self.found if row.party_id in self.standing.bound)
        return next(bound, next((row for row in self.found if row.score >= NEAR), None))


def resolved(asked: Sequence[Asked]) -> list[Resolved]:
    """Where each name stands by the register of now and the answers that hold. Writes nothing: what a dry run asks."""
    found = look(asked)
    keys = {one.key for one in asked}
    known = {
        (row.role, row.folded, row.code): row.pk
        for row in ReportedName.objects.filter(folded__in={folded for _role, folded, _code in keys})
    }
    answers = holding_answers({known[key] for key in keys if key in known})
    told = [answers.get(known.get(one.key, ""), {}) for one in asked]
    return [Resolved(standing_of(rows, said), tuple(rows), _refused(said)) for rows, said in zip(found, told, strict=True)]


def _refused(answers: Mapping[str, str]) -> frozenset[str]:
    return frozenset(party for party, answer in answers.items() if answer != SAME)


def of_object(kind: str, object_id: str) -> dict[str, ReportedName]:
    """By role the names that stand in one place, with candidates."""
    uses = NameUse.objects.filter(kind=kind, object_id=object_id).select_related("reported")
    return {use.role: use.reported for use in uses.prefetch_related("reported__candidates")}


def of_objects(
    kind: str, object_ids: Iterable[str], *, with_: str = "reported__candidates__party__names"
) -> dict[str, dict[str, ReportedName]]:
    """The same of many places, each candidate with its party's names."""
    found: defaultdict[str, dict[str, ReportedName]] = defaultdict(dict)
    uses = NameUse.objects.filter(kind=kind, object_id__in=list(object_ids)).select_related("reported")
    for use in uses.prefetch_related(with_):
        found[use.object_id][use.role] = use.reported
    return found


def kept(reported: Mapping[Key, ReportedName]) -> dict[Key, Resolved]:
    """By any key where names stand as workers last wrote it. Uses prefetched candidates."""
    answers = holding_answers([row.pk for row in reported.values()])
    return {key: _kept(row, answers.get(row.pk, {})) for key, row in reported.items()}


def _kept(reported: ReportedName, said: Mapping[str, str]) -> Resolved:
    rows = sorted(reported.candidates.all(), key=lambda row: (row.number != "same", not row.is_exact, -row.score, row.party_id))
    found = tuple(
        Found(row.party_id, row.party_id, float(row.score), row.party_text, row.number, row.is_exact, tuple(row.explanation))
        for row in rows
    )
    bound = frozenset(row.party_id for row in rows if row.is_bound)
    standing = Standing(reported.state, bound, frozenset(row.party_id for row in rows if row.is_sure))
    return Resolved(standing, found, _refused(said))


def changed_since(answer: NameAnswer) -> dict[str, list[str]]:
    """What of the party's key fields is new and what is gone since the answer; empty where nothing is."""
    was, now = answer.keys, keys_of([answer.party_id])[answer.party_id]
    before, after = ({text for some in held.values() for text in some} for held in (was, now))
    return {} if before == after else {"new": sorted(after - before), "gone": sorted(before - after)}


def touching(party_ids: Iterable[str]) -> set[str]:
    """Names that have one of the parties as a candidate or an answer."""
    ids = list(party_ids)
    found: set[Any] = set(NameCandidate.objects.filter(party__in=ids).values_list("reported_id", flat=True))
    return found | set(NameAnswer.objects.filter(party__in=ids).values_list("reported_id", flat=True))


def counts(names: QuerySet[ReportedName]) -> dict[str, int]:
    """How many names stand in each state."""
    return dict(names.order_by().values_list("state").annotate(n=Count("pk")))
