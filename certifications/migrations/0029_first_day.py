"""First days of product lines, opening stock, certificates from before, and sales that are counted."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0028_questionnaire"),
    ]

    operations = [
        migrations.CreateModel(
            name="StockConfirmation",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("row_count", models.PositiveIntegerField()),
                ("confirmed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("proof_id", models.CharField(max_length=26, unique=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stock_confirmations", to="certifications.organisation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CountedSale",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="counted",
                        serialize=False,
                        to="certifications.evidenceline",
                    ),
                ),
                ("product_line", models.CharField(blank=True, max_length=20)),
                ("happened_on", models.DateField()),
                ("quantity", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ("place", models.CharField(choices=[("before", "Before"), ("not_started", "Not Started")], max_length=11)),
                (
                    "rules",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), blank=True, default=list, size=None
                    ),
                ),
                ("counted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="counted_sales", to="certifications.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "-happened_on"], name="counted_sale_recent")],
            },
        ),
        migrations.CreateModel(
            name="OldCertificate",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=60)),
                ("issuer", models.CharField(max_length=200)),
                ("dated_on", models.DateField()),
                ("valid_until", models.DateField()),
                (
                    "products",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("goods", models.CharField(blank=True, max_length=500)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("form_key", models.CharField(max_length=26, unique=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=300)),
                ("blob", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="old_certificates", to="certifications.customer"
                    ),
                ),
                ("named", models.ManyToManyField(blank=True, related_name="+", to="certifications.party")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="old_certificates", to="certifications.organisation"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "-dated_on"], name="old_certificate_recent")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("dated_on__lt", models.F("valid_until"))), name="old_certificate_dates"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("products", []), _negated=True), models.Q(("goods", ""), _negated=True), _connector="OR"
                        ),
                        name="old_certificate_goods",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True), ("withdrawn_reason", "")),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="old_certificate_withdrawn_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("organisation", "number", "issuer"),
                        name="old_certificate_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeStart",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.CharField(max_length=30)),
                ("explanation", models.TextField(max_length=2000)),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("effective", "Effective"), ("voided", "Voided")],
                        default="proposed",
                        max_length=9,
                    ),
                ),
                ("proposed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("proposed_proof_id", models.CharField(max_length=26, unique=True)),
                ("agreed_at", models.DateTimeField(blank=True, null=True)),
                ("agreed_proof_id", models.CharField(blank=True, max_length=26, null=True, unique=True)),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("digest", models.CharField(max_length=64)),
                ("line", models.CharField(max_length=20)),
                ("starts_on", models.DateField()),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="programme_starts", to="certifications.organisation"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "line", "-agreed_at"], name="programme_start_last")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_by__isnull", True), models.Q(("agreed_by", models.F("proposed_by")), _negated=True), _connector="OR"
                        ),
                        name="programme_start_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True), ("agreed_proof_id__isnull", True)),
                            models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False), ("agreed_proof_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="programme_start_agreement_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("state", "effective"), _negated=True), ("agreed_by__isnull", False), _connector="OR"),
                        name="programme_start_effective_is_agreed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "voided"), ("voided_at__isnull", False), ("voided_by__isnull", False)),
                            models.Q(
                                models.Q(("state", "voided"), _negated=True), ("voided_at__isnull", True), ("voided_by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="programme_start_voided_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")), fields=("organisation", "line"), name="programme_start_one_proposal"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockCount",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("lot", models.CharField(blank=True, max_length=60)),
                ("serial", models.CharField(blank=True, max_length=60)),
                ("quantity", models.DecimalField(decimal_places=2, max_digits=14)),
                ("counted_on", models.DateField()),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stock_counts", to="certifications.organisation"
                    ),
                ),
                ("product", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.product")),
                (
                    "recorded_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successor",
                        to="certifications.stockcount",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "product"], name="stock_of_product")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("quantity__gte", 0)), name="stock_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("serial", ""), ("quantity__in", [0, 1]), _connector="OR"), name="stock_serial_is_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), ("supersedes__isnull", True)),
                            models.Q(("supersedes__isnull", False), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="stock_correction_has_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("supersedes__isnull", True)),
                        fields=("organisation", "product", "lot", "serial"),
                        name="stock_first_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "first_day.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "first_day_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
