"""A signatory is appointed by two people: neither the administrator alone, nor either of the two for itself."""

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
        ("certifications", "0046_stock_powers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appointment",
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
                ("email", models.EmailField(max_length=254)),
                ("roles", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ("language", models.CharField(default="en", max_length=10)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="certifications.organisation"
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
        ),
        migrations.AddField(
            model_name="invitation",
            name="appointment",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invitation",
                to="certifications.appointment",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["organisation", "-proposed_at"], name="appointment_recent"),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agreed_by__isnull", True), models.Q(("agreed_by", models.F("proposed_by")), _negated=True), _connector="OR"
                ),
                name="appointment_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True), ("agreed_proof_id__isnull", True)),
                    models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False), ("agreed_proof_id__isnull", False)),
                    _connector="OR",
                ),
                name="appointment_agreement_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "effective"), _negated=True), ("agreed_by__isnull", False), _connector="OR"),
                name="appointment_effective_is_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "voided"), ("voided_at__isnull", False), ("voided_by__isnull", False)),
                    models.Q(models.Q(("state", "voided"), _negated=True), ("voided_at__isnull", True), ("voided_by__isnull", True)),
                    _connector="OR",
                ),
                name="appointment_voided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(condition=models.Q(("roles__contains", ["signatory"])), name="appointment_of_a_signatory"),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "proposed")), fields=("organisation", "email"), name="appointment_one_proposal"
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "appointments.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "appointments_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
