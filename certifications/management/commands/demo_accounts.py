"""Prints the demonstration's accounts and how to pass their second factor."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from certifications.people.demo import ORGANISATIONS, PASSWORD, PEOPLE


class Command(BaseCommand):
    help = "Print the demonstration's accounts."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        if not settings.PORTAL_DEMO:
            self.stdout.write("There are no demonstration accounts outside demonstration mode.")
            return
        self.stdout.write("    Demonstration accounts (invented people)\n")
        for person in PEOPLE:
            where = ORGANISATIONS[person.organisation][1]
            self.stdout.write(f"      {', '.join(person.roles):20} {person.email:36} {where}")
        self.stdout.write(f"\n    Password for all: {PASSWORD}")
        self.stdout.write(f"    Second factor: the six digits shown on {settings.PORTAL_BASE_URL}/demo/codes/")
