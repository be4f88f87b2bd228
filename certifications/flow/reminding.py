"""What stands in a list and has no mail of its own: whoever must act is told of all of it together, now and then, and never of nothing new."""

import datetime as dt

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from certifications.attestations.models import Attestation
from certifications.attestations.queries import with_standing
from certifications.declarations.models import Declaration
from certifications.declarations.queries import is_renewed, is_unfinished
from certifications.ledger.days import civil_today
from certifications.mail.actions import send_later
from certifications.mail.models import Mail
from certifications.people.models import Organisation
from certifications.people.permissions import Permission
from certifications.people.queries import recipients

# At most so often, by template. A day is a little less than a day, so that the hour does not wander.
EVERY = {"drafts_to_sign": dt.timedelta(hours=20), "declarations_end": dt.timedelta(days=7)}
ENDING = dt.timedelta(days=30)


def remind() -> int:
    """Mail signatories of new drafts, and filers of attested declarations that end within a month. Idempotent. Returns how many mails."""
    told = 0
    # What the filer has not finished cannot be signed yet.
    drafts = Declaration.objects.filter(~is_unfinished(), status=Declaration.Status.DRAFT).values("organisation")
    for row in drafts.annotate(n=Count("pk"), newest=Max("created_at")):
        told += _tell(row["organisation"], Permission.SIGN_DECLARATIONS, "drafts_to_sign", row["n"], row["newest"])
    valid = with_standing(Attestation.objects.filter(valid_until__lte=civil_today() + ENDING), "valid")
    ending = valid.filter(~is_renewed("declaration_id"), declaration__status=Declaration.Status.ATTESTED).values(
        "declaration__organisation"
    )
    for row in ending.annotate(n=Count("pk")):
        told += _tell(row["declaration__organisation"], Permission.EDIT_DECLARATIONS, "declarations_end", row["n"], None)
    return told


@transaction.atomic
def _tell(organisation_id: str, right: Permission, template: str, n: int, newest: dt.datetime | None) -> int:
    """Mail those who may act, each unless it was told lately or, of what comes in, since the newest came."""
    told, recent = 0, timezone.now() - EVERY[template]
    # One worker at a time: two rounds in one moment tell nobody twice.
    organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
    for user in recipients(right, organisation):
        last = Mail.objects.filter(template=template, to_user_id=user.pk).aggregate(at=Max("created_at"))["at"]
        if last is None or (last < recent and (newest is None or last < newest)):
            send_later(to_user=user, template=template, context={"n": n})
            told += 1
    return told
