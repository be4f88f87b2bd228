"""Reads of the record."""

from collections.abc import Sequence

from django.db import models
from django.db.models import Q, QuerySet

from .models import READ, Event


def history(obj: models.Model) -> QuerySet[Event]:
    """Everything that happened to `obj`, oldest first; who merely looked at it is asked of `reads`."""
    return _about(obj).exclude(verb__startswith=READ)


def reads(obj: models.Model) -> QuerySet[Event]:
    """Who opened or took `obj`, and when, oldest first."""
    return _about(obj).filter(verb__startswith=READ)


def histories(objects: Sequence[models.Model]) -> list[Event]:
    """Everything that happened to any of `objects`, oldest first, without reads; one query."""
    wanted = Q(pk__in=[])
    for kind in {type(obj).__name__ for obj in objects}:
        wanted |= Q(object_type=kind, object_id__in=[str(obj.pk) for obj in objects if type(obj).__name__ == kind])
    return list(Event.objects.filter(wanted).exclude(verb__startswith=READ).order_by("at", "pk"))


def _about(obj: models.Model) -> QuerySet[Event]:
    return Event.objects.filter(object_type=type(obj).__name__, object_id=str(obj.pk)).order_by("sequence")
