"""Imports a published list from a file, for a nightly job: `manage.py import_list us_csl consolidated.json`."""

import mmap
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from certifications.flow.lists import import_file
from certifications.screening.importers import Content
from certifications.screening.models import ListSource, ListVersion
from certifications.screening.queries import described


class Command(BaseCommand):
    help = "Import a list from a file as it is published. Exits with 1 when the file is refused; the last good one stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="code of the list, for example us_csl")
        parser.add_argument("file", type=Path, help="the file as published: JSON, XML or CSV")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        source = ListSource.objects.filter(pk=options["source"]).first()
        if source is None:
            known = ", ".join(ListSource.objects.values_list("code", flat=True)) or "none; run seed_lists first"
            raise CommandError(f"There is no list {options['source']}. Known: {known}.")
        try:
            content = mapped(options["file"])
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        version = import_file(source=source, content=content, by=None)
        if version.state == ListVersion.State.REFUSED:
            raise CommandError(f"Refused, the last good version stays: {version.refusal}")
        beside = f" Beside them {version.ignored_count} that are no target." if version.ignored_count else ""
        self.stdout.write(f"{source.title}: {version.entry_count} entries, SHA-256 {version.sha256}. {described(version)}{beside}")


def mapped(path: Path) -> Content:
    """The file's bytes, mapped and not read: the largest list is a gigabyte. An empty file cannot be mapped."""
    with path.open("rb") as stream:
        if not path.stat().st_size:
            return b""
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
