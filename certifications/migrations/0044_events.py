"""What GTINs and GLNs mean, which event said that something moved, which were declared wrong, and which program sent a file."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0043_sell_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="TradeCode",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=14)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="WrongEvent",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("event_id", models.CharField(max_length=300)),
                ("declared", models.CharField(max_length=400)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="movement",
            name="event_id",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="upload",
            name="program",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.apiclient"
            ),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                condition=models.Q(("event_id", ""), _negated=True), fields=["organisation", "event_id"], name="movement_of_event"
            ),
        ),
        migrations.AddField(
            model_name="tradecode",
            name="ended_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="tradecode",
            name="organisation",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.organisation"
            ),
        ),
        migrations.AddField(
            model_name="tradecode",
            name="product",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="trade_codes", to="certifications.product"
            ),
        ),
        migrations.AddField(
            model_name="tradecode",
            name="recorded_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="wrongevent",
            name="organisation",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.organisation"
            ),
        ),
        migrations.AddField(
            model_name="wrongevent",
            name="taken_back_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="wrongevent",
            name="upload",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.upload"),
        ),
        migrations.AddConstraint(
            model_name="tradecode",
            constraint=models.UniqueConstraint(condition=models.Q(("ended_at__isnull", True)), fields=("code",), name="trade_code_once"),
        ),
        migrations.AddConstraint(
            model_name="tradecode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code__regex", "^\\d{14}$"), ("organisation__isnull", True), ("product__isnull", False)),
                    models.Q(("code__regex", "^\\d{13}$"), ("organisation__isnull", False), ("product__isnull", True)),
                    _connector="OR",
                ),
                name="trade_code_means_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="tradecode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="trade_code_ended_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="wrongevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("taken_back_at__isnull", True)), fields=("organisation", "event_id"), name="wrong_event_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="wrongevent",
            constraint=models.CheckConstraint(condition=models.Q(("event_id", ""), _negated=True), name="wrong_event_is_one"),
        ),
        migrations.AddConstraint(
            model_name="wrongevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_back_at__isnull", True), ("taken_back_by__isnull", True)),
                    models.Q(("taken_back_at__isnull", False), ("taken_back_by__isnull", False)),
                    _connector="OR",
                ),
                name="wrong_event_taken_back_whole",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "events.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "events_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
