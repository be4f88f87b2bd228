"""Rules by which a party counts as listed because of who owns it, each from a day to a day: law that comes, is suspended and comes back."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField

from .models_versions import CatalogueProposal


class OwnershipRule(models.Model):
    """One interval of one rule. In effect by two people, or set up with the installation; nothing of it changes but its end (PostgreSQL)."""

    class Chain(models.TextChoices):
        DIRECT = "direct"
        MULTIPLY = "multiply"
        CASCADE = "cascade"

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    authority = models.CharField(max_length=120)
    # Whose entries count: codes of lists, and words of programmes; an empty one means every one of them.
    lists = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    programmes = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    # Percent from which a party is reached, whether shares of several listed owners add up, and how chains count.
    threshold = models.DecimalField(max_digits=7, decimal_places=4)
    is_aggregated = models.BooleanField()
    chain = models.CharField(max_length=8, choices=Chain.choices)
    from_date = models.DateField()
    # The first day on which it no longer holds.
    until = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300)
    source_link = models.URLField(max_length=500, blank=True)
    proposal = models.OneToOneField(CatalogueProposal, null=True, blank=True, on_delete=models.PROTECT, related_name="ownership_rule")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(name="ownership_rule_threshold", condition=Q(threshold__gt=0, threshold__lte=100)),
            models.CheckConstraint(name="ownership_rule_dates_in_order", condition=Q(until__isnull=True) | Q(until__gte=F("from_date"))),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
