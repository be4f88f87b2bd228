"""Declared quantities as a ledger, and the order lines that draw on them.

Entries are the truth: PostgreSQL adds each to its balance and its order line in the same statement (sql/orders.sql), refuses
any other change of the sums, and refuses a sum below zero or above what was declared. Quantities are Decimals.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


def _amount(**kwargs: Any) -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(max_digits=14, decimal_places=4, **kwargs)


class Balance(models.Model):
    """What one declaration declares of one product for one end user, and how much of it is reserved and shipped.

    Place and days are those of the version that it stands on, copied so that an order is answered by one look-up.
    """

    id = models.BigAutoField(primary_key=True)
    declaration = models.ForeignKey("certifications.Declaration", on_delete=models.PROTECT, related_name="balances")
    product = models.ForeignKey("certifications.Product", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("certifications.DeclarationVersion", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey("certifications.Customer", on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField()
    place_country = models.CharField(max_length=2)
    place_division = models.CharField(max_length=6, blank=True)
    declared = _amount(default=0)
    # While an amendment is being issued: what it declares. No more may be taken until it is in force or came to nothing.
    ceiling = _amount(null=True)
    # The most that is drawn in one calendar period (by the day for which it was ordered); empty and null for no ceiling.
    period = models.CharField(max_length=7, blank=True)
    period_ceiling = _amount(null=True)
    reserved = _amount(default=0)
    shipped = _amount(default=0)
    entry_count = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "certifications"
        indexes = [
            models.Index(fields=["organisation", "customer", "product"], name="balance_of_customer"),
            models.Index(fields=["valid_until"], name="balance_reserved_until", condition=Q(reserved__gt=0)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["declaration", "customer", "product"], name="balance_once"),
            models.CheckConstraint(
                name="balance_period_whole",
                condition=Q(period="", period_ceiling__isnull=True) | (~Q(period="") & Q(period_ceiling__gt=0)),
            ),
            models.CheckConstraint(name="balance_never_negative", condition=Q(declared__gte=0, reserved__gte=0, shipped__gte=0)),
            models.CheckConstraint(name="balance_never_overdrawn", condition=Q(declared__gte=F("reserved") + F("shipped"))),
            models.CheckConstraint(
                name="balance_within_ceiling", condition=Q(ceiling__isnull=True) | Q(ceiling__gte=F("reserved") + F("shipped"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.product_id}: {self.declared} - {self.reserved} - {self.shipped}"

    @property
    def left(self) -> Any:
        """How much may still be reserved."""
        declared = self.declared if self.ceiling is None else min(self.declared, self.ceiling)
        return declared - self.reserved - self.shipped


class OrderLine(models.Model):
    """One line of one order of one distributor, as last asked and answered.

    Counts are in the ordered product's own unit; `ratio` is how much of the balance one unit draws (1 unless substituted).
    """

    class Status(models.TextChoices):
        HELD = "held"
        NEEDS_DECLARATION = "needs_declaration"
        RELEASED = "released"
        SHIPPED = "shipped"
        RETURNED = "returned"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "held": {"released", "needs_declaration", "cancelled"},
        "needs_declaration": {"released", "held", "cancelled"},
        # Held again where the file that asked it again is taken back (actions.put_back).
        "released": {"held", "needs_declaration", "shipped", "returned", "cancelled", "expired"},
        "shipped": {"returned"},
        "returned": set(),
        "cancelled": set(),
        "expired": set(),
    }
    # Nothing is reserved for these; the same line may be asked again.
    UNANSWERED = ("held", "needs_declaration")
    OVER = ("cancelled", "expired")

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="order_lines", db_index=False)
    order_number = models.CharField(max_length=40)
    line = models.CharField(max_length=10)
    # As typed by whoever asked; an unknown customer or product leaves the keys empty.
    customer_ref = models.CharField(max_length=60)
    catalogue_number = models.CharField(max_length=40)
    quantity = _amount()
    unit = models.CharField(max_length=20)
    place_country = models.CharField(max_length=2)
    place_division = models.CharField(max_length=6, blank=True)
    wanted_on = models.DateField()
    customer = models.ForeignKey("certifications.Customer", null=True, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("certifications.Product", null=True, on_delete=models.PROTECT, related_name="+")
    units = _amount(null=True)
    status = models.CharField(max_length=18, choices=Status.choices)
    # [{"code": ..., "until": "2026-12-01", ...}]: what rules.py found, for whoever may read it.
    reasons = models.JSONField(default=list, blank=True)
    # The day by which whoever can lift the hold has promised to look at it.
    answer_by = models.DateField(null=True, blank=True)
    balance = models.ForeignKey(Balance, null=True, on_delete=models.PROTECT, related_name="order_lines")
    ratio = _amount(default=1)
    reserved = _amount(default=0)
    shipped = _amount(default=0)
    returned = _amount(default=0)
    asked_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        indexes = [
            # Newest first: ULIDs are sorted by time.
            models.Index(fields=["organisation", "-id"], name="order_line_recent"),
            models.Index(fields=["status", "-id"], name="order_line_by_status"),
            models.Index(fields=["organisation", "order_number", "id"], name="order_line_own_numbers"),
            models.Index(fields=["organisation", "wanted_on", "id"], name="order_line_own_days"),
            models.Index(fields=["order_number", "id"], name="order_line_numbers"),
            models.Index(fields=["wanted_on", "id"], name="order_line_days"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "order_number", "line"],
                condition=~Q(status__in=["cancelled", "expired"]),
                name="order_line_once",
            ),
            models.CheckConstraint(name="order_line_quantity_positive", condition=Q(quantity__gt=0, ratio__gt=0)),
            models.CheckConstraint(name="order_line_never_negative", condition=Q(reserved__gte=0, shipped__gte=0, returned__gte=0)),
            # Once reserved, a unit is shipped once and returned once: the three together never pass what was ordered.
            models.CheckConstraint(
                name="order_line_never_doubled",
                condition=Q(units__isnull=True, reserved=0, shipped=0, returned=0)
                | Q(units__gte=F("reserved") + F("shipped") + F("returned")),
            ),
            models.CheckConstraint(
                name="order_line_released_has_balance",
                condition=~Q(status="released")
                | Q(balance__isnull=False, units__isnull=False, product__isnull=False, customer__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_number}/{self.line} ({self.status})"


class BalanceEntry(models.Model):
    """One movement of a balance. Append-only; its sequence is given by PostgreSQL, without gaps per balance."""

    class Kind(models.TextChoices):
        DECLARE = "declare"
        AMEND = "amend"
        RESERVE = "reserve"
        RELEASE = "release"
        EXPIRE = "expire"
        SHIP = "ship"
        RETURN = "return"

    id = models.BigAutoField(primary_key=True)
    balance = models.ForeignKey(Balance, on_delete=models.PROTECT, related_name="entries", db_index=False)
    sequence = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # In the balance's unit; an amendment may be negative.
    quantity = _amount()
    # The same in the ordered product's own unit.
    units = _amount(default=0)
    order_line = models.ForeignKey(OrderLine, null=True, on_delete=models.PROTECT, related_name="entries")
    product = models.ForeignKey("certifications.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())
    by_id = models.CharField(max_length=26, blank=True)
    # The form that asked for it: sent twice for one line, it is one entry.
    key = models.CharField(max_length=26, null=True)

    class Meta:
        app_label = "certifications"
        verbose_name_plural = "balance entries"
        constraints = [
            models.UniqueConstraint(fields=["balance", "sequence"], name="balance_entry_once"),
            models.UniqueConstraint(fields=["order_line", "key"], name="balance_entry_form_once"),
            models.CheckConstraint(name="balance_entry_signed", condition=Q(quantity__gt=0) | (Q(kind="amend") & ~Q(quantity=0))),
            models.CheckConstraint(
                name="balance_entry_has_line",
                condition=Q(kind__in=["declare", "amend"], order_line__isnull=True, units=0)
                | (~Q(kind__in=["declare", "amend"]) & Q(order_line__isnull=False, units__gt=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.balance_id} #{self.sequence} {self.kind} {self.quantity}"
