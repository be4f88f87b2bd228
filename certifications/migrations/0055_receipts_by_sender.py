"""Who sent what is asked of the receipts of one receiver, and of the movements of one upload: not of every movement on record."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0054_lists_in_order"),
    ]

    operations = [
        migrations.AddIndex(model_name="movement", index=models.Index(fields=["upload"], name="movement_of_upload")),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(condition=models.Q(("kind", "receipt")), fields=["organisation", "buyer_name"], name="movement_received"),
        ),
    ]
