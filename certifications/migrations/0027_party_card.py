"""The card of a customer: sites with names and laboratories, contacts, papers, groups, and what changed in words."""

from pathlib import Path
from typing import Any

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import certifications.ledger.ids
from certifications.ledger.ids import new_ulid

SQL = Path(__file__).parent / "sql"


def give_keys(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    """Every site that there is gets the key by which pages know it."""
    sites = apps.get_model("certifications", "Site")
    rows = list(sites.objects.only("pk"))
    for site in rows:
        site.key = new_ulid()
    sites.objects.bulk_update(rows, ["key"], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0026_two_people_for_groups"),
    ]

    operations = [
        migrations.CreateModel(
            name="CardChange",
            fields=[
                ("event_id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("rows", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(default=new_ulid, editable=False, max_length=26, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=120)),
                ("role", models.CharField(blank=True, max_length=120)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("email", models.CharField(blank=True, max_length=254)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="CoveredSite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
        ),
        migrations.CreateModel(
            name="CustomerPaper",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(default=new_ulid, editable=False, max_length=26, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("licence", "Licence"),
                            ("accreditation", "Accreditation"),
                            ("permit", "Permit"),
                            ("letter", "Letter"),
                            ("contract", "Contract"),
                            ("other", "Other"),
                        ],
                        max_length=14,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("issued_on", models.DateField()),
                ("good_until", models.DateField(blank=True, null=True)),
                ("form_key", models.CharField(max_length=26, unique=True)),
                ("filed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-issued_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="GroupLink",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(default=new_ulid, editable=False, max_length=26, primary_key=True, serialize=False),
                ),
                ("joined_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Laboratory",
            fields=[
                (
                    "id",
                    certifications.ledger.ids.ULIDField(default=new_ulid, editable=False, max_length=26, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=300)),
                ("head", models.CharField(blank=True, max_length=120)),
                ("accreditation", models.CharField(blank=True, max_length=120)),
                ("accredited_until", models.DateField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "laboratories",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="PaperReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", models.PositiveSmallIntegerField()),
                ("told_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AlterModelOptions(
            name="site",
            options={"ordering": ["pk"]},
        ),
        migrations.AddField(
            model_name="site",
            name="activity",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="site",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="site",
            name="ended_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="site",
            name="key",
            field=models.CharField(editable=False, max_length=26, null=True),
        ),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="site",
            name="key",
            field=models.CharField(default=new_ulid, editable=False, max_length=26, unique=True),
        ),
        migrations.AddField(
            model_name="site",
            name="latin_name",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="site",
            name="native_name",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="site_end_whole",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="customer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="certifications.customer"),
        ),
        migrations.AddField(
            model_name="coveredsite",
            name="site",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.site"),
        ),
        migrations.AddField(
            model_name="customerpaper",
            name="blob",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certifications.blob"),
        ),
        migrations.AddField(
            model_name="customerpaper",
            name="customer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="certifications.customer"),
        ),
        migrations.AddField(
            model_name="customerpaper",
            name="filed_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="customerpaper",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="grouplink",
            name="covered",
            field=models.ManyToManyField(related_name="+", through="certifications.CoveredSite", to="certifications.site"),
        ),
        migrations.AddField(
            model_name="grouplink",
            name="ended_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="grouplink",
            name="head",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="links_down", to="certifications.customer"),
        ),
        migrations.AddField(
            model_name="grouplink",
            name="joined_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="grouplink",
            name="member",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="links_up", to="certifications.customer"),
        ),
        migrations.AddField(
            model_name="coveredsite",
            name="link",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="covers", to="certifications.grouplink"),
        ),
        migrations.AddField(
            model_name="laboratory",
            name="ended_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="laboratory",
            name="site",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="laboratories", to="certifications.site"),
        ),
        migrations.AddField(
            model_name="paperreminder",
            name="paper",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="certifications.customerpaper"
            ),
        ),
        migrations.AddIndex(
            model_name="customerpaper",
            index=models.Index(condition=models.Q(("withdrawn_at__isnull", True)), fields=["good_until"], name="customer_paper_ends"),
        ),
        migrations.AddConstraint(
            model_name="customerpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(("good_until__isnull", True), ("good_until__gt", models.F("issued_on")), _connector="OR"),
                name="customer_paper_dates_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="customer_paper_withdrawal_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="grouplink",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("member",), name="group_link_one_head"
            ),
        ),
        migrations.AddConstraint(
            model_name="grouplink",
            constraint=models.CheckConstraint(
                condition=models.Q(("member", models.F("head")), _negated=True), name="group_link_not_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="grouplink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="group_link_end_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="coveredsite",
            constraint=models.UniqueConstraint(fields=("link", "site"), name="covered_site_once"),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="laboratory_end_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="paperreminder",
            constraint=models.UniqueConstraint(fields=("paper", "days"), name="paper_reminder_once"),
        ),
        migrations.RunSQL(
            sql=(SQL / "party_card.sql").read_text(encoding="utf-8"),
            reverse_sql=(SQL / "party_card_reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
