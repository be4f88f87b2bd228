"""Custody movements, the reports that distributors owe, and what an upload of them needs."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0036_declaration_kinds"),
    ]

    operations = [
        migrations.CreateModel(
            name="SalesReport",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("period", models.DateField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sales_reports", to="certifications.organisation"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="upload",
            name="remarks",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="uploadrow",
            name="facts",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("line", models.CharField(max_length=26)),
                ("part", models.PositiveSmallIntegerField(default=0)),
                ("key", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sale", "Sale"),
                            ("return", "Return"),
                            ("transfer", "Transfer"),
                            ("sample", "Sample"),
                            ("loan", "Loan"),
                            ("rma", "Rma"),
                        ],
                        max_length=8,
                    ),
                ),
                ("lot", models.CharField(blank=True, max_length=60)),
                ("serial", models.CharField(blank=True, max_length=60)),
                ("quantity", models.DecimalField(decimal_places=2, max_digits=14)),
                ("reported", models.CharField(max_length=60)),
                ("happened_on", models.DateField()),
                ("buyer_name", models.CharField(blank=True, max_length=300)),
                ("buyer_uscc", models.CharField(blank=True, max_length=40)),
                ("buyer_type", models.CharField(blank=True, max_length=60)),
                ("end_user_name", models.CharField(blank=True, max_length=300)),
                ("end_user_uscc", models.CharField(blank=True, max_length=40)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("province", models.CharField(blank=True, max_length=60)),
                ("city", models.CharField(blank=True, max_length=60)),
                ("invoice_no", models.CharField(blank=True, max_length=60)),
                ("contract_no", models.CharField(blank=True, max_length=60)),
                ("declaration_no", models.CharField(blank=True, max_length=40)),
                ("unit_price", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("row", models.PositiveIntegerField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "from_organisation",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="certifications.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="certifications.organisation",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.product"
                    ),
                ),
                (
                    "taken_back_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to_organisation",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="certifications.organisation",
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.upload"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="certifications.salesreport",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReportDue",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.PositiveSmallIntegerField()),
                ("explanation", models.CharField(max_length=300)),
                ("set_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="certifications.organisation",
                    ),
                ),
                ("set_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="ReportReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", models.SmallIntegerField()),
                ("told_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="certifications.salesreport"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NothingSold",
            fields=[
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="nothing",
                        serialize=False,
                        to="certifications.salesreport",
                    ),
                ),
                ("stated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "stated_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="salesreport",
            constraint=models.UniqueConstraint(fields=("organisation", "period"), name="sales_report_once"),
        ),
        migrations.AddConstraint(
            model_name="salesreport",
            constraint=models.CheckConstraint(condition=models.Q(("period__day", 1)), name="sales_report_is_a_month"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["organisation", "-happened_on", "-id"], name="movement_recent"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["product", "lot"], name="movement_of_lot"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(condition=models.Q(("serial", ""), _negated=True), fields=["serial"], name="movement_of_serial"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(
                condition=models.Q(("invoice_no", ""), _negated=True), fields=["organisation", "invoice_no"], name="movement_of_invoice"
            ),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(condition=models.Q(("taken_back_at__isnull", True)), fields=["report"], name="movement_of_report"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["line"], name="movement_of_line"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("taken_back_at__isnull", True)), fields=("organisation", "key", "part"), name="movement_reported_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="movement_moves_something"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("serial", ""), ("quantity", 1), _connector="OR"), name="movement_serial_is_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_organisation__isnull", False), ("to_organisation__isnull", False), _connector="OR"),
                name="movement_touches_an_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_back_at__isnull", True), ("taken_back_by__isnull", True)),
                    models.Q(("taken_back_at__isnull", False), ("taken_back_by__isnull", False)),
                    _connector="OR",
                ),
                name="movement_taken_back_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportdue",
            constraint=models.CheckConstraint(condition=models.Q(("day__gte", 1), ("day__lte", 28)), name="report_due_day"),
        ),
        migrations.AddConstraint(
            model_name="reportreminder",
            constraint=models.UniqueConstraint(fields=("report", "days"), name="report_reminder_once"),
        ),
        migrations.RunSQL(
            sql=(SQL / "custody.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "custody_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
