"""A screening keeps before which place others may come forward, so that a delta need not screen everybody with a crowded name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certifications", "0041_second_looks")]

    operations = [
        migrations.AddField(model_name="screeningrun", name="crowds", field=models.JSONField(default=list)),
    ]
