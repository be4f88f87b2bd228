"""What a party was called and numbered before stays on record; parting two parties of one number or name takes two people."""

from pathlib import Path
from typing import Any

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
FIELDS = {"native_name": "name", "latin_name": "name", "other_names": "name", "uscc": "uscc", "lei": "lei"}


def from_changes(apps: Any, schema_editor: Any) -> None:
    """Names and numbers that customers lost before, as far as the timeline kept their words."""
    get = apps.get_model
    parties = dict(get("certifications", "Customer").objects.values_list("pk", "party_id"))
    events = get("certifications", "Event").objects.filter(verb="customer.edited")
    whose = dict(events.values_list("pk", "object_id"))
    rows = []
    for event, changed in get("certifications", "CardChange").objects.filter(event_id__in=whose).values_list("event_id", "rows"):
        party = parties.get(whose[event])
        for field, old, new in changed:
            kind = FIELDS.get(field)
            if party is None or kind is None:
                continue
            gone = {text.strip() for text in old.split("; ")} - {text.strip() for text in new.split("; ")} - {""}
            rows += [(party, kind, text) for text in sorted(gone)]
    former = get("certifications", "FormerKey")
    made = [former(party_id=party, kind=kind, text=text[:300]) for party, kind, text in dict.fromkeys(rows)]
    former.objects.bulk_create(made, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0044_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormerKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("name", "Name"), ("place", "Place"), ("uscc", "Uscc"), ("lei", "Lei")], max_length=5)),
                ("text", models.CharField(max_length=300)),
                ("script", models.CharField(blank=True, max_length=4)),
                ("until", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="former", to="certifications.party"),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("party", "kind", "text"), name="former_key_once")],
            },
        ),
        migrations.RunPython(from_changes, migrations.RunPython.noop),
        migrations.RunSQL(
            sql=(SQL / "former_names.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "former_names_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
