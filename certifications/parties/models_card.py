"""What a distributor keeps of a customer beside its names: laboratories, contacts, papers, the group it belongs to, and what changed.

Rows of one distributor's customer, its own secret like the customer itself; compliance sees all.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField

from .models import Customer, Site


class Laboratory(models.Model):
    """A laboratory on a site, who heads it, and what it is accredited for. Ended, never deleted."""

    id = ULIDField(primary_key=True)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="laboratories")
    name = models.CharField(max_length=300)
    head = models.CharField(max_length=120, blank=True)
    accreditation = models.CharField(max_length=120, blank=True)
    accredited_until = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        verbose_name_plural = "laboratories"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="laboratory_end_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True) | Q(ended_at__isnull=False, ended_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        """Whether it still works there."""
        return self.ended_at is None


class Contact(models.Model):
    """A person at a customer. Removed when it is no longer needed: no copy of it stays in the record."""

    id = ULIDField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)

    class Meta:
        app_label = "certifications"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class CustomerPaper(models.Model):
    """A licence, certificate or letter of a customer, kept whole. Its words never change; one filed by mistake is withdrawn."""

    class Kind(models.TextChoices):
        LICENCE = "licence"
        ACCREDITATION = "accreditation"
        PERMIT = "permit"
        LETTER = "letter"
        CONTRACT = "contract"
        OTHER = "other"

    id = ULIDField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="papers")
    blob = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    title = models.CharField(max_length=200)
    issued_on = models.DateField()
    # The first day on which the paper is no longer good; empty for one without an end.
    good_until = models.DateField(null=True, blank=True)
    # The token of the form that filed it: a form sent twice files one paper.
    form_key = models.CharField(max_length=26, unique=True)
    filed_at = models.DateTimeField(db_default=Now())
    filed_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="customer_paper_dates_in_order", condition=Q(good_until__isnull=True) | Q(good_until__gt=F("issued_on"))
            ),
            models.CheckConstraint(
                name="customer_paper_withdrawal_whole",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["good_until"], condition=Q(withdrawn_at__isnull=True), name="customer_paper_ends")]

    def __str__(self) -> str:
        return self.title


class PaperReminder(models.Model):
    """That people were told of a paper's end once, so many days before. Immutable."""

    paper = models.ForeignKey(CustomerPaper, on_delete=models.PROTECT, related_name="reminders")
    days = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["paper", "days"], name="paper_reminder_once")]

    def __str__(self) -> str:
        return f"{self.paper_id} {self.days} days before"


class GroupLink(models.Model):
    """That a customer belongs to a group under another one of the same distributor. Never in a circle (PostgreSQL); ended, never deleted."""

    id = ULIDField(primary_key=True)
    member = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="links_up")
    head = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="links_down")
    # Sites of the member at which goods declared for the head may be used.
    covered = models.ManyToManyField(Site, through="CoveredSite", related_name="+")
    joined_at = models.DateTimeField(db_default=Now())
    joined_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(ended_at__isnull=True), name="group_link_one_head"),
            models.CheckConstraint(name="group_link_not_itself", condition=~Q(member=F("head"))),
            models.CheckConstraint(
                name="group_link_end_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} under {self.head_id}"


class CoveredSite(models.Model):
    """One site of a member that declarations for the head cover. Immutable: other sites make another link."""

    link = models.ForeignKey(GroupLink, on_delete=models.PROTECT, related_name="covers")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["link", "site"], name="covered_site_once")]

    def __str__(self) -> str:
        return f"{self.link_id} covers {self.site_id}"


class CardChange(models.Model):
    """What an event changed, in words: [[field, old, new], ...]. Events hold no names, so the words stand here. Immutable."""

    event_id = models.CharField(max_length=26, primary_key=True)
    rows = models.JSONField()

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return self.event_id
