"""Declared quantities as a ledger, order lines, further units and equivalent products."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0013_aliases"),
    ]

    operations = [
        migrations.CreateModel(
            name="EquivalenceGroup",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                ("approved_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("approved_by_id", models.CharField(blank=True, max_length=26)),
            ],
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField()),
                ("place_country", models.CharField(max_length=2)),
                ("place_division", models.CharField(blank=True, max_length=6)),
                ("declared", models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                ("reserved", models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                ("shipped", models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                ("entry_count", models.PositiveIntegerField(default=0)),
                (
                    "customer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.customer"),
                ),
                (
                    "declaration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="balances", to="certifications.declaration"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.organisation"
                    ),
                ),
                ("product", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.product")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.declarationversion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Equivalent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("measure", models.DecimalField(decimal_places=4, max_digits=12)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="certifications.equivalencegroup"
                    ),
                ),
                (
                    "product",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="equivalent", to="certifications.product"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("order_number", models.CharField(max_length=40)),
                ("line", models.CharField(max_length=10)),
                ("customer_ref", models.CharField(max_length=60)),
                ("catalogue_number", models.CharField(max_length=40)),
                ("quantity", models.DecimalField(decimal_places=4, max_digits=14)),
                ("unit", models.CharField(max_length=20)),
                ("place_country", models.CharField(max_length=2)),
                ("place_division", models.CharField(blank=True, max_length=6)),
                ("wanted_on", models.DateField()),
                ("units", models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("held", "Held"),
                            ("needs_declaration", "Needs Declaration"),
                            ("released", "Released"),
                            ("shipped", "Shipped"),
                            ("returned", "Returned"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Expired"),
                        ],
                        max_length=18,
                    ),
                ),
                ("reasons", models.JSONField(blank=True, default=list)),
                ("answer_by", models.DateField(blank=True, null=True)),
                ("ratio", models.DecimalField(decimal_places=4, default=1, max_digits=14)),
                ("reserved", models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                ("shipped", models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                ("returned", models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("answered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "balance",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="order_lines", to="certifications.balance"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.customer"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order_lines",
                        to="certifications.organisation",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.product"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BalanceEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sequence", models.PositiveIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("declare", "Declare"),
                            ("amend", "Amend"),
                            ("reserve", "Reserve"),
                            ("release", "Release"),
                            ("expire", "Expire"),
                            ("ship", "Ship"),
                            ("return", "Return"),
                        ],
                        max_length=8,
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=4, max_digits=14)),
                ("units", models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("by_id", models.CharField(blank=True, max_length=26)),
                ("key", models.CharField(max_length=26, null=True)),
                (
                    "balance",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="certifications.balance"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.product"
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="certifications.orderline"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "balance entries",
            },
        ),
        migrations.CreateModel(
            name="ProductUnit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=20)),
                ("factor", models.DecimalField(decimal_places=4, max_digits=12)),
                (
                    "product",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="units", to="certifications.product"),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="balance",
            index=models.Index(fields=["organisation", "customer", "product"], name="balance_of_customer"),
        ),
        migrations.AddIndex(
            model_name="balance",
            index=models.Index(condition=models.Q(("reserved__gt", 0)), fields=["valid_until"], name="balance_reserved_until"),
        ),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.UniqueConstraint(fields=("declaration", "product"), name="balance_once"),
        ),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.CheckConstraint(
                condition=models.Q(("declared__gte", 0), ("reserved__gte", 0), ("shipped__gte", 0)), name="balance_never_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("declared__gte", django.db.models.expressions.CombinedExpression(models.F("reserved"), "+", models.F("shipped")))
                ),
                name="balance_never_overdrawn",
            ),
        ),
        migrations.AddConstraint(
            model_name="equivalent",
            constraint=models.CheckConstraint(condition=models.Q(("measure__gt", 0)), name="equivalent_measure_positive"),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(fields=["organisation", "-id"], name="order_line_recent"),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(fields=["status", "-id"], name="order_line_by_status"),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(fields=["order_number"], name="order_line_by_order"),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["cancelled", "expired"]), _negated=True),
                fields=("organisation", "order_number", "line"),
                name="order_line_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0), ("ratio__gt", 0)), name="order_line_quantity_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("reserved__gte", 0), ("returned__gte", 0), ("shipped__gte", 0)), name="order_line_never_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reserved", 0), ("returned", 0), ("shipped", 0), ("units__isnull", True)),
                    (
                        "units__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(models.F("reserved"), "+", models.F("shipped")),
                            "+",
                            models.F("returned"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="order_line_never_doubled",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "released"), _negated=True),
                    models.Q(("balance__isnull", False), ("customer__isnull", False), ("product__isnull", False), ("units__isnull", False)),
                    _connector="OR",
                ),
                name="order_line_released_has_balance",
            ),
        ),
        migrations.AddConstraint(
            model_name="balanceentry",
            constraint=models.UniqueConstraint(fields=("balance", "sequence"), name="balance_entry_once"),
        ),
        migrations.AddConstraint(
            model_name="balanceentry",
            constraint=models.UniqueConstraint(fields=("order_line", "key"), name="balance_entry_form_once"),
        ),
        migrations.AddConstraint(
            model_name="balanceentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quantity__gt", 0), models.Q(("kind", "amend"), models.Q(("quantity", 0), _negated=True)), _connector="OR"
                ),
                name="balance_entry_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="balanceentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["declare", "amend"]), ("order_line__isnull", True), ("units", 0)),
                    models.Q(models.Q(("kind__in", ["declare", "amend"]), _negated=True), ("order_line__isnull", False), ("units__gt", 0)),
                    _connector="OR",
                ),
                name="balance_entry_has_line",
            ),
        ),
        migrations.AddConstraint(
            model_name="productunit",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"), models.F("product"), name="product_unit_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="productunit",
            constraint=models.CheckConstraint(condition=models.Q(("factor__gt", 0)), name="product_unit_positive"),
        ),
        migrations.RunSQL(
            sql=(SQL / "orders.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "orders_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
