"""Gives the application's and the signer's database roles exactly what they need; run as the owner after `migrate`.

Idempotent. Not a migration: allauth's and Django's tables are made by other apps' migrations, and roles belong to the
server, not to the schema.
"""

from typing import Any, ClassVar

from django.core.management.base import BaseCommand
from django.db import connection

# Rows that nobody changes: read and add. PostgreSQL's triggers refuse the rest even where a grant slipped in.
APPEND_ONLY = (
    "event",
    "frozentext",
    "signature",
    "screeningrun",
    "finding",
    "evidenceline",
    "evidencecapture",
    "attestationpayload",
    "blob",
    "lookup",
    "factorproof",
    "listentry",
    "securityevent",
    "listdelta",
    "deltareach",
    "authorisation",
    "authorisationterms",
    "authorisationdocument",
    "trainingrecord",
    "authorisationreminder",
    "acceptance",
    "balanceentry",
    "enduserlink",
    "enduseranswer",
    "scanfile",
    "productversion",
    "withdrawal",
    "returnnote",
    "stockcount",
    "stockconfirmation",
    "salesreport",
    "nothingsold",
    "reportreminder",
    "reportdue",
    "nameuse",
    "bulklimit",
    "letterparty",
    "lettertext",
    "letterreminder",
    "delegationreminder",
    "succession",
    "emergencylook",
    "coveredsite",
    "paperreminder",
    "cardchange",
    "formerkey",
    "questionnaire",
    "questionnairequestion",
    "questionnaireanswer",
)
# Written by PostgreSQL's own triggers alone.
DERIVED = ("registercell",)
# Made by the signer alone.
SIGNER_ONLY = ("seal", "receipt", "letterseal")
SIGNER_INSERTS = ("seal", "receipt", "letterseal", "blob", "event", "mail", "job")
SIGNER_UPDATES = {
    "attestation": ("status",),
    "declaration": ("status",),
    "letter": ("status",),
    "job": None,
    "heartbeat": None,
}


class Command(BaseCommand):
    help = "Grant the database roles portal_app and portal_signer exactly what they need (run as the owner)."
    requires_system_checks: ClassVar[list[str]] = []  # they load every page, and are asked by `manage.py check`

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        statements = ["GRANT USAGE ON SCHEMA public TO portal_app, portal_signer"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations'")
            tables = [row[0] for row in cursor.fetchall()]
        read_add = {f"certifications_{name}" for name in APPEND_ONLY}
        sealed = {f"certifications_{name}" for name in SIGNER_ONLY + DERIVED}
        for table in sorted(tables):
            rights = "SELECT" if table in sealed else "SELECT, INSERT"
            if table not in read_add | sealed:
                rights = "SELECT, INSERT, UPDATE, DELETE"
            statements += [
                f'REVOKE ALL ON "{table}" FROM PUBLIC, portal_app, portal_signer',
                f'GRANT {rights} ON "{table}" TO portal_app',
            ]
            if table.startswith("certifications_"):
                statements.append(f'GRANT SELECT ON "{table}" TO portal_signer')
        statements.append('GRANT SELECT ON "django_migrations" TO portal_app, portal_signer')
        statements += [f'GRANT INSERT ON "certifications_{name}" TO portal_signer' for name in SIGNER_INSERTS]
        for name, columns in SIGNER_UPDATES.items():
            only = f" ({', '.join(columns)})" if columns else ""
            statements.append(f'GRANT UPDATE{only} ON "certifications_{name}" TO portal_signer')
        statements.append('GRANT INSERT ON "certifications_heartbeat" TO portal_signer')
        statements.append("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO portal_app, portal_signer")
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        self.stdout.write(f"Granted rights on {len(tables)} tables.")
