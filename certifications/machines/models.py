"""Programs that act for an organisation: their secrets, tokens, kept answers, and the addresses that are told of changes.

Secrets and tokens are 256 random bits; of those that come in, only a SHA-256 is kept.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class ApiClient(models.Model):
    """A program of an organisation. `id` is its client id; the secret was shown once to whoever made it."""

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="api_clients")
    name = models.CharField(max_length=80)
    scopes = ArrayField(models.CharField(max_length=20))
    secret_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    made_proof_id = models.CharField(max_length=26, unique=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(
                name="api_client_revocation_whole",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.pk


class AccessToken(models.Model):
    """A short-lived, opaque bearer token (RFC 6749, section 4.4). Good while it lasts and its client is not revoked."""

    token_hash = models.CharField(primary_key=True, max_length=64)
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="tokens")
    scopes = ArrayField(models.CharField(max_length=20))
    issued_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.client_id} until {self.expires_at}"


class KeptAnswer(models.Model):
    """What was answered to a request with an Idempotency-Key, in the transaction that carried it out."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    # SHA-256 over method, path and body: the same key with another request is a mistake, and refused.
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    made_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="kept_answer_once")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.key}"


class Webhook(models.Model):
    """An address that is told, by ids alone, that something changed. Its secret signs; it is encrypted at rest."""

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=300)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    made_proof_id = models.CharField(max_length=26, unique=True)
    # Since when nothing has arrived; empty while the last delivery did.
    failing_since = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        indexes = [
            models.Index(fields=["organisation"], name="webhook_live", condition=Q(disabled_at__isnull=True, removed_at__isnull=True))
        ]
        constraints = [
            models.CheckConstraint(
                name="webhook_removal_whole",
                condition=Q(removed_at__isnull=True, removed_by__isnull=True) | Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.pk


class Delivery(models.Model):
    """One message to one address. `work` tries it until it arrives, or the address is disabled."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ARRIVED = "arrived"
        GIVEN_UP = "given_up"

    id = ULIDField(primary_key=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    type = models.CharField(max_length=40)
    # Ids and codes alone: {"order_line": ..., "declaration": ...}.
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveIntegerField(default=0)
    last_answer = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField(db_default=Now())
    arrived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "certifications"
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["webhook", "-made_at"], name="delivery_recent")]

    def __str__(self) -> str:
        return f"{self.type} {self.state}"
