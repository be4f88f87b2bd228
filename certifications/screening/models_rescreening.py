"""Going over all parties: what a new list version was found to change, for whom, and how far a rescreening has come."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class ListDelta(models.Model):
    """One set of list versions compared with another, and every party looked at: who may be touched is a DeltaReach row.

    A finished run under `from_key` that was written before `started_at`, whose party did not change since and is not reached,
    holds under `to_key` as well (coverage.covered). Never changes.
    """

    id = ULIDField(primary_key=True)
    from_key = models.CharField(max_length=64)
    to_key = models.CharField(max_length=64)
    engine = models.CharField(max_length=80)
    from_versions = models.JSONField()
    to_versions = models.JSONField()
    added = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    reached = models.PositiveIntegerField()
    # How much words came to weigh otherwise (drift.Drift); empty where nobody knows.
    drift = models.JSONField(default=dict)
    # Before any party was looked at; runs that were written later are none of its business.
    started_at = models.DateTimeField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["started_at"], name="list_delta_recent")]

    def __str__(self) -> str:
        return f"{self.from_key[:8]} to {self.to_key[:8]}"


class DeltaReach(models.Model):
    """A party that a delta may touch, and why: its earlier run does not hold any more. Never changes."""

    class Why(models.TextChoices):
        NAME = "name"
        NUMBER = "number"
        FINDING = "finding"
        NEAR = "near"
        WORD = "word"
        CHANGED = "changed"
        IN_FLIGHT = "in_flight"

    delta = models.ForeignKey(ListDelta, on_delete=models.PROTECT, related_name="reaches")
    party = models.ForeignKey("certifications.Party", on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=9, choices=Why.choices)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["delta", "party"], name="delta_reach_once")]

    def __str__(self) -> str:
        return f"{self.party_id} ({self.why})"


class Rescreening(models.Model):
    """A round over many parties, cut into chunks that workers take one by one. What it found stands in the runs."""

    class Cause(models.TextChoices):
        NIGHTLY = "nightly"
        ASKED = "asked"
        LISTS = "lists"
        UPLOAD = "upload"

    id = ULIDField(primary_key=True)
    cause = models.CharField(max_length=7, choices=Cause.choices)
    # What must happen once: "nightly-2026-11-26", "delta-<id>"; a form sent twice is one round.
    once = models.CharField(max_length=64, unique=True)
    # Everything is compared anew, whatever was found before; otherwise what is known of these lists stays.
    anew = models.BooleanField(default=False)
    delta = models.ForeignKey(ListDelta, null=True, blank=True, on_delete=models.PROTECT, related_name="rescreenings")
    started_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(db_default=Now())
    total = models.PositiveIntegerField()
    finished_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["-started_at"], name="rescreening_recent")]
        constraints = [
            models.CheckConstraint(
                name="rescreening_cancelled_whole",
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
            ),
            models.CheckConstraint(name="rescreening_one_end", condition=Q(finished_at__isnull=True) | Q(cancelled_at__isnull=True)),
            models.CheckConstraint(
                name="rescreening_asked_by_somebody",
                condition=Q(cause="asked", started_by__isnull=False) | (~Q(cause="asked") & Q(started_by__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.once

    @property
    def state(self) -> str:
        """running, done or cancelled."""
        return "cancelled" if self.cancelled_at else "done" if self.finished_at else "running"


class RescreeningChunk(models.Model):
    """Some parties of a round; its counts are written once, when all of them were looked at."""

    rescreening = models.ForeignKey(Rescreening, on_delete=models.PROTECT, related_name="chunks")
    number = models.PositiveIntegerField()
    parties = models.JSONField()
    done = models.PositiveIntegerField(default=0)
    hits = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["rescreening", "number"], name="rescreening_chunk_once")]

    def __str__(self) -> str:
        return f"{self.rescreening_id}:{self.number}"
