"""Each of several end users is asked for its own word: a question and a printed statement say whose they are.

What was asked before was asked of the only end user of its declaration. Going back, where two of several have been asked, the index of
one open question a declaration cannot be made again, and says so.
"""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
OF_WHOM = ("enduserrequest", "printedstatement")


def _customer(*, null: bool) -> models.ForeignKey:
    return models.ForeignKey(null=null, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.customer")


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0049_certificates_by_file"),
    ]

    operations = [
        *(migrations.AddField(model_name=name, name="customer", field=_customer(null=True)) for name in OF_WHOM),
        migrations.RunSQL(sql=(SQL / "own_words_whose.sql").read_text(encoding="utf-8"), reverse_sql=migrations.RunSQL.noop),
        *(migrations.AlterField(model_name=name, name="customer", field=_customer(null=False)) for name in OF_WHOM),
        migrations.RemoveConstraint(model_name="enduserrequest", name="end_user_request_one_open"),
        migrations.AddConstraint(
            model_name="enduserrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("declaration", "customer"), name="end_user_request_one_open"
            ),
        ),
        migrations.RemoveConstraint(model_name="printedstatement", name="printed_statement_once"),
        migrations.AddConstraint(
            model_name="printedstatement",
            constraint=models.UniqueConstraint(fields=("declaration", "customer", "sha256"), name="printed_statement_once"),
        ),
        migrations.RunSQL(
            sql=(SQL / "own_words.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "own_words_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
