"""A confirmed line keeps what else a notice says: other bidders, agency, delivery, numbers of the goods, and its days. Older lines have none.

The line's own triggers refuse any change of a row, whichever column; these are born empty and stay so.
"""

from django.db import migrations, models
from django.db.models.functions import Upper

NUMBER = {"blank": True, "max_length": 60}
WORDS = {"blank": True, "max_length": 300}


def column(name: str, field: models.Field) -> migrations.AddField:
    return migrations.AddField(model_name="evidenceline", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0051_transfers_received"),
    ]

    operations = [
        column("published_on", models.DateField(blank=True, null=True)),
        column("signed_on", models.DateField(blank=True, null=True)),
        column("other_bidders", models.JSONField(blank=True, default=list)),
        *(column(name, models.CharField(**WORDS)) for name in ("agency", "delivery_place")),
        *(column(name, models.CharField(**NUMBER)) for name in ("catalogue_no", "lot", "serial")),
        *(
            migrations.AddIndex(
                model_name="evidenceline",
                index=models.Index(Upper(name), name=f"evidence_line_{name}", condition=~models.Q((name, ""))),
            )
            for name in ("serial", "lot")
        ),
    ]
