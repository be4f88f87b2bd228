"""A return carries words to the distributor; a distributor may say which undertakings it cannot agree to, and why."""

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
        ("certifications", "0005_kept_columns"),
    ]

    operations = [
        migrations.CreateModel(
            name="Objection",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("version_number", models.PositiveIntegerField()),
                (
                    "clauses",
                    django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=list, size=None),
                ),
                ("text", models.TextField(max_length=2000)),
                ("sent_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("answer", models.TextField(blank=True, max_length=2000)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="decision",
            name="message",
            field=models.TextField(blank=True, max_length=2000),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("message", ""), ("outcome", "return"), _connector="OR"), name="decision_message_with_return"
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="answered_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="declaration",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="objections", to="certifications.declaration"
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="sent_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at__isnull", True), ("answered_by__isnull", True)),
                    models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False), ("answered_by__isnull", False)),
                    _connector="OR",
                ),
                name="objection_answer_whole",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "words_to_the_distributor.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "words_to_the_distributor_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
