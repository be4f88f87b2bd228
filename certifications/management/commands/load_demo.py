"""Loads the demonstration: people, the catalogue, lists, and who is authorised to sell what. Idempotent."""

from typing import Any

from django.core.management.base import BaseCommand

from certifications.flow.demo import load


class Command(BaseCommand):
    help = "Load the demonstration's people, catalogue, lists and authorisations."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        load()
        self.stdout.write("The demonstration is loaded.")
