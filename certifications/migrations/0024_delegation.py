"""Powers to sign by three people, and what is kept of them beside a signature; substitutes and successors."""

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
        ("certifications", "0023_owners"),
    ]

    operations = [
        migrations.AddField(
            model_name="signature",
            name="under",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.CreateModel(
            name="Delegation",
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
                ("number", models.CharField(max_length=20, unique=True)),
                ("delegator_name", models.CharField(max_length=120)),
                ("delegator_role", models.CharField(max_length=120)),
                ("kinds", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None)),
                (
                    "lines",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                ("most", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField()),
                ("signed_on", models.DateField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("accepted_proof_id", models.CharField(blank=True, max_length=26, null=True, unique=True)),
                ("ended_from", models.DateField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_reason", models.CharField(blank=True, max_length=500)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "delegate",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="delegations", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="delegations", to="certifications.organisation"
                    ),
                ),
                ("paper", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob")),
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
        migrations.CreateModel(
            name="DelegationReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ends_on", models.DateField()),
                ("days", models.SmallIntegerField()),
                (
                    "delegation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="certifications.delegation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Substitution",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("role", models.CharField(max_length=20)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("named_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("named_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="substitutions", to="certifications.organisation"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="absences", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="substitutions", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Succession",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=30)),
                ("moved", models.PositiveIntegerField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.organisation"),
                ),
                (
                    "person",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="successions", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "successor",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="delegation",
            index=models.Index(fields=["delegate", "state"], name="delegation_of"),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agreed_by__isnull", True), models.Q(("agreed_by", models.F("proposed_by")), _negated=True), _connector="OR"
                ),
                name="delegation_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True), ("agreed_proof_id__isnull", True)),
                    models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False), ("agreed_proof_id__isnull", False)),
                    _connector="OR",
                ),
                name="delegation_agreement_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "effective"), _negated=True), ("agreed_by__isnull", False), _connector="OR"),
                name="delegation_effective_is_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "voided"), ("voided_at__isnull", False), ("voided_by__isnull", False)),
                    models.Q(models.Q(("state", "voided"), _negated=True), ("voided_at__isnull", True), ("voided_by__isnull", True)),
                    _connector="OR",
                ),
                name="delegation_voided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_from__lt", models.F("valid_until"))), name="delegation_dates_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("most__isnull", True), ("most__gt", 0), _connector="OR"), name="delegation_most_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("delegate", models.F("proposed_by")), _negated=True),
                    models.Q(("agreed_by__isnull", True), models.Q(("agreed_by", models.F("delegate")), _negated=True), _connector="OR"),
                ),
                name="delegation_three_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", True), ("accepted_proof_id__isnull", True)),
                    models.Q(("accepted_at__isnull", False), ("accepted_proof_id__isnull", False)),
                    _connector="OR",
                ),
                name="delegation_acceptance_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "effective"), _negated=True), ("accepted_at__isnull", False), _connector="OR"),
                name="delegation_accepted_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True), ("ended_from__isnull", True), ("ended_reason", "")),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("ended_from__isnull", False),
                        ("state", "effective"),
                        models.Q(("ended_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="delegation_end_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegationreminder",
            constraint=models.UniqueConstraint(fields=("delegation", "ends_on", "days"), name="delegation_reminder_once"),
        ),
        migrations.AddIndex(
            model_name="substitution",
            index=models.Index(fields=["person", "ends_on"], name="substitution_of"),
        ),
        migrations.AddIndex(
            model_name="substitution",
            index=models.Index(fields=["substitute", "ends_on"], name="substitution_by"),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.CheckConstraint(
                condition=models.Q(("person", models.F("substitute")), _negated=True), name="substitution_two_people"
            ),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_on__lt", models.F("ends_on"))), name="substitution_days_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="substitution_end_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="succession",
            index=models.Index(fields=["person", "kind"], name="succession_of"),
        ),
        migrations.AddConstraint(
            model_name="succession",
            constraint=models.CheckConstraint(
                condition=models.Q(("person", models.F("successor")), _negated=True), name="succession_two_people"
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "delegations.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "delegations_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
