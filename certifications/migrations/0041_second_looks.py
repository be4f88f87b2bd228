"""Two people let go a statement on an owner that is not clear; an emergency access is of a version and can be closed; guards beside them."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0040_tips"),
    ]

    operations = [
        migrations.AddField(
            model_name="ownership",
            name="let_go_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="ownership",
            name="let_go_agreed_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("let_go_agreed_by__isnull", True),
                    models.Q(
                        ("held", False),
                        ("let_go_by__isnull", False),
                        models.Q(("let_go_agreed_by", models.F("let_go_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="ownership_let_go_by_two",
            ),
        ),
        migrations.AddField(model_name="emergencyaccess", name="version", field=models.PositiveIntegerField(null=True)),
        migrations.AddField(model_name="emergencyaccess", name="closed_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            model_name="emergencyaccess",
            name="closed_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    ("closed_by__isnull", True),
                )
                | models.Q(("closed_at__isnull", False), ("closed_by__isnull", False), ("state", "effective")),
                name="emergency_closed_whole",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "second_looks.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "second_looks_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
