"""A job's claims and its failures are counted apart: one number fences, the other gives up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certifications", "0002_guards")]
    operations = [
        migrations.AddField(
            model_name="job",
            name="failures",
            field=models.PositiveIntegerField(default=0),
        )
    ]
