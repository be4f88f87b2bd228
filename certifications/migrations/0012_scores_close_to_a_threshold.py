"""Runs say which scores stood close to a threshold, deltas how words came to weigh otherwise: fewer parties are reached in vain."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0011_resellers"),
    ]

    operations = [
        migrations.AddField(model_name="screeningrun", name="close", field=models.JSONField(default=list)),
        migrations.AddField(model_name="listdelta", name="drift", field=models.JSONField(default=dict)),
    ]
