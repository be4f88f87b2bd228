"""Uploaded files of rows, what is remembered of their columns, and rounds of screening that follow one."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0015_machines"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rescreening",
            name="cause",
            field=models.CharField(
                choices=[("nightly", "Nightly"), ("asked", "Asked"), ("lists", "Lists"), ("upload", "Upload")], max_length=7
            ),
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("sha256", models.CharField(max_length=64)),
                ("form", models.CharField(max_length=4)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("unreadable", "Unreadable"),
                            ("columns", "Columns"),
                            ("checking", "Checking"),
                            ("checked", "Checked"),
                            ("committing", "Committing"),
                            ("committed", "Committed"),
                            ("reverting", "Reverting"),
                            ("undoing", "Undoing"),
                            ("undone", "Undone"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="received",
                        max_length=10,
                    ),
                ),
                ("round", models.PositiveIntegerField(default=1)),
                ("sent_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("form_key", models.CharField(max_length=26, unique=True)),
                ("problem", models.JSONField(default=dict)),
                ("sheet", models.CharField(blank=True, max_length=200)),
                ("header_row", models.PositiveIntegerField(blank=True, null=True)),
                ("reading", models.JSONField(default=dict)),
                ("columns", models.JSONField(default=dict)),
                ("laid_out", models.BooleanField(default=False)),
                ("mode", models.CharField(blank=True, choices=[("all", "All"), ("ready", "Ready")], max_length=5)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("began_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("counts", models.JSONField(default=dict)),
                ("commits", models.PositiveIntegerField(default=0)),
                ("asked_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("blob", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uploads", to="certifications.organisation"
                    ),
                ),
                ("sent_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="UploadColumns",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("said", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "changed_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.organisation"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UploadKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("object_id", models.CharField(max_length=26)),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.organisation"),
                ),
                ("upload", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="certifications.upload")),
            ],
        ),
        migrations.CreateModel(
            name="UploadRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("cells", models.JSONField()),
                ("mended", models.JSONField(default=dict)),
                ("filled", models.JSONField(default=dict)),
                ("accepted", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("ready", "Ready"),
                            ("attention", "Attention"),
                            ("left_out", "Left Out"),
                            ("done", "Done"),
                            ("undone", "Undone"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=64)),
                ("outcome", models.CharField(blank=True, max_length=6)),
                ("commit", models.PositiveIntegerField(default=0)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("object_id", models.CharField(blank=True, max_length=26)),
                ("changes", models.JSONField(default=list)),
                ("before", models.JSONField(blank=True, null=True)),
                ("key_before", models.JSONField(blank=True, null=True)),
                ("stamp", models.CharField(blank=True, max_length=64)),
                ("upload", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="certifications.upload")),
            ],
        ),
        migrations.CreateModel(
            name="UploadProblem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("field", models.CharField(max_length=60)),
                ("code", models.CharField(max_length=80)),
                ("texts", models.JSONField()),
                ("fixes", models.JSONField(default=list)),
                ("blocks", models.BooleanField(default=True)),
                ("accept", models.JSONField(default=dict)),
                (
                    "upload",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="problems", to="certifications.upload"),
                ),
                (
                    "row",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="problems", to="certifications.uploadrow"),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["organisation", "-sent_at"], name="upload_recent"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["organisation", "kind", "sha256"], name="upload_same_bytes"),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(condition=models.Q(("done__lte", models.F("total"))), name="upload_done_within_total"),
        ),
        migrations.AddConstraint(
            model_name="uploadcolumns",
            constraint=models.UniqueConstraint(fields=("organisation", "kind"), name="upload_columns_once"),
        ),
        migrations.AddConstraint(
            model_name="uploadkey",
            constraint=models.UniqueConstraint(fields=("organisation", "kind", "key"), name="upload_key_once"),
        ),
        migrations.AddIndex(
            model_name="uploadrow",
            index=models.Index(fields=["upload", "state", "number"], name="upload_row_by_state"),
        ),
        migrations.AddIndex(
            model_name="uploadrow",
            index=models.Index(fields=["upload", "key"], name="upload_row_by_key"),
        ),
        migrations.AddConstraint(
            model_name="uploadrow",
            constraint=models.UniqueConstraint(fields=("upload", "number"), name="upload_row_once"),
        ),
        migrations.AddIndex(
            model_name="uploadproblem",
            index=models.Index(fields=["upload", "field", "code", "number"], name="upload_problem_group"),
        ),
        migrations.RunSQL(
            sql=(SQL / "uploads.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "uploads_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
