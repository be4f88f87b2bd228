"""What was said of a product from which day on, and what one person proposed for the catalogue and another agreed to."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField
from certifications.people.models_second import TwoPeople, two_people, voided_whole

from .models import Product


class ProductVersion(models.Model):
    """Everything that is said of a product from a day on. Immutable in PostgreSQL: a mistake is mended by a later version.

    `units` are further units by name with how many of the product's own each holds, as text: [["case", "10"]].
    """

    id = ULIDField(primary_key=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    from_date = models.DateField()
    name = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120)
    line = models.CharField(max_length=20)
    unit = models.CharField(max_length=20)
    unit_zh = models.CharField(max_length=20)
    samples_per_unit = models.PositiveIntegerField(null=True, blank=True)
    classification = models.CharField(max_length=40, blank=True)
    is_current = models.BooleanField(default=True)
    units = models.JSONField(default=list)
    # What two people agreed to, word for word (PostgreSQL); empty for what an installation was set up with.
    proposal = models.OneToOneField(
        "certifications.CatalogueProposal", null=True, blank=True, on_delete=models.PROTECT, related_name="product_version"
    )
    # Why it is so, such as who stated the classification; empty for what an installation was set up with.
    reason = models.CharField(max_length=2000, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="product_version_once"),
            models.UniqueConstraint(fields=["product", "from_date"], name="product_version_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} version {self.number}"


class ClauseDraft(models.Model):
    """What a set's next version will say, while somebody writes it. `content` as rules_clauses.SetData keeps it."""

    code = models.CharField(max_length=20, primary_key=True)
    content = models.JSONField()
    edited_at = models.DateTimeField(auto_now=True)
    edited_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.code


class CatalogueProposal(TwoPeople):
    """A change of the catalogue that needs two people. `content` is what takes effect, whole; its words never change (PostgreSQL)."""

    kind = models.CharField(max_length=12)  # one of proposals.KINDS
    # What it is about, such as a group's name: one open proposal each.
    subject = models.CharField(max_length=120)
    content = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("catalogue_proposal"),
            voided_whole("catalogue_proposal"),
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(state="proposed"), name="catalogue_one_proposal"),
        ]
        indexes = [models.Index(fields=["state", "kind"], name="catalogue_proposal_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} ({self.state})"
