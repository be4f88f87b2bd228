"""Raises many flags at once, of subjects that have no open case: what raise_flag does of each, in a few statements."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from certifications.evidence.models import EvidenceLine
from certifications.ledger.actions import record_first_of_many
from certifications.ledger.ids import new_number
from certifications.parties.models import Party

from .actions import DUE_HOURS, Subject, fingerprint_of
from .models import Case, Flag
from .rules import Fired
from .rules.base import worst


@dataclass(frozen=True)
class Raising:
    """What raise_flag is given of one flag."""

    fired: Fired
    subject: Subject
    facts_key: str
    line: EvidenceLine
    party: Party | None = None


def hold_open_cases(subject_keys: Iterable[str], line_ids: Iterable[str]) -> set[str]:
    """Those of the subjects that have a case which is not closed. Locks it, and the open cases of flags on the lines, in one order."""
    flagged = Flag.objects.filter(line__in=set(line_ids)).values("case")
    found = Case.objects.filter(Q(subject__in=set(subject_keys)) | Q(pk__in=flagged)).exclude(status=Case.Status.CLOSED)
    return set(found.select_for_update().order_by("subject", "pk").values_list("subject", flat=True))


@transaction.atomic
def raise_together(raised: Sequence[Raising]) -> list[Flag]:
    """Raise what nobody raised before, on subjects without an open case, in a case for each subject. Their flags, in the order given.

    Raises IntegrityError where a flag or an open case is there after all, since a moment ago: then nothing of it is written.
    """
    cases: dict[str, Case] = {}
    # Two who open cases on the same subjects do so in the same order, and neither waits for the other in a circle.
    for key, some in sorted(_by_subject(raised).items()):
        grave = worst(one.fired.severity.value for one in some)
        cases[key] = Case(
            number=new_number("C", timezone.now().year),
            subject=key,
            title_name=some[0].subject.name[:300],
            declaration=some[0].subject.declaration,
            document=some[0].subject.document,
            due_at=timezone.now() + dt.timedelta(hours=DUE_HOURS[grave]),
        )
    flags = [
        Flag(
            rule=one.fired.rule,
            rule_version=one.fired.version,
            severity=one.fired.severity.value,
            case=cases[one.subject.key],
            declaration=one.subject.declaration,
            line=one.line,
            party=one.party,
            inputs=one.fired.inputs,
            thresholds=one.fired.thresholds,
            fingerprint=fingerprint_of(one.subject.key, one.fired.rule, one.facts_key),
        )
        for one in raised
    ]
    Case.objects.bulk_create(cases.values())
    Flag.objects.bulk_create(flags)
    opened = {one.subject.key: one.fired.severity.value for one in reversed(raised)}
    record_first_of_many(verb="case.opened", rows=[(case, {"severity": opened[key]}) for key, case in cases.items()])
    told = [(flag, {"rule": flag.rule, "version": flag.rule_version, "severity": flag.severity, "case": flag.case.pk}) for flag in flags]
    record_first_of_many(verb="flag.raised", rows=told)
    return flags


def _by_subject(raised: Iterable[Raising]) -> dict[str, list[Raising]]:
    found: dict[str, list[Raising]] = {}
    for one in raised:
        found.setdefault(one.subject.key, []).append(one)
    return found
