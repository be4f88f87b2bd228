"""One document by its bytes, its captures on record, lines that can be found again by project and buyer."""

from pathlib import Path
from typing import Any

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"
INTAKE = "portal before captures were rows"


def fill(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    """A capture for every document, and the keys of every line; later documents of the same bytes are marked."""
    from certifications.evidence.keys import buyer_key, project_key

    documents = apps.get_model("certifications", "EvidenceDocument")
    captures = apps.get_model("certifications", "EvidenceCapture")
    lines = apps.get_model("certifications", "EvidenceLine")
    seen = set()
    for document in documents.objects.order_by("captured_at", "pk").iterator():
        captures.objects.create(
            document=document,
            blob_id=document.blob_id,
            sha256=document.sha256,
            method=document.origin,
            captured_at=document.captured_at,
            by_id=document.captured_by_id,
            source_url=document.source_url,
            source_note=document.source_note,
            intake=INTAKE,
            form_key=document.form_key,
        )
        if document.status != "withdrawn":
            if document.sha256 in seen:
                documents.objects.filter(pk=document.pk).update(repeated=True)
            seen.add(document.sha256)
    for line in lines.objects.only("pk", "project_no", "buyer").iterator():
        lines.objects.filter(pk=line.pk).update(project_key=project_key(line.project_no), buyer_key=buyer_key(line.buyer))


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0034_public_check"),
    ]

    operations = [
        migrations.CreateModel(
            name="EvidenceCapture",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                (
                    "method",
                    models.CharField(
                        choices=[("paste", "Paste"), ("upload", "Upload"), ("api", "Api"), ("folder", "Folder")], max_length=8
                    ),
                ),
                ("agrees", models.CharField(choices=[("bytes", "Bytes"), ("text", "Text")], default="bytes", max_length=5)),
                ("captured_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("source_url", models.URLField(blank=True, max_length=600)),
                ("source_note", models.CharField(blank=True, max_length=300)),
                ("tool", models.CharField(blank=True, max_length=160)),
                ("intake", models.CharField(max_length=60)),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("form_key", models.CharField(max_length=26, unique=True)),
            ],
        ),
        migrations.AddField(
            model_name="evidencedocument",
            name="handled",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="evidencedocument",
            name="repeated",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="evidenceline",
            name="buyer_identifier",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="evidenceline",
            name="buyer_key",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="evidenceline",
            name="project_key",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="evidenceline",
            name="seller_identifier",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AlterField(
            model_name="evidencedocument",
            name="captured_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AlterField(
            model_name="evidencedocument",
            name="origin",
            field=models.CharField(choices=[("paste", "Paste"), ("upload", "Upload"), ("api", "Api"), ("folder", "Folder")], max_length=8),
        ),
        migrations.AlterField(
            model_name="evidencedocument",
            name="status",
            field=models.CharField(
                choices=[
                    ("captured", "Captured"),
                    ("read", "Read"),
                    ("unreadable", "Unreadable"),
                    ("nothing", "Nothing"),
                    ("partly", "Partly"),
                    ("confirmed", "Confirmed"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="captured",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="evidenceline",
            index=models.Index(
                condition=models.Q(("project_key", ""), _negated=True), fields=["project_key", "buyer_key"], name="evidence_line_project"
            ),
        ),
        migrations.AddField(
            model_name="evidencecapture",
            name="blob",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob"),
        ),
        migrations.AddField(
            model_name="evidencecapture",
            name="by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="evidencecapture",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="captures", to="certifications.evidencedocument"
            ),
        ),
        migrations.AddField(
            model_name="evidencecapture",
            name="program",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.apiclient"
            ),
        ),
        migrations.AddConstraint(
            model_name="evidencecapture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("by__isnull", False), ("method__in", ("paste", "upload")), ("program__isnull", True)),
                    models.Q(("by__isnull", True), ("method", "api"), ("program__isnull", False)),
                    models.Q(("by__isnull", True), ("method", "folder"), ("program__isnull", True)),
                    _connector="OR",
                ),
                name="evidence_capture_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidencecapture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agrees", "bytes"),
                    models.Q(models.Q(("method", "paste"), _negated=True), models.Q(("source_url", ""), _negated=True)),
                    _connector="OR",
                ),
                name="evidence_capture_of_a_page",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "captures_open.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "captures_open_reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(
            sql=(SQL / "captures.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "captures_reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.AddConstraint(
            model_name="evidencedocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("status", "withdrawn"), _negated=True), ("repeated", False)),
                fields=("sha256",),
                name="evidence_once_by_bytes",
            ),
        ),
    ]
