"""Counts of public checks, and an index over names as they are compared in one."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0030_identities"),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("answer", models.CharField(choices=[("authorised", "Authorised"), ("none", "None")], max_length=10)),
                ("number", models.PositiveIntegerField(default=0)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("day", "answer"), name="check_count_once")]},
        ),
        migrations.RunSQL(
            sql=(SQL / "public_check.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "public_check_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
