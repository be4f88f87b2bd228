"""Products, their units and groups of equivalents by two people; sets of undertakings and groups are whole."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0025_emergency"),
    ]

    operations = [
        migrations.AddField(
            model_name="productversion",
            name="proposal",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="product_version",
                to="certifications.catalogueproposal",
            ),
        ),
        migrations.AlterField(
            model_name="productversion",
            name="reason",
            field=models.CharField(blank=True, max_length=2000),
        ),
        migrations.RunSQL(
            sql=(SQL / "two_people_for_groups.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "two_people_for_groups_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
