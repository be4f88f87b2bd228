"""The only writes to reported names: noted where a person confirmed what holds them, looked at by workers, answered by people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.actions import record, record_many
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.matching.identifiers import compact
from certifications.parties.identities import keys_of
from certifications.people.models import User

from .engine import Asked
from .models import NameAnswer, NameCandidate, NameUse, ReportedName
from .queries import Resolved, resolved
from .rules import LEAST_EXPLAINED, REASONS

BATCH = 1_000


@dataclass(frozen=True)
class Named:
    """A name as it stands in one place that a person confirmed."""

    object_id: str
    role: str
    name: str
    code: str = ""
    address: str = ""

    @property
    def asked(self) -> Asked:
        return Asked(self.role, self.name, compact(self.code))


@transaction.atomic
def note(kind: str, named: Iterable[Named]) -> set[str]:
    """Keep which names stand where; ids of all of them. A place that was noted before is left as it is. Six statements for any number."""
    rows = [one for one in named if one.name.strip()]
    before = set(NameUse.objects.filter(kind=kind, object_id__in={one.object_id for one in rows}).values_list("object_id", "role"))
    new = [one for one in rows if (one.object_id, one.role) not in before]
    # In one order for everybody: two who note the same new names wait for each other, and never in a circle.
    made = {one.asked.key: one for one in reversed(new)}
    ReportedName.objects.bulk_create(
        [
            ReportedName(role=key[0], folded=key[1], code=key[2], name=one.name[:300], address=one.address[:300])
            for key, one in sorted(made.items())
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    folded = {one.asked.key[1] for one in rows}
    held = {(row.role, row.folded, row.code): row.pk for row in ReportedName.objects.filter(folded__in=folded)}
    uses = [NameUse(reported_id=held[one.asked.key], kind=kind, object_id=one.object_id, role=one.role) for one in new]
    NameUse.objects.bulk_create(uses, ignore_conflicts=True, batch_size=BATCH)
    return {held[one.asked.key] for one in rows}


def look_at(reported_ids: Iterable[str]) -> set[str]:
    """Look again what the names mean, and write it. Returns those whose standing or binding is another than before."""
    ids = sorted(reported_ids)
    changed: set[str] = set()
    for start in range(0, len(ids), BATCH):
        rows = list(ReportedName.objects.filter(pk__in=ids[start : start + BATCH]).prefetch_related("candidates").order_by("pk"))
        answers = resolved([Asked(row.role, row.name, row.code) for row in rows])
        with transaction.atomic():
            changed |= _keep(dict(zip((row.pk for row in rows), answers, strict=True)))
    return changed


def _keep(told: Mapping[str, Resolved]) -> set[str]:
    rows = {
        row.pk: row for row in ReportedName.objects.select_for_update().filter(pk__in=told).prefetch_related("candidates").order_by("pk")
    }
    wanted, gone, changed = [], [], []
    for pk, answer in told.items():
        row, before = rows[pk], {held.party_id: held for held in rows[pk].candidates.all()}
        bound = answer.standing.bound
        if row.state != answer.standing.state or {p for p, held in before.items() if held.is_bound} != bound:
            changed.append(pk)
            row.state = answer.standing.state
        fresh = {found.party_id: found for found in answer.found}
        gone += [held.pk for party, held in before.items() if party not in fresh and party not in bound]
        said = [_candidate(pk, found, answer) for found in fresh.values()]
        # The same firms are named again and again, and most of what was found of them is on record as it is found now.
        wanted += [one for one in said if _told(one) != _told(before.get(one.party_id))]
        # A party of which a person said it is the one stays, whether or not the matcher would still propose it.
        wanted += [_stays(before.get(party), pk, party) for party in bound if party not in fresh]
    if gone:
        NameCandidate.objects.filter(pk__in=gone).delete()
    NameCandidate.objects.bulk_create(
        wanted, update_conflicts=True, unique_fields=["reported", "party"], update_fields=FOUND, batch_size=BATCH
    )
    for state in {rows[pk].state for pk in changed}:
        ReportedName.objects.filter(pk__in=[pk for pk in changed if rows[pk].state == state]).update(state=state)
    ReportedName.objects.filter(pk__in=told).update(looked_at=timezone.now())
    told_of: list[tuple[Any, dict[str, Any]]] = [
        (rows[pk], {"state": told[pk].standing.state, "parties": sorted(told[pk].standing.bound)}) for pk in changed
    ]
    record_many(verb="reportedname.resolved", rows=told_of)
    return set(changed)


# What is found of a candidate, in the order in which it is compared and written.
FOUND = ("score", "party_text", "number", "is_exact", "explanation", "is_sure", "is_bound")


def _told(candidate: NameCandidate | None) -> list[Any] | None:
    return [getattr(candidate, name) for name in FOUND] if candidate is not None else None


def _candidate(pk: str, found: Any, answer: Resolved) -> NameCandidate:
    return NameCandidate(
        reported_id=pk,
        party_id=found.party_id,
        score=Decimal(str(found.score)),
        party_text=found.party_text[:300],
        number=found.number,
        is_exact=found.is_exact,
        explanation=list(found.rows),
        is_sure=found.party_id in answer.standing.sure,
        is_bound=found.party_id in answer.standing.bound,
    )


def _stays(held: NameCandidate | None, pk: str, party: str) -> NameCandidate:
    if held is None:
        return NameCandidate(reported_id=pk, party_id=party, score=0, number="missing", is_exact=False, is_bound=True)
    held.is_bound, held.is_sure = True, False
    return held


def check_answer(*, reported: ReportedName, party_id: str, answer: str, reason: str, explanation: str) -> None:
    """Raise NotAllowed with the field as its code."""
    if answer not in NameAnswer.Answer.values:
        raise NotAllowed(_("Choose an answer."), "answer")
    if reason not in REASONS:
        raise NotAllowed(_("Choose a reason."), "reason")
    if len(explanation.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say what shows it; whoever looks again reads it."), "explanation")
    if not reported.candidates.filter(party=party_id).exists():
        raise StaleState(_("The party is no longer among those that the name may mean; load the page again."))


@transaction.atomic
def answer_name(
    *, reported: ReportedName, party_id: str, answer: str, reason: str, explanation: str, by: User, seen: Sequence[str] | None = None
) -> NameAnswer:
    """Answer whether the name means the party. A standing answer is taken back with it; the record keeps both.

    `seen`: the party's names and numbers as the page showed them. Raises NotAllowed, and StaleState where they are others now.
    """
    locked = ReportedName.objects.select_for_update().get(pk=reported.pk)
    check_answer(reported=locked, party_id=party_id, answer=answer, reason=reason, explanation=explanation)
    keys = keys_of([party_id])[party_id]
    if seen is not None and sorted(seen) != sorted(text for some in keys.values() for text in some):
        raise StaleState(_("The party changed meanwhile. Read it again and answer anew."))
    held = NameAnswer.objects.select_for_update().filter(reported=locked, party=party_id, withdrawn_at__isnull=True).first()
    if held is not None:
        if held.answer == answer and held.keys == keys:
            raise NotAllowed(_("This was answered so already, and nothing has changed since."), "answer")
        _take_back(held, by, _("Answered anew."))
    made = NameAnswer.objects.create(
        reported=locked, party_id=party_id, answer=answer, reason=reason, explanation=explanation.strip(), keys=keys, answered_by=by
    )
    record(verb="reportedname.answered", obj=locked, by=by, data={"party": party_id, "answer": answer, "id": made.pk})
    return made


@transaction.atomic
def withdraw_answer(*, answer: NameAnswer, by: User, reason: str) -> None:
    """Take an answer back. Raises NotAllowed (`reason`), StaleState."""
    if len(reason.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say in a sentence why the answer is taken back."), "withdrawn_reason")
    locked = NameAnswer.objects.select_for_update().get(pk=answer.pk)
    if locked.withdrawn_at is not None:
        raise StaleState(_("The answer was taken back by somebody else; load the page again."))
    _take_back(locked, by, reason.strip()[:300])


def _take_back(held: NameAnswer, by: User, reason: str) -> None:
    held.withdrawn_by, held.withdrawn_at, held.withdrawn_reason = by, timezone.now(), reason
    held.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    record(verb="reportedname.answer_withdrawn", obj=held.reported, by=by, data={"party": held.party_id, "id": held.pk})
