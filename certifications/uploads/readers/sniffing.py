"""Tells by name and first bytes whether a file can be a table. Must not parse: it runs in the web process, before anything is kept."""

from pathlib import PurePath
from typing import Final

from .types import LIMIT_MB, MAX_BYTES, Unreadable

XLSX, XLS, CSV, JSON = "xlsx", "xls", "csv", "json"
MEDIA_TYPES: Final = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    XLS: "application/vnd.ms-excel",
    CSV: "text/csv",
    JSON: "application/json",
}
SUFFIXES: Final = {
    ".csv": CSV,
    ".txt": CSV,
    ".tsv": CSV,
    ".tab": CSV,
    ".xlsx": XLSX,
    ".xlsm": XLSX,
    ".xls": XLS,
    ".json": JSON,
    ".jsonld": JSON,
    "": "",
}
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KINDS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF-", "a PDF"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\x7fELF", "a program"),
    (b"Rar!\x1a", "an archive"),
    (b"7z\xbc\xaf\x27\x1c", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3", "a database"),
    (b"<!DOCTYPE", "a web page"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
)


def sniff(content: bytes, name: str) -> str:
    """xlsx, xls, csv or json. Raises Unreadable for what cannot be a table of rows."""
    if len(content) > MAX_BYTES:
        raise Unreadable("too_large", limit=str(LIMIT_MB))
    head = content.lstrip(b"\xef\xbb\xbf \r\n\t\x00")[:64] if not content.startswith((ZIP, OLE)) else content[:64]
    if not head:
        raise Unreadable("empty")
    for mark, kind in KINDS:
        if head.startswith(mark):
            raise Unreadable("wrong_kind", kind=kind)
    suffix = PurePath(name.strip().lower()).suffix
    if suffix not in SUFFIXES:
        raise Unreadable("wrong_name", suffix=suffix[:20])
    said = SUFFIXES[suffix]
    found = XLSX if content.startswith(ZIP) else XLS if content.startswith(OLE) else CSV
    if said == JSON:
        if found != CSV or not head.startswith((b"{", b"[", b"\xff\xfe", b"\xfe\xff")):
            raise Unreadable("name_and_bytes", suffix=suffix[:20])
        return JSON
    # Excel opens either of its formats under either name, and so people have both.
    if said and (said == CSV) != (found == CSV):
        raise Unreadable("name_and_bytes", suffix=suffix[:20])
    return found
