"""The register in two times: authorisations under numbers, terms that supersede one another, changes by two people, and what stands behind them."""

from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids
from certifications.ledger.ids import new_number

SQL = Path(__file__).parent / "sql"


def move_terms(apps, schema_editor):  # noqa: ANN001, ANN201
    """What each authorisation covered becomes its first terms; a suspension by plain SQL, the only way there was, its end."""
    authorisations = apps.get_model("certifications", "Authorisation")
    terms = apps.get_model("certifications", "AuthorisationTerms")
    for held in authorisations.objects.order_by("made_at"):
        authorisations.objects.filter(pk=held.pk).update(number=new_number("AUT", held.made_at.year))
        covers = {
            "authorisation": held,
            "lines": held.lines,
            "countries": held.countries or ["CN"],
            "divisions": held.divisions,
            "valid_from": held.valid_from,
        }
        first = terms.objects.create(**covers, valid_until=held.valid_until, recorded_at=held.made_at, recorded_by=held.recorded_by)
        if held.suspended_from is not None and held.suspended_from > held.valid_from and held.suspension_recorded_at > held.made_at:
            terms.objects.create(
                **covers,
                valid_until=min(held.suspended_from, held.valid_until),
                recorded_at=held.suspension_recorded_at,
                recorded_by=held.suspended_by,
                supersedes=first,
                reason="Suspended before the register kept suspensions of their own.",
            )
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0009_clearances"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
            DROP TRIGGER portal_keep_columns ON certifications_authorisation;
            DROP TRIGGER portal_keep_suspension ON certifications_authorisation;
            DROP TRIGGER portal_refuse_row ON certifications_authorisation;
            DROP TRIGGER portal_refuse_truncate ON certifications_authorisation;
            """,
            reverse_sql="""
            CREATE TRIGGER portal_keep_columns BEFORE UPDATE ON certifications_authorisation FOR EACH ROW
                EXECUTE FUNCTION portal_keep_columns('suspended_from', 'suspension_recorded_at', 'suspended_by_id');
            CREATE TRIGGER portal_keep_suspension BEFORE UPDATE ON certifications_authorisation FOR EACH ROW
                EXECUTE FUNCTION portal_keep_once('suspension_recorded_at');
            CREATE TRIGGER portal_refuse_row BEFORE DELETE ON certifications_authorisation
                FOR EACH ROW EXECUTE FUNCTION portal_refuse();
            CREATE TRIGGER portal_refuse_truncate BEFORE TRUNCATE ON certifications_authorisation
                FOR EACH STATEMENT EXECUTE FUNCTION portal_refuse();
            """,
        ),
        migrations.RenameField(model_name="authorisation", old_name="recorded_at", new_name="made_at"),
        migrations.AddField(model_name="authorisation", name="number", field=models.CharField(max_length=20, null=True)),
        migrations.AddField(
            model_name="authorisation",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="certifications.authorisation",
            ),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="renews",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewals",
                to="certifications.authorisation",
            ),
        ),
        migrations.RemoveConstraint(model_name="authorisation", name="authorisation_dates_in_order"),
        migrations.RemoveConstraint(model_name="authorisation", name="authorisation_suspension_whole"),
        migrations.CreateModel(
            name="RiskSet",
            fields=[
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=120)),
                ("title_zh", models.CharField(max_length=120)),
                (
                    "lines",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                ("countries", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), size=None)),
                (
                    "divisions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6), blank=True, default=list, size=None
                    ),
                ),
                ("most_days", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="AuthorisationDocument",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(choices=[("contract", "Contract"), ("letter", "Letter"), ("other", "Other")], max_length=10)),
                ("title", models.CharField(max_length=200)),
                ("dated_on", models.DateField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "authorisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="certifications.authorisation"
                    ),
                ),
                ("blob", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuthorisationTerms",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("lines", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ("countries", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), size=None)),
                (
                    "divisions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6), blank=True, default=list, size=None
                    ),
                ),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField()),
                ("conditions", models.TextField(blank=True, max_length=4000)),
                ("risk_ends", models.JSONField(blank=True, default=list)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("proof_id", models.CharField(blank=True, max_length=26)),
                (
                    "authorisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="certifications.authorisation"),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successor",
                        to="certifications.authorisationterms",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RegisterCell",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("holder", models.CharField(max_length=53)),
                ("line", models.CharField(max_length=20)),
                ("country", models.CharField(max_length=2)),
                ("codes", django.contrib.postgres.fields.ranges.IntegerRangeField()),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("known", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cells", to="certifications.authorisationterms"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TrainingRecord",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("topic", models.CharField(max_length=200)),
                ("held_on", models.DateField()),
                ("good_until", models.DateField()),
                ("people", models.PositiveSmallIntegerField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "authorisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="trainings", to="certifications.authorisation"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuthorisationChange",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("to", models.CharField(max_length=12)),
                ("holds_from", models.DateField()),
                ("reason", models.CharField(max_length=30)),
                ("explanation", models.TextField(max_length=2000)),
                ("public_reason", models.CharField(max_length=200)),
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
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "authorisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="certifications.authorisation"
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_by__isnull", True), models.Q(("agreed_by", models.F("proposed_by")), _negated=True), _connector="OR"
                        ),
                        name="authorisation_change_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True), ("agreed_proof_id__isnull", True)),
                            models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False), ("agreed_proof_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="authorisation_change_agreement_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("state", "effective"), _negated=True), ("agreed_by__isnull", False), _connector="OR"),
                        name="authorisation_change_effective_is_agreed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "voided"), ("voided_at__isnull", False), ("voided_by__isnull", False)),
                            models.Q(
                                models.Q(("state", "voided"), _negated=True), ("voided_at__isnull", True), ("voided_by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="authorisation_change_voided_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")), fields=("authorisation",), name="authorisation_change_one_proposal"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "effective"), ("to", "revoked")),
                        fields=("authorisation",),
                        name="authorisation_revoked_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuthorisationReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(blank=True, max_length=20)),
                ("ends_on", models.DateField()),
                ("days", models.PositiveSmallIntegerField()),
                ("told_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "authorisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="certifications.authorisation"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("authorisation", "what", "ends_on", "days"), name="reminder_once")],
            },
        ),
        migrations.AddIndex(
            model_name="authorisationterms",
            index=models.Index(fields=["valid_until", "id"], name="terms_by_end"),
        ),
        migrations.AddIndex(
            model_name="authorisationterms",
            index=models.Index(fields=["-recorded_at", "-id"], name="terms_by_record"),
        ),
        migrations.AddConstraint(
            model_name="authorisationterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_from__lt", models.F("valid_until"))), name="authorisation_dates_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisationterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), ("supersedes__isnull", True)),
                    models.Q(("supersedes__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="authorisation_correction_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisationterms",
            constraint=models.UniqueConstraint(
                condition=models.Q(("supersedes__isnull", True)), fields=("authorisation",), name="authorisation_first_terms_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="trainingrecord",
            constraint=models.CheckConstraint(condition=models.Q(("held_on__lt", models.F("good_until"))), name="training_dates_in_order"),
        ),
        migrations.RunPython(move_terms, migrations.RunPython.noop),
        migrations.RemoveField(model_name="authorisation", name="lines"),
        migrations.RemoveField(model_name="authorisation", name="countries"),
        migrations.RemoveField(model_name="authorisation", name="divisions"),
        migrations.RemoveField(model_name="authorisation", name="valid_from"),
        migrations.RemoveField(model_name="authorisation", name="valid_until"),
        migrations.RemoveField(model_name="authorisation", name="recorded_by"),
        migrations.RemoveField(model_name="authorisation", name="suspended_from"),
        migrations.RemoveField(model_name="authorisation", name="suspension_recorded_at"),
        migrations.RemoveField(model_name="authorisation", name="suspended_by"),
        migrations.AlterField(model_name="authorisation", name="number", field=models.CharField(max_length=20, unique=True)),
        migrations.RunSQL(
            sql=(SQL / "register.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "register_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
