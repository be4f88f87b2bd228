"""Who is to sign for a distributor: an administrator proposes, somebody independent of both agrees, and only then is there an invitation."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from .models import Organisation
from .models_second import TwoPeople, two_people, voided_whole

# The role that makes a distributor's word binding; no invitation gives it without an appointment (PostgreSQL).
SIGNATORY = "signatory"


class Appointment(TwoPeople):
    """That a person is to be invited as signatory, with other roles beside it. What was recorded never changes (PostgreSQL).

    Neither who proposes nor who agrees is the person: whoever could appoint a second address of its own would sign for everybody.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="appointments")
    email = models.EmailField(max_length=254)
    roles = ArrayField(models.CharField(max_length=20))
    language = models.CharField(max_length=10, default="en")

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("appointment"),
            voided_whole("appointment"),
            models.CheckConstraint(name="appointment_of_a_signatory", condition=Q(roles__contains=[SIGNATORY])),
            models.UniqueConstraint(fields=["organisation", "email"], condition=Q(state="proposed"), name="appointment_one_proposal"),
        ]
        indexes = [models.Index(fields=["organisation", "-proposed_at"], name="appointment_recent")]

    def __str__(self) -> str:
        return f"{self.email} ({self.state})"
