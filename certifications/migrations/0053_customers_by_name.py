"""Lists are read along an index: customers by the name that a page shows, declarations by their stage, what a person was told by its time."""

from typing import Any

from django.db import migrations, models

from certifications.matching import spelled

MOST, BATCH = 300, 2000
STAGES = (
    "draft", "signed", "screening", "review", "returned", "ready", "issuing", "pending_timestamp", "attested", "withdrawn", "refused", "expired",
    "superseded",
)  # fmt: skip


def give_places(apps: Any, schema_editor: Any) -> None:
    """By the first name in each script, as lists show it."""
    customers, names = (apps.get_model("certifications", name) for name in ("Customer", "PartyName"))
    parties = customers.objects.order_by("pk").values_list("pk", "party_id")
    rows = list(parties)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        native: dict[str, str] = {}
        latin: dict[str, str] = {}
        held = names.objects.filter(party__in=[party for _pk, party in batch]).order_by("party", "position", "pk")
        for party, text, script in held.values_list("party", "text", "script"):
            if script == "Latn":
                latin.setdefault(party, text)
            elif script != "Zyyy":
                native.setdefault(party, text)
        made = []
        for pk, party in batch:
            shown, other = native.get(party, ""), latin.get(party, "")
            made.append(customers(pk=pk, native_order=spelled(shown or other)[:MOST], latin_order=spelled(other or shown)[:MOST]))
        customers.objects.bulk_update(made, ["native_order", "latin_order"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0052_whole_lines"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="native_order",
            field=models.CharField(blank=True, db_collation="C", default="", max_length=300),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="customer",
            name="latin_order",
            field=models.CharField(blank=True, db_collation="C", default="", max_length=300),
            preserve_default=False,
        ),
        migrations.RunPython(give_places, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["organisation", "native_order", "id"], name="customer_by_native_name"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["organisation", "latin_order", "id"], name="customer_by_latin_name"),
        ),
        # Declarations by the stage that they are at.
        migrations.AddIndex(
            model_name="declaration",
            index=models.Index(
                models.F("organisation"),
                models.Case(
                    *(models.When(status=status, then=models.Value(place)) for place, status in enumerate(STAGES)),
                    default=models.Value(len(STAGES)),
                ),
                models.F("id"),
                name="declaration_by_stage",
            ),
        ),
        # What a person was told lately stands on its home page too.
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("to_user_id", ""), _negated=True), fields=["to_user_id", "-created_at"], name="mail_of_person"
            ),
        ),
    ]
