"""Reads saved procurement notices and writes what it found as JSON Lines, without the database.

Formats: see `manage.py read_notices --help`. Must not touch the ORM.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from certifications.evidence.readers import Proposal, Unreadable, read_notice, sniff
from certifications.evidence.readers.sandbox import read_in_child
from certifications.evidence.readers.sniffing import DOCX, PDF
from certifications.evidence.readers.types import UNREADABLE
from certifications.matching.lines import LineError, write_lines


class Command(BaseCommand):
    """One line per file; a file that cannot be read gets a line that says why, and the others are still read."""

    help = "Read procurement notices (HTML, text, PDF or .docx) and write buyer, suppliers, amounts, project number and goods of each, with their places."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="saved notices: HTML, text, PDF or .docx, at most 25 MB each")
        parser.add_argument(
            "--out",
            default="-",
            help='lines {"file", "stage", "buyer", "suppliers", "amounts" in yuan, "project_no", "items", "fields"}; "-" writes standard output',
        )

    def handle(self, *_args: object, **options: Any) -> None:
        problems: list[str] = []
        try:
            count = write_lines(options["out"], self._rows(options["files"], problems))
        except LineError as error:
            raise CommandError(str(error)) from error
        for sentence in problems:
            self.stderr.write(sentence)
        if len(problems) == count:
            raise CommandError(_("None of the files could be read."))
        self.stderr.write(
            _("%(count)d notices read, %(problems)d could not be read.") % {"count": count - len(problems), "problems": len(problems)}
        )

    def _rows(self, files: list[str], problems: list[str]) -> Iterator[dict[str, Any]]:
        for name in files:
            try:
                content = Path(name).read_bytes()
                sniffed = sniff(content, Path(name).name)
                yield as_line(name, _read(content, sniffed.media_type))
            except OSError as error:
                sentence = _("%(file)s: the file could not be opened (%(reason)s).") % {"file": name, "reason": error.strerror or error}
                problems.append(sentence)
                yield _unread(name, "not_opened", sentence)
            except Unreadable as problem:
                sentence = _("%(file)s: %(problem)s") % {"file": name, "problem": _(problem.message_key) % problem.params}
                problems.append(sentence)
                yield _unread(name, problem.code, sentence)
            except Exception as error:  # noqa: BLE001 - other people's files: one that breaks the reader must not stop the rest
                sentence = _("%(file)s: %(problem)s") % {
                    "file": name,
                    "problem": _(UNREADABLE["reader_died"]) % {"reason": type(error).__name__},
                }
                problems.append(sentence)
                yield _unread(name, "reader_died", sentence)


def _read(content: bytes, media_type: str) -> Proposal:
    """What the notice says; a packed one is taken apart in a process without rights, whoever runs this."""
    if media_type not in {PDF, DOCX}:
        return read_notice(content, media_type)
    found = read_in_child(content, media_type)
    assert isinstance(found, Proposal)  # noqa: S101 - only JSON and XML are packages
    return found


def _unread(name: str, code: str, sentence: str) -> dict[str, Any]:
    """The row of a file that was not read: every field of the format, empty, and why."""
    return as_line(name, Proposal()) | {"problem": code, "message": sentence}


def as_line(name: str, proposal: Proposal) -> dict[str, Any]:
    """The row of one notice. Each supplier once, in order; amounts one per award, in yuan; quantities and prices as numbers."""
    return {
        "file": name,
        "stage": proposal.stage,
        "buyer": proposal.buyer,
        "agency": proposal.agency,
        "suppliers": list(dict.fromkeys(s.name for s in proposal.suppliers)),
        "amounts": [_number(a) for a in proposal.amounts],
        "other_bidders": [b.name for b in proposal.other_bidders],
        "supplier_state": proposal.supplier_state,
        "product_state": proposal.product_state,
        "project_no": proposal.project_no,
        "project_name": proposal.project_name,
        "published_on": proposal.published_on.isoformat() if proposal.published_on else None,
        "signed_on": proposal.signed_on.isoformat() if proposal.signed_on else None,
        "region": proposal.region,
        "delivery_place": proposal.delivery_place,
        "lots": [
            {"lot": s.lot, "supplier": s.name, "address": s.address, "uscc": s.uscc, "amount": _number(s.amount)}
            for s in proposal.suppliers
        ],
        "items": [
            {
                "text": i.text,
                "brand": i.brand,
                "model": i.model,
                "quantity": _number(i.quantity),
                "unit": i.unit,
                "unit_price": _number(i.unit_price),
                # Seldom there, and left out where they are not.
                **{name: value for name in ("catalogue_no", "lot", "serial") if (value := getattr(i, name))},
            }
            for i in proposal.items
        ],
        "fields": {k: {"start": s.start, "end": s.end, "confidence": s.confidence} for k, s in proposal.fields.items()},
        "reasons": {k: s.reason for k, s in proposal.fields.items()},
        "products": [{"text": m.text, "family": m.family} for m in proposal.products],
        "notes": [note.code for note in proposal.notes],
        "encoding": proposal.encoding,
        "reader": proposal.reader,
    }


def _number(value: Decimal | None) -> int | float | None:
    """As JSON writes numbers; whole ones without a point."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
