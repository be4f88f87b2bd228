"""Clearances of findings: approvers, reason, the key fields they rest on, and the day on which they end."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0008_rescreening"),
    ]

    operations = [
        migrations.CreateModel(
            name="Clearance",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("finding", models.CharField(max_length=64)),
                ("list_code", models.CharField(max_length=30)),
                ("entry_id", models.CharField(max_length=120)),
                ("keys", models.JSONField(default=dict)),
                ("approver_ids", models.JSONField()),
                ("reason", models.CharField(max_length=30)),
                ("cleared_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_on", models.DateField()),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decision",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="clearances", to="certifications.decision"),
                ),
                (
                    "flag",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="clearances", to="certifications.flag"),
                ),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="clearances", to="certifications.party"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["party", "list_code", "entry_id"], name="clearance_of_pair"),
                    models.Index(fields=["expires_on"], name="clearance_expiry"),
                ],
                "constraints": [models.UniqueConstraint(fields=("flag", "decision"), name="clearance_once")],
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "clearances.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "clearances_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
