"""Makes the local test authority on first start, and its revocation lists anew on every start; demonstration only."""

from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from certifications.attestations.authority import make_authority, refresh_revocation


class Command(BaseCommand):
    help = "Make the local test authority for seals and timestamps, where there is none."
    requires_system_checks: ClassVar[list[str]] = []  # they load every page, and are asked by `manage.py check`

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        if not settings.PORTAL_DEMO:
            raise CommandError("A test authority exists in demonstration mode only; see docs/operations.md.")
        keys = Path(settings.KEYS_DIR or settings.STATE_DIR / "keys")
        tsa_keys = Path(settings.STATE_DIR) / "tsa-keys"
        if make_authority(keys, tsa_keys, settings.TRUST_DIR):
            self.stdout.write("Made a local test authority.")
        else:
            refresh_revocation(keys, tsa_keys, settings.TRUST_DIR)
