"""An opening stock is confirmed by whoever may sign on that day, within what it was given; PostgreSQL asks the same."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0045_former_names"),
    ]

    operations = [
        migrations.AddField(model_name="stockconfirmation", name="under", field=models.JSONField(default=dict)),
        migrations.RunSQL(
            sql=(SQL / "stock_powers.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "stock_powers_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
