"""An uploaded file of rows on its way: read, mapped, checked, committed, perhaps taken back. It knows no customer and no declaration.

Rows hold what a distributor wrote about its customers: they are its own secret, and leave with it.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class Upload(models.Model):
    """One file. `round` counts the jobs that were asked for, so that each is asked for once."""

    class Status(models.TextChoices):
        RECEIVED = "received"
        UNREADABLE = "unreadable"
        COLUMNS = "columns"
        CHECKING = "checking"
        CHECKED = "checked"
        COMMITTING = "committing"
        COMMITTED = "committed"
        REVERTING = "reverting"
        UNDOING = "undoing"
        UNDONE = "undone"
        CANCELLED = "cancelled"

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        "received": {"unreadable", "columns", "checking", "cancelled"},
        "unreadable": {"received", "cancelled"},
        "columns": {"received", "checking", "cancelled"},
        "checking": {"checked", "committed", "cancelled"},
        "checked": {"received", "checking", "committing", "cancelled"},
        # What must not stay half done goes back through `reverting` and is as if it had not begun.
        "committing": {"committed", "reverting"},
        "reverting": {"checked", "committed"},
        "committed": {"committing", "checking", "undoing"},
        "undoing": {"undone", "committed"},
        "undone": set(),
        "cancelled": set(),
    }
    # A worker is at it, and the page asks again and again how far it is.
    MOVING = ("received", "checking", "committing", "reverting", "undoing")

    class Mode(models.TextChoices):
        ALL = "all"
        READY = "ready"

    id = ULIDField(primary_key=True)
    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20)
    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="uploads")
    blob = models.ForeignKey("certifications.Blob", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    form = models.CharField(max_length=4)  # csv, xlsx or xls, by its first bytes
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    round = models.PositiveIntegerField(default=1)
    sent_at = models.DateTimeField(db_default=Now())
    sent_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    # The program that sent it, for which `sent_by` answers; nothing of it is written before a person commits it.
    program = models.ForeignKey("certifications.ApiClient", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    form_key = models.CharField(max_length=26, unique=True)
    # Why it cannot be read: {"code", "params"}; the sentence is made in the language of the page.
    problem = models.JSONField(default=dict)
    # What a person chose about reading it; empty and null mean that the reader chooses.
    sheet = models.CharField(max_length=200, blank=True)
    header_row = models.PositiveIntegerField(null=True, blank=True)
    reading = models.JSONField(default=dict)
    columns = models.JSONField(default=dict)
    laid_out = models.BooleanField(default=False)
    mode = models.CharField(max_length=5, choices=Mode.choices, blank=True)
    # How far the worker is in what it does now, in rows; when that began; who asked for it.
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField(db_default=Now())
    asked_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")
    # Rows: checked ones by what they wait for, committed ones by what was done.
    counts = models.JSONField(default=dict)
    # What is to be said of the file as a whole: [{"code", "texts"}].
    remarks = models.JSONField(default=list)
    commits = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "certifications"
        indexes = [
            models.Index(fields=["organisation", "-sent_at"], name="upload_recent"),
            models.Index(fields=["organisation", "kind", "sha256"], name="upload_same_bytes"),
        ]
        constraints = [models.CheckConstraint(name="upload_done_within_total", condition=Q(done__lte=models.F("total")))]

    def __str__(self) -> str:
        return self.number


class MostlyEmpty(models.JSONField):
    """JSON that says nothing in most rows: {} and [] are not parsed. In the database and in migrations a JSONField like any other."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value == "{}":
            return {}
        return [] if value == "[]" else super().from_db_value(value, expression, connection)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


class UploadRow(models.Model):
    """One row of data, as it stood in the file, and what became of it. `number` is the row that a spreadsheet shows."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        ATTENTION = "attention"
        LEFT_OUT = "left_out"
        DONE = "done"
        UNDONE = "undone"

    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    cells = models.JSONField()
    # By field: what a person put in the place of a cell, and what a blank cell means by the row above.
    mended = MostlyEmpty(default=dict)
    filled = MostlyEmpty(default=dict)
    # Codes of problems of which a person said that the row is right.
    accepted = MostlyEmpty(default=list)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    key = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=6, blank=True)
    # Which commit of the upload wrote it; 0 for none.
    commit = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    object_id = models.CharField(max_length=26, blank=True)
    changes = MostlyEmpty(default=list)
    # Figures of the row, as text, that are added up over the whole file.
    facts = MostlyEmpty(default=dict, db_default={})
    before = MostlyEmpty(null=True, blank=True)
    # What the key meant before it was written: fields of UploadKey, or null.
    key_before = MostlyEmpty(null=True, blank=True)
    stamp = models.CharField(max_length=64, blank=True)
    # What was answered to a row that asked something, when it was written; null for all others.
    answer = MostlyEmpty(null=True, blank=True)

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="upload_row_once")]
        indexes = [
            models.Index(fields=["upload", "state", "number"], name="upload_row_by_state"),
            models.Index(fields=["upload", "key"], name="upload_row_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.upload_id} row {self.number}"


class UploadProblem(models.Model):
    """What is wrong with one field of one row, in every language of the portal, and what would mend it."""

    row = models.ForeignKey(UploadRow, on_delete=models.CASCADE, related_name="problems")
    # Repeated from the row, for the pages that group and cut by it.
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="problems")
    number = models.PositiveIntegerField()
    field = models.CharField(max_length=60)
    code = models.CharField(max_length=80)
    texts = models.JSONField()
    fixes = models.JSONField(default=list)
    blocks = models.BooleanField(default=True)
    accept = models.JSONField(default=dict)

    class Meta:
        app_label = "certifications"
        indexes = [models.Index(fields=["upload", "field", "code", "number"], name="upload_problem_group")]

    def __str__(self) -> str:
        return f"{self.field}: {self.code}"


class UploadColumns(models.Model):
    """What one distributor calls the fields of one kind of upload, as it was said last; shown and changed on a page."""

    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    # {"columns": {key of a heading: field or "-"}, "headings": {key: as written}, "constants": {field: value}, "above": [field]}
    said = models.JSONField(default=dict)
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.ForeignKey("certifications.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["organisation", "kind"], name="upload_columns_once")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.kind}"


class UploadKey(models.Model):
    """A key that was committed, and what it became: the same row again changes nothing. Goes when its upload is taken back."""

    organisation = models.ForeignKey("certifications.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    object_id = models.CharField(max_length=26)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="keys")

    class Meta:
        app_label = "certifications"
        constraints = [models.UniqueConstraint(fields=["organisation", "kind", "key"], name="upload_key_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
