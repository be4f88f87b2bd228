"""Names that somebody outside wrote, which parties they may mean, and what people answered."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0037_custody"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportedName",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("role", models.CharField(choices=[("seller", "Seller"), ("buyer", "Buyer"), ("end_user", "End User")], max_length=8)),
                ("name", models.CharField(max_length=300)),
                ("folded", models.CharField(max_length=400)),
                ("code", models.CharField(blank=True, max_length=40)),
                ("address", models.CharField(blank=True, max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("bound", "Bound"), ("ask", "Ask"), ("unsure", "Unsure"), ("nobody", "Nobody")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("first_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "first_at"], name="reported_name_by_state"),
                    models.Index(fields=["folded"], name="reported_name_folded"),
                ],
                "constraints": [models.UniqueConstraint(fields=("role", "folded", "code"), name="reported_name_once")],
            },
        ),
        migrations.CreateModel(
            name="NameUse",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(choices=[("evidence_line", "Evidence Line")], max_length=16)),
                ("object_id", models.CharField(max_length=26)),
                ("role", models.CharField(choices=[("seller", "Seller"), ("buyer", "Buyer"), ("end_user", "End User")], max_length=8)),
                ("noted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "reported",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="certifications.reportedname"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "object_id", "role"), name="name_use_once")],
            },
        ),
        migrations.CreateModel(
            name="NameCandidate",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("score", models.DecimalField(decimal_places=4, max_digits=5)),
                ("party_text", models.CharField(blank=True, max_length=300)),
                ("number", models.CharField(choices=[("same", "Same"), ("other", "Other"), ("missing", "Missing")], max_length=7)),
                ("is_exact", models.BooleanField()),
                ("explanation", models.JSONField(default=list)),
                ("is_sure", models.BooleanField(default=False)),
                ("is_bound", models.BooleanField(default=False)),
                ("party", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="certifications.party")),
                (
                    "reported",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="candidates", to="certifications.reportedname"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("reported", "party"), name="name_candidate_once")],
            },
        ),
        migrations.CreateModel(
            name="NameAnswer",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("answer", models.CharField(choices=[("same", "Same"), ("different", "Different"), ("unsure", "Unsure")], max_length=9)),
                ("reason", models.CharField(max_length=30)),
                ("explanation", models.TextField(max_length=2000)),
                ("keys", models.JSONField(default=dict)),
                ("answered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=300)),
                (
                    "answered_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("party", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.party")),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "reported",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="certifications.reportedname"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["party"], name="name_answer_of_party")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)), fields=("reported", "party"), name="name_answer_one_standing"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True), ("withdrawn_reason", "")),
                            models.Q(
                                models.Q(("withdrawn_reason", ""), _negated=True),
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="name_answer_withdrawal_whole",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "resolution.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "resolution_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
