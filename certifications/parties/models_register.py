"""The register: who may sell what, where, from when until when, as recorded when. Rows are added and never changed.

`Authorisation` is the right under its number; `AuthorisationTerms` are what it covers as recorded at a time, each row
superseding the one before. A right of a sub-reseller has a parent and is never wider than it (register.py judges that).
"""

from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField, IntegerRangeField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField
from certifications.people.models_second import TwoPeople, two_people, voided_whole


class Authorisation(models.Model):
    """A right to sell, under its number: whose, from whom, instead of which. Immutable in PostgreSQL."""

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    party = models.ForeignKey("certifications.Party", on_delete=models.PROTECT, related_name="authorisations")
    # The right that this one is part of; none where the manufacturer itself gave it.
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    renews = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewals")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.number


class AuthorisationTerms(models.Model):
    """Lines, territory, days and conditions as recorded at a time; half-open [valid_from, valid_until). Immutable in PostgreSQL.

    Known from `recorded_at` until its successor was recorded. `divisions` narrow China alone; without any, the whole
    country counts. `risk_ends` holds whole definitions, so that an edited risk set changes no old answer.
    """

    id = ULIDField(primary_key=True)
    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="terms")
    supersedes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="successor")
    lines = ArrayField(models.CharField(max_length=20))
    countries = ArrayField(models.CharField(max_length=2))
    divisions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField()
    conditions = models.TextField(max_length=4000, blank=True)
    risk_ends = models.JSONField(default=list, blank=True)
    # Why a correction was made; the first terms need none.
    reason = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey("certifications.User", null=True, on_delete=models.PROTECT, related_name="+")
    proof_id = models.CharField(max_length=26, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(name="authorisation_dates_in_order", condition=Q(valid_from__lt=F("valid_until"))),
            models.CheckConstraint(
                name="authorisation_correction_has_reason",
                condition=Q(supersedes__isnull=True, reason="") | (Q(supersedes__isnull=False) & ~Q(reason="")),
            ),
            models.UniqueConstraint(fields=["authorisation"], condition=Q(supersedes__isnull=True), name="authorisation_first_terms_once"),
        ]
        indexes = [
            models.Index(fields=["valid_until", "id"], name="terms_by_end"),
            models.Index(fields=["-recorded_at", "-id"], name="terms_by_record"),
        ]

    def __str__(self) -> str:
        return f"{self.authorisation_id} {self.valid_from} to {self.valid_until}"


class RegisterCell(models.Model):
    """One line in one piece of one country, on days and while known: what PostgreSQL compares so that nothing overlaps.

    Written by a trigger on the terms alone. `codes` are GB/T 2260 codes, half-open; all of them outside China.
    """

    id = models.BigAutoField(primary_key=True)
    terms = models.ForeignKey(AuthorisationTerms, on_delete=models.PROTECT, related_name="cells")
    # "<party>:<party of the parent>": the same right may come from two sources, and from one only once.
    holder = models.CharField(max_length=53)
    line = models.CharField(max_length=20)
    country = models.CharField(max_length=2)
    codes = IntegerRangeField()
    valid = DateRangeField()
    known = DateTimeRangeField()

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.line} {self.country} {self.codes}"


class AuthorisationChange(TwoPeople):
    """Suspension, revocation or lifting from a day: proposed by one person, agreed by another, each with a factor.

    Of the changes whose day has come, the one that was agreed last counts. The words never change (PostgreSQL).
    """

    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="changes")
    to = models.CharField(max_length=12)  # suspended, revoked, authorised
    holds_from = models.DateField()
    # The sentence that the holder reads; neutral words, no names of others.
    public_reason = models.CharField(max_length=200)

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("authorisation_change"),
            voided_whole("authorisation_change"),
            models.UniqueConstraint(fields=["authorisation"], condition=Q(state="proposed"), name="authorisation_change_one_proposal"),
            models.UniqueConstraint(
                fields=["authorisation"], condition=Q(state="effective", to="revoked"), name="authorisation_revoked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authorisation_id} {self.to} from {self.holds_from} ({self.state})"


class AuthorisationDocument(models.Model):
    """A contract, letter or certificate behind an authorisation, kept whole. Immutable in PostgreSQL."""

    class Kind(models.TextChoices):
        CONTRACT = "contract"
        LETTER = "letter"
        OTHER = "other"

    id = ULIDField(primary_key=True)
    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="documents")
    blob = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=200)
    dated_on = models.DateField()
    # The first day on which the paper is no longer good; empty for one without an end.
    good_until = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey("certifications.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(
                name="authorisation_paper_dates_in_order", condition=Q(good_until__isnull=True) | Q(good_until__gt=F("dated_on"))
            )
        ]

    def __str__(self) -> str:
        return self.title


class TrainingRecord(models.Model):
    """That people of the holder were trained: how many, in what, until when it is good. Names stay in the holder's papers."""

    id = ULIDField(primary_key=True)
    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="trainings")
    topic = models.CharField(max_length=200)
    held_on = models.DateField()
    good_until = models.DateField()
    people = models.PositiveSmallIntegerField()
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey("certifications.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [models.CheckConstraint(name="training_dates_in_order", condition=Q(held_on__lt=F("good_until")))]

    def __str__(self) -> str:
        return f"{self.topic} {self.held_on}"


class RiskSet(models.Model):
    """Lines and places for which an authorisation is looked at more often: good for at most so many days at a time.

    Editable data of the installation (manage.py set_up risk); each terms row keeps what held when it was written.
    """

    code = models.CharField(max_length=20, primary_key=True)
    title = models.CharField(max_length=120)
    title_zh = models.CharField(max_length=120)
    lines = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    countries = ArrayField(models.CharField(max_length=2))
    divisions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    most_days = models.PositiveIntegerField()

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.title


class AuthorisationReminder(models.Model):
    """That people were told of an end once, so many days before. Immutable.

    `what` is empty (the right itself), the code of a risk set, or for its papers and trainings `:paper` and `:training`.
    """

    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="reminders")
    what = models.CharField(max_length=20, blank=True)
    ends_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["authorisation", "what", "ends_on", "days"], name="reminder_once")]

    def __str__(self) -> str:
        return f"{self.authorisation_id} {self.days} days before {self.ends_on}"
