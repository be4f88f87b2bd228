"""Tips from outside, and who reads them."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids
import certifications.tips.models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0039_intake"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="evidencecapture", name="evidence_capture_by_one"),
        migrations.RemoveConstraint(model_name="evidencecapture", name="evidence_capture_of_a_page"),
        migrations.AlterField(
            model_name="evidencecapture",
            name="method",
            field=models.CharField(
                choices=[("paste", "Paste"), ("upload", "Upload"), ("api", "Api"), ("folder", "Folder"), ("tip", "Tip")], max_length=8
            ),
        ),
        migrations.AlterField(
            model_name="evidencedocument",
            name="origin",
            field=models.CharField(
                choices=[("paste", "Paste"), ("upload", "Upload"), ("api", "Api"), ("folder", "Folder"), ("tip", "Tip")], max_length=8
            ),
        ),
        migrations.AddConstraint(
            model_name="evidencecapture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("by__isnull", False), ("method__in", ("paste", "upload", "tip")), ("program__isnull", True)),
                    models.Q(("by__isnull", True), ("method", "api"), ("program__isnull", False)),
                    models.Q(("by__isnull", True), ("method", "folder"), ("program__isnull", True)),
                    _connector="OR",
                ),
                name="evidence_capture_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidencecapture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agrees", "bytes"),
                    models.Q(models.Q(("method__in", ("paste", "tip")), _negated=True), models.Q(("source_url", ""), _negated=True)),
                    _connector="OR",
                ),
                name="evidence_capture_of_a_page",
            ),
        ),
        migrations.CreateModel(
            name="Tip",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=certifications.tips.models.new_key, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("receipt_hash", models.CharField(max_length=64, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("open", "Open"), ("closed", "Closed"), ("erased", "Erased")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("received_on", models.DateField()),
                ("noted", models.BooleanField(default=False)),
                ("what", models.TextField(max_length=4000)),
                ("place", models.CharField(blank=True, max_length=300)),
                ("seen_when", models.CharField(blank=True, max_length=60)),
                ("product", models.CharField(blank=True, max_length=300)),
                ("seller", models.CharField(blank=True, max_length=300)),
                ("buyer", models.CharField(blank=True, max_length=300)),
                ("link", models.CharField(blank=True, max_length=600)),
                (
                    "outcome",
                    models.CharField(blank=True, choices=[("evidence", "Evidence"), ("no_use", "No Use"), ("spam", "Spam")], max_length=8),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("closed_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["status", "-received_on"], name="tip_by_status")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_on__isnull", True), ("outcome", ""), ("status__in", ["waiting", "open"])),
                            models.Q(
                                ("closed_on__isnull", False), ("status__in", ["closed", "erased"]), models.Q(("outcome", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="tip_closed_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TipFile",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=certifications.tips.models.new_key, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("media_type", models.CharField(max_length=20)),
                ("size", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("tip", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="files", to="certifications.tip")),
            ],
            options={
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("tip", "position"), name="tip_file_once")],
            },
        ),
        migrations.CreateModel(
            name="TipMessage",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=certifications.tips.models.new_key, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("text", models.TextField(max_length=4000)),
                ("written_on", models.DateField()),
                ("noted", models.BooleanField(default=False)),
                (
                    "reader",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("tip", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="certifications.tip")),
            ],
            options={
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("tip", "position"), name="tip_message_once")],
            },
        ),
        migrations.CreateModel(
            name="TipReader",
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
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("reader", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_by__isnull", True), models.Q(("agreed_by", models.F("proposed_by")), _negated=True), _connector="OR"
                        ),
                        name="tip_reader_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True), ("agreed_proof_id__isnull", True)),
                            models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False), ("agreed_proof_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="tip_reader_agreement_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("state", "effective"), _negated=True), ("agreed_by__isnull", False), _connector="OR"),
                        name="tip_reader_effective_is_agreed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "voided"), ("voided_at__isnull", False), ("voided_by__isnull", False)),
                            models.Q(
                                models.Q(("state", "voided"), _negated=True), ("voided_at__isnull", True), ("voided_by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="tip_reader_voided_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_by__isnull", True), models.Q(("agreed_by", models.F("reader")), _negated=True), _connector="OR"
                        ),
                        name="tip_reader_not_by_own_agreement",
                    ),
                    models.UniqueConstraint(condition=models.Q(("state", "proposed")), fields=("reader",), name="tip_reader_one_proposal"),
                ],
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "tips.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "tips_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
