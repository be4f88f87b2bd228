"""Outgoing mail as rows, written in the transaction that causes it. Holds no customer's name."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class Mail(models.Model):
    """One message to one person, in that person's language."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    id = ULIDField(primary_key=True)
    to_email = models.EmailField(max_length=254)
    to_user_id = models.CharField(max_length=26, blank=True)
    language = models.CharField(max_length=10)
    template = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    # Where the portal's own page about it is, for the list of what is done: the text is emptied once the mail has left.
    path = models.CharField(max_length=300, blank=True, db_default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "certifications"
        indexes = [
            models.Index(fields=["due_at"], name="mail_waiting", condition=Q(state="waiting")),
            models.Index(fields=["-created_at"], name="mail_recent"),
            models.Index(fields=["to_user_id", "-created_at"], name="mail_of_person", condition=~Q(to_user_id="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="mail_sent_has_time",
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.state}"
