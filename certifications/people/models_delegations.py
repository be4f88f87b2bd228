"""A signatory's power to sign as a record: who gave it, for what, from when to when, on which paper, accepted and approved by whom."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from .models import Organisation, User
from .models_second import TwoPeople, two_people, voided_whole


class Delegation(TwoPeople):
    """Put on record by the administrator, accepted by the delegate, approved by compliance, each with a factor over the same digest.

    `reason` is the kind of paper. What was recorded never changes; an end, once given, only moves nearer (PostgreSQL).
    """

    number = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations")
    # Who gives the power: often somebody without an account, such as the legal representative.
    delegator_name = models.CharField(max_length=120)
    delegator_role = models.CharField(max_length=120)
    kinds = ArrayField(models.CharField(max_length=12))  # powers.KINDS
    lines = ArrayField(models.CharField(max_length=20), default=list, blank=True)  # none: every product line
    # The most of one product in one declaration, in the product's own unit; none: any quantity.
    most = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField()  # not included
    signed_on = models.DateField()  # the day on the paper
    paper = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_proof_id = models.CharField(max_length=26, null=True, blank=True, unique=True)
    ended_from = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("delegation"),
            voided_whole("delegation"),
            models.CheckConstraint(name="delegation_dates_in_order", condition=Q(valid_from__lt=F("valid_until"))),
            models.CheckConstraint(name="delegation_most_positive", condition=Q(most__isnull=True) | Q(most__gt=0)),
            # Nobody gives a power to oneself, nor approves one's own.
            models.CheckConstraint(
                name="delegation_three_people",
                condition=~Q(delegate=F("proposed_by")) & (Q(agreed_by__isnull=True) | ~Q(agreed_by=F("delegate"))),
            ),
            models.CheckConstraint(
                name="delegation_acceptance_whole",
                condition=Q(accepted_at__isnull=True, accepted_proof_id__isnull=True)
                | Q(accepted_at__isnull=False, accepted_proof_id__isnull=False),
            ),
            models.CheckConstraint(name="delegation_accepted_first", condition=~Q(state="effective") | Q(accepted_at__isnull=False)),
            models.CheckConstraint(
                name="delegation_end_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_from__isnull=True, ended_reason="")
                | (Q(state="effective", ended_at__isnull=False, ended_by__isnull=False, ended_from__isnull=False) & ~Q(ended_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["delegate", "state"], name="delegation_of")]

    def __str__(self) -> str:
        return self.number


class DelegationReminder(models.Model):
    """That people were told so many days before a delegation ends; once each. Immutable in PostgreSQL."""

    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, related_name="reminders")
    ends_on = models.DateField()
    days = models.SmallIntegerField()

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["delegation", "ends_on", "days"], name="delegation_reminder_once")]

    def __str__(self) -> str:
        return f"{self.delegation_id} {self.days}"
