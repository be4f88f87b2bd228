"""Tender authorisation letters: asked for, decided by people, sealed by the signer."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0021_undertakings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("code", models.CharField(max_length=9)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("screening", "Screening"),
                            ("waiting", "Waiting"),
                            ("issuing", "Issuing"),
                            ("valid", "Valid"),
                            ("expired", "Expired"),
                            ("revoked", "Revoked"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="screening",
                        max_length=10,
                    ),
                ),
                ("buyer_native", models.CharField(blank=True, max_length=300)),
                ("buyer_latin", models.CharField(blank=True, max_length=300)),
                ("buyer_uscc", models.CharField(blank=True, max_length=18)),
                (
                    "others",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), blank=True, default=list, size=None
                    ),
                ),
                ("project_no", models.CharField(max_length=120)),
                ("project_key", models.CharField(db_index=True, max_length=120)),
                ("goods", models.JSONField()),
                ("lines", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ("country", models.CharField(max_length=2)),
                ("division", models.CharField(blank=True, max_length=6)),
                ("valid_until", models.DateField()),
                ("language", models.CharField(choices=[("en", "En"), ("zh", "Zh"), ("both", "Both")], max_length=4)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("form_key", models.CharField(max_length=26, unique=True)),
                ("asked_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="certifications.organisation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LetterDecision",
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
                ("outcome", models.CharField(choices=[("release", "Release"), ("refuse", "Refuse"), ("revoke", "Revoke")], max_length=7)),
                ("public_reason", models.CharField(blank=True, max_length=200)),
                (
                    "state",
                    models.CharField(choices=[("proposed", "Proposed"), ("effective", "Effective"), ("voided", "Voided")], max_length=9),
                ),
                ("needs_second", models.BooleanField()),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="certifications.letter"),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LetterText",
            fields=[
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="certifications.letterdecision",
                    ),
                ),
                ("canonical", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="LetterParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(choices=[("buyer", "Buyer"), ("other", "Other"), ("customer", "Customer")], max_length=8)),
                (
                    "letter",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="parties", to="certifications.letter"),
                ),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="certifications.party"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LetterReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", models.PositiveSmallIntegerField(null=True)),
                ("line", models.CharField(blank=True, max_length=26)),
                ("told_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "letter",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="certifications.letter"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LetterSeal",
            fields=[
                (
                    "letter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="seal",
                        serialize=False,
                        to="certifications.letter",
                    ),
                ),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("sealed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("timestamped_at", models.DateTimeField()),
                ("certificate_sha256", models.CharField(max_length=64)),
                ("by_test_authority", models.BooleanField()),
                ("pdf", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob")),
            ],
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["organisation", "-asked_at"], name="letter_recent"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["status", "-asked_at"], name="letter_by_status"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("buyer_native", ""), _negated=True), models.Q(("buyer_latin", ""), _negated=True), _connector="OR"
                ),
                name="letter_buyer_named",
            ),
        ),
        migrations.AddField(
            model_name="lettertext",
            name="unsealed",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob"),
        ),
        migrations.AddField(
            model_name="letterseal",
            name="text",
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="seal", to="certifications.lettertext"),
        ),
        migrations.AddConstraint(
            model_name="letterdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agreed_by__isnull", True), models.Q(("agreed_by", models.F("proposed_by")), _negated=True), _connector="OR"
                ),
                name="letter_decision_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True), ("agreed_proof_id__isnull", True)),
                    models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False), ("agreed_proof_id__isnull", False)),
                    _connector="OR",
                ),
                name="letter_decision_agreement_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "effective"), _negated=True), ("needs_second", False), ("agreed_by__isnull", False), _connector="OR"
                ),
                name="letter_decision_effective_is_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "voided"), ("voided_at__isnull", False), ("voided_by__isnull", False)),
                    models.Q(models.Q(("state", "voided"), _negated=True), ("voided_at__isnull", True), ("voided_by__isnull", True)),
                    _connector="OR",
                ),
                name="letter_decision_voided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterdecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "proposed")), fields=("letter",), name="letter_decision_one_proposal"
            ),
        ),
        migrations.AddConstraint(
            model_name="letterdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("outcome", "revoke"), _negated=True), ("needs_second", True), _connector="OR"),
                name="letter_revoked_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "release"), ("public_reason", "")), models.Q(("public_reason", ""), _negated=True), _connector="OR"
                ),
                name="letter_reason_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterparty",
            constraint=models.UniqueConstraint(fields=("letter", "party"), name="letter_party_once"),
        ),
        migrations.AddConstraint(
            model_name="letterreminder",
            constraint=models.UniqueConstraint(condition=models.Q(("line", "")), fields=("letter", "days"), name="letter_end_told_once"),
        ),
        migrations.AddConstraint(
            model_name="letterreminder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("line", ""), _negated=True), fields=("letter", "line"), name="letter_award_told_once"
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "letters.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "letters_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
