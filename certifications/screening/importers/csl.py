"""The US Consolidated Screening List as published, JSON and CSV (domain: 25,921 rows on 31 July 2026).

CSV columns and JSON keys as on data.trade.gov; lists inside a CSV cell are joined with "; ".
"""

import csv
import io
import json
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from certifications.ledger.canonical import canonical, sha256_hex

from .base import ListData, ListUnreadable, Notes, RawEntry

MAX_BYTES = 200 * 1024 * 1024
COLUMNS = {"source", "name", "alt_names", "addresses", "programs", "federal_register_notice", "license_requirement", "license_policy"}
# Not every row of the JSON has every key; a key that no row has any more is a list that changed.
KEYS = {"source", "name", "alt_names", "addresses"}
# Without these there is no list; without one of the others something is lost, which two people may accept.
_WHOLE = {"source", "name"}
LONGEST_NAME = 600
LONGEST_ID = 120
_SCHEMAS = {"individual": "Person", "vessel": "Vessel", "aircraft": "Aircraft"}
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def read_csl(content: bytes, notes: Notes | None = None) -> ListData:
    """Entries of a CSL file. Raises ListUnreadable for what is not whole or not this list."""
    notes = notes or Notes()
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
    rows = _json_rows(text, notes) if text.lstrip()[:1] in {"{", "["} else _csv_rows(text, notes)
    entries = [_entry(row, number) for number, row in enumerate(rows, start=1)]
    if not entries:
        raise ListUnreadable(_("The list file holds no entries."))
    seen: set[str] = set()
    for entry in entries:
        if entry.entry_id in seen:
            raise ListUnreadable(_("The id %(id)s stands twice in the list; the file is damaged.") % {"id": entry.entry_id})
        seen.add(entry.entry_id)
    return ListData(tuple(entries))


def _json_rows(text: str, notes: Notes) -> list[dict[str, Any]]:
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ListUnreadable(
            _("The JSON breaks off or is damaged at line %(l)d, column %(c)d; download the list again.")
            % {"l": error.lineno, "c": error.colno}
        ) from error
    except RecursionError as error:
        raise ListUnreadable(_("The JSON is nested far too deep; this is not the published file.")) from error
    rows = data.get("results") if isinstance(data, dict) else data
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ListUnreadable(_('The JSON holds no list under "results"; this is not the published file.'))
    missing = sorted(KEYS - {key for row in rows for key in row}) if rows else []
    if missing:
        _missed(_("No row has %(c)s; this is not the list, or its columns changed."), missing, notes)
    return rows


def _missed(sentence: str, missing: list[str], notes: Notes) -> None:
    """Refuse for good what lacks its core, and as a changed shape what lacks something else."""
    if _WHOLE & set(missing):
        raise ListUnreadable(sentence % {"c": ", ".join(missing)})
    notes.shape(sentence % {"c": ", ".join(missing)})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand once: the standard library keeps the last of two without a word."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ListUnreadable(_("A row of the JSON has the same key twice; the file is damaged."))
    return made


def _no_constant(word: str) -> NoReturn:
    raise ListUnreadable(_("The JSON holds %(w)s, which is no value; the file is damaged.") % {"w": word})


def _csv_rows(text: str, notes: Notes) -> list[dict[str, Any]]:
    csv.field_size_limit(2_000_000)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        missing = sorted(COLUMNS - set(reader.fieldnames or ()))
        if missing:
            _missed(_("The columns %(c)s are missing; this is not the list, or its columns changed."), missing, notes)
        for row in reader:
            if None in row or None in row.values():
                raise ListUnreadable(
                    _("Row %(n)d has another number of cells than the head; the file was cut off.") % {"n": reader.line_num}
                )
            rows.append(row)
    except csv.Error as error:
        raise ListUnreadable(_("The CSV breaks off near row %(n)d; download the list again.") % {"n": reader.line_num}) from error
    if not text.endswith(("\n", "\r")):
        # A cut inside the last cell leaves a row that looks whole.
        raise ListUnreadable(_("The CSV does not end with a line break; it may have been cut off. Download the list again."))
    return rows


def _list(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(_plain(part) for part in value.split(";") if part.strip())
    if isinstance(value, list):
        return tuple(_plain(part) for part in value if part)
    return ()


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(_plain(part) for part in value.values() if part)
    # PostgreSQL keeps no NUL, and no name holds a control character.
    return str(value).translate(_CONTROLS).strip()


def _entry(row: dict[str, Any], number: int) -> RawEntry:
    name = _plain(row.get("name") or "")
    if not name:
        raise ListUnreadable(_("Row %(n)d has no name; the file is damaged.") % {"n": number})
    source = _plain(row.get("source") or "")
    # Every published row has an id. Without one the content is the id, so that decisions outlive a new order of rows.
    key = _plain(row.get("_id") or row.get("id") or "") or f"{source}:{_digest(row)}"
    kind = _plain(row.get("type") or "").lower()
    names = (name, *_list(row.get("alt_names")))
    return RawEntry(
        entry_id=key[:LONGEST_ID],
        schema=_SCHEMAS.get(kind, "Organization"),
        name=name[:LONGEST_NAME],
        names=tuple(text[:LONGEST_NAME] for text in names),
        programme=", ".join((source, *_list(row.get("programs"))))[:200],
        citation=_plain(row.get("federal_register_notice") or "")[:600],
        requirement=_plain(row.get("license_requirement") or ""),
        policy=_plain(row.get("license_policy") or ""),
        identifiers=_list(row.get("ids")),
        addresses=_list(row.get("addresses")),
    )


def _digest(row: dict[str, Any]) -> str:
    return sha256_hex(canonical({key: _plain(value) for key, value in row.items()}))[:16]
