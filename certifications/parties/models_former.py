"""Names and numbers that a party had and that its distributor took out or wrote otherwise: who changes its name changes nobody's memory."""

from django.db import models
from django.db.models.functions import Now

from .models import Party


class FormerKey(models.Model):
    """One name, or one registration number, that a party went by on record. Written once, never changed (PostgreSQL).

    It is compared with lists and with names in evidence as the others are; a name that came back stands here as well.
    """

    class Kind(models.TextChoices):
        NAME = "name"
        # Of a site or a laboratory: compared with lists, and no sign of who the party is.
        PLACE = "place"
        USCC = "uscc"
        LEI = "lei"

    NAMES = (Kind.NAME, Kind.PLACE)

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="former")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    text = models.CharField(max_length=300)
    script = models.CharField(max_length=4, blank=True)  # of a name, as PartyName.script
    until = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["party", "kind", "text"], name="former_key_once")]

    def __str__(self) -> str:
        return self.text
