"""Where a mail that says what is done leads: the list of what was done lately lost its links when the text was emptied.

What left before stays without one. Reversible: the column goes.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certifications", "0057_places_of_further_parties")]

    operations = [
        migrations.AddField(model_name="mail", name="path", field=models.CharField(blank=True, db_default="", max_length=300)),
    ]
