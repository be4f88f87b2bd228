"""A customer's place in lists by name. The columns come with an empty default, so that the release before can go on writing; 0054 fills them."""

from django.db import migrations, models


def column(name: str) -> migrations.AddField:
    field = models.CharField(blank=True, db_collation="C", db_default="", max_length=300)
    return migrations.AddField(model_name="customer", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0052_whole_lines"),
    ]

    operations = [column("native_order"), column("latin_order")]
