"""What must happen, as rows written in the transaction that needs it. The row is the truth, a message only a hint."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class Job(models.Model):
    """One piece of work on one object. Unique per (kind, object, version), so that it is never queued twice."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        NEEDS_PERSON = "needs_person"

    id = ULIDField(primary_key=True)
    kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    version = models.CharField(max_length=64, default="1")
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    # Counts every claim and never goes back: whoever holds an older number has lost the job.
    attempts = models.PositiveIntegerField(default=0)
    # Claims that came to nothing; a claim whose process was killed counts, one that waits for an outside service does not.
    failures = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id", "version"], name="job_once"),
            models.CheckConstraint(
                name="job_finished_has_time",
                condition=Q(state="done", finished_at__isnull=False) | (~Q(state="done") & Q(finished_at__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="job_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} ({self.state})"


class Heartbeat(models.Model):
    """The last sign of life of a process, stamped through its own queue (security-and-reliability.md, section 7)."""

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
