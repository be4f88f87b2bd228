"""Reads of the record."""

from django.db import models
from django.db.models import QuerySet

from .models import READ, Event


def history(obj: models.Model) -> QuerySet[Event]:
    """Everything that happened to `obj`, oldest first; who merely looked at it is asked of `reads`."""
    return _about(obj).exclude(verb__startswith=READ)


def reads(obj: models.Model) -> QuerySet[Event]:
    """Who opened or took `obj`, and when, oldest first."""
    return _about(obj).filter(verb__startswith=READ)


def _about(obj: models.Model) -> QuerySet[Event]:
    return Event.objects.filter(object_type=type(obj).__name__, object_id=str(obj.pk)).order_by("sequence")
