"""A letter's release says which policies were answered by it."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0047_appointments"),
    ]

    operations = [
        migrations.AddField(
            model_name="letterdecision",
            name="answered",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, default=list, size=None
            ),
        ),
    ]
