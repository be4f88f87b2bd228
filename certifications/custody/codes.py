"""The only writes of trade codes and of events that were declared wrong, and what holds of them now."""

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.moves import StaleState
from certifications.people.models import Organisation, User

from .models_codes import TradeCode, WrongEvent


def current() -> QuerySet[TradeCode]:
    """Those that were not ended."""
    return TradeCode.objects.filter(ended_at__isnull=True)


@transaction.atomic
def record_code(*, by: User, code: str, product_id: str | None = None, organisation_id: str | None = None) -> TradeCode:
    """Say what a GTIN (14 digits) or a GLN (13) means; what it meant before ends."""
    end_code(by=by, code=code)
    made = TradeCode.objects.create(code=code, product_id=product_id, organisation_id=organisation_id, recorded_by=by)
    record(
        verb="tradecode.recorded", obj=made, by=by, data={"code": code, "product": product_id or "", "organisation": organisation_id or ""}
    )
    return made


@transaction.atomic
def end_code(*, by: User, code: str) -> None:
    """The code means nothing any more; nothing happens to one that means nothing."""
    held = current().select_for_update().filter(code=code).first()
    if held is not None:
        TradeCode.objects.filter(pk=held.pk).update(ended_at=Now(), ended_by=by)
        record(verb="tradecode.ended", obj=held, by=by, data={"code": code})


def wrong_events(organisation: Organisation | None, event_ids: Collection[str]) -> set[str]:
    """Those of the firm's events that it declared wrong."""
    held = WrongEvent.objects.filter(organisation=organisation, event_id__in=event_ids, taken_back_at__isnull=True)
    return set(held.values_list("event_id", flat=True))


def declare_wrong(*, organisation_id: str, upload_id: str, event_id: str, declared: str) -> WrongEvent:
    """Keep that an event was declared wrong. In the caller's transaction. Raises StaleState where another upload just did."""
    try:
        with transaction.atomic():
            return WrongEvent.objects.create(organisation_id=organisation_id, upload_id=upload_id, event_id=event_id, declared=declared)
    except IntegrityError:
        raise StaleState(_("Another upload reported some of these rows a moment ago. Look at them again.")) from None


def declare_right(*, organisation: Organisation, ids: Collection[str], by: User) -> None:
    """Take the declarations back; they stay on record."""
    own = WrongEvent.objects.filter(organisation=organisation, pk__in=ids, taken_back_at__isnull=True)
    own.update(taken_back_at=Now(), taken_back_by=by)
