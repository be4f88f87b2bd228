"""Amendments and renewals, why a declaration was withdrawn or returned, and the ceiling while an amendment is being issued."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0018_dossier"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReturnNote",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("version_number", models.PositiveIntegerField()),
                ("fields", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ("text", models.TextField(max_length=2000)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                (
                    "declaration",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="withdrawal",
                        serialize=False,
                        to="certifications.declaration",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("order", "Order"),
                            ("mistake", "Mistake"),
                            ("replaced", "Replaced"),
                            ("end_user", "End User"),
                            ("upload", "Upload"),
                            ("other", "Other"),
                        ],
                        max_length=8,
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=1000)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="balance",
            name="ceiling",
            field=models.DecimalField(decimal_places=4, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="declaration",
            name="follows",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followers",
                to="certifications.declaration",
            ),
        ),
        migrations.AddField(
            model_name="declaration",
            name="follows_as",
            field=models.CharField(blank=True, choices=[("copy", "Copy"), ("amend", "Amend"), ("renew", "Renew")], max_length=5),
        ),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ceiling__isnull", True),
                    ("ceiling__gte", django.db.models.expressions.CombinedExpression(models.F("reserved"), "+", models.F("shipped"))),
                    _connector="OR",
                ),
                name="balance_within_ceiling",
            ),
        ),
        migrations.AddConstraint(
            model_name="declaration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("follows__isnull", True), ("follows_as", "")),
                    models.Q(("follows__isnull", False), models.Q(("follows_as", ""), _negated=True)),
                    _connector="OR",
                ),
                name="declaration_follows_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="declaration",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("follows_as__in", ["amend", "renew"]), models.Q(("status__in", ["withdrawn", "refused", "expired"]), _negated=True)
                ),
                fields=("follows", "follows_as"),
                name="declaration_followed_once",
            ),
        ),
        migrations.AddField(
            model_name="returnnote",
            name="by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="returnnote",
            name="declaration",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="certifications.declaration"),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunSQL(
            sql=(SQL / "follow_ups.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "follow_ups_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
