"""What waits for confirmation and what that would open; confirmation by a sample; the limit that a lead sets for it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField

from .models import EvidenceDocument


class Weighing(models.Model):
    """What the confirmation of a document as proposed would open, by the rules and the register of when it was weighed.

    Written by workers for every document that waits. `rank` orders the queue: 10 for nothing, up to 50 for critical, 35 where nobody can
    tell. `is_aside`: the goods are listed, and none is ours; a person may bring it back, and then it stays.
    """

    document = models.OneToOneField(EvidenceDocument, primary_key=True, on_delete=models.CASCADE, related_name="weighing")
    rank = models.PositiveSmallIntegerField(db_index=True)
    # [{"rule", "severity"}], the gravest first.
    opens = models.JSONField(default=list)
    line_count = models.PositiveSmallIntegerField(default=0)
    is_whole = models.BooleanField()
    is_aside = models.BooleanField(default=False)
    # What makes documents alike enough for one sample.
    source = models.CharField(max_length=120, blank=True)
    template = models.CharField(max_length=60, blank=True)
    confidence = models.DecimalField(max_digits=4, decimal_places=3)
    seller = models.CharField(max_length=300, blank=True)
    buyer = models.CharField(max_length=300, blank=True)
    # SHA-256 over the state of register, catalogue, names and answers; another one means: weigh again.
    state_key = models.CharField(max_length=64)
    weighed_at = models.DateTimeField(db_default=Now())
    brought_back_at = models.DateTimeField(null=True, blank=True)
    brought_back_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(
                name="weighing_brought_back_whole",
                condition=Q(brought_back_at__isnull=True, brought_back_by__isnull=True)
                | Q(brought_back_at__isnull=False, brought_back_by__isnull=False, is_aside=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.rank}"


class BulkLimit(models.Model):
    """How high the upper bound of the error rate of a sample may be. Set by a lead; the newest counts, and none was ever changed."""

    id = ULIDField(primary_key=True)
    limit = models.DecimalField(max_digits=4, decimal_places=3)
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [models.CheckConstraint(name="bulk_limit_between", condition=Q(limit__gt=0, limit__lte=0.2))]

    def __str__(self) -> str:
        return str(self.limit)

    @property
    def percent(self) -> str:
        """The limit in percent."""
        return f"{self.limit * 100:.1f}"


class BulkCheck(models.Model):
    """A set of alike documents, a random sample of it that a person checks one by one, and the confirmation of the rest in one act."""

    class Status(models.TextChoices):
        CHECKING = "checking"
        CONFIRMING = "confirming"
        CONFIRMED = "confirmed"
        ABANDONED = "abandoned"
        UNDOING = "undoing"
        UNDONE = "undone"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "checking": {"confirming", "abandoned"},
        "confirming": {"confirmed"},
        "confirmed": {"undoing"},
        "undoing": {"undone", "confirmed"},
        "abandoned": set(),
        "undone": set(),
    }

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.CHECKING)
    # The set: one reader, one source, one template, and no field less sure than this.
    reader = models.CharField(max_length=60)
    source = models.CharField(max_length=120, blank=True)
    template = models.CharField(max_length=60, blank=True)
    least_confidence = models.DecimalField(max_digits=4, decimal_places=3)
    row_count = models.PositiveIntegerField()
    sample_size = models.PositiveIntegerField()
    # The sample is the first `sample_size` by SHA-256 of this and the document's number: anybody can draw it again.
    seed = models.CharField(max_length=32)
    drawn_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(db_default=Now())
    # As measured when the rest was confirmed.
    wrong = models.PositiveIntegerField(null=True, blank=True)
    upper = models.DecimalField(max_digits=6, decimal_places=5, null=True, blank=True)
    limit = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    confirmed_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=300, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    form_key = models.CharField(max_length=26, unique=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(
                name="bulk_confirmation_whole",
                condition=Q(
                    confirmed_at__isnull=True, confirmed_by__isnull=True, wrong__isnull=True, upper__isnull=True, limit__isnull=True
                )
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, wrong__isnull=False, upper__lte=F("limit")),
            ),
            models.CheckConstraint(
                name="bulk_end_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            models.CheckConstraint(name="bulk_sample_within", condition=Q(sample_size__gt=0, sample_size__lte=F("row_count"))),
            models.CheckConstraint(
                name="bulk_confirmed_by_somebody",
                condition=Q(status__in=["checking", "abandoned"]) | Q(confirmed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class BulkRow(models.Model):
    """A document of the set. In the sample it is right or wrong; otherwise it is confirmed by the sample, or left out with the reason."""

    class Verdict(models.TextChoices):
        RIGHT = "right"
        WRONG = "wrong"

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed"
        GRAVE = "grave"  # it would open a flag of high severity
        CHANGED = "changed"  # it is not what it was when the sample was drawn
        NOT_WHOLE = "not_whole"  # something that a confirmation needs is missing
        UNDONE = "undone"

    id = ULIDField(primary_key=True)
    bulk = models.ForeignKey(BulkCheck, on_delete=models.PROTECT, related_name="rows")
    document = models.ForeignKey(EvidenceDocument, on_delete=models.PROTECT, related_name="bulk_rows")
    position = models.PositiveIntegerField()
    in_sample = models.BooleanField()
    # SHA-256 of the proposal as it was drawn.
    proposal_sha256 = models.CharField(max_length=64)
    verdict = models.CharField(max_length=5, choices=Verdict.choices, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)
    # Captured again from the same bytes when the act was undone.
    again = models.ForeignKey(EvidenceDocument, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["bulk", "document"], name="bulk_row_once"),
            models.CheckConstraint(name="bulk_row_one_way", condition=Q(verdict="") | Q(in_sample=True)),
            models.CheckConstraint(name="bulk_row_sample_by_hand", condition=Q(outcome="") | Q(in_sample=False)),
        ]

    def __str__(self) -> str:
        return f"{self.bulk_id} {self.position}"
