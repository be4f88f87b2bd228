"""Owners of parties, and the rules by which a party counts as listed because of who owns it."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"
BIS = {
    "name": "BIS affiliates rule",
    "authority": "US Bureau of Industry and Security",
    "programmes": ["Entity List", "Military End User", "MEU"],
    "source": "90 FR 47201, effective 29 September 2025; suspended from 10 November 2025 to 9 November 2026, back from 10 November 2026",
    "source_link": "https://www.federalregister.gov/d/2025-19001",
}
OFAC = {
    "name": "OFAC 50 percent rule",
    "authority": "US Office of Foreign Assets Control",
    "programmes": ["Specially Designated Nationals", "SDN"],
    "source": "Revised guidance of 13 August 2014, 79 FR 47726; questions 398 to 402",
    "source_link": "https://ofac.treasury.gov/faqs/topic/1521",
}
# (number, rule, first day, first day after it)
RULES = (
    ("OWN-2014-OFAC01", OFAC, dt.date(2014, 8, 13), None),
    ("OWN-2025-BIS001", BIS, dt.date(2025, 9, 29), dt.date(2025, 11, 10)),
    ("OWN-2026-BIS002", BIS, dt.date(2026, 11, 10), None),
)


def set_up(apps, schema_editor):  # noqa: ANN001, ANN201, ARG001 - Django's signature
    """The rules as they are published; people end them and bring others."""
    rules = apps.get_model("certifications", "OwnershipRule")
    for number, rule, from_date, until in RULES:
        rules.objects.create(
            number=number, threshold=Decimal(50), is_aggregated=True, chain="cascade", from_date=from_date, until=until, **rule
        )


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0022_tender_letters"),
    ]

    operations = [
        migrations.AlterField(
            model_name="party",
            name="kind",
            field=models.CharField(
                choices=[
                    ("end_user", "End User"),
                    ("reseller", "Reseller"),
                    ("distributor", "Distributor"),
                    ("manufacturer", "Manufacturer"),
                    ("owner", "Owner"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="policy",
            name="effect",
            field=models.CharField(
                choices=[
                    ("refuse", "Refuse"),
                    ("two_people", "Two People"),
                    ("confirm", "Confirm"),
                    ("assurance", "Assurance"),
                    ("owners", "Owners"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="Ownership",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True, choices=[("person", "Person"), ("company", "Company"), ("public", "Public")], max_length=8
                    ),
                ),
                ("share", models.DecimalField(blank=True, decimal_places=4, max_digits=7, null=True)),
                ("is_direct", models.BooleanField(default=True)),
                ("through", models.CharField(blank=True, max_length=300)),
                (
                    "source",
                    models.CharField(
                        choices=[("document", "Document"), ("registry", "Registry"), ("statement", "Statement")], max_length=9
                    ),
                ),
                ("source_text", models.CharField(max_length=300)),
                ("source_link", models.URLField(blank=True, max_length=500)),
                ("as_of", models.DateField()),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_reason", models.CharField(blank=True, max_length=300)),
                ("held", models.BooleanField(default=False)),
                ("form_key", models.CharField(max_length=26, unique=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
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
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdings",
                        to="certifications.party",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="ownerships", to="certifications.party"),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["party"], name="ownership_of"), models.Index(fields=["owner"], name="ownership_by")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("owner__isnull", True), models.Q(("owner", models.F("party")), _negated=True), _connector="OR"),
                        name="ownership_not_of_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("share__isnull", True), models.Q(("share__gt", 0), ("share__lte", 100)), _connector="OR"),
                        name="ownership_share_is_percent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("owner__isnull", False), models.Q(("kind", ""), _negated=True)),
                            models.Q(("is_direct", True), ("kind", ""), ("owner__isnull", True), ("share__isnull", True), ("through", "")),
                            _connector="OR",
                        ),
                        name="ownership_known_or_not",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_direct", False), ("through", ""), _connector="OR"), name="ownership_through_if_indirect"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__isnull", True), ("valid_until__gt", models.F("valid_from")), _connector="OR"),
                        name="ownership_dates_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True), ("ended_reason", "")),
                            models.Q(
                                ("ended_at__isnull", False), ("ended_by__isnull", False), models.Q(("ended_reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="ownership_end_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("held", False), ("ended_at__isnull", False), _connector="OR"), name="ownership_held_when_ended"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnershipRule",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("authority", models.CharField(max_length=120)),
                (
                    "lists",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), blank=True, default=list, size=None
                    ),
                ),
                (
                    "programmes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), blank=True, default=list, size=None
                    ),
                ),
                ("threshold", models.DecimalField(decimal_places=4, max_digits=7)),
                ("is_aggregated", models.BooleanField()),
                ("chain", models.CharField(choices=[("direct", "Direct"), ("multiply", "Multiply"), ("cascade", "Cascade")], max_length=8)),
                ("from_date", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                ("source", models.CharField(max_length=300)),
                ("source_link", models.URLField(blank=True, max_length=500)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "proposal",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ownership_rule",
                        to="certifications.catalogueproposal",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("threshold__gt", 0), ("threshold__lte", 100)), name="ownership_rule_threshold"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gte", models.F("from_date")), _connector="OR"),
                        name="ownership_rule_dates_in_order",
                    ),
                ],
            },
        ),
        migrations.RunPython(set_up, migrations.RunPython.noop),
        migrations.RunSQL(
            sql=(SQL / "owners.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "owners_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
