"""An old certificate may be kept before its paper is filed; the paper is filed once."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0048_letters_answer_policies"),
    ]

    operations = [
        migrations.AlterField(
            model_name="oldcertificate",
            name="blob",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob"
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "certificates_by_file.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "certificates_by_file_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
