"""Sightings: where one unit was when somebody saw it or ordered a part for it. They move nothing and are added to no balance."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper

from certifications.ledger.ids import ULIDField

from .models import QUANTITY


class Sighting(models.Model):
    """A service visit, a parts order or an activation of one instrument, as it was reported: by its serial number, at a place, of a user.

    Names and places are kept as they were written. Nothing changes after it was written but that it is taken back, once (PostgreSQL).
    """

    class Kind(models.TextChoices):
        ACTIVATION = "activation"
        SERVICE = "service"
        PARTS = "parts"

    id = ULIDField(primary_key=True)
    # What makes the row the same when it is sent again.
    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("certifications.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    serial = models.CharField(max_length=60)
    happened_on = models.DateField()
    user_name = models.CharField(max_length=300, blank=True)
    user_uscc = models.CharField(max_length=40, blank=True)
    site = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=300, blank=True)
    province = models.CharField(max_length=60, blank=True)
    city = models.CharField(max_length=60, blank=True)
    # Of a parts order: the number and name of the part as written, and how many.
    part_no = models.CharField(max_length=60, blank=True)
    part = models.CharField(max_length=300, blank=True)
    quantity = models.DecimalField(**QUANTITY, null=True, blank=True)
    order_no = models.CharField(max_length=60, blank=True)
    done_by = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)
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
            models.Index(Upper("serial"), name="sighting_of_serial_upper"),
            models.Index(fields=["upload"], name="sighting_of_upload"),
            models.Index(fields=["-happened_on", "-id"], name="sighting_recent"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "key"], condition=Q(taken_back_at__isnull=True), name="sighting_reported_once"),
            models.CheckConstraint(name="sighting_is_of_a_unit", condition=~Q(serial="")),
            models.CheckConstraint(name="sighting_counts_something", condition=Q(quantity__isnull=True) | Q(quantity__gt=0)),
            models.CheckConstraint(
                name="sighting_taken_back_whole",
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.serial} on {self.happened_on}"
