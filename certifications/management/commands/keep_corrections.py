"""Writes what people corrected in notices as cases for the reader's regression tests.

Real notices name real firms: the folder is for one's own checkout, and is never part of this repository.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from certifications.evidence.cases import SUFFIX, as_label, was_corrected
from certifications.evidence.models import EvidenceDocument
from certifications.files.actions import Damaged, read


class Command(BaseCommand):
    """One notice and one label per confirmed document; a case that is there already is left as it is."""

    help = "Write every confirmed notice in which a person corrected the reader, with what the person said, as a regression case."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", help="where the cases go; `bench/notices.py FOLDER` then counts how many are read right")
        parser.add_argument("--all", action="store_true", help="also what was confirmed without a correction")

    def handle(self, *_args: object, **options: Any) -> None:
        folder = Path(options["folder"])
        try:
            folder.mkdir(parents=True, exist_ok=True)
            written = sum(self._keep(document, folder, everything=options["all"]) for document in _confirmed())
        except OSError as error:
            raise CommandError(
                _("The folder %(folder)s could not be written (%(reason)s).") % {"folder": folder, "reason": error.strerror or error}
            ) from error
        self.stdout.write(_("%(count)d notices written to %(folder)s.") % {"count": written, "folder": folder})

    def _keep(self, document: EvidenceDocument, folder: Path, *, everything: bool) -> bool:
        lines = list(document.lines.order_by("position"))
        label = folder / f"{document.number}.toml"
        if not lines or label.exists() or not (everything or was_corrected(lines)):
            return False
        try:
            content = read(document.blob)
        except Damaged as problem:
            self.stderr.write(str(problem))
            return False
        label.with_suffix(SUFFIX.get(document.blob.media_type, ".txt")).write_bytes(content)
        label.write_text(as_label(document, lines), encoding="utf-8")
        return True


def _confirmed() -> Any:
    notices = EvidenceDocument.objects.filter(status=EvidenceDocument.Status.CONFIRMED, blob__media_type__in=SUFFIX)
    return notices.select_related("blob").order_by("number")
