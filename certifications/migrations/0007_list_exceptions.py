"""Formats, private lists and their review days; comparable numbers of entries; refused lists that two people accept."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0006_words_to_the_distributor"),
    ]

    operations = [
        migrations.CreateModel(
            name="ListException",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.CharField(max_length=30)),
                ("explanation", models.TextField(max_length=2000)),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("effective", "Effective"), ("voided", "Voided")],
                        default="proposed",
                        max_length=9,
                    ),
                ),
                ("proposed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("proposed_proof_id", models.CharField(max_length=26, unique=True)),
                ("agreed_at", models.DateTimeField(blank=True, null=True)),
                ("agreed_proof_id", models.CharField(blank=True, max_length=26, null=True, unique=True)),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="listversion",
            name="list_refusal_has_reason",
        ),
        migrations.AddField(
            model_name="listentry",
            name="codes",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="listsource",
            name="basis",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="listsource",
            name="formats",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="listsource",
            name="is_private",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="listsource",
            name="publisher",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="listsource",
            name="review_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="listversion",
            name="dated_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="listversion",
            name="excepted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="listversion",
            name="format",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="listversion",
            name="ignored_count",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="listversion",
            name="merged_count",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="listversion",
            name="why",
            field=models.CharField(blank=True, choices=[("shrunk", "Shrunk"), ("shape", "Shape"), ("damaged", "Damaged")], max_length=8),
        ),
        migrations.AlterField(
            model_name="listsource",
            name="kind",
            field=models.CharField(choices=[("dated", "Dated"), ("static", "Static"), ("reviewed", "Reviewed")], max_length=8),
        ),
        migrations.AlterField(
            model_name="listversion",
            name="refusal",
            field=models.CharField(blank=True, max_length=600),
        ),
        migrations.AddConstraint(
            model_name="listsource",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_private", False), models.Q(("basis", ""), _negated=True), _connector="OR"),
                name="list_private_has_basis",
            ),
        ),
        migrations.AddConstraint(
            model_name="listsource",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "reviewed"), ("review_on__isnull", False)),
                    models.Q(models.Q(("kind", "reviewed"), _negated=True), ("review_on__isnull", True)),
                    _connector="OR",
                ),
                name="list_reviewed_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="listversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("excepted_at__isnull", True), ("state", "refused"), models.Q(("refusal", ""), _negated=True)),
                    models.Q(("excepted_at__isnull", True), ("refusal", ""), ("state", "accepted")),
                    models.Q(
                        ("excepted_at__isnull", False),
                        ("state", "accepted"),
                        ("why__in", ["shrunk", "shape"]),
                        models.Q(("refusal", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="list_refusal_has_reason",
            ),
        ),
        migrations.AddField(
            model_name="listexception",
            name="agreed_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="listexception",
            name="proposed_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="listexception",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="exceptions", to="certifications.listversion"
            ),
        ),
        migrations.AddField(
            model_name="listexception",
            name="voided_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="listexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agreed_by__isnull", True), models.Q(("agreed_by", models.F("proposed_by")), _negated=True), _connector="OR"
                ),
                name="list_exception_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="listexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True), ("agreed_proof_id__isnull", True)),
                    models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False), ("agreed_proof_id__isnull", False)),
                    _connector="OR",
                ),
                name="list_exception_agreement_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="listexception",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "effective"), _negated=True), ("agreed_by__isnull", False), _connector="OR"),
                name="list_exception_effective_is_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="listexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "voided"), ("voided_at__isnull", False), ("voided_by__isnull", False)),
                    models.Q(models.Q(("state", "voided"), _negated=True), ("voided_at__isnull", True), ("voided_by__isnull", True)),
                    _connector="OR",
                ),
                name="list_exception_voided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="listexception",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "proposed")), fields=("version",), name="list_exception_one_proposal"
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "list_exceptions.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "list_exceptions_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
