"""Tender authorisation letters: that a distributor may offer goods in one tender. A letter attests no end use and releases no goods."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField
from certifications.people.models_second import TwoPeople, two_people, voided_whole


class Letter(models.Model):
    """What was asked for, word for word. Nothing of it ever changes but its status (PostgreSQL).

    Whether it holds today is more than its status: it follows the distributor's right (queries.standing_of).
    """

    class Status(models.TextChoices):
        SCREENING = "screening"
        WAITING = "waiting"
        ISSUING = "issuing"
        VALID = "valid"
        EXPIRED = "expired"
        REVOKED = "revoked"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    class Language(models.TextChoices):
        EN = "en"
        ZH = "zh"
        BOTH = "both"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "screening": {"waiting", "withdrawn"},
        "waiting": {"issuing", "refused", "withdrawn"},
        # Back to waiting where something changed between release and seal.
        "issuing": {"valid", "waiting"},
        "valid": {"expired", "revoked"},
        "expired": {"revoked"},
        "revoked": set(),
        "refused": set(),
        "withdrawn": set(),
    }

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    # Printed on the letter; without it the public page shows nothing of it.
    code = models.CharField(max_length=9)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="letters")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SCREENING)
    buyer_native = models.CharField(max_length=300, blank=True)
    buyer_latin = models.CharField(max_length=300, blank=True)
    buyer_uscc = models.CharField(max_length=18, blank=True)
    # Agents and bidders who are named as well.
    others = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    project_no = models.CharField(max_length=120)
    # The number without blanks and dashes, in capitals: how notices are compared with it.
    project_key = models.CharField(max_length=120, db_index=True)
    # [{"catalogue_number", "name", "name_zh", "line"}], as the catalogue called them when it was asked for.
    goods = models.JSONField()
    lines = ArrayField(models.CharField(max_length=20))
    country = models.CharField(max_length=2)
    division = models.CharField(max_length=6, blank=True)
    valid_until = models.DateField()
    language = models.CharField(max_length=4, choices=Language.choices)
    note = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    form_key = models.CharField(max_length=26, unique=True)

    class Meta:
        app_label = "certifications"
        indexes = [
            models.Index(fields=["organisation", "-asked_at"], name="letter_recent"),
            models.Index(fields=["status", "-asked_at"], name="letter_by_status"),
        ]
        constraints = [
            models.CheckConstraint(name="letter_buyer_named", condition=~Q(buyer_native="") | ~Q(buyer_latin="")),
        ]

    @property
    def native(self) -> str:
        """The buyer's name in its own script, for the kit's `main_name`."""
        return self.buyer_native

    @property
    def latin(self) -> str:
        """The buyer's name in Latin letters."""
        return self.buyer_latin

    def __str__(self) -> str:
        return self.number


class LetterParty(models.Model):
    """Whom a letter names, as the party that is screened. Immutable in PostgreSQL.

    `customer` is the distributor's own customer of the same name or number: what is known of it counts for the buyer too.
    """

    class Role(models.TextChoices):
        BUYER = "buyer"
        OTHER = "other"
        CUSTOMER = "customer"

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="parties")
    party = models.ForeignKey("certifications.Party", on_delete=models.PROTECT, related_name="letters")
    role = models.CharField(max_length=8, choices=Role.choices)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["letter", "party"], name="letter_party_once")]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.role}"


class LetterDecision(TwoPeople):
    """Release or refusal by a person, by two where that is asked for; revocation always by two. The words never change (PostgreSQL)."""

    class Outcome(models.TextChoices):
        RELEASE = "release"
        REFUSE = "refuse"
        REVOKE = "revoke"

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    # Of a refusal and a revocation: what the distributor, and of a revocation everybody with the letter, reads.
    public_reason = models.CharField(max_length=200, blank=True)
    # Numbers of the policies that ask a person, which whoever released it was shown and answered by name.
    answered = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    state = models.CharField(max_length=9, choices=TwoPeople.State.choices)
    needs_second = models.BooleanField()

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("letter_decision", unless=Q(needs_second=False)),
            voided_whole("letter_decision"),
            models.UniqueConstraint(fields=["letter"], condition=Q(state="proposed"), name="letter_decision_one_proposal"),
            models.CheckConstraint(name="letter_revoked_by_two", condition=~Q(outcome="revoke") | Q(needs_second=True)),
            models.CheckConstraint(name="letter_reason_told", condition=Q(outcome="release", public_reason="") | ~Q(public_reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.outcome} {self.state}"


class LetterText(models.Model):
    """The canonical JSON that the PDF shows and embeds, with the unsealed PDF, of one release. Immutable in PostgreSQL."""

    decision = models.OneToOneField(LetterDecision, primary_key=True, on_delete=models.PROTECT, related_name="text")
    canonical = models.TextField()
    sha256 = models.CharField(max_length=64)
    unsealed = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.sha256


class LetterSeal(models.Model):
    """The sealed PDF. Only the signer's database role may insert; nobody may change. Immutable in PostgreSQL."""

    letter = models.OneToOneField(Letter, primary_key=True, on_delete=models.PROTECT, related_name="seal")
    text = models.OneToOneField(LetterText, on_delete=models.PROTECT, related_name="seal")
    pdf = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    sealed_at = models.DateTimeField(db_default=Now())
    timestamped_at = models.DateTimeField()
    certificate_sha256 = models.CharField(max_length=64)
    by_test_authority = models.BooleanField()

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.sha256


class LetterReminder(models.Model):
    """That people were told of something once: an end so many days before, an award or a policy (`line` is its id). Immutable."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="reminders")
    days = models.PositiveSmallIntegerField(null=True)
    line = models.CharField(max_length=26, blank=True)
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["letter", "days"], condition=Q(line=""), name="letter_end_told_once"),
            models.UniqueConstraint(fields=["letter", "line"], condition=~Q(line=""), name="letter_award_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.days or self.line}"
