"""Reads of mail: what one person was told lately."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from certifications.people.models import User

from .models import Mail
from .rules import FINISHED

LATELY = dt.timedelta(days=14)
MOST = 6


@dataclass(frozen=True)
class Notice:
    """A sentence that the person was sent, where it leads, when it came, and whether it came since the person was here before."""

    text: str
    url: str
    at: dt.datetime
    is_new: bool


def told_lately(user: User) -> QuerySet[Mail]:
    """What this person was told in the last two weeks that something is done, the newest first.

    Nothing from before it acted for its organisation: that was about another's business.
    """
    since = timezone.now() - LATELY
    if user.member_since is None:
        return Mail.objects.none()
    found = Mail.objects.filter(to_user_id=user.pk, template__in=FINISHED, created_at__gte=max(since, user.member_since))
    return found.exclude(to_user_id="").order_by("-created_at", "-pk")[:MOST]


def notices(mails: list[Mail], before: dt.datetime | None) -> list[Notice]:
    """The mails as lines of a page; `before` is when the person was here before, None where nobody knows."""
    return [Notice(one.subject, one.path, one.created_at, before is None or one.created_at > before) for one in mails]
