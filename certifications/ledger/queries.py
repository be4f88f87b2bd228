"""Reads of the record."""

from django.db import models
from django.db.models import QuerySet

from .models import Event


def history(obj: models.Model) -> QuerySet[Event]:
    """Everything recorded about `obj`, oldest first."""
    return Event.objects.filter(object_type=type(obj).__name__, object_id=str(obj.pk)).order_by("sequence")
