"""Lists are read along an index: customers by the name that a page shows, declarations by their stage, what a person was told by its time.

In no transaction of its own: places are given batch by batch and indexes are built beside the work, so that nobody waits for either.
Run again after an interruption, it goes on: whoever has a place keeps it, and an index that was left half-built is built anew.
"""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from certifications.matching import spelled

MOST, BATCH = 300, 500
STAGES = (
    "draft", "signed", "screening", "review", "returned", "ready", "issuing", "pending_timestamp", "attested", "withdrawn", "refused", "expired",
    "superseded",
)  # fmt: skip


def give_places(apps: Any, schema_editor: Any) -> None:
    """By the first name in each script, as lists show it. Each batch is a transaction of its own."""
    customers, names = (apps.get_model("certifications", name) for name in ("Customer", "PartyName"))
    waiting = customers.objects.filter(native_order="", latin_order="").order_by("pk")
    last = ""
    while batch := list(waiting.filter(pk__gt=last).values_list("pk", "party_id")[:BATCH]):
        last = batch[-1][0]
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
        customers.objects.bulk_update(made, ["native_order", "latin_order"])


class AddIndexAgain(AddIndexConcurrently):
    """As its parent, after dropping what an interrupted build of this index left behind."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the invalid index of this name, if there is one, and build it."""
        schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{self.index.name}"')
        super().database_forwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("certifications", "0053_customers_by_name"),
    ]

    operations = [
        migrations.RunPython(give_places, migrations.RunPython.noop),
        AddIndexAgain(
            model_name="customer",
            index=models.Index(fields=["organisation", "native_order", "id"], name="customer_by_native_name"),
        ),
        AddIndexAgain(
            model_name="customer",
            index=models.Index(fields=["organisation", "latin_order", "id"], name="customer_by_latin_name"),
        ),
        # Declarations by the stage that they are at.
        AddIndexAgain(
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
        AddIndexAgain(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("to_user_id", ""), _negated=True), fields=["to_user_id", "-created_at"], name="mail_of_person"
            ),
        ),
    ]
