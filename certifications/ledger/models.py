"""The append-only record. PostgreSQL refuses to change or remove its rows (migration 0002).

Rows hold values, not foreign keys, and opaque ids, not names: they outlive what they speak of.
"""

from django.db import models
from django.db.models.functions import Now

from .ids import ULIDField

# Verbs of reads begin so.
READ = "read."


class Event(models.Model):
    """One thing that happened to one object; `sequence` counts without gaps per object, from 1."""

    id = ULIDField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    sequence = models.PositiveIntegerField()
    actor_id = models.CharField(max_length=26, blank=True)
    organisation_id = models.CharField(max_length=26, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["object_type", "object_id", "sequence"], name="event_sequence_once")]
        indexes = [models.Index(fields=["at"], name="event_at")]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id} #{self.sequence}"
