"""Lines and CSV rows out of a stream of bytes, one by one, each fault with the line where it stands."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from django.utils.translation import gettext as _

from .base import ListUnreadable, Notes

LONGEST_LINE = 16 * 1024 * 1024
LONGEST_CELL = 2_000_000
BOM = "\ufeff"


class Lines:
    """Lines of UTF-8 text with their ends. Iterating raises ListUnreadable at the first line that is none.

    `number` is the line just read; `is_ended` whether it had its line break: a cut inside the last cell of a row leaves a
    row that looks whole.
    """

    def __init__(self, stream: BinaryIO, first: int = 1) -> None:
        self._stream, self.number, self.is_ended = stream, first - 1, True

    def __iter__(self) -> Iterator[str]:
        while raw := self._stream.readline(LONGEST_LINE + 1):
            self.number += 1
            if len(raw) > LONGEST_LINE:
                raise ListUnreadable(_("Line %(n)d is longer than 16 MB; no published list has such a line.") % {"n": self.number})
            try:
                line = raw.decode()
            except UnicodeDecodeError as error:
                raise ListUnreadable(
                    _("Line %(n)d is not UTF-8 text; download the list again as it is published, and do not save it from a spreadsheet.")
                    % {"n": self.number}
                ) from error
            self.is_ended = raw.endswith((b"\n", b"\r"))
            yield line.removeprefix(BOM) if self.number == 1 else line


def rows(lines: Lines, *, delimiter: str, required: set[str], known: Iterable[str], notes: Notes) -> Iterator[dict[str, str]]:
    """Rows under the next line as their head. Raises ListUnreadable for missing columns, ragged rows and a cut end.

    A column that is not in `known` is a shape that changed: it may be one of ours under another name.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    try:
        head = [name.strip() for name in next(reader, [])]
        _check_head(head, required, set(known), notes)
        width = len(head)
        for cells in reader:
            if not cells:
                continue
            if len(cells) != width:
                raise ListUnreadable(
                    _("Line %(n)d has %(g)d cells and the head %(w)d; the file was cut off or damaged. Download the list again.")
                    % {"n": lines.number, "g": len(cells), "w": width}
                )
            yield dict(zip(head, cells, strict=True))
    except csv.Error as error:
        raise ListUnreadable(
            _("The CSV breaks off or is damaged near line %(n)d; download the list again.") % {"n": lines.number}
        ) from error
    if not lines.is_ended:
        raise ListUnreadable(_("The CSV does not end with a line break; it may have been cut off. Download the list again."))


def _check_head(head: list[str], required: set[str], known: set[str], notes: Notes) -> None:
    if missing := sorted(required - set(head)):
        raise ListUnreadable(
            _("The columns %(c)s are missing; this is not the list, or its columns changed.") % {"c": ", ".join(missing)[:160]}
        )
    if len(set(head)) != len(head):
        raise ListUnreadable(_("A column stands twice in the head; the file is damaged."))
    if unknown := [name for name in head if name not in known]:
        notes.shape(_("The columns %(c)s are new or renamed; they would not be read.") % {"c": ", ".join(unknown)[:160]})
    if gone := sorted(known - set(head) - _OPTIONAL):
        notes.shape(_("The columns %(c)s are gone; what they held would be lost.") % {"c": ", ".join(gone)[:160]})


# Columns that a publisher added within living memory; files with and without them are the same list.
_OPTIONAL = {"program_ids", "phones", "emails", "first_seen", "last_seen", "last_change", "Hull identification number (HIN)"}


def joined(row: Mapping[str, str], columns: Iterable[str], with_: str = " ") -> str:
    """The cells of some columns that are not empty, joined."""
    return with_.join(filter(None, ((row.get(name) or "").strip() for name in columns)))
