"""Cleared findings: written with the decision that clears them, good until a day, and asked for by whoever screens.

A finding without a good clearance is undecided, whatever the state of its flag says.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from certifications.ledger.actions import record
from certifications.people.models import User
from certifications.screening.models import Finding
from certifications.screening.rules import key_difference

from .models import Clearance, Decision, Flag

RULE = "LIST"


def _days() -> dt.timedelta:
    return dt.timedelta(days=settings.CLEARANCE_DAYS)


def write(*, decision: Decision, flags: Iterable[Flag], by: User) -> None:
    """One row for each finding that the decision clears. Called in the decision's transaction."""
    approvers = [pk for pk in (decision.proposed_by_id, decision.agreed_by_id) if pk]
    expires_on = timezone.now().date() + _days()
    for flag in flags:
        if flag.rule != RULE or flag.party_id is None:
            continue
        finding = Finding.objects.filter(pk=flag.inputs.get("finding_id", "")).first()
        made = Clearance.objects.create(
            flag=flag,
            decision=decision,
            party_id=flag.party_id,
            finding=str(flag.inputs.get("finding", "")),
            list_code=str(flag.inputs.get("list", "")),
            entry_id=str(flag.inputs.get("entry_id", "")),
            keys=finding.explanation.get("keys", {}) if finding is not None else {},
            approver_ids=approvers,
            reason=decision.reason,
            expires_on=expires_on,
        )
        record(
            verb="finding.cleared",
            obj=made,
            by=by,
            data={"flag": flag.pk, "decision": decision.pk, "finding": made.finding, "until": expires_on.isoformat()},
        )


@dataclass(frozen=True)
class Cleared:
    """What people decided on a party's findings: those that are cleared now, and by fingerprint the flags whose clearance is over."""

    now: frozenset[str]
    over: dict[str, tuple[str, dt.date]]


def of_party(party_id: str) -> Cleared:
    """Clearances of a party as of today. A flag that was opened again clears nothing."""
    today = timezone.now().date()
    flags = Flag.objects.filter(rule=RULE, party_id=party_id, state=Flag.State.CLEARED).order_by("closed_at", "pk")
    rows = Clearance.objects.filter(party_id=party_id).order_by("cleared_at", "pk")
    until: dict[str, dt.date] = dict(rows.values_list("flag_id", "expires_on"))
    good: set[str] = set()
    over: dict[str, tuple[str, dt.date]] = {}
    for pk, inputs, closed_at in flags.values_list("pk", "inputs", "closed_at"):
        finding = str(inputs.get("finding", ""))
        # What was cleared before clearances had a day of their own is good for as long as one made then would be.
        ends = until.get(pk) or closed_at.date() + _days()
        if today < ends:
            good.add(finding)
        else:
            over[finding] = (pk, ends)
    return Cleared(frozenset(good), {finding: held for finding, held in over.items() if finding not in good})


def difference(*, party_id: str, finding: Finding) -> list[dict[str, Any]]:
    """What changed since the same entry was cleared for the party; empty where it never was, or nothing did."""
    pair = Clearance.objects.filter(party_id=party_id, list_code=finding.list_code, entry_id=finding.entry_id)
    last = pair.exclude(finding=finding.fingerprint).order_by("-cleared_at", "-pk").first()
    keys = finding.explanation.get("keys")
    if last is None or not keys or not last.keys:
        return []
    return key_difference(last.keys, keys)


def standing() -> QuerySet[Clearance]:
    """Clearances whose flag still is cleared."""
    return Clearance.objects.filter(flag__state=Flag.State.CLEARED).select_related("flag__case")


def over_since(day: dt.date) -> QuerySet[Clearance]:
    """Clearances that ended on `day` or later and by today."""
    return standing().filter(expires_on__gte=day, expires_on__lte=timezone.now().date())


def due_for_reminder(within: dt.timedelta) -> QuerySet[Clearance]:
    """Clearances that end soon and of which nobody was told."""
    today = timezone.now().date()
    return standing().filter(expires_on__gt=today, expires_on__lte=today + within, reminded_at__isnull=True)


def mark_reminded(clearances: Iterable[Clearance]) -> None:
    """Somebody was told. Called in the transaction that writes the mail."""
    for held in clearances:
        Clearance.objects.filter(pk=held.pk, reminded_at__isnull=True).update(reminded_at=Now())
        record(verb="clearance.reminded", obj=held, by=None, data={"until": held.expires_on.isoformat()})
