"""Undertakings by line and place, with drafts and a transition; policies; papers that end."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

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
        migrations.RunSQL(
            sql=(SQL / "undertakings.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "undertakings_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
