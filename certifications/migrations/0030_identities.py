"""Which parties may be one entity, and what people answered."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0029_first_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityAnswer",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.CharField(max_length=30)),
                ("explanation", models.TextField(max_length=2000)),
                ("proposed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("proposed_proof_id", models.CharField(max_length=26, unique=True)),
                ("agreed_at", models.DateTimeField(blank=True, null=True)),
                ("agreed_proof_id", models.CharField(blank=True, max_length=26, null=True, unique=True)),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("digest", models.CharField(max_length=64)),
                ("answer", models.CharField(choices=[("same", "Same"), ("different", "Different"), ("unsure", "Unsure")], max_length=9)),
                (
                    "state",
                    models.CharField(choices=[("proposed", "Proposed"), ("effective", "Effective"), ("voided", "Voided")], max_length=9),
                ),
                ("needs_second", models.BooleanField()),
                ("keys", models.JSONField(default=dict)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("left", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.party")),
                (
                    "proposed_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("right", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.party")),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["left", "right", "-id"], name="identity_answer_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_by__isnull", True), models.Q(("agreed_by", models.F("proposed_by")), _negated=True), _connector="OR"
                        ),
                        name="identity_answer_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True), ("agreed_proof_id__isnull", True)),
                            models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False), ("agreed_proof_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="identity_answer_agreement_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "effective"), _negated=True),
                            ("needs_second", False),
                            ("agreed_by__isnull", False),
                            _connector="OR",
                        ),
                        name="identity_answer_effective_is_agreed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "voided"), ("voided_at__isnull", False), ("voided_by__isnull", False)),
                            models.Q(
                                models.Q(("state", "voided"), _negated=True), ("voided_at__isnull", True), ("voided_by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="identity_answer_voided_whole",
                    ),
                    models.CheckConstraint(condition=models.Q(("left__lt", models.F("right"))), name="identity_answer_ordered"),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("answer", "same"), _negated=True), ("needs_second", True), _connector="OR"),
                        name="identity_same_by_two",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")), fields=("left", "right"), name="identity_one_proposal"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdentityCandidate",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("why", models.CharField(choices=[("number", "Number"), ("name", "Name")], max_length=6)),
                ("score", models.DecimalField(decimal_places=4, max_digits=5)),
                ("left_text", models.CharField(max_length=300)),
                ("right_text", models.CharField(max_length=300)),
                ("explanation", models.JSONField(default=list)),
                ("found_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("left", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="certifications.party")),
                ("right", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="certifications.party")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("left", "right"), name="identity_candidate_once"),
                    models.CheckConstraint(condition=models.Q(("left__lt", models.F("right"))), name="identity_candidate_ordered"),
                ],
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "identities.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "identities_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
