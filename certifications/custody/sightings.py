"""The only writes of sightings, and their reads. Compliance alone sees them: they name users of every distributor."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.ledger.moves import StaleState
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may
from certifications.uploads.bulk import copy_in

from .models_sightings import Sighting


def visible_to(user: User) -> QuerySet[Sighting]:
    """Every sighting for compliance, those that were taken back as well; none for anybody else."""
    return Sighting.objects.all() if may(user, Permission.SEE_MOVEMENTS) else Sighting.objects.none()


def counting(rows: QuerySet[Sighting]) -> QuerySet[Sighting]:
    """Those that were not taken back."""
    return rows.filter(taken_back_at__isnull=True)


def search(rows: QuerySet[Sighting], text: str) -> QuerySet[Sighting]:
    """By serial number, catalogue number, user, place, part or order."""
    if not text:
        return rows
    return rows.filter(
        Q(serial__iexact=text)
        | Q(product__catalogue_number__iexact=text)
        | Q(user_name__icontains=text)
        | Q(site__icontains=text)
        | Q(address__icontains=text)
        | Q(city__icontains=text)
        | Q(part_no__iexact=text)
        | Q(order_no__iexact=text)
    )


def record_sightings(*, organisation_id: str, upload_id: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write what an upload reported: each a field of Sighting to its value, all with the same fields. In the caller's transaction.

    Raises StaleState when one of the rows is on record already.
    """
    listed = list(rows)
    names = list(listed[0]) if listed else []
    try:
        with transaction.atomic():
            fields = ("organisation", "upload", *names)
            copy_in(Sighting, fields, ((organisation_id, upload_id, *(row[name] for name in names)) for row in listed))
    except IntegrityError as error:
        if "sighting_reported_once" in str(error):
            raise StaleState(_("Another upload reported some of these rows a moment ago. Look at them again.")) from None
        raise


def take_back(*, organisation: Organisation, ids: Sequence[str], by: User) -> int:
    """Mark these sightings as taken back; they stay on record. Returns how many."""
    own = counting(Sighting.objects.filter(organisation=organisation, pk__in=ids))
    return own.update(taken_back_at=Now(), taken_back_by=by)
