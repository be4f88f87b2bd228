"""What is sold, and the undertakings that go with it; what was said earlier stands in models_versions.py."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

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
    # The version (models_versions.py) whose words stand above; PostgreSQL lets the row say nothing else.
    version_number = models.PositiveIntegerField(default=1)

    class Meta:
        app_label = "certifications"
        ordering = ["catalogue_number"]

    def __str__(self) -> str:
        return f"{self.name} ({self.catalogue_number})"


class ClauseSet(models.Model):
    """A version of the undertakings for goods and places, in both languages. Never changed (PostgreSQL): a next version is."""

    id = ULIDField(primary_key=True)
    code = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    from_date = models.DateField()
    # The first day on which drafts of the version before can no longer be signed; empty: from the first day on.
    old_until = models.DateField(null=True, blank=True)
    # What it is about; an empty list means everything, and the most precise set counts (rules_clauses.py).
    lines = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    divisions = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    # What two people agreed to, word for word (PostgreSQL); empty for what an installation was set up with.
    proposal = models.OneToOneField(
        "certifications.CatalogueProposal", null=True, blank=True, on_delete=models.PROTECT, related_name="clause_set"
    )
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="clause_set_version_once"),
            models.CheckConstraint(
                name="clause_set_transition_after",
                condition=models.Q(old_until__isnull=True) | models.Q(old_until__gt=models.F("from_date")),
            ),
        ]

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


class ProductUnit(models.Model):
    """Another unit in which a product is ordered, such as a case, and how many of the product's own units it holds."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="units")
    name = models.CharField(max_length=20)
    factor = models.DecimalField(max_digits=12, decimal_places=4)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(Lower("name"), "product", name="product_unit_once"),
            models.CheckConstraint(name="product_unit_positive", condition=models.Q(factor__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.factor}"


class EquivalenceGroup(models.Model):
    """Products that stand in for one another under one declaration; anything else needs an amendment."""

    id = ULIDField(primary_key=True)
    name = models.CharField(max_length=80, unique=True)
    approved_at = models.DateTimeField(db_default=Now())
    # The second person who agreed, as a value (PostgreSQL compares it with the proposal); empty for what was there before it did.
    approved_by_id = models.CharField(max_length=26, blank=True)
    # Two people ended it; its products stand for themselves again.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.name


class Equivalent(models.Model):
    """A product in its group. `measure` makes units comparable: 200 beside 100 says that one is worth two of the other."""

    group = models.ForeignKey(EquivalenceGroup, on_delete=models.CASCADE, related_name="members")
    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="equivalent")
    measure = models.DecimalField(max_digits=12, decimal_places=4)

    class Meta:
        app_label = "certifications"
        constraints = [models.CheckConstraint(name="equivalent_measure_positive", condition=models.Q(measure__gt=0))]

    def __str__(self) -> str:
        return f"{self.product_id} in {self.group_id}"
