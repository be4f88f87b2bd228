"""Where further parties of declarations signed in a sitting were: the column stayed empty, and a regulator of that place missed them.

The country is the one that the signed text itself names, part by part in its order. A text says no division of a party: where the party is
still in that country its division of today is taken, else it stays empty, and a scope narrowed by divisions shows nothing rather than too much.
Nothing is taken back on the way back: the rows are as they should have been signed. One statement; the guard is aside for it alone.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0056_orders_by_file"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "places_of_further_parties.sql").read_text(encoding="utf-8"),
            reverse_sql=migrations.RunSQL.noop,
            elidable=True,
        ),
    ]
