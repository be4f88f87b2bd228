"""Loads the demonstration: people, the catalogue, lists, and who is authorised to sell what. Idempotent."""

from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser

from certifications.flow.demo import load
from certifications.people.demo import accounts_text


class Command(BaseCommand):
    help = "Load the demonstration's people, catalogue, lists and authorisations."
    requires_system_checks: ClassVar[list[str]] = []  # they load every page, and are asked by `manage.py check`

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", type=Path, help="write the accounts, for people to read, into this file")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        load()
        if options["accounts"]:
            options["accounts"].write_text(accounts_text())
        self.stdout.write("The demonstration is loaded.")
