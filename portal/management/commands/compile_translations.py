"""Brings locale/zh_Hans up to date with the words of pages and code, and compiles it; --check only says what is amiss."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Gathers the words of code and templates into django.po, keeps what is translated, and compiles django.mo."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a word is missing, empty or out of date")
        parser.add_argument(
            "--seen", action="store_true", help="what was said to be looked at is right as it stands, and is not said again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            # Babel is a requirement of development alone; the other commands must start without it.
            from portal.local import translations
        except ImportError as error:
            raise CommandError(f"{error.name} is not installed: this command needs requirements-dev.txt.") from error
        if translations.main([f"--{option}" for option in ("check", "seen") if options[option]]):
            raise CommandError("The language is not complete; each line above names what to add in django.po, then run this again.")
        self.stdout.write("Every word is translated, and django.mo is up to date.")
