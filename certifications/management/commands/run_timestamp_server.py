"""Runs the demonstration's own timestamp server; only in demonstration mode."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from certifications.attestations.authority import refresh_revocation
from certifications.attestations.tsa import make_server


class Command(BaseCommand):
    help = "Run the local test timestamp server (RFC 3161) on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("port", type=int)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        if not settings.PORTAL_DEMO:
            raise CommandError("The local timestamp server exists in demonstration mode only; set PORTAL_TSA_URL.")
        keys = Path(os.environ["PORTAL_TSA_KEYS"])
        refresh_revocation(None, keys, settings.TRUST_DIR)
        make_server(options["port"], keys, settings.TRUST_DIR).serve_forever()
