"""Immutability, two-person rules and the coming into force, enforced by PostgreSQL (sql/guards.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("certifications", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql=(SQL / "guards.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "guards_reverse.sql").read_text(encoding="utf-8"),
        )
    ]
