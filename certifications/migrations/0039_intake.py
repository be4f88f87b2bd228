"""What waits for confirmation and what that would open; confirmation by a sample."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0038_resolution"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkCheck",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("checking", "Checking"),
                            ("confirming", "Confirming"),
                            ("confirmed", "Confirmed"),
                            ("abandoned", "Abandoned"),
                            ("undoing", "Undoing"),
                            ("undone", "Undone"),
                        ],
                        default="checking",
                        max_length=10,
                    ),
                ),
                ("reader", models.CharField(max_length=60)),
                ("source", models.CharField(blank=True, max_length=120)),
                ("template", models.CharField(blank=True, max_length=60)),
                ("least_confidence", models.DecimalField(decimal_places=3, max_digits=4)),
                ("row_count", models.PositiveIntegerField()),
                ("sample_size", models.PositiveIntegerField()),
                ("seed", models.CharField(max_length=32)),
                ("drawn_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("wrong", models.PositiveIntegerField(blank=True, null=True)),
                ("upper", models.DecimalField(blank=True, decimal_places=5, max_digits=6, null=True)),
                ("limit", models.DecimalField(blank=True, decimal_places=3, max_digits=4, null=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_reason", models.CharField(blank=True, max_length=300)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("form_key", models.CharField(max_length=26, unique=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("drawn_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BulkLimit",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("limit", models.DecimalField(decimal_places=3, max_digits=4)),
                ("reason", models.CharField(max_length=300)),
                ("set_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("set_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="BulkRow",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("in_sample", models.BooleanField()),
                ("proposal_sha256", models.CharField(max_length=64)),
                ("verdict", models.CharField(blank=True, choices=[("right", "Right"), ("wrong", "Wrong")], max_length=5)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "Confirmed"),
                            ("grave", "Grave"),
                            ("changed", "Changed"),
                            ("not_whole", "Not Whole"),
                            ("undone", "Undone"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "again",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="certifications.evidencedocument",
                    ),
                ),
                (
                    "bulk",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="certifications.bulkcheck"),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bulk_rows", to="certifications.evidencedocument"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Weighing",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="weighing",
                        serialize=False,
                        to="certifications.evidencedocument",
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(db_index=True)),
                ("opens", models.JSONField(default=list)),
                ("line_count", models.PositiveSmallIntegerField(default=0)),
                ("is_whole", models.BooleanField()),
                ("is_aside", models.BooleanField(default=False)),
                ("source", models.CharField(blank=True, max_length=120)),
                ("template", models.CharField(blank=True, max_length=60)),
                ("confidence", models.DecimalField(decimal_places=3, max_digits=4)),
                ("seller", models.CharField(blank=True, max_length=300)),
                ("buyer", models.CharField(blank=True, max_length=300)),
                ("state_key", models.CharField(max_length=64)),
                ("weighed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("brought_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "brought_back_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="bulkcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("confirmed_at__isnull", True),
                        ("confirmed_by__isnull", True),
                        ("limit__isnull", True),
                        ("upper__isnull", True),
                        ("wrong__isnull", True),
                    ),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("upper__lte", models.F("limit")),
                        ("wrong__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="bulk_confirmation_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="bulk_end_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("sample_size__gt", 0), ("sample_size__lte", models.F("row_count"))), name="bulk_sample_within"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["checking", "abandoned"]), ("confirmed_by__isnull", False), _connector="OR"),
                name="bulk_confirmed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulklimit",
            constraint=models.CheckConstraint(condition=models.Q(("limit__gt", 0), ("limit__lte", 0.2)), name="bulk_limit_between"),
        ),
        migrations.AddConstraint(
            model_name="bulkrow",
            constraint=models.UniqueConstraint(fields=("bulk", "document"), name="bulk_row_once"),
        ),
        migrations.AddConstraint(
            model_name="bulkrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict", ""), ("in_sample", True), _connector="OR"), name="bulk_row_one_way"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome", ""), ("in_sample", False), _connector="OR"), name="bulk_row_sample_by_hand"
            ),
        ),
        migrations.AddConstraint(
            model_name="weighing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("brought_back_at__isnull", True), ("brought_back_by__isnull", True)),
                    models.Q(("brought_back_at__isnull", False), ("brought_back_by__isnull", False), ("is_aside", False)),
                    _connector="OR",
                ),
                name="weighing_brought_back_whole",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "intake.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "intake_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
