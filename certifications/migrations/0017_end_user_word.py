"""The end user's own word: one-time links, answers, printed statements, their scans; questions of the end user as objections."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0016_uploads"),
    ]

    operations = [
        migrations.CreateModel(
            name="EndUserRequest",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("version_number", models.PositiveIntegerField()),
                ("canonical", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("contact_name", models.CharField(max_length=120)),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(max_length=10)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("confirmed", "Confirmed"),
                            ("declined", "Declined"),
                            ("questioned", "Questioned"),
                            ("revoked", "Revoked"),
                            ("lapsed", "Lapsed"),
                            ("outdated", "Outdated"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("form_key", models.CharField(max_length=26, unique=True)),
                ("asked_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "declaration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="end_user_requests", to="certifications.declaration"
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="objection",
            name="sent_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.CreateModel(
            name="EndUserLink",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("sent_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("day", models.PositiveSmallIntegerField(default=0)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="certifications.enduserrequest"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PrintedStatement",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("version_number", models.PositiveIntegerField()),
                ("canonical", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("pages", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "declaration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="printed_statements", to="certifications.declaration"
                    ),
                ),
                ("made_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "pdf",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StatementScan",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("signed_name", models.CharField(max_length=120)),
                ("signed_role", models.CharField(max_length=120)),
                ("signed_on", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[("filed", "Filed"), ("accepted", "Accepted"), ("refused", "Refused")], default="filed", max_length=8
                    ),
                ),
                ("filed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("checked_side", models.CharField(blank=True, max_length=12)),
                ("checked_proof_id", models.CharField(blank=True, max_length=26, null=True, unique=True)),
                ("refusal", models.CharField(blank=True, max_length=20)),
                ("refusal_text", models.CharField(blank=True, max_length=500)),
                ("form_key", models.CharField(max_length=26, unique=True)),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("filed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scans", to="certifications.printedstatement"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ScanFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("blob", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob")),
                (
                    "scan",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="files", to="certifications.statementscan"),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="EndUserAnswer",
            fields=[
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="answer",
                        serialize=False,
                        to="certifications.enduserrequest",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("confirmed", "Confirmed"), ("declined", "Declined"), ("questioned", "Questioned")], max_length=10
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=120)),
                ("role", models.CharField(blank=True, max_length=120)),
                ("reason", models.TextField(blank=True, max_length=2000)),
                ("email", models.EmailField(max_length=254)),
                ("answered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("form_key", models.CharField(max_length=26)),
                ("link", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.enduserlink")),
            ],
        ),
        migrations.AddField(
            model_name="objection",
            name="end_user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="objections",
                to="certifications.enduseranswer",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end_user__isnull", True), ("sent_by__isnull", False)),
                    models.Q(("end_user__isnull", False), ("sent_by__isnull", True)),
                    _connector="OR",
                ),
                name="objection_by_one_side",
            ),
        ),
        migrations.AddIndex(
            model_name="enduserrequest",
            index=models.Index(condition=models.Q(("status", "open")), fields=["expires_at"], name="end_user_request_waiting"),
        ),
        migrations.AddConstraint(
            model_name="enduserrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("declaration",), name="end_user_request_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="enduserrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("revoked_by__isnull", True), ("status", "open")),
                    models.Q(("closed_at__isnull", False), ("revoked_by__isnull", False), ("status", "revoked")),
                    models.Q(
                        models.Q(("status__in", ("open", "revoked")), _negated=True),
                        ("closed_at__isnull", False),
                        ("revoked_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="end_user_request_closed_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="enduserlink",
            constraint=models.UniqueConstraint(fields=("request", "day"), name="end_user_link_once"),
        ),
        migrations.AddConstraint(
            model_name="printedstatement",
            constraint=models.UniqueConstraint(fields=("declaration", "sha256"), name="printed_statement_once"),
        ),
        migrations.AddConstraint(
            model_name="printedstatement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pages__isnull", True), ("pdf__isnull", True)),
                    models.Q(("pages__isnull", False), ("pdf__isnull", False)),
                    _connector="OR",
                ),
                name="printed_statement_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementscan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "filed")), fields=("statement",), name="statement_scan_one_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="statementscan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "accepted")), fields=("statement",), name="statement_scan_one_accepted"
            ),
        ),
        migrations.AddConstraint(
            model_name="statementscan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("checked_by__isnull", True), models.Q(("checked_by", models.F("filed_by")), _negated=True), _connector="OR"
                ),
                name="statement_scan_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementscan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("checked_at__isnull", True),
                        ("checked_by__isnull", True),
                        ("checked_proof_id__isnull", True),
                        ("checked_side", ""),
                        ("refusal", ""),
                        ("status", "filed"),
                    ),
                    models.Q(
                        ("checked_at__isnull", False),
                        ("checked_by__isnull", False),
                        ("checked_proof_id__isnull", False),
                        ("refusal", ""),
                        ("status", "accepted"),
                        models.Q(("checked_side", ""), _negated=True),
                    ),
                    models.Q(
                        ("checked_at__isnull", False),
                        ("checked_by__isnull", False),
                        ("checked_proof_id__isnull", False),
                        ("status", "refused"),
                        models.Q(("checked_side", ""), _negated=True),
                        models.Q(("refusal", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="statement_scan_check_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="scanfile",
            constraint=models.UniqueConstraint(fields=("scan", "position"), name="scan_file_once"),
        ),
        migrations.AddConstraint(
            model_name="enduseranswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), _negated=True),
                    models.Q(
                        models.Q(("kind", "confirmed"), ("reason", ""), models.Q(("role", ""), _negated=True)),
                        models.Q(("kind", "declined"), models.Q(("reason", ""), _negated=True)),
                        models.Q(("kind", "questioned"), ("reason", "")),
                        _connector="OR",
                    ),
                ),
                name="end_user_answer_whole",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "end_user_word.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "end_user_word_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
