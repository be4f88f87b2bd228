"""Screens a file of names against a file of listed names, without the database.

Formats: design note on matching; see `manage.py match_names --help`. Must not touch the ORM.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from certifications.matching import ENGINE_VERSION, LEXICON_VERSION, Entry, Index, build_index, match
from certifications.matching.lines import LineError, read_lines, text_field, write_lines


class Command(BaseCommand):
    """Reads a list and queries, writes candidates with their pieces."""

    help = "Match the names of a JSON Lines file against a list, and explain every candidate."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--list", required=True, help='lines {"id", "schema", "names": [...]}')
        parser.add_argument("--queries", default="-", help='lines {"qid", "schema", "query"}; "-" reads standard input')
        parser.add_argument("--out", default="-", help='lines {"qid", "top", "score", "candidates"}; "-" writes standard output')
        parser.add_argument("--top", type=int, default=5, help="candidates per name (default 5)")

    def handle(self, *_args: object, **options: Any) -> None:
        try:
            index = build_index(
                Entry(text_field(row, "id", at), str(row.get("schema") or ""), _names(row, at)) for at, row in read_lines(options["list"])
            )
            queries = list(read_lines(options["queries"]))
            count = write_lines(options["out"], (_answer(row, text_field(row, "query", at), index, options["top"]) for at, row in queries))
        except LineError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(
            _("%(count)d names matched against %(size)d. Engine %(engine)s, lexicon %(lexicon)s.")
            % {"count": count, "size": len(index), "engine": ENGINE_VERSION, "lexicon": LEXICON_VERSION}
        )


def _names(row: dict[str, Any], at: str) -> list[str]:
    names = row.get("names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise LineError(_('%(at)s: "names" must be a list of texts.') % {"at": at})
    return names


def _answer(row: dict[str, Any], query: str, index: Index, top: int) -> dict[str, Any]:
    found = match(query, index, top, schema=str(row.get("schema") or ""))
    return {
        "qid": row.get("qid"),
        "top": found[0].id if found else "",
        "score": found[0].score if found else 0,
        "candidates": [
            {
                "id": c.id,
                "name": c.name,
                "score": c.score,
                "pieces": [
                    {"left": p.left, "right": p.right, "kind": p.kind, "weight": p.weight, "score": p.score, "how": p.how} for p in c.pieces
                ],
                "rows": [{"kind": r.kind, "text": r.text, "points": r.points} for r in c.rows],
                "unmatched_left": list(c.unmatched_left),
                "unmatched_right": list(c.unmatched_right),
            }
            for c in found
        ],
    }
