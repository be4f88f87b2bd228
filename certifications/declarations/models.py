"""The distributor's signed statement: a declaration has versions; a signed version never changes."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField

from .data import GROUPS

# Statuses in the order of a declaration's life, by which lists sort; written out, for an index rests on it.
STAGES = (
    "draft", "signed", "screening", "review", "returned", "ready", "issuing", "pending_timestamp", "attested", "withdrawn", "refused", "expired",
    "superseded",
)  # fmt: skip


def by_stage() -> Case:
    """The place of a declaration's status in STAGES: sorts along the index declaration_by_stage, as long as it is written like this."""
    return Case(*(When(status=status, then=Value(place)) for place, status in enumerate(STAGES)), default=Value(len(STAGES)))


class Declaration(models.Model):
    """The file that everything else hangs on. What it says is in its versions, where it is in `status`."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        SIGNED = "signed"
        SCREENING = "screening"
        REVIEW = "review"
        RETURNED = "returned"
        READY = "ready"
        ISSUING = "issuing"
        PENDING_TIMESTAMP = "pending_timestamp"
        ATTESTED = "attested"
        WITHDRAWN = "withdrawn"
        REFUSED = "refused"
        EXPIRED = "expired"
        SUPERSEDED = "superseded"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "draft": {"signed", "withdrawn"},
        "signed": {"screening", "withdrawn"},
        "screening": {"review", "ready", "withdrawn"},
        "review": {"screening", "ready", "returned", "refused", "withdrawn"},
        "returned": {"draft", "withdrawn"},
        "ready": {"issuing", "screening", "review", "returned", "withdrawn", "expired"},
        "issuing": {"pending_timestamp", "attested", "review"},
        "pending_timestamp": {"attested", "review"},
        "attested": {"superseded", "expired"},
        "withdrawn": set(),
        "refused": set(),
        "expired": set(),
        "superseded": set(),
    }

    class Follows(models.TextChoices):
        """What a declaration is to an earlier one: a copy stands alone, an amendment takes its place, a renewal comes after it."""

        COPY = "copy"
        AMEND = "amend"
        RENEW = "renew"

    # Signed and not yet decided: what was signed must stay what is screened.
    IN_FLIGHT = ("signed", "screening", "review", "ready", "issuing", "pending_timestamp")
    OPEN = ("draft", "signed", "screening", "review", "returned", "ready", "issuing", "pending_timestamp")

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="declarations")
    customer = models.ForeignKey("certifications.Customer", on_delete=models.PROTECT, related_name="declarations")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)
    version_number = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    form_key = models.CharField(max_length=26, unique=True)
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followers")
    follows_as = models.CharField(max_length=5, choices=Follows.choices, blank=True)

    class Meta:
        app_label = "certifications"
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="declaration_recent"),
            models.Index(fields=["status", "created_at"], name="declaration_by_status"),
            models.Index(F("organisation"), by_stage(), F("id"), name="declaration_by_stage"),
        ]
        constraints = [
            models.CheckConstraint(
                name="declaration_follows_whole",
                condition=Q(follows__isnull=True, follows_as="") | (Q(follows__isnull=False) & ~Q(follows_as="")),
            ),
            # One amendment and one renewal at a time; what came to nothing does not stand in the way of the next.
            models.UniqueConstraint(
                fields=["follows", "follows_as"],
                condition=Q(follows_as__in=["amend", "renew"]) & ~Q(status__in=["withdrawn", "refused", "expired"]),
                name="declaration_followed_once",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class DeclarationVersion(models.Model):
    """What is declared. Editable while the declaration is a draft and this version is not frozen.

    A draft may hold less than can be signed (rules.completeness). Further parties and documents are in models_parts.py.
    """

    class Kind(models.TextChoices):
        SINGLE = "single"
        SEVERAL = "several"
        STOCKIST = "stockist"

    class Term(models.TextChoices):
        ONE_OFF = "one_off"
        STANDING = "standing"

    class Period(models.TextChoices):
        MONTH = "month"
        QUARTER = "quarter"
        YEAR = "year"

    id = ULIDField(primary_key=True)
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    end_use = models.TextField(max_length=2000)
    place_address = models.CharField(max_length=300)
    place_country = models.CharField(max_length=2)
    place_division = models.CharField(max_length=6, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField()
    clause_set = models.ForeignKey("certifications.ClauseSet", on_delete=models.PROTECT, related_name="+")
    # Facts not known are stated as unknown (BIS-711): free text, shown in the frozen text.
    unknown_facts = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SINGLE)
    term = models.CharField(max_length=8, choices=Term.choices, default=Term.ONE_OFF)
    # The calendar period for which a standing declaration's ceilings hold; empty for none.
    period = models.CharField(max_length=7, choices=Period.choices, blank=True)
    contract = models.CharField(max_length=120, blank=True)
    relationship = models.CharField(max_length=300, blank=True)
    contact = models.CharField(max_length=300, blank=True)
    samples_per_month = models.PositiveIntegerField(null=True, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    # A stockist's own undertaking: to whom and where it resells, and how often it reports what became of its stock.
    resale_scope = models.CharField(max_length=1000, blank=True)
    reporting = models.CharField(max_length=7, blank=True)
    # Empty where the goods go straight to the place of use.
    ship_to_address = models.CharField(max_length=300, blank=True)
    ship_to_country = models.CharField(max_length=2, blank=True)
    ship_to_division = models.CharField(max_length=6, blank=True)
    route = models.CharField(max_length=500, blank=True)
    delivery_proof = models.CharField(max_length=3, blank=True)
    # Groups of the form that somebody has saved: what was never opened is still to do, and no problem.
    answered = ArrayField(models.CharField(max_length=10), default=list)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["declaration", "number"], name="declaration_version_once"),
            models.CheckConstraint(name="declaration_dates_in_order", condition=Q(valid_from__lt=F("valid_until"))),
            models.CheckConstraint(name="declaration_period_of_standing", condition=Q(period="") | Q(term="standing")),
            models.CheckConstraint(
                name="declaration_value_whole",
                condition=Q(value__isnull=True, currency="") | (Q(value__isnull=False) & ~Q(currency="")),
            ),
        ]

    @property
    def is_filled_in(self) -> bool:
        """Whether every group of the form was saved once; what must be mended in them is another question."""
        return set(GROUPS) <= set(self.answered)

    def __str__(self) -> str:
        return f"{self.declaration_id} version {self.number}"


class DeclarationLine(models.Model):
    """Goods: a product, a quantity in its own unit, and of a standing declaration the most of it in one period for one end user."""

    version = models.ForeignKey(DeclarationVersion, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey("certifications.Product", on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=12, decimal_places=2)
    ceiling = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["version", "product"], name="declaration_product_once"),
            models.CheckConstraint(name="declaration_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(name="declaration_ceiling_positive", condition=Q(ceiling__isnull=True) | Q(ceiling__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"


class FrozenText(models.Model):
    """The canonical JSON (RFC 8785) that was read and signed, byte for byte. Immutable in PostgreSQL."""

    version = models.OneToOneField(DeclarationVersion, primary_key=True, on_delete=models.PROTECT, related_name="frozen")
    canonical = models.TextField()
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.sha256


class Signature(models.Model):
    """Who signed which digest with which factor. Values, not keys; immutable in PostgreSQL.

    Declarations signed in one sitting share one proof, whose digest is that of exactly their set (rules.sitting_digest).
    """

    version = models.OneToOneField(DeclarationVersion, primary_key=True, on_delete=models.PROTECT, related_name="signature")
    sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField(db_default=Now())
    signed_by_id = models.CharField(max_length=26)
    signed_name = models.CharField(max_length=150)
    signed_role = models.CharField(max_length=150)
    factor = models.CharField(max_length=10)
    proof_id = models.CharField(max_length=26, db_index=True)
    # The delegation under which it was signed, as people.powers.printed keeps it; empty for who signed by office.
    under = models.JSONField(default=dict, blank=True)

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.signed_by_id} {self.signed_at}"


class Withdrawal(models.Model):
    """Why a declaration was taken back, and by whom. Immutable in PostgreSQL."""

    class Reason(models.TextChoices):
        ORDER = "order"
        MISTAKE = "mistake"
        REPLACED = "replaced"
        END_USER = "end_user"
        UPLOAD = "upload"
        OTHER = "other"

    declaration = models.OneToOneField(Declaration, primary_key=True, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.CharField(max_length=8, choices=Reason.choices)
    text = models.TextField(max_length=1000, blank=True)
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.reason}"


class ReturnNote(models.Model):
    """What compliance asks to have mended where it returns a declaration without a case. Immutable in PostgreSQL."""

    id = ULIDField(primary_key=True)
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="returns")
    version_number = models.PositiveIntegerField()
    # Names of fields, those of rules.MENDABLE.
    fields = ArrayField(models.CharField(max_length=20))
    text = models.TextField(max_length=2000)
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.at}"


class Receipt(models.Model):
    """What the distributor keeps: the frozen text, sealed by the manufacturer, as JSON and as PDF."""

    version = models.OneToOneField(DeclarationVersion, primary_key=True, on_delete=models.PROTECT, related_name="receipt")
    sealed_json = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    pdf = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.version_id


class Objection(models.Model):
    """Clauses that the signatory or the end user cannot agree to, and why; kept with the answer to it."""

    id = ULIDField(primary_key=True)
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="objections")
    version_number = models.PositiveIntegerField()
    clauses = ArrayField(models.PositiveSmallIntegerField(), default=list)
    text = models.TextField(max_length=2000)
    sent_at = models.DateTimeField(db_default=Now())
    # The signatory; empty where it is the end user who asks, by its one-time link.
    sent_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end_user = models.ForeignKey("certifications.EndUserAnswer", null=True, blank=True, on_delete=models.PROTECT, related_name="objections")
    answer = models.TextField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(
                name="objection_answer_whole",
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="objection_by_one_side",
                condition=Q(sent_by__isnull=False, end_user__isnull=True) | Q(sent_by__isnull=True, end_user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.sent_at}"
