"""The US Consolidated Screening List as published, JSON and CSV (domain: 25,921 rows on 31 July 2026).

CSV columns and JSON keys as on data.trade.gov; lists inside a CSV cell are joined with "; ".
"""

import csv
import io
import json
from typing import Any

from django.utils.translation import gettext as _

from .base import ListData, ListUnreadable, RawEntry

MAX_BYTES = 200 * 1024 * 1024
COLUMNS = {"source", "name", "alt_names", "addresses", "programs", "federal_register_notice", "license_requirement", "license_policy"}
_SCHEMAS = {"individual": "Person", "vessel": "Vessel", "aircraft": "Aircraft"}


def read_csl(content: bytes) -> ListData:
    """Entries of a CSL file. Raises ListUnreadable for what is not whole or not this list."""
    if not content.strip():
        raise ListUnreadable(_("The list file is empty; download it again."))
    if len(content) > MAX_BYTES:
        raise ListUnreadable(_("The list file is larger than 200 MB; that is not this list."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListUnreadable(
            _("The list file is not UTF-8 text (byte %(n)d); download it again as it is published.") % {"n": error.start}
        ) from error
    rows = _json_rows(text) if text.lstrip()[:1] in {"{", "["} else _csv_rows(text)
    entries = [_entry(row, number) for number, row in enumerate(rows, start=1)]
    if not entries:
        raise ListUnreadable(_("The list file holds no entries."))
    seen: set[str] = set()
    for entry in entries:
        if entry.entry_id in seen:
            raise ListUnreadable(_("The id %(id)s stands twice in the list; the file is damaged.") % {"id": entry.entry_id})
        seen.add(entry.entry_id)
    return ListData(tuple(entries))


def _json_rows(text: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ListUnreadable(
            _("The JSON breaks off or is damaged at line %(l)d, column %(c)d; download the list again.")
            % {"l": error.lineno, "c": error.colno}
        ) from error
    rows = data.get("results") if isinstance(data, dict) else data
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ListUnreadable(_('The JSON holds no list under "results"; this is not the published file.'))
    if rows and "name" not in rows[0]:
        raise ListUnreadable(_('The first row has no "name"; the columns of the list changed.'))
    return rows


def _csv_rows(text: str) -> list[dict[str, Any]]:
    csv.field_size_limit(2_000_000)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = sorted(COLUMNS - set(reader.fieldnames or ()))
    if missing:
        raise ListUnreadable(_("The columns %(c)s are missing; this is not the list, or its columns changed.") % {"c": ", ".join(missing)})
    rows = []
    try:
        for row in reader:
            if None in row or None in row.values():
                raise ListUnreadable(_("Row %(n)d has another number of cells than the head; the file was cut off.") % {"n": reader.line_num})
            rows.append(row)
    except csv.Error as error:
        raise ListUnreadable(_("The CSV breaks off near row %(n)d; download the list again.") % {"n": reader.line_num}) from error
    return rows


def _list(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    if isinstance(value, list):
        return tuple(_plain(part) for part in value if part)
    return ()


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values() if part)
    return str(value).strip()


def _entry(row: dict[str, Any], number: int) -> RawEntry:
    name = _plain(row.get("name") or "")
    if not name:
        raise ListUnreadable(_("Row %(n)d has no name; the file is damaged.") % {"n": number})
    # Unique per row in the published file; entity_number alone is not (aliases of one firm share it across lists).
    key = _plain(row.get("_id") or row.get("id") or "") or f"{_plain(row.get('source') or '')}:{_plain(row.get('entity_number') or '')}:{number}"
    kind = _plain(row.get("type") or "").lower()
    return RawEntry(
        entry_id=key[:80],
        schema=_SCHEMAS.get(kind, "Organization"),
        name=name[:600],
        names=(name, *_list(row.get("alt_names"))),
        programme=", ".join((_plain(row.get("source") or ""), *_list(row.get("programs"))))[:200],
        citation=_plain(row.get("federal_register_notice") or "")[:600],
        requirement=_plain(row.get("license_requirement") or ""),
        policy=_plain(row.get("license_policy") or ""),
        identifiers=_list(row.get("ids")),
        addresses=_list(row.get("addresses")),
    )
