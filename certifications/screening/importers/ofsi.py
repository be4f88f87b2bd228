"""OFSI's Consolidated List of Asset Freeze Targets, ConList.csv. Closed on 28 January 2026; read for files that were kept.

The first line is "Last Updated,<day>", the second the head. One row for every name, with the address and numbers of that row.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _

from .base import ListUnreadable, Notes, RawEntry, day_of, entry
from .text import Lines, joined, rows

_NAME = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_ADDRESS = (*(f"Address {n}" for n in range(1, 7)), "Post/Zip Code", "Country")
# "Last Updated" stands in the head as well, as the day of the entry.
COLUMNS = (
    *_NAME, "Title", "Name Non-Latin Script", "Non-Latin Script Type", "Non-Latin Script Language", "DOB", "Town of Birth",
    "Country of Birth", "Nationality", "Passport Number", "Passport Details", "National Identification Number",
    "National Identification Details", "Position", *_ADDRESS, "Other Information", "Group Type", "Alias Type", "Alias Quality",
    "Regime", "Listed On", "UK Sanctions List Date Designated", "Last Updated", "Group ID",
)  # fmt: skip
REQUIRED = {"Name 6", "Name 1", "Name Non-Latin Script", "Group Type", "Alias Type", "Regime", "Group ID"}
_SCHEMAS = {"individual": "Person", "ship": "Vessel"}


def read_ofsi(stream: BinaryIO, notes: Notes) -> Iterator[RawEntry]:
    """Groups of ConList.csv, their rows put together."""
    first = next(iter(Lines(stream)), "")
    if not first.startswith("Last Updated,"):
        raise ListUnreadable(_('The first line is not "Last Updated,..."; this is not the Consolidated List, or its shape changed.'))
    notes.dated = day_of(first.partition(",")[2].strip(' \r\n,"'))
    lines = Lines(stream, first=2)
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(lines, delimiter=",", required=REQUIRED, known=COLUMNS, notes=notes):
        if not row["Group ID"].strip().isdigit():
            raise ListUnreadable(_("Line %(n)d has no group id; the file is damaged.") % {"n": lines.number})
        groups[row["Group ID"].strip()].append({name: value for name, value in row.items() if value})
    if not groups:
        raise ListUnreadable(_("The list file holds no entries."))
    for key, group in groups.items():
        notes.merged += len(group) - 1
        yield _from_rows(key, group)


def _from_rows(key: str, group: list[dict[str, str]]) -> RawEntry:
    ordered = sorted(group, key=lambda row: row.get("Alias Type", "").lower() != "primary name")
    first = ordered[0]
    return entry(
        entry_id=key,
        schema=_SCHEMAS.get(first.get("Group Type", "").lower(), "Organization"),
        names=[*(joined(row, _NAME) for row in ordered), *(row.get("Name Non-Latin Script", "") for row in ordered)],
        where=_("The group %(n)s") % {"n": key[:40]},
        programme=first.get("Regime", ""),
        citation=joined(first, ("Group ID", "Listed On"), ", "),
        policy=first.get("Other Information", ""),
        numbers=[
            (label, row.get(column, ""))
            for row in ordered
            for column, label in (("Passport Number", "Passport"), ("National Identification Number", "National id"))
        ],
        addresses=[joined(row, _ADDRESS, ", ") for row in ordered],
    )
