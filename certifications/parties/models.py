"""Legal entities, and a distributor's own view of them as customers. Who may sell what is in models_register.py.

Party identity is global and only compliance sees it; a distributor sees its own Customer rows and nothing else.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField, new_ulid


class Party(models.Model):
    """A legal entity. Two customers of two distributors may be one party; only compliance says so."""

    class Kind(models.TextChoices):
        END_USER = "end_user"
        RESELLER = "reseller"
        CONSIGNEE = "consignee"
        DISTRIBUTOR = "distributor"
        MANUFACTURER = "manufacturer"
        OWNER = "owner"

    id = ULIDField(primary_key=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # The organisation whose people have accounts, where the party is one; a plain value, one per organisation.
    organisation = models.OneToOneField(
        "certifications.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="party"
    )
    country = models.CharField(max_length=2)
    division = models.CharField(max_length=6, blank=True)
    line_of_business = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    # Grows with every change of a key field; screening remembers which revision it saw.
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        app_label = "certifications"
        verbose_name_plural = "parties"

    def __str__(self) -> str:
        return self.pk


class PartyName(models.Model):
    """One name in one script. The first `official` name in a script is the one shown."""

    class Kind(models.TextChoices):
        OFFICIAL = "official"
        ENGLISH = "english"
        FORMER = "former"
        SHORT = "short"
        ALIAS = "alias"

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="names")
    text = models.CharField(max_length=300)
    script = models.CharField(max_length=4)  # ISO 15924: Hans, Hant, Latn, Arab, Tibt, Cyrl, Zyyy
    kind = models.CharField(max_length=10, choices=Kind.choices)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        app_label = "certifications"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["party", "text"], name="party_name_once")]

    def __str__(self) -> str:
        return self.text


class Identifier(models.Model):
    """A registration number. `warning` keeps what the check said when it did not pass (USCC warns, LEI rejects)."""

    class Scheme(models.TextChoices):
        USCC = "uscc"
        LEI = "lei"
        OTHER = "other"

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=8, choices=Scheme.choices)
    value = models.CharField(max_length=40, db_index=True)
    warning = models.CharField(max_length=40, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["party", "scheme"], name="party_identifier_once")]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"


class Site(models.Model):
    """Where a party is: address in the script it is used in, and the GB/T 2260 division for China.

    The first site is the registered address, which the customer's own form writes. A site that ended stays: its names are still
    compared, so that ending one clears nothing.
    """

    # What addresses of pages show: the primary key counts up over all distributors.
    key = models.CharField(max_length=26, unique=True, default=new_ulid, editable=False)
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="sites")
    native_name = models.CharField(max_length=300, blank=True)
    latin_name = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=300)
    country = models.CharField(max_length=2)
    division = models.CharField(max_length=6, blank=True)
    activity = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="site_end_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True) | Q(ended_at__isnull=False, ended_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.native_name or self.latin_name or self.address

    @property
    def is_live(self) -> bool:
        """Whether the party is still there."""
        return self.ended_at is None


class Customer(models.Model):
    """A party as registered by one distributor: its own words, its own secret (product.md, section 'refuse' 2)."""

    id = ULIDField(primary_key=True)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="customers")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="customers")
    note = models.CharField(max_length=500, blank=True)
    registered_at = models.DateTimeField(db_default=Now())
    registered_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    # The token of the form that made it: a form sent twice makes one customer.
    form_key = models.CharField(max_length=26, unique=True)
    # Where it stands in a list by name: as the name that a Chinese and that an English page shows is spelled (matching.spelled).
    native_order = models.CharField(max_length=300, blank=True, db_default="", db_collation="C")
    latin_order = models.CharField(max_length=300, blank=True, db_default="", db_collation="C")

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["organisation", "party"], name="customer_once_per_distributor")]
        indexes = [
            models.Index(fields=["organisation", "-registered_at"], name="customer_recent"),
            models.Index(fields=["organisation", "native_order", "id"], name="customer_by_native_name"),
            models.Index(fields=["organisation", "latin_order", "id"], name="customer_by_latin_name"),
        ]

    def __str__(self) -> str:
        return self.pk
