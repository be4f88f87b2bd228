"""Names that somebody outside wrote (a notice, a sales report, a service visit), and which parties on record they mean.

A name is resolved once for all places where it stands; what a person answered holds for the name and the party. Nothing is merged.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class ReportedName(models.Model):
    """A name in a role, as written outside: one row for the same folded name and number. `state` is what workers and people made of it."""

    class Role(models.TextChoices):
        SELLER = "seller"
        BUYER = "buyer"
        END_USER = "end_user"

    class State(models.TextChoices):
        WAITING = "waiting"  # nobody looked yet
        BOUND = "bound"
        ASK = "ask"
        UNSURE = "unsure"  # a person looked and could not say
        NOBODY = "nobody"

    id = ULIDField(primary_key=True)
    role = models.CharField(max_length=8, choices=Role.choices)
    name = models.CharField(max_length=300)
    folded = models.CharField(max_length=400)
    # A registration number without blanks, in capitals; empty where none was written.
    code = models.CharField(max_length=40, blank=True)
    # As it stood beside the name first; evidence for a person, never a key.
    address = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    first_at = models.DateTimeField(db_default=Now())
    looked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["role", "folded", "code"], name="reported_name_once")]
        indexes = [
            models.Index(fields=["state", "first_at"], name="reported_name_by_state"),
            models.Index(fields=["folded"], name="reported_name_folded"),
        ]

    def __str__(self) -> str:
        return self.name


class NameUse(models.Model):
    """Where a reported name stands: an evidence line that a person confirmed, a movement or a sighting that was committed. A value, not a foreign key."""

    class Kind(models.TextChoices):
        EVIDENCE_LINE = "evidence_line"
        MOVEMENT = "movement"
        SIGHTING = "sighting"

    id = ULIDField(primary_key=True)
    reported = models.ForeignKey(ReportedName, on_delete=models.PROTECT, related_name="uses")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    object_id = models.CharField(max_length=26)
    role = models.CharField(max_length=8, choices=ReportedName.Role.choices)
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["kind", "object_id", "role"], name="name_use_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} {self.role}"


class NameCandidate(models.Model):
    """A party that a reported name may mean, as the matcher finds it. Written by workers; `is_bound` by the rule or by an answer.

    `explanation`: the matcher's rows, which add up to the score. `number`: the number on both sides is the same, another, or one is missing.
    """

    class Number(models.TextChoices):
        SAME = "same"
        OTHER = "other"
        MISSING = "missing"

    id = ULIDField(primary_key=True)
    reported = models.ForeignKey(ReportedName, on_delete=models.CASCADE, related_name="candidates")
    party = models.ForeignKey("certifications.Party", on_delete=models.CASCADE, related_name="+")
    score = models.DecimalField(max_digits=5, decimal_places=4)
    party_text = models.CharField(max_length=300, blank=True)
    number = models.CharField(max_length=7, choices=Number.choices)
    is_exact = models.BooleanField()
    explanation = models.JSONField(default=list)
    is_sure = models.BooleanField(default=False)
    is_bound = models.BooleanField(default=False)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["reported", "party"], name="name_candidate_once")]

    def __str__(self) -> str:
        return f"{self.reported_id} {self.party_id}"


class NameAnswer(models.Model):
    """What a person said of a reported name and a party. It can be taken back and never changes otherwise (PostgreSQL).

    `keys`: the party's names and numbers as they were; when one of them changes, it is asked again.
    """

    class Answer(models.TextChoices):
        SAME = "same"
        DIFFERENT = "different"
        UNSURE = "unsure"

    id = ULIDField(primary_key=True)
    reported = models.ForeignKey(ReportedName, on_delete=models.PROTECT, related_name="answers")
    party = models.ForeignKey("certifications.Party", on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=9, choices=Answer.choices)
    reason = models.CharField(max_length=30)
    explanation = models.TextField(max_length=2000)
    keys = models.JSONField(default=dict)
    answered_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(db_default=Now())
    withdrawn_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["reported", "party"], condition=Q(withdrawn_at__isnull=True), name="name_answer_one_standing"),
            models.CheckConstraint(
                name="name_answer_withdrawal_whole",
                condition=Q(withdrawn_reason="", withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | (~Q(withdrawn_reason="") & Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["party"], name="name_answer_of_party")]

    def __str__(self) -> str:
        return f"{self.reported_id} {self.party_id} {self.answer}"
