"""Makes the sources of lists. In demonstration mode the seed case's 26 rows are imported too."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from certifications.screening.seed import make_sources, seed


class Command(BaseCommand):
    help = "Make the sources of lists; in demonstration mode import the static demonstration list as well."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if settings.PORTAL_DEMO:
            version = seed()
            self.stdout.write(f"{version.source.title}: {version.entry_count} entries, {version.state}.")
            return
        csl = make_sources()
        self.stdout.write(f"{csl.title} is in force and waits for its first import; nothing is screened as clear before that.")
