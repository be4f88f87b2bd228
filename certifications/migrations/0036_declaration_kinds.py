"""Kinds of declarations, ceilings by period, further parties, documents, and drafts that may be left unfinished."""

from pathlib import Path
from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"
GROUPS = ["parties", "goods", "end_use", "route", "documents"]


def every_group() -> list[str]:
    """What was drafted on the one page of before was filled in whole."""
    return list(GROUPS)


def refuse_to_lose(apps: Any, schema_editor: object) -> None:
    """The way back is open until somebody signed what the tables of before cannot hold."""
    versions = apps.get_model("certifications", "DeclarationVersion").objects.filter(frozen__isnull=False)
    if versions.exclude(kind="single", term="one_off").exists() or versions.filter(parties__isnull=False).exists():
        raise RuntimeError("Declarations of the new kinds are signed: going back would lose what they say. Restore a backup instead.")


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0035_captures"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeclarationDocument",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("added_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DeclarationParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("end_user", "End User"),
                            ("purchaser", "Purchaser"),
                            ("consignee", "Consignee"),
                            ("final", "Final"),
                            ("forwarder", "Forwarder"),
                        ],
                        max_length=9,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("place_address", models.CharField(blank=True, max_length=300)),
                ("place_country", models.CharField(blank=True, max_length=2)),
                ("place_division", models.CharField(blank=True, max_length=6)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("division", models.CharField(blank=True, max_length=6)),
            ],
            options={
                "verbose_name_plural": "declaration parties",
                "ordering": ["role", "position"],
            },
        ),
        migrations.CreateModel(
            name="DeclarationShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.DecimalField(decimal_places=2, max_digits=12)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="balance",
            name="balance_once",
        ),
        migrations.AddField(
            model_name="balance",
            name="period",
            field=models.CharField(blank=True, max_length=7),
        ),
        migrations.AddField(
            model_name="balance",
            name="period_ceiling",
            field=models.DecimalField(decimal_places=4, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="declarationline",
            name="ceiling",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="answered",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=every_group, size=None),
        ),
        migrations.AlterField(
            model_name="declarationversion",
            name="answered",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, size=None),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="contact",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="contract",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="currency",
            field=models.CharField(blank=True, max_length=3),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="delivery_proof",
            field=models.CharField(blank=True, max_length=3),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="kind",
            field=models.CharField(
                choices=[("single", "Single"), ("several", "Several"), ("stockist", "Stockist")], default="single", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="period",
            field=models.CharField(blank=True, choices=[("month", "Month"), ("quarter", "Quarter"), ("year", "Year")], max_length=7),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="relationship",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="reporting",
            field=models.CharField(blank=True, max_length=7),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="resale_scope",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="route",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="samples_per_month",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="ship_to_address",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="ship_to_country",
            field=models.CharField(blank=True, max_length=2),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="ship_to_division",
            field=models.CharField(blank=True, max_length=6),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="term",
            field=models.CharField(choices=[("one_off", "One Off"), ("standing", "Standing")], default="one_off", max_length=8),
        ),
        migrations.AddField(
            model_name="declarationversion",
            name="value",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AlterField(
            model_name="party",
            name="kind",
            field=models.CharField(
                choices=[
                    ("end_user", "End User"),
                    ("reseller", "Reseller"),
                    ("consignee", "Consignee"),
                    ("distributor", "Distributor"),
                    ("manufacturer", "Manufacturer"),
                    ("owner", "Owner"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.UniqueConstraint(fields=("declaration", "customer", "product"), name="balance_once"),
        ),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("period", ""), ("period_ceiling__isnull", True)),
                    models.Q(models.Q(("period", ""), _negated=True), ("period_ceiling__gt", 0)),
                    _connector="OR",
                ),
                name="balance_period_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="declarationline",
            constraint=models.CheckConstraint(
                condition=models.Q(("ceiling__isnull", True), ("ceiling__gt", 0), _connector="OR"), name="declaration_ceiling_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="declarationversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("period", ""), ("term", "standing"), _connector="OR"), name="declaration_period_of_standing"
            ),
        ),
        migrations.AddConstraint(
            model_name="declarationversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("currency", ""), ("value__isnull", True)),
                    models.Q(("value__isnull", False), models.Q(("currency", ""), _negated=True)),
                    _connector="OR",
                ),
                name="declaration_value_whole",
            ),
        ),
        migrations.AddField(
            model_name="declarationdocument",
            name="added_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="declarationdocument",
            name="blob",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob"),
        ),
        migrations.AddField(
            model_name="declarationdocument",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="documents", to="certifications.declarationversion"
            ),
        ),
        migrations.AddField(
            model_name="declarationparty",
            name="customer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.customer"),
        ),
        migrations.AddField(
            model_name="declarationparty",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="parties", to="certifications.declarationversion"
            ),
        ),
        migrations.AddField(
            model_name="declarationshare",
            name="customer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.customer"),
        ),
        migrations.AddField(
            model_name="declarationshare",
            name="product",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.product"),
        ),
        migrations.AddField(
            model_name="declarationshare",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="certifications.declarationversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="declarationparty",
            constraint=models.UniqueConstraint(fields=("version", "role", "position"), name="declaration_party_in_order"),
        ),
        migrations.AddConstraint(
            model_name="declarationparty",
            constraint=models.UniqueConstraint(fields=("version", "role", "customer"), name="declaration_party_once"),
        ),
        migrations.AddConstraint(
            model_name="declarationparty",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["end_user", "consignee"]), ("position", 0), _connector="OR"),
                name="declaration_party_alone_in_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="declarationparty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role", "end_user"), models.Q(("place_address", ""), ("place_country", ""), ("place_division", "")), _connector="OR"
                ),
                name="declaration_party_place_of_end_users",
            ),
        ),
        migrations.AddConstraint(
            model_name="declarationshare",
            constraint=models.UniqueConstraint(fields=("version", "customer", "product"), name="declaration_share_once"),
        ),
        migrations.AddConstraint(
            model_name="declarationshare",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="declaration_share_positive"),
        ),
        migrations.RunSQL(
            sql=(SQL / "declaration_kinds.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "declaration_kinds_reverse.sql").read_text(encoding="utf-8"),
        ),
        # The last here is the first on the way back.
        migrations.RunPython(migrations.RunPython.noop, refuse_to_lose),
    ]
