"""Nomination of a reseller below a right: what is asked for, who must accept the terms hop by hop, and what became of it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class Nomination(models.Model):
    """A distributor proposes a reseller below a right of its own, or below one of its resellers. Its words never change.

    `inherited`: the terms of every right above, the top one first, as they were when it was nominated: what the hops accept.
    """

    class Status(models.TextChoices):
        OPEN = "open"  # collects acceptances
        ACCEPTED = "accepted"  # waits for compliance
        APPROVED = "approved"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "open": {"accepted", "refused", "withdrawn"},
        "accepted": {"approved", "refused", "withdrawn"},
        "approved": set(),
        "refused": set(),
        "withdrawn": set(),
    }

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="nominations")
    parent = models.ForeignKey("certifications.Authorisation", on_delete=models.PROTECT, related_name="nominations")
    party = models.ForeignKey("certifications.Party", on_delete=models.PROTECT, related_name="nominations")
    lines = ArrayField(models.CharField(max_length=20))
    countries = ArrayField(models.CharField(max_length=2))
    divisions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField()
    conditions = models.TextField(max_length=4000, blank=True)
    inherited = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    nominated_at = models.DateTimeField(db_default=Now())
    nominated_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # What the distributor reads of a refusal, or why it was withdrawn.
    decided_reason = models.CharField(max_length=500, blank=True)
    authorisation = models.OneToOneField(
        "certifications.Authorisation", null=True, blank=True, on_delete=models.PROTECT, related_name="nomination"
    )
    form_key = models.CharField(max_length=26, unique=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(
                name="nomination_decision_whole",
                condition=Q(status__in=("open", "accepted"), decided_at__isnull=True, decided_by__isnull=True)
                | Q(status__in=("approved", "refused", "withdrawn"), decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="nomination_approved_is_recorded",
                condition=Q(status="approved", authorisation__isnull=False) | (~Q(status="approved") & Q(authorisation__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["status", "nominated_at"], name="nomination_by_status")]

    def __str__(self) -> str:
        return self.number


class Acceptance(models.Model):
    """One hop accepts the terms: the holder of a right above, or the reseller itself. Immutable in PostgreSQL.

    By the signatory's factor where the hop has accounts; else by its signed paper, which the nominating distributor files.
    """

    id = ULIDField(primary_key=True)
    nomination = models.ForeignKey(Nomination, on_delete=models.PROTECT, related_name="acceptances")
    # 0 is the top right's holder; the last is the reseller.
    hop = models.PositiveSmallIntegerField()
    party = models.ForeignKey("certifications.Party", on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(db_default=Now())
    accepted_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    proof_id = models.CharField(max_length=26, blank=True)
    paper = models.ForeignKey("certifications.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_name = models.CharField(max_length=120, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["nomination", "hop"], name="acceptance_once_per_hop"),
            models.CheckConstraint(
                name="acceptance_by_factor_or_paper",
                condition=(~Q(proof_id="") & Q(paper__isnull=True, signed_name="", signed_on__isnull=True))
                | (Q(proof_id="", paper__isnull=False, signed_on__isnull=False) & ~Q(signed_name="")),
            ),
        ]
        ordering = ["hop"]

    def __str__(self) -> str:
        return f"{self.nomination_id} hop {self.hop}"
