"""Reads of mail: what one person was told lately."""

import datetime as dt
import re
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from certifications.people.models import User

from .models import Mail

# Something is done, and nobody waits for the reader: what one must do stands in a list of its own.
FINISHED = (
    "attestation_issued", "attestation_status", "authorisation_changed", "authorisation_recorded", "declaration_refused", "end_user_confirmed",
    "letter_issued", "letter_refused", "letter_revoked", "nomination_refused", "objection_answered", "question_withdrawn", "statement_accepted",
    "upload_done",
)  # fmt: skip
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
    return [Notice(one.subject, _path(one.body), one.created_at, before is None or one.created_at > before) for one in mails]


def _path(body: str) -> str:
    """The first address of the portal in the text, without its host; empty where there is none."""
    found = re.search(rf"^{re.escape(settings.PORTAL_BASE_URL)}(/[\w/.~-]*)", body, re.MULTILINE)
    return found[1] if found else ""
