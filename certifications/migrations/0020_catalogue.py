"""The catalogue: versions of products from a day on, and changes that need two people."""

from pathlib import Path
from typing import Any

import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

import certifications.ledger.ids

SQL = Path(__file__).parent / "sql"


def first_versions(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    """What the catalogue says today is the first version of each product."""
    day = timezone.now().date()
    words = ("name", "name_zh", "line", "unit", "unit_zh", "samples_per_unit", "classification", "is_current")
    version = apps.get_model("certifications", "ProductVersion")
    for product in apps.get_model("certifications", "Product").objects.all():
        units = [[unit.name, str(unit.factor)] for unit in product.units.all()]
        version.objects.create(product=product, number=1, from_date=day, units=units, **{name: getattr(product, name) for name in words})


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0019_follow_ups"),
    ]

    operations = [
        migrations.AddField(
            model_name="equivalencegroup",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="version_number",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.CreateModel(
            name="CatalogueProposal",
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
                ("kind", models.CharField(max_length=12)),
                ("subject", models.CharField(max_length=120)),
                ("content", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                "indexes": [models.Index(fields=["state", "kind"], name="catalogue_proposal_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_by__isnull", True), models.Q(("agreed_by", models.F("proposed_by")), _negated=True), _connector="OR"
                        ),
                        name="catalogue_proposal_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True), ("agreed_proof_id__isnull", True)),
                            models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False), ("agreed_proof_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="catalogue_proposal_agreement_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("state", "effective"), _negated=True), ("agreed_by__isnull", False), _connector="OR"),
                        name="catalogue_proposal_effective_is_agreed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "voided"), ("voided_at__isnull", False), ("voided_by__isnull", False)),
                            models.Q(
                                models.Q(("state", "voided"), _negated=True), ("voided_at__isnull", True), ("voided_by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="catalogue_proposal_voided_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")), fields=("kind", "subject"), name="catalogue_one_proposal"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductVersion",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("from_date", models.DateField()),
                ("name", models.CharField(max_length=120)),
                ("name_zh", models.CharField(max_length=120)),
                ("line", models.CharField(max_length=20)),
                ("unit", models.CharField(max_length=20)),
                ("unit_zh", models.CharField(max_length=20)),
                ("samples_per_unit", models.PositiveIntegerField(blank=True, null=True)),
                ("classification", models.CharField(blank=True, max_length=40)),
                ("is_current", models.BooleanField(default=True)),
                ("units", models.JSONField(default=list)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "product",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="certifications.product"),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("product", "number"), name="product_version_once"),
                    models.UniqueConstraint(fields=("product", "from_date"), name="product_version_once_a_day"),
                ],
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "catalogue.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "catalogue_reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.RunPython(first_versions, migrations.RunPython.noop),
    ]
