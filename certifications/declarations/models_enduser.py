"""The end user's own word on a declaration: asked by a one-time link, or signed and sealed on a statement that is printed here.

Both ways bind to one text: its canonical JSON is kept with the question, so that what was shown never depends on what is there today.
Of several end users each is asked about its own part (texts.part_text) by itself; PostgreSQL refuses whoever the declaration does not
name as an end user (sql/own_words.sql).
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class EndUserRequest(models.Model):
    """A named contact is asked by mail to confirm exactly this text. The text and the contact never change."""

    class Status(models.TextChoices):
        OPEN = "open"
        CONFIRMED = "confirmed"
        DECLINED = "declined"
        QUESTIONED = "questioned"
        REVOKED = "revoked"
        LAPSED = "lapsed"
        OUTDATED = "outdated"  # the declaration says something else now, or was decided

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "open": {"confirmed", "declined", "questioned", "revoked", "lapsed", "outdated"},
        "confirmed": set(),
        "declined": set(),
        "questioned": set(),
        "revoked": set(),
        "lapsed": set(),
        "outdated": set(),
    }

    id = ULIDField(primary_key=True)
    declaration = models.ForeignKey("certifications.Declaration", on_delete=models.PROTECT, related_name="end_user_requests")
    # Which of its end users is asked. Empty only in rows of before this was recorded, where it cannot be told, or of a process of the
    # earlier release while both run: such a row counts for a single end user by its digest, and for nobody of several.
    customer = models.ForeignKey("certifications.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version_number = models.PositiveIntegerField()
    canonical = models.TextField()
    sha256 = models.CharField(max_length=64)
    contact_name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=10)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    # Empty while it is open; whoever took it back, where a person did.
    closed_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    form_key = models.CharField(max_length=26, unique=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "customer"], condition=Q(status="open"), nulls_distinct=False, name="end_user_request_one_open"
            ),
            models.CheckConstraint(
                name="end_user_request_closed_whole",
                condition=Q(status="open", closed_at__isnull=True, revoked_by__isnull=True)
                | Q(status="revoked", closed_at__isnull=False, revoked_by__isnull=False)
                | (~Q(status__in=("open", "revoked")) & Q(closed_at__isnull=False, revoked_by__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="end_user_request_waiting", condition=Q(status="open"))]

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.status}"


class EndUserLink(models.Model):
    """A mail with a token of its own: the first one, and one with each reminder. Any of them opens the request. Immutable."""

    id = ULIDField(primary_key=True)
    request = models.ForeignKey(EndUserRequest, on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField(db_default=Now())
    # 0 is the first mail, then the days after it at which a reminder was due.
    day = models.PositiveSmallIntegerField(default=0)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["request", "day"], name="end_user_link_once")]

    def __str__(self) -> str:
        return f"{self.request_id} day {self.day}"


class EndUserAnswer(models.Model):
    """What the contact said, once, about the text whose SHA-256 was shown. Immutable; the form's key makes a double click one answer."""

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed"
        DECLINED = "declined"
        QUESTIONED = "questioned"

    request = models.OneToOneField(EndUserRequest, primary_key=True, on_delete=models.PROTECT, related_name="answer")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120, blank=True)
    reason = models.TextField(max_length=2000, blank=True)
    # The mail address that the link went to, and the mail whose link was used.
    email = models.EmailField(max_length=254)
    link = models.ForeignKey(EndUserLink, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(db_default=Now())
    form_key = models.CharField(max_length=26)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.CheckConstraint(
                name="end_user_answer_whole",
                condition=~Q(name="")
                & ((Q(kind="confirmed", reason="") & ~Q(role="")) | (Q(kind="declined") & ~Q(reason="")) | Q(kind="questioned", reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"


class PrintedStatement(models.Model):
    """The same text printed to be signed and sealed by hand; one for each end user and text, its code stands on every page."""

    id = ULIDField(primary_key=True)
    code = models.CharField(max_length=20, unique=True)
    declaration = models.ForeignKey("certifications.Declaration", on_delete=models.PROTECT, related_name="printed_statements")
    # Which of its end users signs it; empty as in EndUserRequest.
    customer = models.ForeignKey("certifications.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version_number = models.PositiveIntegerField()
    canonical = models.TextField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    # Written by a worker a moment later.
    pdf = models.ForeignKey("certifications.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    pages = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["declaration", "customer", "sha256"], nulls_distinct=False, name="printed_statement_once"),
            models.CheckConstraint(
                name="printed_statement_whole",
                condition=Q(pdf__isnull=True, pages__isnull=True) | Q(pdf__isnull=False, pages__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class StatementScan(models.Model):
    """A signed statement as scanned by one person, and what another person found when comparing it with the printed one."""

    class Status(models.TextChoices):
        FILED = "filed"
        ACCEPTED = "accepted"
        REFUSED = "refused"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {"filed": {"accepted", "refused"}, "accepted": set(), "refused": set()}

    id = ULIDField(primary_key=True)
    statement = models.ForeignKey(PrintedStatement, on_delete=models.PROTECT, related_name="scans")
    # Blobs in the order of the pages; `digest` is over their hashes, the statement's code and its text.
    digest = models.CharField(max_length=64)
    signed_name = models.CharField(max_length=120)
    signed_role = models.CharField(max_length=120)
    signed_on = models.DateField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.FILED)
    filed_at = models.DateTimeField(db_default=Now())
    filed_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey("certifications.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # For whom the second person works: manufacturer or distributor. Printed on the attestation.
    checked_side = models.CharField(max_length=12, blank=True)
    checked_proof_id = models.CharField(max_length=26, null=True, blank=True, unique=True)
    refusal = models.CharField(max_length=20, blank=True)
    refusal_text = models.CharField(max_length=500, blank=True)
    form_key = models.CharField(max_length=26, unique=True)

    class Meta:
        app_label = "certifications"
        constraints = [
            models.UniqueConstraint(fields=["statement"], condition=Q(status="filed"), name="statement_scan_one_waiting"),
            models.UniqueConstraint(fields=["statement"], condition=Q(status="accepted"), name="statement_scan_one_accepted"),
            models.CheckConstraint(name="statement_scan_two_people", condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("filed_by"))),
            models.CheckConstraint(
                name="statement_scan_check_whole",
                condition=Q(
                    status="filed",
                    checked_at__isnull=True,
                    checked_by__isnull=True,
                    checked_side="",
                    checked_proof_id__isnull=True,
                    refusal="",
                )
                | (
                    Q(status="accepted", refusal="", checked_at__isnull=False, checked_by__isnull=False, checked_proof_id__isnull=False)
                    & ~Q(checked_side="")
                )
                | (
                    Q(status="refused", checked_at__isnull=False, checked_by__isnull=False, checked_proof_id__isnull=False)
                    & ~Q(checked_side="")
                    & ~Q(refusal="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} {self.status}"


class ScanFile(models.Model):
    """One file of a scan: a PDF of all pages, or the picture of one. Immutable."""

    scan = models.ForeignKey(StatementScan, on_delete=models.PROTECT, related_name="files")
    position = models.PositiveSmallIntegerField()
    blob = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["scan", "position"], name="scan_file_once")]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.scan_id} {self.position}"
