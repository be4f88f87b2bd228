"""One factor for the set of declarations that one person signs in one sitting."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0017_end_user_word"),
    ]

    operations = [
        migrations.AlterField(
            model_name="signature",
            name="proof_id",
            field=models.CharField(db_index=True, max_length=26),
        ),
    ]
