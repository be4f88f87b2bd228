"""Who holds what share of whom, as somebody stated it from a source: facts with an interval, never rewritten, ended with a reason."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField

from .models import Party


class Ownership(models.Model):
    """One owner of a party, or the statement that its owners are not known (`owner` empty).

    Nothing of it changes but its end, once (PostgreSQL). What was ended while its owner was not shown to be clear is `held`: it
    counts on until two people in compliance let it go, or a finding would be lifted by taking a name back.
    """

    class Kind(models.TextChoices):
        PERSON = "person"
        COMPANY = "company"
        PUBLIC = "public"

    class Source(models.TextChoices):
        DOCUMENT = "document"
        REGISTRY = "registry"
        STATEMENT = "statement"

    id = ULIDField(primary_key=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="ownerships")
    owner = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="holdings")
    # The distributor that stated it, which alone sees it beside compliance; empty: compliance found it.
    organisation = models.ForeignKey("certifications.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices, blank=True)
    # Percent; empty where the share is not known.
    share = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    is_direct = models.BooleanField(default=True)
    # Through whom, where it is indirect and the chain is not on record.
    through = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=9, choices=Source.choices)
    source_text = models.CharField(max_length=300)
    source_link = models.URLField(max_length=500, blank=True)
    # The day of which the source speaks.
    as_of = models.DateField()
    valid_from = models.DateField()
    # The first day on which it no longer holds.
    valid_until = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_reason = models.CharField(max_length=300, blank=True)
    held = models.BooleanField(default=False)
    # Who in compliance said that what is held no longer counts, and the other person who agreed.
    let_go_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    let_go_agreed_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    form_key = models.CharField(max_length=26, unique=True)

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["party"], name="ownership_of"), models.Index(fields=["owner"], name="ownership_by")]
        constraints = [
            models.CheckConstraint(name="ownership_not_of_itself", condition=Q(owner__isnull=True) | ~Q(owner=F("party"))),
            models.CheckConstraint(name="ownership_share_is_percent", condition=Q(share__isnull=True) | Q(share__gt=0, share__lte=100)),
            models.CheckConstraint(
                name="ownership_known_or_not",
                condition=(Q(owner__isnull=False) & ~Q(kind=""))
                | Q(owner__isnull=True, kind="", share__isnull=True, is_direct=True, through=""),
            ),
            models.CheckConstraint(name="ownership_through_if_indirect", condition=Q(is_direct=False) | Q(through="")),
            models.CheckConstraint(
                name="ownership_dates_in_order", condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from"))
            ),
            models.CheckConstraint(
                name="ownership_end_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_reason="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_reason="")),
            ),
            models.CheckConstraint(name="ownership_held_when_ended", condition=Q(held=False) | Q(ended_at__isnull=False)),
            models.CheckConstraint(
                name="ownership_let_go_by_two",
                condition=Q(let_go_agreed_by__isnull=True) | (Q(held=False, let_go_by__isnull=False) & ~Q(let_go_agreed_by=F("let_go_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id}: {self.owner_id or 'not known'}"
