"""PostgreSQL keeps what was recorded of evidence, lists, authorisations, roles and undertakings; one organisation each."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("certifications", "0004_signed_facts")]
    operations = [
        migrations.RunSQL(
            sql=(SQL / "kept_columns.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "kept_columns_reverse.sql").read_text(encoding="utf-8"),
        )
    ]
