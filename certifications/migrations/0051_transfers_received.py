"""The receiving half of a transfer between distributors is a movement of its own: it comes in, from whoever is named as it was written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0050_own_words"),
    ]

    operations = [
        migrations.AlterField(
            model_name="movement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sale", "Sale"),
                    ("return", "Return"),
                    ("transfer", "Transfer"),
                    ("sample", "Sample"),
                    ("loan", "Loan"),
                    ("rma", "Rma"),
                    ("receipt", "Receipt"),
                    ("sell_in", "Sell In"),
                    ("sell_back", "Sell Back"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "receipt"),
                    _negated=True,
                )
                | models.Q(
                    ("from_organisation__isnull", True),
                    ("to_organisation__isnull", False),
                    models.Q(("buyer_name", ""), _negated=True),
                ),
                name="movement_receipt_comes_in",
            ),
        ),
    ]
