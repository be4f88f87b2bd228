"""Further names of a party that compliance put down: the only cure for an English name that shares nothing with the Chinese one."""

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from certifications.people.models_second import TwoPeople, two_people, voided_whole

from .models import Party


class PartyAlias(TwoPeople):
    """A name that a party is also known by, or the end of one (`ends`): proposed by one person, agreed by another.

    No distributor sees it, and a customer's form never touches it. What was recorded never changes (PostgreSQL).
    """

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="aliases")
    text = models.CharField(max_length=300)
    script = models.CharField(max_length=4)  # as PartyName.script
    # The alias that this row withdraws; its text is repeated here.
    ends = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="endings")

    class Meta:
        app_label = "certifications"
        verbose_name_plural = "party aliases"
        constraints = [
            *two_people("party_alias"),
            voided_whole("party_alias"),
            models.UniqueConstraint(fields=["party", "text"], condition=Q(state="proposed"), name="party_alias_one_proposal"),
            models.UniqueConstraint(fields=["ends"], condition=Q(state="effective"), name="party_alias_ended_once"),
        ]
        indexes = [models.Index(fields=["party", "state"], name="party_alias_of")]

    def __str__(self) -> str:
        return f"{self.text} ({self.state})"


def in_force() -> QuerySet[PartyAlias]:
    """Aliases that two people agreed to and nobody ended."""
    agreed = PartyAlias.objects.filter(state=PartyAlias.State.EFFECTIVE)
    return agreed.filter(~Exists(agreed.filter(ends=OuterRef("pk"))), ends__isnull=True)
