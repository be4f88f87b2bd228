"""Reads of waiting work, for the health page."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Model, QuerySet
from django.utils import timezone

from .models import Heartbeat, Job


def stuck() -> QuerySet[Job]:
    """Jobs that gave up and wait for a person."""
    return Job.objects.filter(state=Job.State.NEEDS_PERSON).order_by("due_at")


def overdue(by: dt.timedelta) -> QuerySet[Job]:
    """Jobs that should have been done `by` ago."""
    return Job.objects.filter(state=Job.State.WAITING, due_at__lt=timezone.now() - by).order_by("due_at")


def unfinished(kind: str, objects: Iterable[Model]) -> set[str]:
    """Ids of those of the objects for which work of this kind is not done yet."""
    waiting = Job.objects.filter(kind=kind, object_id__in=[one.pk for one in objects]).exclude(state=Job.State.DONE)
    return set(waiting.values_list("object_id", flat=True))


def last_beat(name: str) -> dt.datetime | None:
    """When `name` last gave a sign of life."""
    return Heartbeat.objects.filter(pk=name).values_list("at", flat=True).first()
