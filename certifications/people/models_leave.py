"""Who stands in for whom while somebody is away, and who goes on with what somebody left behind."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField

from .models import Organisation, User


class Substitution(models.Model):
    """In one role, from a day until before another. Gives no right: the substitute holds the role already."""

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="substitutions")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    substitute = models.ForeignKey(User, on_delete=models.PROTECT, related_name="substitutions")
    role = models.CharField(max_length=20)
    starts_on = models.DateField()
    ends_on = models.DateField()  # the first day back
    named_at = models.DateTimeField(db_default=Now())
    named_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(name="substitution_two_people", condition=~Q(person=F("substitute"))),
            models.CheckConstraint(name="substitution_days_in_order", condition=Q(starts_on__lt=F("ends_on"))),
            models.CheckConstraint(
                name="substitution_end_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["person", "ends_on"], name="substitution_of"),
            models.Index(fields=["substitute", "ends_on"], name="substitution_by"),
        ]

    def __str__(self) -> str:
        return f"{self.substitute_id} for {self.person_id}"


class Succession(models.Model):
    """Who goes on with one kind of work of a person whose role ended. Immutable in PostgreSQL; a later row counts."""

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)  # a permission: what whoever goes on with it must be allowed to do
    moved = models.PositiveIntegerField()  # how much of it was open
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [models.CheckConstraint(name="succession_two_people", condition=~Q(person=F("successor")))]
        indexes = [models.Index(fields=["person", "kind"], name="succession_of")]

    def __str__(self) -> str:
        return f"{self.successor_id} after {self.person_id}: {self.kind}"
