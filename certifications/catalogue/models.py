"""What is sold, and the undertakings that go with it. Small in this release; versions are rows from the start."""

from django.db import models
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class Product(models.Model):
    """One catalogue number. Classification is the manufacturer's statement, never inferred."""

    id = ULIDField(primary_key=True)
    catalogue_number = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120)
    line = models.CharField(max_length=20, db_index=True)
    unit = models.CharField(max_length=20)
    unit_zh = models.CharField(max_length=20)
    samples_per_unit = models.PositiveIntegerField(null=True, blank=True)
    classification = models.CharField(max_length=40, blank=True)
    is_current = models.BooleanField(default=True)

    class Meta:
        app_label = "certifications"
        ordering = ["catalogue_number"]

    def __str__(self) -> str:
        return f"{self.name} ({self.catalogue_number})"


class ClauseSet(models.Model):
    """A version of the undertakings for a region; never changed once a declaration used it."""

    id = ULIDField(primary_key=True)
    code = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    from_date = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="clause_set_version_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Clause(models.Model):
    """One undertaking in both languages, ticked one by one."""

    clause_set = models.ForeignKey(ClauseSet, on_delete=models.CASCADE, related_name="clauses")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    title_zh = models.CharField(max_length=120)
    text = models.TextField()
    text_zh = models.TextField()

    class Meta:
        app_label = "certifications"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["clause_set", "number"], name="clause_number_once")]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"
