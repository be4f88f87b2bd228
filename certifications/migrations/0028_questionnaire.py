"""The questionnaire about customers: versions by two people, a draft, and answers with the version that they answered."""

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
        ("certifications", "0027_party_card"),
    ]

    operations = [
        migrations.CreateModel(
            name="QuestionDraft",
            fields=[
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("content", models.JSONField()),
                ("edited_at", models.DateTimeField(auto_now=True)),
                (
                    "edited_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Questionnaire",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(unique=True)),
                ("holds_signing", models.BooleanField()),
                ("agreed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="questionnaire", to="certifications.catalogueproposal"
                    ),
                ),
            ],
            options={
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="QuestionnaireQuestion",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.CharField(max_length=500)),
                ("text_zh", models.CharField(max_length=500)),
                ("kind", models.CharField(max_length=6)),
                ("required", models.BooleanField()),
                ("choices", models.JSONField(default=list)),
                ("follows", models.PositiveSmallIntegerField(default=0)),
                ("follows_value", models.CharField(blank=True, max_length=500)),
                (
                    "classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), blank=True, default=list, size=None
                    ),
                ),
                (
                    "lines",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "questionnaire",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="questions", to="certifications.questionnaire"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="QuestionnaireAnswer",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(
                        default=certifications.ledger.ids.new_ulid, editable=False, max_length=26, primary_key=True, serialize=False
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("value", models.TextField(blank=True, max_length=2000)),
                ("answered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "answered_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "customer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="certifications.customer"),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="certifications.questionnairequestion"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="questionnairequestion",
            constraint=models.UniqueConstraint(fields=("questionnaire", "number"), name="question_number_once"),
        ),
        migrations.AddConstraint(
            model_name="questionnairequestion",
            constraint=models.UniqueConstraint(fields=("questionnaire", "fingerprint"), name="question_asked_once"),
        ),
        migrations.AddIndex(
            model_name="questionnaireanswer",
            index=models.Index(fields=["customer", "fingerprint", "-id"], name="answer_newest"),
        ),
        migrations.RunSQL(
            sql=(SQL / "questionnaire.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "questionnaire_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
