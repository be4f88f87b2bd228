"""Sales reports that are owed: who is told, and when; that nothing was sold; on which day they are due; and the flag where none comes."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from certifications.custody import actions as custody
from certifications.custody import queries
from certifications.custody.models import NothingSold, ReportDue
from certifications.custody.queries import Calendar
from certifications.custody.rules import Month, mark_today
from certifications.flags import actions as flags
from certifications.flags import settling
from certifications.flags.models import Flag
from certifications.flags.rules import ReportFacts, evaluate_report
from certifications.ledger.days import civil_today
from certifications.ledger.turns import take_turns
from certifications.mail.actions import tell_all
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, check
from certifications.people.queries import recipients
from certifications.programme.queries import distributors

SILENCE = "D03"


def state_nothing(*, by: User, period: dt.date) -> NothingSold:
    """State for one's distributor that nothing was sold in a month. Raises NotAllowed."""
    check(by, Permission.REPORT_SALES)
    return custody.state_nothing(by=by, period=period)


def set_due(*, by: User, day: int, organisation: Organisation | None, explanation: str) -> ReportDue:
    """Set the day on which reports are due, for everybody or for one distributor. Raises NotAllowed."""
    check(by, Permission.EDIT_REGISTER)
    return custody.set_due(by=by, day=day, organisation=organisation, explanation=explanation)


def remind() -> int:
    """Tell filers of months that are owed: 5 days before, on the day, and 3, 10 and 20 days after; once each. Returns how many were told of.

    Several months that are late at once are one mail.
    """
    organisations = list(distributors())
    by_id = {one.pk: one for one in organisations}
    return sum(_remind(by_id[calendar.organisation_id], calendar) for calendar in queries.calendars(organisations) if calendar.open)


@transaction.atomic
def _remind(organisation: Organisation, calendar: Calendar) -> int:
    # One worker at a time: two rounds in one moment tell nobody twice.
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    told: list[Month] = []
    for one in calendar.open:
        mark = mark_today(one.due_on, civil_today())
        if mark is not None and custody.remind_once(organisation_id=organisation.pk, period=one.period, days=mark):
            told.append(one)
    if not told:
        return 0
    late = [one for one in told if one.word == "overdue"]
    context = {"months": [one.period for one in told], "due": min(one.due_on for one in told), "late": bool(late)}
    tell_all(recipients(Permission.REPORT_SALES, organisation), template="sales_report_due", context=context)
    return len(told)


# Silence: the rule D03


def flag_silence() -> int:
    """Every hour: raise what the rules say of months that are late; what is late no more is closed without a judgement. Returns how many are new.

    One flag for a distributor and month, in a case of its own. It hangs on no party: who owes a report is not held up in its declarations.
    """
    organisations = list(distributors())
    by_id = {one.pk: one for one in organisations}
    with transaction.atomic():
        # One worker at a time: who read before another wrote would raise what that one closed.
        take_turns("silence")
        late = {
            _subject(by_id[calendar.organisation_id], one): (by_id[calendar.organisation_id], one)
            for calendar in queries.calendars(organisations)
            for one in calendar.late
        }
        still = Flag.objects.filter(rule=SILENCE, state=Flag.State.OPEN).values_list("case__subject", flat=True)
        for key in sorted(set(still) - late.keys()):
            settling.settle_subject(key=key, rule=SILENCE, still=())
        known = {flag.fingerprint: flag for flag in Flag.objects.filter(rule=SILENCE, case__subject__in=late)}
        return sum(_raise(key, organisation, one, known) for key, (organisation, one) in sorted(late.items()))


def _subject(organisation: Organisation, one: Month) -> str:
    return f"report:{organisation.pk}:{one.period:%Y-%m}"


def _raise(key: str, organisation: Organisation, one: Month, held: Mapping[str, Flag]) -> int:
    month = f"{one.period:%Y-%m}"
    new = 0
    for fired in evaluate_report(ReportFacts(organisation.name, organisation.pk, month, one.due_on, civil_today())):
        facts_key = month
        # What was closed because the report came, and was taken back since, is another silence; what people judged stays so.
        while known := held.get(flags.fingerprint_of(key, fired.rule, facts_key)):
            if known.state != Flag.State.CLOSED:
                break
            facts_key = f"{month}:{known.pk}"
        if known is None:
            flags.raise_flag(fired=fired, subject=flags.Subject(key, f"{organisation.name} {month}"), facts_key=facts_key)
            new += 1
    return new
