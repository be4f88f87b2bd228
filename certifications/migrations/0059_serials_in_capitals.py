"""Units that were seen in service, and those of an opening stock, are found by their serial number in either case of letters along an index.

In no transaction of its own: indexes are built beside the work. Run again after an interruption, it goes on.
"""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Upper


class AddIndexAgain(AddIndexConcurrently):
    """As its parent, after dropping what an interrupted build of this index left behind."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the invalid index of this name, if there is one, and build it."""
        schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{self.index.name}"')
        super().database_forwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("certifications", "0058_mail_path")]

    operations = [
        AddIndexAgain(model_name="sighting", index=models.Index(Upper("serial"), name="sighting_of_serial_upper")),
        # Nothing asks for it as it is written.
        RemoveIndexConcurrently(model_name="sighting", name="sighting_of_serial"),
        AddIndexAgain(model_name="stockcount", index=models.Index(Upper("serial"), name="stock_of_serial_upper", condition=~Q(serial=""))),
    ]
