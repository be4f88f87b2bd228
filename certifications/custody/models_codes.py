"""What events (EPCIS) need besides movements: what a GTIN and a GLN mean, and which events their senders declared wrong."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class TradeCode(models.Model):
    """A GTIN in 14 digits or a GLN in 13, as a lead recorded it. It is ended and never changes otherwise (PostgreSQL)."""

    id = ULIDField(primary_key=True)
    code = models.CharField(max_length=14)
    product = models.ForeignKey("certifications.Product", null=True, blank=True, on_delete=models.PROTECT, related_name="trade_codes")
    organisation = models.ForeignKey("certifications.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(ended_at__isnull=True), name="trade_code_once"),
            models.CheckConstraint(
                name="trade_code_means_one",
                condition=Q(product__isnull=False, organisation__isnull=True, code__regex=r"^\d{14}$")
                | Q(product__isnull=True, organisation__isnull=False, code__regex=r"^\d{13}$"),
            ),
            models.CheckConstraint(
                name="trade_code_ended_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class WrongEvent(models.Model):
    """That a firm declared an event of its own wrong (errorDeclaration): it counts no more, and never when it comes again.

    Nothing changes after it was written but that it is taken back, once (PostgreSQL).
    """

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    event_id = models.CharField(max_length=300)
    declared = models.CharField(max_length=400)
    upload = models.ForeignKey("certifications.Upload", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "event_id"], condition=Q(taken_back_at__isnull=True), name="wrong_event_once"),
            models.CheckConstraint(name="wrong_event_is_one", condition=~Q(event_id="")),
            models.CheckConstraint(
                name="wrong_event_taken_back_whole",
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.event_id
