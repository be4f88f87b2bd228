"""Imports a published list from a file, for a nightly job: `manage.py import_list us_csl consolidated.json`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from certifications.flow.lists import import_file
from certifications.screening.models import ListSource, ListVersion


class Command(BaseCommand):
    help = "Import a list from a file as it is published. Exits with 1 when the file is refused; the last good one stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="code of the list, for example us_csl")
        parser.add_argument("file", type=Path, help="the file as published: JSON or CSV")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        source = ListSource.objects.filter(pk=options["source"]).first()
        if source is None:
            known = ", ".join(ListSource.objects.values_list("code", flat=True)) or "none; run seed_lists first"
            raise CommandError(f"There is no list {options['source']}. Known: {known}.")
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        version = import_file(source=source, content=content, by=None)
        if version.state == ListVersion.State.REFUSED:
            raise CommandError(f"Refused, the last good version stays: {version.refusal}")
        self.stdout.write(f"{source.title}: {version.entry_count} entries, SHA-256 {version.sha256}.")
