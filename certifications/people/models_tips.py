"""Who reads tips: named people, each by two others' word."""

from django.db import models
from django.db.models import F, Q

from .models_second import TwoPeople, two_people, voided_whole

# The role that an agreed naming gives; no invitation does (PostgreSQL).
TIP_READER = "tip_reader"


class TipReader(TwoPeople):
    """That a person is to read tips. Its agreement gives the role once; whose role has ended must be named anew."""

    reader = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("tip_reader"),
            voided_whole("tip_reader"),
            models.CheckConstraint(name="tip_reader_not_by_own_agreement", condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("reader"))),
            models.UniqueConstraint(fields=["reader"], condition=Q(state="proposed"), name="tip_reader_one_proposal"),
        ]

    def __str__(self) -> str:
        return f"{self.reader_id} ({self.state})"
