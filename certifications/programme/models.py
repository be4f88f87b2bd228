"""A distributor's first day: from when a product line is under the programme, what lay in stock then, certificates from before."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper

from certifications.ledger.ids import ULIDField
from certifications.people.models_second import TwoPeople, two_people, voided_whole

MOST_DIGITS = {"max_digits": 14, "decimal_places": 2}


class ProgrammeStart(TwoPeople):
    """The first day on which a distributor's sales of a line are held to the register and the declarations.

    Of several that two people agreed to, the last counts. The words never change (PostgreSQL).
    """

    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="programme_starts")
    line = models.CharField(max_length=20)
    starts_on = models.DateField()

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("programme_start"),
            voided_whole("programme_start"),
            models.UniqueConstraint(fields=["organisation", "line"], condition=Q(state="proposed"), name="programme_start_one_proposal"),
        ]
        indexes = [models.Index(fields=["organisation", "line", "-agreed_at"], name="programme_start_last")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.line} from {self.starts_on} ({self.state})"


class StockCount(models.Model):
    """How much of one product, lot or serial number lay with a distributor when its line's programme began.

    A correction is a new row with its reason, in place of the one before. Immutable in PostgreSQL.
    """

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="stock_counts")
    product = models.ForeignKey("certifications.Product", on_delete=models.PROTECT, related_name="+")
    lot = models.CharField(max_length=60, blank=True)
    serial = models.CharField(max_length=60, blank=True)
    quantity = models.DecimalField(**MOST_DIGITS)
    counted_on = models.DateField()
    supersedes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="successor")
    reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        indexes = [
            models.Index(fields=["organisation", "product"], name="stock_of_product"),
            models.Index(Upper("serial"), name="stock_of_serial_upper", condition=~Q(serial="")),
        ]
        constraints = [
            models.CheckConstraint(name="stock_not_negative", condition=Q(quantity__gte=0)),
            models.CheckConstraint(name="stock_serial_is_one", condition=Q(serial="") | Q(quantity__in=[0, 1])),
            models.CheckConstraint(
                name="stock_correction_has_reason",
                condition=Q(supersedes__isnull=True, reason="") | (Q(supersedes__isnull=False) & ~Q(reason="")),
            ),
            models.UniqueConstraint(
                fields=["organisation", "product", "lot", "serial"], condition=Q(supersedes__isnull=True), name="stock_first_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.lot} {self.serial}: {self.quantity}"


class StockConfirmation(models.Model):
    """That a person who signs for the distributor said: this is our opening stock, exactly. Immutable in PostgreSQL."""

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="stock_confirmations")
    # SHA-256 over every row that counted (actions.stock_digest), and how many they were.
    digest = models.CharField(max_length=64)
    row_count = models.PositiveIntegerField()
    confirmed_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(db_default=Now())
    proof_id = models.CharField(max_length=26, unique=True)
    # The delegation under which it was said (people.powers.printed); empty for who signs by office.
    under = models.JSONField(default=dict)

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.row_count} rows"


class OldCertificate(models.Model):
    """A certificate from before the programme, kept as a reference. Nobody here attested it: no page or document ever says so.

    What it says never changes; it can be withdrawn once, with a reason (PostgreSQL).
    """

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="old_certificates")
    customer = models.ForeignKey("certifications.Customer", on_delete=models.PROTECT, related_name="old_certificates")
    # The number that its issuer gave it: no number of ours.
    number = models.CharField(max_length=60)
    issuer = models.CharField(max_length=200)
    dated_on = models.DateField()
    valid_until = models.DateField()
    # Catalogue numbers of ours, and what the paper calls the goods.
    products = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    goods = models.CharField(max_length=500, blank=True)
    # Others whom it names, as parties that are screened.
    named = models.ManyToManyField("certifications.Party", related_name="+", blank=True)
    # The paper; empty while one that came by a file of rows waits for it. Filed once.
    blob = models.ForeignKey("certifications.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    form_key = models.CharField(max_length=26, unique=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["organisation", "-dated_on"], name="old_certificate_recent")]
        constraints = [
            models.CheckConstraint(name="old_certificate_dates", condition=Q(dated_on__lt=F("valid_until"))),
            models.CheckConstraint(name="old_certificate_goods", condition=~Q(products=[]) | ~Q(goods="")),
            models.CheckConstraint(
                name="old_certificate_withdrawn_whole",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
            ),
            models.UniqueConstraint(
                fields=["organisation", "number", "issuer"], condition=Q(withdrawn_at__isnull=True), name="old_certificate_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.issuer})"
