"""Classes and GB/T 2260 divisions of the names in a file, without the database. Must not touch the ORM."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from certifications.matching import ENGINE_VERSION, LEXICON_VERSION, classify
from certifications.matching.lines import LineError, read_lines, text_field, write_lines


class Command(BaseCommand):
    """Reads names, writes classes and divisions."""

    help = "Say what kind of body each name speaks of and which Chinese divisions it names."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--in", dest="source", default="-", help='lines {"id", "name"}; "-" reads standard input')
        parser.add_argument("--out", default="-", help='lines {"id", "classes", "divisions"}; "-" writes standard output')

    def handle(self, *_args: object, **options: Any) -> None:
        try:
            rows = list(read_lines(options["source"]))
            count = write_lines(options["out"], (_answer(row, text_field(row, "name", at)) for at, row in rows))
        except LineError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(
            _("%(count)d names classified. Engine %(engine)s, lexicon %(lexicon)s.")
            % {"count": count, "engine": ENGINE_VERSION, "lexicon": LEXICON_VERSION}
        )


def _answer(row: dict[str, Any], name: str) -> dict[str, Any]:
    found = classify(name)
    return {"id": row.get("id"), "classes": list(found.classes), "divisions": list(found.divisions)}
