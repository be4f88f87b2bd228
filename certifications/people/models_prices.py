"""Which roles see prices: nobody, until two people switch it on."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from .models_second import TwoPeople, two_people, voided_whole


class PriceSight(TwoPeople):
    """From its agreement on these roles see prices, and no other; the newest one that took effect counts. None at all: nobody does."""

    roles = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("price_sight"),
            voided_whole("price_sight"),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="proposed"), name="price_sight_one_proposal"),
        ]

    def __str__(self) -> str:
        return ", ".join(self.roles) or "nobody"
