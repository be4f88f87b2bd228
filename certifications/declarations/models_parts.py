"""Who else takes part in a declaration besides distributor and first end user, their shares of the goods, and its documents.

Rows of one version, immutable in PostgreSQL once that is signed (sql/declaration_kinds.sql).
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class DeclarationParty(models.Model):
    """One more party of a version: a further end user with its place of use, or somebody on the way of the goods, in order."""

    class Role(models.TextChoices):
        END_USER = "end_user"
        PURCHASER = "purchaser"
        CONSIGNEE = "consignee"
        FINAL = "final"
        FORWARDER = "forwarder"

    version = models.ForeignKey("certifications.DeclarationVersion", on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=9, choices=Role.choices)
    position = models.PositiveSmallIntegerField()
    customer = models.ForeignKey("certifications.Customer", on_delete=models.PROTECT, related_name="+")
    # Of a further end user alone.
    place_address = models.CharField(max_length=300, blank=True)
    place_country = models.CharField(max_length=2, blank=True)
    place_division = models.CharField(max_length=6, blank=True)
    # Where the party is, as of its signature: what a regulator may see does not move with what is edited later.
    country = models.CharField(max_length=2, blank=True)
    division = models.CharField(max_length=6, blank=True)

    class Meta:
        app_label = "certifications"
        verbose_name_plural = "declaration parties"
        ordering = ["role", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "role", "position"], name="declaration_party_in_order"),
            models.UniqueConstraint(fields=["version", "role", "customer"], name="declaration_party_once"),
            models.CheckConstraint(
                name="declaration_party_alone_in_role",
                condition=Q(role__in=["end_user", "consignee"]) | Q(position=0),
            ),
            models.CheckConstraint(
                name="declaration_party_place_of_end_users",
                condition=Q(role="end_user") | Q(place_address="", place_country="", place_division=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.customer_id}"


class DeclarationShare(models.Model):
    """How much of a product is for a further end user; what is left is the first one's."""

    version = models.ForeignKey("certifications.DeclarationVersion", on_delete=models.CASCADE, related_name="shares")
    customer = models.ForeignKey("certifications.Customer", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("certifications.Product", on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["version", "customer", "product"], name="declaration_share_once"),
            models.CheckConstraint(name="declaration_share_positive", condition=Q(quantity__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id} for {self.customer_id}"


class DeclarationDocument(models.Model):
    """A file that belongs to a version: a contract, a tender, a letter. Its SHA-256 stands in the signed text."""

    id = ULIDField(primary_key=True)
    version = models.ForeignKey("certifications.DeclarationVersion", on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(max_length=120)
    blob = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title
