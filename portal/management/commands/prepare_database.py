"""`migrate` and `grant_roles` in one process: what a new database and every upgrade need, in this order."""

from typing import Any, ClassVar

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate, then give the database roles their rights (run as the owner)."
    requires_system_checks: ClassVar[list[str]] = []  # they load every page, and are asked by `manage.py check`

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True, stdout=self.stdout)
        call_command("grant_roles", stdout=self.stdout)
