"""Clearances come to an end: reviewers are told a month before, and on the day the flag is raised anew."""

import datetime as dt
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from certifications.flags import clearances
from certifications.mail.actions import send_later
from certifications.people.permissions import Permission
from certifications.people.queries import recipients
from certifications.work.actions import enqueue

NOTICE = dt.timedelta(days=30)
# How far back an end is looked for: a beat that stood still for a month still finds it, and the rows are not walked for ever.
LOOK_BACK = dt.timedelta(days=60)


def remind() -> int:
    """Tell reviewers of clearances that end within a month, once, one mail a case. Returns how many cases."""
    told = 0
    with transaction.atomic():
        due = clearances.due_for_reminder(NOTICE).select_for_update(of=("self",), skip_locked=True)
        for case, held in groupby(due.order_by("flag__case_id", "expires_on"), key=lambda one: one.flag.case):
            group = list(held)
            for user in recipients(Permission.DECIDE_CASES):
                context = {"number": case.number, "day": group[0].expires_on}
                send_later(to_user=user, template="clearance_ends", context=context)
            clearances.mark_reminded(group)
            told += 1
    return told


def end() -> int:
    """Have parties looked at whose clearance ended; the look raises the flag anew. Idempotent. Returns how many clearances."""
    ended = clearances.over_since(timezone.now().date() - LOOK_BACK)
    count = 0
    for held in ended:
        enqueue("rescreen", held.party_id, version=f"cleared-until-{held.pk}")
        count += 1
    return count
