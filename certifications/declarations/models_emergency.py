"""Emergency access: somebody of the manufacturer who may not see a declaration sees it for some hours, by two people, on record."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField
from certifications.people.models_second import TwoPeople, two_people, voided_whole

from .models import Declaration


class EmergencyAccess(TwoPeople):
    """Asked for by who will look, agreed to by another person, open until `open_until` or `closed_at`; told to the distributor.

    `version` is the number of the signed version that was asked for; what is drafted after it is never shown. Asks from before it was
    kept have none.
    """

    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="emergencies")
    version = models.PositiveIntegerField(null=True)
    open_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        verbose_name_plural = "emergency accesses"
        constraints = [
            *two_people("emergency"),
            voided_whole("emergency"),
            models.CheckConstraint(
                name="emergency_open_when_agreed",
                condition=Q(state="effective", open_until__isnull=False) | (~Q(state="effective") & Q(open_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="emergency_closed_whole",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(state="effective", closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["declaration", "state"], name="emergency_of")]

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.state}"


class EmergencyLook(models.Model):
    """One look at what is withheld otherwise. Immutable in PostgreSQL, which takes none outside an open access."""

    id = ULIDField(primary_key=True)
    access = models.ForeignKey(EmergencyAccess, on_delete=models.PROTECT, related_name="looks")
    by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.access_id} {self.at}"
