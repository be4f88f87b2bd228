"""A row of a file that asked something keeps what it was answered; lists of order lines and of movements are read along an index.

In no transaction of its own: indexes are built beside the work, so that nobody waits for them. Run again after an interruption, it goes on:
an index that was left half-built is built anew.
"""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

ORDERS = {
    "order_line_own_numbers": ["organisation", "order_number", "id"],
    "order_line_own_days": ["organisation", "wanted_on", "id"],
    "order_line_numbers": ["order_number", "id"],
    "order_line_days": ["wanted_on", "id"],
}
MOVEMENTS = {
    "movement_days": ["happened_on", "id"],
    "movement_own_buyers": ["organisation", "buyer_name", "id"],
}


class AddIndexAgain(AddIndexConcurrently):
    """As its parent, after dropping what an interrupted build of this index left behind."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the invalid index of this name, if there is one, and build it."""
        schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{self.index.name}"')
        super().database_forwards(app_label, schema_editor, from_state, to_state)


class AddColumnOnce(migrations.AddField):
    """As its parent, where an interrupted run has not added it already."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Add the column unless it is there: an empty one, which PostgreSQL adds without touching a row."""
        schema_editor.execute('ALTER TABLE "certifications_uploadrow" ADD COLUMN IF NOT EXISTS "answer" jsonb NULL')


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("certifications", "0055_receipts_by_sender"),
    ]

    operations = [
        AddColumnOnce(model_name="uploadrow", name="answer", field=models.JSONField(blank=True, null=True)),
        *(AddIndexAgain(model_name="orderline", index=models.Index(fields=fields, name=name)) for name, fields in ORDERS.items()),
        *(AddIndexAgain(model_name="movement", index=models.Index(fields=fields, name=name)) for name, fields in MOVEMENTS.items()),
        # What order_line_numbers begins with.
        RemoveIndexConcurrently(model_name="orderline", name="order_line_by_order"),
    ]
