"""The certificate issued for a cleared declaration, its seal, and what later happened to its status."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.days import civil_today
from certifications.ledger.ids import ULIDField
from certifications.people.models_second import TwoPeople, two_people, voided_whole

from .rules import Standing, standing


class Attestation(models.Model):
    """One per declaration version. `pending` until the sealed PDF exists; only people suspend and revoke."""

    class Status(models.TextChoices):
        PENDING = "pending"
        VALID = "valid"
        SUSPENDED = "suspended"
        SUPERSEDED = "superseded"
        REVOKED = "revoked"
        EXPIRED = "expired"
        # The release was taken back before the seal: nothing was ever issued under this number.
        VOID = "void"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "pending": {"valid", "void"},
        "valid": {"suspended", "superseded", "revoked", "expired"},
        "suspended": {"valid", "revoked", "expired"},
        "superseded": {"revoked"},
        "revoked": set(),
        "expired": {"revoked"},
        "void": set(),
    }

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    # Printed on the document; without it the public page shows no customer data.
    code = models.CharField(max_length=9)
    declaration = models.ForeignKey("certifications.Declaration", on_delete=models.PROTECT, related_name="attestations")
    version = models.ForeignKey("certifications.DeclarationVersion", on_delete=models.PROTECT, related_name="attestations")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING)
    valid_from = models.DateField()
    valid_until = models.DateField()
    released_at = models.DateTimeField(db_default=Now())
    released_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    released_proof_id = models.CharField(max_length=26)
    # Where a regulator's scope is looked up (product.md: country or division prefix x basis).
    exporter_country = models.CharField(max_length=2)
    destination_country = models.CharField(max_length=2)
    destination_division = models.CharField(max_length=6, blank=True)
    place_country = models.CharField(max_length=2)
    place_division = models.CharField(max_length=6, blank=True)
    # Names in every script, lower-cased and joined, for search.
    search_text = models.TextField(blank=True)

    class Meta:
        app_label = "certifications"
        indexes = [
            models.Index(fields=["status", "-released_at"], name="attestation_by_status"),
            models.Index(fields=["place_country", "place_division"], name="attestation_place"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=~models.Q(status="void"), name="attestation_once_per_version"),
        ]

    @property
    def standing(self) -> Standing:
        """What it is worth today: the word that every page shows for it."""
        return standing(status=self.status, valid_from=self.valid_from, valid_until=self.valid_until, today=civil_today())

    def __str__(self) -> str:
        return self.number


class AttestationPayload(models.Model):
    """The canonical JSON that the PDF shows and embeds, with the unsealed PDF. Immutable in PostgreSQL."""

    attestation = models.OneToOneField(Attestation, primary_key=True, on_delete=models.PROTECT, related_name="payload")
    canonical = models.TextField()
    sha256 = models.CharField(max_length=64)
    unsealed = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.sha256


class Seal(models.Model):
    """The sealed PDF. Only the signer's database role may insert; nobody may change. Immutable in PostgreSQL."""

    attestation = models.OneToOneField(Attestation, primary_key=True, on_delete=models.PROTECT, related_name="seal")
    pdf = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    payload_sha256 = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=Now())
    timestamped_at = models.DateTimeField()
    certificate_sha256 = models.CharField(max_length=64)
    by_test_authority = models.BooleanField()

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.sha256


class StatusChange(TwoPeople):
    """Suspension, revocation or lifting: proposed by one person, agreed by another, each with a reason and a factor."""

    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT, related_name="changes")
    to = models.CharField(max_length=12)
    # The sentence the public page shows; neutral words, no names.
    public_reason = models.CharField(max_length=200)

    class Meta:
        app_label = "certifications"
        constraints = [
            *two_people("status_change"),
            voided_whole("status_change"),
            models.UniqueConstraint(fields=["attestation"], condition=Q(state="proposed"), name="status_change_one_proposal"),
        ]

    def __str__(self) -> str:
        return f"{self.attestation_id} to {self.to} ({self.state})"


class LookUp(models.Model):
    """What a regulator searched or opened: readable by its own office alone; the manufacturer sees counts."""

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="look_ups")
    user = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=10)
    query = models.CharField(max_length=300, blank=True)
    attestation_id = models.CharField(max_length=26, blank=True)

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["organisation", "-at"], name="look_up_recent")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"
