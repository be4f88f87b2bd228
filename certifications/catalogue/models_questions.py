"""The questionnaire about customers: versions by two people, the draft of the next one, and the answers with the version that they answered."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField

from .models_versions import CatalogueProposal


class Questionnaire(models.Model):
    """One version; the newest is in force. Immutable, and two people agreed to it (PostgreSQL)."""

    id = ULIDField(primary_key=True)
    version = models.PositiveIntegerField(unique=True)
    # Whether nothing is signed for a customer whose answers are incomplete.
    holds_signing = models.BooleanField()
    proposal = models.OneToOneField(CatalogueProposal, on_delete=models.PROTECT, related_name="questionnaire")
    agreed_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"questionnaire version {self.version}"


class QuestionnaireQuestion(models.Model):
    """One question of a version, as rules_questions.QuestionData. Immutable."""

    id = ULIDField(primary_key=True)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="questions")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    text_zh = models.CharField(max_length=500)
    kind = models.CharField(max_length=6)
    required = models.BooleanField()
    choices = models.JSONField(default=list)  # [[English, Chinese], ...]
    follows = models.PositiveSmallIntegerField(default=0)
    follows_value = models.CharField(max_length=500, blank=True)
    classes = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    lines = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        app_label = "certifications"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="question_number_once"),
            models.UniqueConstraint(fields=["questionnaire", "fingerprint"], name="question_asked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


class QuestionDraft(models.Model):
    """What the next version will say, while somebody writes it; one at a time. `content` as rules_questions.QuestionnaireData keeps it."""

    code = models.CharField(max_length=20, primary_key=True)
    content = models.JSONField()
    edited_at = models.DateTimeField(auto_now=True)
    edited_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.code


class QuestionnaireAnswer(models.Model):
    """What a distributor answered for a customer, to the question of the version that it read. Immutable: the newest of a fingerprint counts."""

    id = ULIDField(primary_key=True)
    customer = models.ForeignKey("certifications.Customer", on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(QuestionnaireQuestion, on_delete=models.PROTECT, related_name="answers")
    fingerprint = models.CharField(max_length=64)
    # yes, no, the English words of a choice, a day as ISO 8601, or text; empty for an answer that was taken back.
    value = models.TextField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(db_default=Now())
    answered_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["customer", "fingerprint", "-id"], name="answer_newest")]

    def __str__(self) -> str:
        return self.value
