"""Policies: what is asked of declarations of given goods, places and end users, from a day to a day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField

from .models_versions import CatalogueProposal


class Policy(models.Model):
    """In effect by two people. Nothing of it ever changes but its end, once, by two people again (PostgreSQL)."""

    class Effect(models.TextChoices):
        REFUSE = "refuse"
        TWO_PEOPLE = "two_people"
        CONFIRM = "confirm"
        ASSURANCE = "assurance"
        OWNERS = "owners"

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    lines = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    divisions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    classes = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    effect = models.CharField(max_length=10, choices=Effect.choices)
    # The least level of the end user's own word, where that is what it asks for.
    level = models.CharField(max_length=10, blank=True)
    from_date = models.DateField()
    # The first day on which it no longer holds.
    until = models.DateField(null=True, blank=True)
    proposal = models.OneToOneField(CatalogueProposal, on_delete=models.PROTECT, related_name="policy")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        verbose_name_plural = "policies"
        constraints = [
            models.CheckConstraint(
                name="policy_level_with_assurance",
                condition=Q(effect="assurance", level__in=("link", "paper")) | (~Q(effect="assurance") & Q(level="")),
            ),
            models.CheckConstraint(name="policy_dates_in_order", condition=Q(until__isnull=True) | Q(until__gte=F("from_date"))),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
