"""Tips from outside. What could point to whoever sent one is not here: no address, no hour, no key that holds a time.

ULIDs hold the millisecond of their making, blobs the second of theirs, and both are kept for good; so a tip has random keys, days
instead of moments, and its files in rows that can be erased.
"""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from certifications.ledger.ids import ALPHABET


def new_key() -> str:
    """26 characters that say nothing of when they were made."""
    return "".join(secrets.choice(ALPHABET) for _ in range(26))


class Tip(models.Model):
    """What somebody saw. Its words never change; they are erased some time after it was closed (PostgreSQL)."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        OPEN = "open"
        CLOSED = "closed"
        ERASED = "erased"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "waiting": {"open", "closed"},
        "open": {"closed"},
        "closed": {"open", "erased"},
        "erased": set(),
    }

    class Outcome(models.TextChoices):
        EVIDENCE = "evidence"
        NO_USE = "no_use"
        SPAM = "spam"

    WORDS = ("what", "place", "seen_when", "product", "seller", "buyer", "link")

    id = models.CharField(primary_key=True, max_length=26, default=new_key, editable=False)
    number = models.CharField(max_length=20, unique=True)
    # SHA-256 of the receipt code, which is shown once and kept nowhere.
    receipt_hash = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    received_on = models.DateField()
    # Whether the record says that it came, and the readers were told: on a later day, so that no moment is kept.
    noted = models.BooleanField(default=False)
    what = models.TextField(max_length=4000)
    place = models.CharField(max_length=300, blank=True)
    seen_when = models.CharField(max_length=60, blank=True)
    product = models.CharField(max_length=300, blank=True)
    seller = models.CharField(max_length=300, blank=True)
    buyer = models.CharField(max_length=300, blank=True)
    link = models.CharField(max_length=600, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["status", "-received_on"], name="tip_by_status")]
        constraints = [
            models.CheckConstraint(
                name="tip_closed_whole",
                condition=Q(status__in=["waiting", "open"], closed_on__isnull=True, outcome="")
                | (Q(status__in=["closed", "erased"], closed_on__isnull=False) & ~Q(outcome="")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TipFile(models.Model):
    """A picture or paper, made anew before it came here (files/cleaning). The original was never kept, nor its name."""

    id = models.CharField(primary_key=True, max_length=26, default=new_key, editable=False)
    tip = models.ForeignKey(Tip, on_delete=models.PROTECT, related_name="files")
    position = models.PositiveSmallIntegerField()
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        app_label = "certifications"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["tip", "position"], name="tip_file_once")]

    def __str__(self) -> str:
        return f"{self.tip_id} file {self.position}"


class TipMessage(models.Model):
    """A question of a reader, or an answer of whoever sent the tip (no reader)."""

    id = models.CharField(primary_key=True, max_length=26, default=new_key, editable=False)
    tip = models.ForeignKey(Tip, on_delete=models.PROTECT, related_name="messages")
    position = models.PositiveSmallIntegerField()
    reader = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=4000)
    written_on = models.DateField()
    noted = models.BooleanField(default=False)

    class Meta:
        app_label = "certifications"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["tip", "position"], name="tip_message_once")]

    def __str__(self) -> str:
        return f"{self.tip_id} message {self.position}"
