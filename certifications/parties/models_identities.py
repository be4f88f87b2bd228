"""That two parties on record are one entity, or are not: who may be, as the matcher finds, and what people answered."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField
from certifications.people.models_second import TwoPeople, two_people, voided_whole

from .models import Party


class IdentityCandidate(models.Model):
    """Two parties, registered by different distributors, that may be one entity. Written by workers; what people said of it is beside it.

    `left` is the one with the smaller key. `explanation`: the matcher's rows where a name is why, which add up to the score.
    """

    class Why(models.TextChoices):
        NUMBER = "number"
        NAME = "name"

    id = ULIDField(primary_key=True)
    left = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+")
    right = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=6, choices=Why.choices)
    score = models.DecimalField(max_digits=5, decimal_places=4)
    left_text = models.CharField(max_length=300)
    right_text = models.CharField(max_length=300)
    explanation = models.JSONField(default=list)
    found_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="identity_candidate_once"),
            models.CheckConstraint(name="identity_candidate_ordered", condition=Q(left__lt=F("right"))),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} {self.right_id}"


class IdentityAnswer(TwoPeople):
    """What people say of a pair; the newest that is in effect counts. "The same", and its end, take two people (PostgreSQL).

    `keys`: names and numbers of both as they were. When one of them changes, "not the same" and "unsure" are asked again.
    """

    class Answer(models.TextChoices):
        SAME = "same"
        DIFFERENT = "different"
        UNSURE = "unsure"

    left = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    right = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=9, choices=Answer.choices)
    # Said by whoever answers: what needs nobody else takes effect at once.
    state = models.CharField(max_length=9, choices=TwoPeople.State.choices)
    needs_second = models.BooleanField()
    keys = models.JSONField(default=dict)

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("identity_answer", unless=Q(needs_second=False)),
            voided_whole("identity_answer"),
            models.CheckConstraint(name="identity_answer_ordered", condition=Q(left__lt=F("right"))),
            models.CheckConstraint(name="identity_same_by_two", condition=~Q(answer="same") | Q(needs_second=True)),
            models.UniqueConstraint(fields=["left", "right"], condition=Q(state="proposed"), name="identity_one_proposal"),
        ]
        indexes = [models.Index(fields=["left", "right", "-id"], name="identity_answer_newest")]

    def __str__(self) -> str:
        return f"{self.left_id} {self.right_id} {self.answer}"
