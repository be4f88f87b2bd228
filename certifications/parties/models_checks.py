"""How often anybody asked whether a seller is authorised. Counts alone: who asked, what and when in the day is nowhere."""

from django.db import models


class CheckCount(models.Model):
    """Public checks of one day with one answer. Never what was asked, never by whom."""

    class Answer(models.TextChoices):
        AUTHORISED = "authorised"
        NONE = "none"

    day = models.DateField()
    answer = models.CharField(max_length=10, choices=Answer.choices)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["day", "answer"], name="check_count_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.answer}: {self.number}"
