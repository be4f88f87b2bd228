"""Lists and their versions, screening runs of parties, and findings: what was compared with what, and when."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField
from certifications.people.models_second import TwoPeople, two_people, voided_whole


class ListSource(models.Model):
    """A list that we screen against. A `static` list has no age; production refuses static lists.

    A `reviewed` list is one of our own that changes seldom: it is good until the day of its next review.
    """

    class Kind(models.TextChoices):
        DATED = "dated"
        STATIC = "static"
        REVIEWED = "reviewed"

    code = models.CharField(primary_key=True, max_length=30)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    url = models.URLField(blank=True)
    publisher = models.CharField(max_length=200, blank=True)
    # Codes of the formats that are read (importers.FORMATS), separated by spaces; empty: the format of the list's own code.
    formats = models.CharField(max_length=80, blank=True)
    fresh_hours = models.PositiveIntegerField(default=48)
    review_on = models.DateField(null=True, blank=True)
    # A list of our own: the law or contract that it rests on.
    is_private = models.BooleanField(default=False)
    basis = models.CharField(max_length=300, blank=True)
    in_force = models.BooleanField(default=True)

    class Meta:
        app_label = "certifications"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="list_private_has_basis", condition=Q(is_private=False) | ~Q(basis="")),
            models.CheckConstraint(
                name="list_reviewed_has_day",
                condition=Q(kind="reviewed", review_on__isnull=False) | (~Q(kind="reviewed") & Q(review_on__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def takes(self) -> tuple[str, ...]:
        """Codes of the formats in which this list may come."""
        return tuple((self.formats or self.pk).split())


class ListVersion(models.Model):
    """One import of a list. The newest accepted version is the one in force; a refused one changes nothing.

    One that was refused for its size or shape keeps its entries aside, so that two people can look and accept it.
    """

    class State(models.TextChoices):
        ACCEPTED = "accepted"
        REFUSED = "refused"

    class Why(models.TextChoices):
        SHRUNK = "shrunk"
        SHAPE = "shape"
        DAMAGED = "damaged"

    id = ULIDField(primary_key=True)
    source = models.ForeignKey(ListSource, on_delete=models.PROTECT, related_name="versions")
    sha256 = models.CharField(max_length=64)
    entry_count = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices)
    refusal = models.CharField(max_length=600, blank=True)
    # Why it was refused: of these, two people may accept the first two.
    why = models.CharField(max_length=8, choices=Why.choices, blank=True)
    # Set when two people accepted what had been refused (ListException); the refusal stays to be read.
    excepted_at = models.DateTimeField(null=True, blank=True)
    # What the file said of itself, and what was in it beside listed parties.
    format = models.CharField(max_length=20, blank=True)
    dated_on = models.DateField(null=True, blank=True)
    ignored_count = models.PositiveIntegerField(default=0)
    merged_count = models.PositiveIntegerField(default=0)
    imported_at = models.DateTimeField(db_default=Now())
    # Set again when the same bytes are fetched later: the list was looked at, and had not changed.
    confirmed_at = models.DateTimeField(db_default=Now())
    imported_by_id = models.CharField(max_length=26, blank=True)

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["source", "-imported_at"], name="list_version_recent")]
        constraints = [
            models.CheckConstraint(
                name="list_refusal_has_reason",
                condition=(Q(state="refused", excepted_at__isnull=True) & ~Q(refusal=""))
                | Q(state="accepted", refusal="", excepted_at__isnull=True)
                | (Q(state="accepted", why__in=["shrunk", "shape"], excepted_at__isnull=False) & ~Q(refusal="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.imported_at:%Y-%m-%d}"


class ListEntry(models.Model):
    """One listed person or body in one version, with what the list says of it."""

    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="entries")
    entry_id = models.CharField(max_length=120)
    schema = models.CharField(max_length=20)
    name = models.CharField(max_length=600)
    names = models.JSONField(default=list)
    programme = models.CharField(max_length=200, blank=True)
    citation = models.CharField(max_length=600, blank=True)
    requirement = models.TextField(blank=True)
    policy = models.TextField(blank=True)
    identifiers = models.JSONField(default=list)
    addresses = models.JSONField(default=list)
    # Registration numbers out of the identifiers, compacted: what a party's numbers are compared with before any name.
    codes = models.JSONField(default=list)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["version", "entry_id"], name="list_entry_once")]

    def __str__(self) -> str:
        return self.name


class ListException(TwoPeople):
    """A refused version accepted all the same: proposed by one person, agreed by another, each with a factor.

    Words, proposer and factor never change; PostgreSQL accepts a refused version only under an agreed exception.
    """

    version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="exceptions")

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("list_exception"),
            voided_whole("list_exception"),
            models.UniqueConstraint(fields=["version"], condition=Q(state="proposed"), name="list_exception_one_proposal"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} ({self.state})"


class ScreeningRun(models.Model):
    """A party, at one revision, compared with a set of list versions by one engine. Failure is a state, not silence."""

    class State(models.TextChoices):
        DONE = "done"
        FAILED = "failed"

    id = ULIDField(primary_key=True)
    party = models.ForeignKey("certifications.Party", on_delete=models.PROTECT, related_name="screening_runs")
    party_revision = models.PositiveIntegerField()
    # [{"code", "title", "version", "sha256", "imported_at", "entries"}]
    lists = models.JSONField(default=list)
    # The ids of the list versions, sorted and joined: two runs with equal keys saw the same lists.
    lists_key = models.CharField(max_length=64)
    engine = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=State.choices)
    error = models.CharField(max_length=300, blank=True)
    names = models.JSONField(default=list)
    # So many entries were alike that others may take their place. Where `crowds` do not say before which place, no
    # delta speaks for the party.
    near = models.BooleanField(default=False)
    # [[name, kind, points of the last place, how common the most common feature was]]: matching.Crowd.
    crowds = models.JSONField(default=list)
    # [["list|entry", how far from a threshold]]: scores so close to one that words which grew rarer or more common may carry them over.
    close = models.JSONField(default=list)
    ran_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        indexes = [
            models.Index(fields=["party", "-ran_at"], name="screening_recent"),
            models.Index(fields=["lists_key"], name="screening_lists_key"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.state}"


class Finding(models.Model):
    """One possible hit with its parts, kept as it was found so that it renders the same years later."""

    id = ULIDField(primary_key=True)
    run = models.ForeignKey(ScreeningRun, on_delete=models.PROTECT, related_name="findings")
    party = models.ForeignKey("certifications.Party", on_delete=models.PROTECT, related_name="findings")
    list_code = models.CharField(max_length=30)
    list_version_id = models.CharField(max_length=26)
    entry_id = models.CharField(max_length=120)
    entry_name = models.CharField(max_length=600)
    party_name = models.CharField(max_length=300)
    matched_name = models.CharField(max_length=600)
    score = models.DecimalField(max_digits=5, decimal_places=4)
    band = models.CharField(max_length=8)  # hold (from 0.85) or review (0.70 to 0.85)
    explanation = models.JSONField(default=dict)
    # Same party, entry, names and texts: the same finding again; decisions on it outlive a rerun.
    fingerprint = models.CharField(max_length=64, db_index=True)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["run", "list_code", "entry_id"], name="finding_once_per_run")]

    def __str__(self) -> str:
        return f"{self.entry_name} {self.score}"
