"""What two people bring from a day on and two people end: which of it holds on a day, and how it ends. Policies and rules of ownership."""

import datetime as dt
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from certifications.ledger.actions import Actor, record
from certifications.ledger.moves import StaleState

from .models_ownership import OwnershipRule
from .models_policies import Policy

Dated = TypeVar("Dated", Policy, OwnershipRule)


def not_ended(model: type[Dated], on: dt.date) -> "QuerySet[Dated]":
    """What holds on the day or will, by number."""
    return model._default_manager.filter(Q(until__isnull=True) | Q(until__gt=on)).order_by("number")


def in_force(model: type[Dated], on: dt.date) -> "QuerySet[Dated]":
    """What holds on the day, by number."""
    return not_ended(model, on).filter(from_date__lte=on)


def open_row(model: type[Dated], number: str, until: dt.date) -> Dated:
    """A row that holds on the day or after, locked. Raises StaleState for one that has ended or will have."""
    held = not_ended(model, until).select_for_update().filter(number=number).first()
    if held is None:
        raise StaleState(_("That one ends before this already; load the page again."))
    return held


def end_row(held: Dated, until: dt.date, by: Actor, verb: str) -> None:
    """It no longer holds from that day on."""
    type(held)._default_manager.filter(pk=held.pk).update(until=until)
    record(verb=verb, obj=held, by=by, data={"until": until})
