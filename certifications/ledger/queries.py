"""Reads of the record."""

from collections.abc import Mapping, Sequence

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
    ids: dict[str, list[str]] = {}
    for obj in objects:
        ids.setdefault(type(obj).__name__, []).append(str(obj.pk))
    return list(told_of(ids).order_by("at", "pk"))


def told_of(ids: Mapping[str, Sequence[str]]) -> QuerySet[Event]:
    """Everything that happened to the objects of these types and ids, without reads, in no order."""
    wanted = Q(pk__in=[])
    for kind, of_kind in ids.items():
        wanted |= Q(object_type=kind, object_id__in=list(of_kind))
    return Event.objects.filter(wanted).exclude(verb__startswith=READ)


def _about(obj: models.Model) -> QuerySet[Event]:
    return Event.objects.filter(object_type=type(obj).__name__, object_id=str(obj.pk)).order_by("sequence")
