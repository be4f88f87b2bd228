"""Custody movements: a quantity of a product, lot or serial number from one hand to another on a day; and who owes which report.

What was reported stays. A movement that was taken back is marked once and never counted again; no row is removed (PostgreSQL).
Names of buyers and end users are kept as they were reported: who is meant by them is another room's question.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper

from certifications.ledger.ids import ULIDField

QUANTITY = {"max_digits": 14, "decimal_places": 2}
MONEY = {"max_digits": 16, "decimal_places": 2}
LAST_SAFE_DAY = 28  # of every month


class SalesReport(models.Model):
    """One distributor's month. Whether it was reported is asked of its movements and statements, and stands nowhere twice."""

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="sales_reports")
    period = models.DateField()  # the first of the month
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "period"], name="sales_report_once"),
            models.CheckConstraint(name="sales_report_is_a_month", condition=Q(period__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.period:%Y-%m}"


class NothingSold(models.Model):
    """That a person said for the distributor: in this month nothing moved."""

    report = models.OneToOneField(SalesReport, on_delete=models.PROTECT, primary_key=True, related_name="nothing")
    stated_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.report_id}: nothing"


class ReportReminder(models.Model):
    """That the distributor was told of a report, so many days before (or, below zero, after) it is due. Once each."""

    report = models.ForeignKey(SalesReport, on_delete=models.PROTECT, related_name="reminders")
    days = models.SmallIntegerField()
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["report", "days"], name="report_reminder_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.days}"


class ReportDue(models.Model):
    """On which day of the month after it a report is due: for everybody, or for one distributor. The last that was said counts."""

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    day = models.PositiveSmallIntegerField()
    explanation = models.CharField(max_length=300)
    set_at = models.DateTimeField(db_default=Now())
    set_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [models.CheckConstraint(name="report_due_day", condition=Q(day__gte=1, day__lte=LAST_SAFE_DAY))]

    def __str__(self) -> str:
        return f"day {self.day}"


class Movement(models.Model):
    """Units of one product that went from one hand to another. A row of a report with several serial numbers is several movements.

    `from_organisation` and `to_organisation` are accounts of the portal; whoever has none is named in the texts. A return goes from
    the buyer to the distributor; a receipt, the receiving half of a transfer, from another distributor, which `buyer_name` names as it was
    written. `organisation` is whoever reported it: a distributor its month, the manufacturer its shipments. Nothing
    changes after it was written but that it is taken back, once (PostgreSQL).
    """

    class Kind(models.TextChoices):
        SALE = "sale"
        RETURN = "return"
        TRANSFER = "transfer"
        SAMPLE = "sample"
        LOAN = "loan"
        RMA = "rma"
        # The receiving half of a transfer between distributors; the sending half is the other's own.
        RECEIPT = "receipt"
        # The manufacturer's own: what left for a distributor, and what came back from one.
        SELL_IN = "sell_in"
        SELL_BACK = "sell_back"

    # Of the manufacturer's shipments; the others stand in a month of the distributor that reports them.
    SHIPMENTS = ("sell_in", "sell_back")

    id = ULIDField(primary_key=True)
    # One row of a report: its movements share it, and are numbered.
    line = models.CharField(max_length=26)
    part = models.PositiveSmallIntegerField(default=0)
    # What makes the row of the report the same when it is sent again.
    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="movements", db_index=False)
    # Empty for the manufacturer's shipments, which are owed to nobody by the month.
    report = models.ForeignKey(SalesReport, null=True, blank=True, on_delete=models.PROTECT, related_name="movements", db_index=False)
    from_organisation = models.ForeignKey(
        "certifications.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    to_organisation = models.ForeignKey(
        "certifications.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    product = models.ForeignKey("certifications.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    lot = models.CharField(max_length=60, blank=True)
    serial = models.CharField(max_length=60, blank=True)
    # In the product's own unit, never negative: the kind says which way it went. `reported`: the quantity as it was written.
    quantity = models.DecimalField(**QUANTITY)
    reported = models.CharField(max_length=60)
    happened_on = models.DateField()
    # The day of the invoice where the row has one; the goods may have left on another.
    invoiced_on = models.DateField(null=True, blank=True)
    buyer_name = models.CharField(max_length=300, blank=True)
    buyer_uscc = models.CharField(max_length=40, blank=True)
    buyer_type = models.CharField(max_length=60, blank=True)
    end_user_name = models.CharField(max_length=300, blank=True)
    end_user_uscc = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True)
    province = models.CharField(max_length=60, blank=True)
    city = models.CharField(max_length=60, blank=True)
    invoice_no = models.CharField(max_length=60, blank=True)
    contract_no = models.CharField(max_length=60, blank=True)
    declaration_no = models.CharField(max_length=40, blank=True)
    unit_price = models.DecimalField(**MONEY, null=True, blank=True)
    amount = models.DecimalField(**MONEY, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    note = models.CharField(max_length=500, blank=True)
    # The event (EPCIS) that said so, as its sender calls it; empty for what came as a table.
    event_id = models.CharField(max_length=300, blank=True)
    upload = models.ForeignKey("certifications.Upload", on_delete=models.PROTECT, related_name="+", db_index=False)
    row = models.PositiveIntegerField()  # as the spreadsheet shows it
    recorded_at = models.DateTimeField(db_default=Now())
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        "certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        app_label = "certifications"
        indexes = [
            models.Index(fields=["organisation", "-happened_on", "-id"], name="movement_recent"),
            models.Index(fields=["happened_on", "id"], name="movement_days"),
            models.Index(fields=["organisation", "buyer_name", "id"], name="movement_own_buyers"),
            models.Index(fields=["product", "lot"], name="movement_of_lot"),
            models.Index(fields=["serial"], name="movement_of_serial", condition=~Q(serial="")),
            models.Index(Upper("serial"), name="movement_of_serial_upper", condition=~Q(serial="")),
            models.Index(fields=["organisation", "invoice_no"], name="movement_of_invoice", condition=~Q(invoice_no="")),
            models.Index(fields=["report"], name="movement_of_report", condition=Q(taken_back_at__isnull=True)),
            models.Index(fields=["line"], name="movement_of_line"),
            models.Index(fields=["organisation", "event_id"], name="movement_of_event", condition=~Q(event_id="")),
            models.Index(fields=["upload"], name="movement_of_upload"),
            models.Index(fields=["organisation", "buyer_name"], name="movement_received", condition=Q(kind="receipt")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "key", "part"], condition=Q(taken_back_at__isnull=True), name="movement_reported_once"
            ),
            # The same unit does not leave the manufacturer twice on one day, whatever two files say.
            models.UniqueConstraint(
                F("product"),
                Upper("serial"),
                F("happened_on"),
                condition=Q(taken_back_at__isnull=True, kind="sell_in") & ~Q(serial=""),
                name="movement_shipped_once",
            ),
            models.CheckConstraint(
                name="movement_in_a_report_or_a_shipment",
                condition=Q(
                    kind__in=["sell_in", "sell_back"], report__isnull=True, from_organisation__isnull=False, to_organisation__isnull=False
                )
                | (~Q(kind__in=["sell_in", "sell_back"]) & Q(report__isnull=False)),
            ),
            # The sender is another's account, which the receiver may not be told of: its name stands as it was written.
            models.CheckConstraint(
                name="movement_receipt_comes_in",
                condition=~Q(kind="receipt") | (Q(from_organisation__isnull=True, to_organisation__isnull=False) & ~Q(buyer_name="")),
            ),
            models.CheckConstraint(name="movement_moves_something", condition=Q(quantity__gt=0)),
            models.CheckConstraint(name="movement_serial_is_one", condition=Q(serial="") | Q(quantity=1)),
            models.CheckConstraint(
                name="movement_touches_an_account", condition=Q(from_organisation__isnull=False) | Q(to_organisation__isnull=False)
            ),
            models.CheckConstraint(
                name="movement_taken_back_whole",
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} of {self.product_id} on {self.happened_on}"
