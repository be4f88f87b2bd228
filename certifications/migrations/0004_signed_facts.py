"""A release can be taken back before its seal; a flag's judgement and words are kept by PostgreSQL; cases reopen."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("certifications", "0003_job_failures")]
    operations = [
        migrations.AddField(
            model_name="case",
            name="reopened_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="reopened_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(model_name="case", name="reopened_reason", field=models.CharField(blank=True, max_length=500)),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reopened_at__isnull", True), ("reopened_by__isnull", True), ("reopened_reason", "")),
                    models.Q(
                        ("reopened_at__isnull", False),
                        ("reopened_by__isnull", False),
                        models.Q(("reopened_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="case_reopening_whole",
            ),
        ),
        migrations.AlterField(
            model_name="attestation",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("valid", "Valid"),
                    ("suspended", "Suspended"),
                    ("superseded", "Superseded"),
                    ("revoked", "Revoked"),
                    ("expired", "Expired"),
                    ("void", "Void"),
                ],
                default="pending",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="attestation",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="attestations", to="certifications.declarationversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="attestation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "void"), _negated=True), fields=("version",), name="attestation_once_per_version"
            ),
        ),
        migrations.AddField(model_name="question", name="withdrawn_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            model_name="question",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(model_name="question", name="withdrawn_reason", field=models.CharField(blank=True, max_length=500)),
        migrations.RemoveConstraint(model_name="question", name="question_one_open_per_case"),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at__isnull", True), ("withdrawn_at__isnull", True)),
                fields=("case",),
                name="question_one_open_per_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True), ("withdrawn_reason", "")),
                    models.Q(
                        models.Q(("withdrawn_reason", ""), _negated=True),
                        ("withdrawn_at__isnull", False),
                        ("withdrawn_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="question_withdrawal_whole",
            ),
        ),
        # Reversing refuses while a release that was taken back is on record: the old schema has no place for it.
        migrations.RunSQL(
            sql=(SQL / "signed_facts.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "signed_facts_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
