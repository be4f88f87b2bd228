"""The manufacturer's shipments stand among the movements; service, parts and activations are sightings."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0042_crowds"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sighting",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(choices=[("activation", "Activation"), ("service", "Service"), ("parts", "Parts")], max_length=10),
                ),
                ("serial", models.CharField(max_length=60)),
                ("happened_on", models.DateField()),
                ("user_name", models.CharField(blank=True, max_length=300)),
                ("user_uscc", models.CharField(blank=True, max_length=40)),
                ("site", models.CharField(blank=True, max_length=300)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("province", models.CharField(blank=True, max_length=60)),
                ("city", models.CharField(blank=True, max_length=60)),
                ("part_no", models.CharField(blank=True, max_length=60)),
                ("part", models.CharField(blank=True, max_length=300)),
                ("quantity", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("order_no", models.CharField(blank=True, max_length=60)),
                ("done_by", models.CharField(blank=True, max_length=200)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("row", models.PositiveIntegerField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="movement",
            name="invoiced_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="movement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sale", "Sale"),
                    ("return", "Return"),
                    ("transfer", "Transfer"),
                    ("sample", "Sample"),
                    ("loan", "Loan"),
                    ("rma", "Rma"),
                    ("sell_in", "Sell In"),
                    ("sell_back", "Sell Back"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="movement",
            name="report",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="movements",
                to="certifications.salesreport",
            ),
        ),
        migrations.AlterField(
            model_name="nameuse",
            name="kind",
            field=models.CharField(
                choices=[("evidence_line", "Evidence Line"), ("movement", "Movement"), ("sighting", "Sighting")], max_length=16
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.UniqueConstraint(
                models.F("product"),
                django.db.models.functions.text.Upper("serial"),
                models.F("happened_on"),
                condition=models.Q(("kind", "sell_in"), ("taken_back_at__isnull", True), models.Q(("serial", ""), _negated=True)),
                name="movement_shipped_once",
            ),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                django.db.models.functions.text.Upper("serial"),
                condition=models.Q(("serial", ""), _negated=True),
                name="movement_of_serial_upper",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("from_organisation__isnull", False),
                        ("kind__in", ["sell_in", "sell_back"]),
                        ("report__isnull", True),
                        ("to_organisation__isnull", False),
                    ),
                    models.Q(models.Q(("kind__in", ["sell_in", "sell_back"]), _negated=True), ("report__isnull", False)),
                    _connector="OR",
                ),
                name="movement_in_a_report_or_a_shipment",
            ),
        ),
        migrations.AddField(
            model_name="sighting",
            name="organisation",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.organisation"
            ),
        ),
        migrations.AddField(
            model_name="sighting",
            name="product",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.product"
            ),
        ),
        migrations.AddField(
            model_name="sighting",
            name="taken_back_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sighting",
            name="upload",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.upload"
            ),
        ),
        migrations.AddIndex(
            model_name="sighting",
            index=models.Index(fields=["serial"], name="sighting_of_serial"),
        ),
        migrations.AddIndex(
            model_name="sighting",
            index=models.Index(fields=["upload"], name="sighting_of_upload"),
        ),
        migrations.AddIndex(
            model_name="sighting",
            index=models.Index(fields=["-happened_on", "-id"], name="sighting_recent"),
        ),
        migrations.AddConstraint(
            model_name="sighting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("taken_back_at__isnull", True)), fields=("organisation", "key"), name="sighting_reported_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sighting",
            constraint=models.CheckConstraint(condition=models.Q(("serial", ""), _negated=True), name="sighting_is_of_a_unit"),
        ),
        migrations.AddConstraint(
            model_name="sighting",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__isnull", True), ("quantity__gt", 0), _connector="OR"), name="sighting_counts_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="sighting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_back_at__isnull", True), ("taken_back_by__isnull", True)),
                    models.Q(("taken_back_at__isnull", False), ("taken_back_by__isnull", False)),
                    _connector="OR",
                ),
                name="sighting_taken_back_whole",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "sell_in.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "sell_in_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
