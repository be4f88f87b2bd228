"""Flags (a rule that fired, with its inputs), cases (flags under one decision), decisions by people."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField
from certifications.people.models_second import TwoPeople, two_people

from .rules import BY_ID


class Case(models.Model):
    """Flags with one subject under one decision. `paused_*` keep the clock while a question is open."""

    class Status(models.TextChoices):
        OPEN = "open"
        QUESTION = "question"
        PROPOSED = "proposed"
        CLOSED = "closed"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "open": {"question", "proposed", "closed"},
        "question": {"open"},
        "proposed": {"open", "closed"},
        "closed": {"open"},
    }

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    # "evidence:<document id>:<seller key>" or "declaration:<declaration id>" or "party:<id>": one open case each.
    subject = models.CharField(max_length=120)
    title_name = models.CharField(max_length=300)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    declaration = models.ForeignKey("certifications.Declaration", null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    document = models.ForeignKey("certifications.EvidenceDocument", null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    owner = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # A decision from before this moment closes nothing any more.
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reopened_reason = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["status", "due_at"], name="case_by_due")]
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=~Q(status="closed"), name="case_one_open_per_subject"),
            models.CheckConstraint(
                name="case_reopening_whole",
                condition=Q(reopened_at__isnull=True, reopened_by__isnull=True, reopened_reason="")
                | (Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopened_reason="")),
            ),
            models.CheckConstraint(
                name="case_closed_has_time_and_outcome",
                condition=(Q(status="closed", closed_at__isnull=False) & ~Q(outcome=""))
                | (~Q(status="closed") & Q(closed_at__isnull=True, outcome="")),
            ),
            models.CheckConstraint(
                name="case_paused_while_question",
                condition=Q(status="question", paused_at__isnull=False) | (~Q(status="question") & Q(paused_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Flag(models.Model):
    """A rule that fired, with inputs, rule version and thresholds, so that it renders the same years later."""

    class Severity(models.TextChoices):
        INFO = "info"
        LOW = "low"
        MEDIUM = "medium"
        HIGH = "high"
        CRITICAL = "critical"

    class State(models.TextChoices):
        OPEN = "open"
        CLEARED = "cleared"
        CONFIRMED = "confirmed"
        # Closed without a judgement: the declaration was returned or withdrawn.
        CLOSED = "closed"

    id = ULIDField(primary_key=True)
    rule = models.CharField(max_length=12)
    rule_version = models.PositiveIntegerField(default=1)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="flags")
    declaration = models.ForeignKey("certifications.Declaration", null=True, blank=True, on_delete=models.PROTECT, related_name="flags")
    line = models.ForeignKey("certifications.EvidenceLine", null=True, blank=True, on_delete=models.PROTECT, related_name="flags")
    party = models.ForeignKey("certifications.Party", null=True, blank=True, on_delete=models.PROTECT, related_name="flags")
    inputs = models.JSONField(default=dict)
    thresholds = models.JSONField(default=dict)
    # Same subject, same rule, same facts: one flag, counted again.
    fingerprint = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["state", "severity"], name="flag_open")]
        constraints = [
            models.CheckConstraint(
                name="flag_closed_has_time",
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.severity}"

    @property
    def title(self) -> str:
        """The rule's own words for what fired."""
        return BY_ID[self.rule].title()


class Decision(TwoPeople):
    """An outcome with a reason by one person and, where the policy says so, the agreement of another."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=20)
    explanation = models.TextField(max_length=4000)
    # What the distributor reads of a return; nothing else of a decision ever leaves compliance.
    message = models.TextField(max_length=2000, blank=True)
    # Said by whoever decides: an outcome that needs nobody else takes effect at once.
    state = models.CharField(max_length=9, choices=TwoPeople.State.choices)
    needs_second = models.BooleanField()
    voided_reason = models.CharField(max_length=500, blank=True)
    form_key = models.CharField(max_length=26, unique=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("decision", unless=Q(needs_second=False)),
            models.CheckConstraint(
                name="decision_voided_whole",
                condition=(Q(state="voided", voided_at__isnull=False, voided_by__isnull=False) & ~Q(voided_reason=""))
                | (~Q(state="voided") & Q(voided_at__isnull=True, voided_by__isnull=True, voided_reason="")),
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(state="proposed"), name="decision_one_proposal_per_case"),
            models.CheckConstraint(name="decision_message_with_return", condition=Q(message="") | Q(outcome="return")),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome} {self.state}"


class Question(models.Model):
    """A question to the distributor; the case's clock stands still until it is answered or withdrawn."""

    id = ULIDField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="questions")
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="questions")
    declaration = models.ForeignKey("certifications.Declaration", null=True, blank=True, on_delete=models.PROTECT, related_name="questions")
    text = models.TextField(max_length=2000)
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    answer = models.TextField(max_length=4000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(
                name="question_answer_whole",
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="question_withdrawal_whole",
                condition=Q(withdrawn_reason="", withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | (~Q(withdrawn_reason="") & Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)),
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(answered_at__isnull=True, withdrawn_at__isnull=True),
                name="question_one_open_per_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.asked_at}"


class Clearance(models.Model):
    """A screening finding that people cleared: who, why, on which key fields of both sides, and until when.

    Persons are held as values. Only the reminder is written later; after `expires_on` the finding is undecided again.
    """

    id = ULIDField(primary_key=True)
    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, related_name="clearances")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="clearances")
    party = models.ForeignKey("certifications.Party", on_delete=models.PROTECT, related_name="clearances")
    finding = models.CharField(max_length=64)  # its fingerprint
    list_code = models.CharField(max_length=30)
    entry_id = models.CharField(max_length=120)
    keys = models.JSONField(default=dict)
    approver_ids = models.JSONField()
    reason = models.CharField(max_length=30)
    cleared_at = models.DateTimeField(db_default=Now())
    expires_on = models.DateField()
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["flag", "decision"], name="clearance_once")]
        indexes = [
            models.Index(fields=["party", "list_code", "entry_id"], name="clearance_of_pair"),
            models.Index(fields=["expires_on"], name="clearance_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.entry_id} until {self.expires_on}"


class CountedSale(models.Model):
    """A confirmed sale from before its seller's line was under the programme: counted, and not flagged for want of a right or a declaration.

    Goes when the line is in the programme after all; the event of the evidence line says so.
    """

    class Place(models.TextChoices):
        BEFORE = "before"
        NOT_STARTED = "not_started"

    line = models.OneToOneField("certifications.EvidenceLine", primary_key=True, on_delete=models.PROTECT, related_name="counted")
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="counted_sales")
    # Empty where the notice does not say which product it is.
    product_line = models.CharField(max_length=20, blank=True)
    happened_on = models.DateField()
    quantity = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    place = models.CharField(max_length=11, choices=Place.choices)
    # The rules that would have fired.
    rules = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["organisation", "-happened_on"], name="counted_sale_recent")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.place}"
