"""Deltas between sets of list versions, whom they reach, and rounds of rescreening with their chunks."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0007_list_exceptions"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeltaReach",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("name", "Name"),
                            ("number", "Number"),
                            ("finding", "Finding"),
                            ("near", "Near"),
                            ("word", "Word"),
                            ("changed", "Changed"),
                            ("in_flight", "In Flight"),
                        ],
                        max_length=9,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListDelta",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("from_key", models.CharField(max_length=64)),
                ("to_key", models.CharField(max_length=64)),
                ("engine", models.CharField(max_length=80)),
                ("from_versions", models.JSONField()),
                ("to_versions", models.JSONField()),
                ("added", models.PositiveIntegerField()),
                ("removed", models.PositiveIntegerField()),
                ("changed", models.PositiveIntegerField()),
                ("reached", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Rescreening",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("cause", models.CharField(choices=[("nightly", "Nightly"), ("asked", "Asked"), ("lists", "Lists")], max_length=7)),
                ("once", models.CharField(max_length=64, unique=True)),
                ("anew", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("total", models.PositiveIntegerField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RescreeningChunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("parties", models.JSONField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("hits", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="screeningrun",
            name="near",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="screeningrun",
            index=models.Index(fields=["lists_key"], name="screening_lists_key"),
        ),
        migrations.AddField(
            model_name="deltareach",
            name="party",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.party"),
        ),
        migrations.AddIndex(
            model_name="listdelta",
            index=models.Index(fields=["started_at"], name="list_delta_recent"),
        ),
        migrations.AddField(
            model_name="deltareach",
            name="delta",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="reaches", to="certifications.listdelta"),
        ),
        migrations.AddField(
            model_name="rescreening",
            name="cancelled_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rescreening",
            name="delta",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rescreenings",
                to="certifications.listdelta",
            ),
        ),
        migrations.AddField(
            model_name="rescreening",
            name="started_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rescreeningchunk",
            name="rescreening",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="chunks", to="certifications.rescreening"),
        ),
        migrations.AddConstraint(
            model_name="deltareach",
            constraint=models.UniqueConstraint(fields=("delta", "party"), name="delta_reach_once"),
        ),
        migrations.AddIndex(
            model_name="rescreening",
            index=models.Index(fields=["-started_at"], name="rescreening_recent"),
        ),
        migrations.AddConstraint(
            model_name="rescreening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                    models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                    _connector="OR",
                ),
                name="rescreening_cancelled_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="rescreening",
            constraint=models.CheckConstraint(
                condition=models.Q(("finished_at__isnull", True), ("cancelled_at__isnull", True), _connector="OR"),
                name="rescreening_one_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="rescreening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause", "asked"), ("started_by__isnull", False)),
                    models.Q(models.Q(("cause", "asked"), _negated=True), ("started_by__isnull", True)),
                    _connector="OR",
                ),
                name="rescreening_asked_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="rescreeningchunk",
            constraint=models.UniqueConstraint(fields=("rescreening", "number"), name="rescreening_chunk_once"),
        ),
        migrations.RunSQL(
            sql=(SQL / "rescreening.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "rescreening_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
