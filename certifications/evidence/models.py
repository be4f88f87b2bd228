"""Captured sources, kept whole, and the lines that a person confirmed from them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper

from certifications.ledger.ids import ULIDField


class EvidenceDocument(models.Model):
    """One document by its bytes, a file with a SHA-256 that is never fetched again; who brought it, and how often, its captures say."""

    class Status(models.TextChoices):
        CAPTURED = "captured"
        READ = "read"
        UNREADABLE = "unreadable"
        # A package in which the reader found nothing of ours, or a package or a long notice of which a person confirmed no line: it waits for nobody.
        NOTHING = "nothing"
        # Some of its lines are confirmed, and count; the others wait.
        PARTLY = "partly"
        CONFIRMED = "confirmed"
        WITHDRAWN = "withdrawn"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "captured": {"read", "unreadable", "nothing", "withdrawn"},
        "read": {"confirmed", "partly", "nothing", "withdrawn"},
        "unreadable": {"confirmed", "withdrawn"},
        "nothing": {"confirmed", "withdrawn"},
        "partly": {"confirmed", "withdrawn"},
        "confirmed": {"withdrawn"},
        "withdrawn": set(),
    }
    # Its lines count.
    COUNTING = ("confirmed", "partly")
    # It waits for a person, or a person may still add to it.
    OPEN = ("read", "partly", "unreadable", "nothing")

    class Origin(models.TextChoices):
        PASTE = "paste"
        UPLOAD = "upload"
        API = "api"
        FOLDER = "folder"
        TIP = "tip"

    # Nothing but somebody's word says where it stands.
    UNATTESTED = ("paste", "tip")

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    blob = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    origin = models.CharField(max_length=8, choices=Origin.choices)
    source_url = models.URLField(max_length=600, blank=True)
    source_note = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=300, blank=True)
    captured_at = models.DateTimeField(db_default=Now())
    # Empty where a program or the watched folder brought it; the first of its captures says which.
    captured_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.CAPTURED)
    # What the reader made of it: plain text, and the proposal with character spans into that text.
    text = models.TextField(blank=True)
    proposal = models.JSONField(default=dict)
    reader = models.CharField(max_length=60, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    # Of the proposed lines of a package or a long notice: how many a person has dealt with, in their order.
    handled = models.PositiveIntegerField(default=0)
    # From before documents were one by their bytes: a further document of bytes that another one holds.
    repeated = models.BooleanField(default=False)
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
            ),
            # The same bytes are one document, whoever brings them at the same moment. What was withdrawn may be captured anew.
            models.UniqueConstraint(name="evidence_once_by_bytes", fields=["sha256"], condition=~Q(status="withdrawn") & Q(repeated=False)),
        ]

    def __str__(self) -> str:
        return self.number


class EvidenceCapture(models.Model):
    """One arrival of a document: who or which program, when, how, from which address, with what. Never changes.

    `blob` are the bytes that arrived: the document's own, or those of the page from which a pasted text was taken (`agrees`).
    """

    class Agrees(models.TextChoices):
        BYTES = "bytes"
        TEXT = "text"

    id = ULIDField(primary_key=True)
    document = models.ForeignKey(EvidenceDocument, on_delete=models.PROTECT, related_name="captures")
    blob = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    method = models.CharField(max_length=8, choices=EvidenceDocument.Origin.choices)
    agrees = models.CharField(max_length=5, choices=Agrees.choices, default=Agrees.BYTES)
    captured_at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey("certifications.ApiClient", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source_url = models.URLField(max_length=600, blank=True)
    source_note = models.CharField(max_length=300, blank=True)
    # What it was taken with, by its own account: a browser, a crawler and its version. Our own part is `intake`.
    tool = models.CharField(max_length=160, blank=True)
    intake = models.CharField(max_length=60)
    # When whoever brought it says that it was taken from its source; empty where nobody says.
    taken_at = models.DateTimeField(null=True, blank=True)
    form_key = models.CharField(max_length=26, unique=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(
                name="evidence_capture_by_one",
                condition=Q(method__in=("paste", "upload", "tip"), by__isnull=False, program__isnull=True)
                | Q(method="api", by__isnull=True, program__isnull=False)
                | Q(method="folder", by__isnull=True, program__isnull=True),
            ),
            models.CheckConstraint(
                name="evidence_capture_of_a_page",
                condition=Q(agrees="bytes") | (~Q(method__in=("paste", "tip")) & ~Q(source_url="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} by {self.method}"

    @property
    def from_source(self) -> bool:
        """Whether it was taken from an address, and not typed or pasted."""
        return self.method not in EvidenceDocument.UNATTESTED and bool(self.source_url)


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
    # As a package gives it: "GB-COH 01234567".
    buyer_identifier = models.CharField(max_length=80, blank=True)
    seller = models.CharField(max_length=300, blank=True)
    seller_state = models.CharField(max_length=8, choices=SellerState.choices, default=SellerState.NAMED)
    seller_uscc = models.CharField(max_length=18, blank=True)
    seller_identifier = models.CharField(max_length=80, blank=True)
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
    published_on = models.DateField(null=True, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    # Who bid and did not win, by name as written: kept and shown, never resolved against the register, and no reason for a flag.
    other_bidders = models.JSONField(default=list, blank=True)
    agency = models.CharField(max_length=300, blank=True)
    delivery_place = models.CharField(max_length=300, blank=True)
    catalogue_no = models.CharField(max_length=60, blank=True)
    # Of the goods; one unit a line. As long as those of custody, where they are looked for.
    lot = models.CharField(max_length=60, blank=True)
    serial = models.CharField(max_length=60, blank=True)
    # Project number and buyer as they are compared, to find the same sale announced again (repeats.py).
    project_key = models.CharField(max_length=120, blank=True)
    buyer_key = models.CharField(max_length=300, blank=True)
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
        indexes = [
            models.Index(fields=["project_key", "buyer_key"], name="evidence_line_project", condition=~Q(project_key="")),
            models.Index(Upper("serial"), name="evidence_line_serial", condition=~Q(serial="")),
            models.Index(Upper("lot"), name="evidence_line_lot", condition=~Q(lot="")),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} line {self.position}"
