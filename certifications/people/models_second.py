"""The row of an act that two people do together, and its constraints: that they are two is not left to Python."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class SecondState(models.TextChoices):
    """Of a proposal."""

    PROPOSED = "proposed"
    EFFECTIVE = "effective"
    VOIDED = "voided"


class TwoPeople(models.Model):
    """A proposal by one person and, before it takes effect, the agreement of another, each with a factor.

    `digest` is the SHA-256 over what both saw and gave their factor for. An heir lists `two_people("its_name")` and
    `voided_whole("its_name")` among its constraints.
    """

    State = SecondState

    id = ULIDField(primary_key=True)
    reason = models.CharField(max_length=30)
    explanation = models.TextField(max_length=2000)
    state = models.CharField(max_length=9, choices=SecondState.choices, default=SecondState.PROPOSED)
    proposed_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    proposed_proof_id = models.CharField(max_length=26, unique=True)
    agreed_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_proof_id = models.CharField(max_length=26, null=True, blank=True, unique=True)
    voided_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        abstract = True


def two_people(name: str, *, unless: Q | None = None) -> list[models.CheckConstraint]:
    """Proposer and second person differ, an agreement is whole, and nothing takes effect without one (`unless` this holds)."""
    effective = ~Q(state="effective") if unless is None else ~Q(state="effective") | unless
    return [
        models.CheckConstraint(name=f"{name}_two_people", condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("proposed_by"))),
        models.CheckConstraint(
            name=f"{name}_agreement_whole",
            condition=Q(agreed_by__isnull=True, agreed_at__isnull=True, agreed_proof_id__isnull=True)
            | Q(agreed_by__isnull=False, agreed_at__isnull=False, agreed_proof_id__isnull=False),
        ),
        models.CheckConstraint(name=f"{name}_effective_is_agreed", condition=effective | Q(agreed_by__isnull=False)),
    ]


def voided_whole(name: str) -> models.CheckConstraint:
    """Who took it back and when, exactly when it was taken back."""
    return models.CheckConstraint(
        name=f"{name}_voided_whole",
        condition=Q(state="voided", voided_at__isnull=False, voided_by__isnull=False)
        | (~Q(state="voided") & Q(voided_at__isnull=True, voided_by__isnull=True)),
    )
