"""Captured sources, kept whole, and the lines that a person confirmed from them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class EvidenceDocument(models.Model):
    """One capture: who, when, from where, with what; its bytes are a file with a SHA-256 and are never fetched again."""

    class Status(models.TextChoices):
        CAPTURED = "captured"
        READ = "read"
        UNREADABLE = "unreadable"
        CONFIRMED = "confirmed"
        WITHDRAWN = "withdrawn"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "captured": {"read", "unreadable", "withdrawn"},
        "read": {"confirmed", "withdrawn"},
        "unreadable": {"confirmed", "withdrawn"},
        "confirmed": {"withdrawn"},
        "withdrawn": set(),
    }

    class Origin(models.TextChoices):
        PASTE = "paste"
        UPLOAD = "upload"

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    blob = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    origin = models.CharField(max_length=8, choices=Origin.choices)
    source_url = models.URLField(max_length=600, blank=True)
    source_note = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=300, blank=True)
    captured_at = models.DateTimeField(db_default=Now())
    captured_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.CAPTURED)
    # What the reader made of it: plain text, and the proposal with character spans into that text.
    text = models.TextField(blank=True)
    proposal = models.JSONField(default=dict)
    reader = models.CharField(max_length=60, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    form_key = models.CharField(max_length=26, unique=True)

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["status", "-captured_at"], name="evidence_by_status")]
        constraints = [
            models.CheckConstraint(
                name="evidence_confirmation_whole",
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.number


class EvidenceLine(models.Model):
    """One sale or sighting as a person confirmed it. `undisclosed` and `withheld` are states, not blanks."""

    class ProductState(models.TextChoices):
        NAMED = "named"
        UNDISCLOSED = "undisclosed"

    class SellerState(models.TextChoices):
        NAMED = "named"
        WITHHELD = "withheld"

    id = ULIDField(primary_key=True)
    document = models.ForeignKey(EvidenceDocument, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=12)
    project_no = models.CharField(max_length=120, blank=True)
    buyer = models.CharField(max_length=300)
    buyer_uscc = models.CharField(max_length=18, blank=True)
    seller = models.CharField(max_length=300, blank=True)
    seller_state = models.CharField(max_length=8, choices=SellerState.choices, default=SellerState.NAMED)
    seller_uscc = models.CharField(max_length=18, blank=True)
    seller_address = models.CharField(max_length=300, blank=True)
    product = models.ForeignKey("certifications.Product", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    product_state = models.CharField(max_length=12, choices=ProductState.choices, default=ProductState.NAMED)
    product_text = models.CharField(max_length=500, blank=True)
    brand = models.CharField(max_length=120, blank=True)
    model = models.CharField(max_length=120, blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    unit_price = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="CNY")
    region = models.CharField(max_length=120, blank=True)
    happened_on = models.DateField()
    # {"field": {"start", "end", "confidence", "corrected": bool}}
    extraction = models.JSONField(default=dict)
    confirmed_at = models.DateTimeField(db_default=Now())
    confirmed_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["document", "position"], name="evidence_line_once"),
            models.CheckConstraint(
                name="evidence_seller_named_or_withheld",
                condition=(Q(seller_state="named") & ~Q(seller="")) | Q(seller_state="withheld", seller=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} line {self.position}"
