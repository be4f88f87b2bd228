"""Undertakings by line and place, with drafts and a transition; policies; papers that end."""

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
        ("certifications", "0020_catalogue"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClauseDraft",
            fields=[
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("content", models.JSONField()),
                ("edited_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.AddField(
            model_name="clauseset",
            name="countries",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name="clauseset",
            name="divisions",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=6), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name="clauseset",
            name="lines",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="clauseset",
            name="old_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="clauseset",
            name="proposal",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clause_set",
                to="certifications.catalogueproposal",
            ),
        ),
        migrations.AddConstraint(
            model_name="clauseset",
            constraint=models.CheckConstraint(
                condition=models.Q(("old_until__isnull", True), ("old_until__gt", models.F("from_date")), _connector="OR"),
                name="clause_set_transition_after",
            ),
        ),
        migrations.AddField(
            model_name="clausedraft",
            name="edited_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="authorisationdocument",
            name="good_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="authorisationdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("good_until__isnull", True), ("good_until__gt", models.F("dated_on")), _connector="OR"),
                name="authorisation_paper_dates_in_order",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "undertakings.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "undertakings_reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("title", models.CharField(max_length=120)),
                (
                    "lines",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), blank=True, default=list, size=None
                    ),
                ),
                (
                    "divisions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6), blank=True, default=list, size=None
                    ),
                ),
                (
                    "classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                (
                    "effect",
                    models.CharField(
                        choices=[("refuse", "Refuse"), ("two_people", "Two People"), ("confirm", "Confirm"), ("assurance", "Assurance")],
                        max_length=10,
                    ),
                ),
                ("level", models.CharField(blank=True, max_length=10)),
                ("from_date", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="policy", to="certifications.catalogueproposal"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "policies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("effect", "assurance"), ("level__in", ("link", "paper"))),
                            models.Q(models.Q(("effect", "assurance"), _negated=True), ("level", "")),
                            _connector="OR",
                        ),
                        name="policy_level_with_assurance",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gte", models.F("from_date")), _connector="OR"),
                        name="policy_dates_in_order",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "policies.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "policies_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
