"""Content-addressed files: the row says what a file is, its SHA-256 says which."""

from django.db import models
from django.db.models.functions import Now

from certifications.ledger.ids import ULIDField


class Blob(models.Model):
    """One stored file. Who may read it is decided by the object that points at it, never here."""

    id = ULIDField(primary_key=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    stored_at = models.DateTimeField(db_default=Now())
    stored_by_id = models.CharField(max_length=26, blank=True)

    class Meta:
        app_label = "certifications"

    def __str__(self) -> str:
        return f"{self.name} ({self.size} bytes)"
