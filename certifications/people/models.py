"""People who have accounts, the organisations they act for, what they may do, and proofs of a second factor."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.functional import cached_property

from certifications.ledger.ids import ULIDField


class UserManager(BaseUserManager["User"]):
    """Makes users; there is no superuser, rights come from memberships alone."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. Rights are read per request from live memberships, never stored here."""

    id = ULIDField(primary_key=True)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=150)
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=40, default="UTC")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name

    def live_memberships(self) -> "models.QuerySet[Membership]":
        """Memberships that hold today."""
        today = timezone.now().date()
        return self.memberships.filter(ended_at__isnull=True).filter(Q(expires_on__isnull=True) | Q(expires_on__gt=today))

    @cached_property
    def _memberships(self) -> "list[Membership]":
        if not self.is_active:
            return []
        return list(self.live_memberships().select_related("organisation"))

    def remember(self, memberships: "Iterable[Membership]") -> None:
        """Spare a question: all memberships of this person that hold today, with their organisations."""
        self.__dict__["_memberships"] = list(memberships)

    @property
    def organisation(self) -> "Organisation | None":
        """The organisation the person acts for; nobody acts for two."""
        return self._memberships[0].organisation if self._memberships else None

    @property
    def member_since(self) -> "dt.datetime | None":
        """Since when the person has acted for its organisation, by what it holds now; None for nobody."""
        return min((membership.created_at for membership in self._memberships), default=None)

    @property
    def roles(self) -> frozenset[str]:
        """Codes of the roles held now."""
        return frozenset(membership.role for membership in self._memberships)


class Organisation(models.Model):
    """A party whose people have accounts: the manufacturer, a distributor, a regulator."""

    class Kind(models.TextChoices):
        MANUFACTURER = "manufacturer"
        DISTRIBUTOR = "distributor"
        REGULATOR = "regulator"

    id = ULIDField(primary_key=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=200)
    name_native = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=40, default="UTC")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One role of one person in one organisation, from its making until it ends or expires."""

    id = ULIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20)
    created_at = models.DateTimeField(db_default=Now())
    created_by_id = models.CharField(max_length=26, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_id = models.CharField(max_length=26, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation", "role"], condition=Q(ended_at__isnull=True), name="membership_once"),
            models.CheckConstraint(
                name="membership_end_whole",
                condition=Q(ended_at__isnull=True, ended_by_id="") | (Q(ended_at__isnull=False) & ~Q(ended_by_id="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class RegulatorScope(models.Model):
    """What a regulator's organisation may see: a country or division prefixes on one basis, by a law, until a day."""

    class Basis(models.TextChoices):
        EXPORTER = "exporter"
        DESTINATION = "destination"
        PLACE_OF_USE = "place_of_use"

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="scopes")
    basis = models.CharField(max_length=12, choices=Basis.choices)
    countries = ArrayField(models.CharField(max_length=2))
    division_prefixes = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    legal_basis = models.CharField(max_length=200)
    expires_on = models.DateField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.basis} {','.join(self.countries)}"


class Invitation(models.Model):
    """A one-time link to an account. The token is kept as its SHA-256 alone."""

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    roles = ArrayField(models.CharField(max_length=20))
    language = models.CharField(max_length=10, default="en")
    token_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField(db_default=Now())
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # What two people agreed to, where it makes a signatory; once each.
    appointment = models.OneToOneField(
        "certifications.Appointment", null=True, blank=True, on_delete=models.PROTECT, related_name="invitation"
    )

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(
                name="invitation_acceptance_whole",
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True) | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_revocation_whole",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.pk


class FactorProof(models.Model):
    """A fresh second factor, given once, for one digest. Immutable in PostgreSQL.

    `once` is what makes it single use: the time step of a TOTP code or the nonce of a passkey's challenge.
    """

    id = ULIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    purpose = models.CharField(max_length=10)
    digest = models.CharField(max_length=64)
    once = models.CharField(max_length=100)
    given_at = models.DateTimeField(db_default=Now())
    evidence = models.JSONField(default=dict)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["user", "kind", "once"], name="factor_used_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.purpose}"


class SecurityEvent(models.Model):
    """A log-in, a refusal, a limit reached, a change of rights: ids and codes only."""

    id = ULIDField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    code = models.CharField(max_length=40)
    user_id = models.CharField(max_length=26, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["-at"], name="security_event_recent")]

    def __str__(self) -> str:
        return self.code
