"""Each of several end users is asked for its own word: a question and a printed statement say whose they are.

What was asked before is said to be of the declaration's end user where its own text names exactly that one; a draft's end user may have
changed since, and then it is left empty. The column stays nullable: processes of the earlier release go on writing while this is in.
Going back is refused as soon as one of several end users was asked, or one that the declaration does not name first: the earlier release
would not hear what it said, a "no" among it.
"""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
OF_WHOM = ("enduserrequest", "printedstatement")


def _customer() -> models.ForeignKey:
    on_delete = django.db.models.deletion.PROTECT
    return models.ForeignKey(blank=True, null=True, on_delete=on_delete, related_name="+", to="certifications.customer")


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0049_certificates_by_file"),
    ]

    operations = [
        *(migrations.AddField(model_name=name, name="customer", field=_customer()) for name in OF_WHOM),
        migrations.RunSQL(sql=(SQL / "own_words_whose.sql").read_text(encoding="utf-8"), reverse_sql=migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="enduserrequest", name="end_user_request_one_open"),
        migrations.AddConstraint(
            model_name="enduserrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("declaration", "customer"),
                name="end_user_request_one_open",
                nulls_distinct=False,
            ),
        ),
        migrations.RemoveConstraint(model_name="printedstatement", name="printed_statement_once"),
        migrations.AddConstraint(
            model_name="printedstatement",
            constraint=models.UniqueConstraint(
                fields=("declaration", "customer", "sha256"), name="printed_statement_once", nulls_distinct=False
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "own_words.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "own_words_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
