"""Workbooks to rows. Looks at what an archive would unpack to before anybody unpacks it: one far cell aborts the parser.

Knows no Django. Runs in the child process alone.
"""

import datetime as dt
import io
import math
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final

import python_calamine as calamine

from .types import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Origin, SheetInfo, Unreadable

UNPACKED_MB: Final = 200
MAX_MEMBERS: Final = 500
MAX_RATIO: Final = 100
# A small file may shrink a lot by honest repetition; the ratio counts from here on.
RATIO_FROM: Final = 10 * 1024 * 1024
CHUNK: Final = 1 << 20
ORIGIN_SHEET: Final = "_portal"
ORIGIN_MARK: Final = "end-use-portal"
# A cell beyond column Z or row 99,999, in any spelling: rare, so that a million cells that are well cost one search.
_FAR = re.compile(rb"""r\s*=\s*["'](?:[A-Za-z]{2,3}\d|[A-Za-z]\d{6})""")
_REFERENCE = re.compile(rb"""<(?:\w+:)?c\b[^<>]*?\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_ROUNDED: Final = 1e15  # a spreadsheet keeps fifteen digits of a number
ARCHIVES: Final = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")
MACROS: Final = "_VBA_PROJECT_CUR".encode("utf-16-le")
LOCKED: Final = "EncryptedPackage".encode("utf-16-le")


def guard(content: bytes) -> None:
    """Refuse what would not stay small. Raises Unreadable: damaged, bomb, nested, macros, encrypted, far_cell."""
    if not content.startswith(b"PK"):
        if LOCKED in content:
            raise Unreadable("encrypted")
        if MACROS in content:
            raise Unreadable("macros")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _guard_archive(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
        raise Unreadable("damaged") from None
    except RuntimeError:
        # What zipfile says of a member with a password.
        raise Unreadable("encrypted") from None


def _guard_archive(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names:
        raise Unreadable("wrong_kind", kind="a ZIP archive")
    if "mimetype" in names or not any(name.startswith("xl/") for name in names):
        raise Unreadable("wrong_kind", kind="an Office document of another kind")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable("macros")
    if len(members) > MAX_MEMBERS or len(names) < len(members):
        raise Unreadable("nested")
    total = 0
    for member in members:
        path = member.filename.replace("\\", "/")
        if path.startswith("/") or ".." in path.split("/") or stat.S_ISLNK(member.external_attr >> 16):
            raise Unreadable("nested")
        total += _read_through(archive, member, total)


def _read_through(archive: zipfile.ZipFile, member: zipfile.ZipInfo, before: int) -> int:
    """Bytes that the member really unpacks to, whatever it says; looks at every cell reference on the way."""
    size, tail = 0, b""
    is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
    with archive.open(member) as stream:
        while part := stream.read(CHUNK):
            if not size and part.startswith(ARCHIVES) and not member.filename.startswith("xl/media/"):
                raise Unreadable("nested")
            size += len(part)
            ratio = size / max(member.compress_size, 1)
            if before + size > UNPACKED_MB << 20 or (size > RATIO_FROM and ratio > MAX_RATIO):
                raise Unreadable("bomb", limit=str(UNPACKED_MB))
            if is_sheet:
                part = tail + part
                _look_at_cells(part, member.filename)
                tail = part[-200:]
    return size


def _look_at_cells(part: bytes, name: str) -> None:
    if not _FAR.search(part):
        return
    for letters, digits in _REFERENCE.findall(part):
        # Two letters reach column ZZ, three are always too far; cheap for the million cells that are well.
        if len(digits) > 5 or len(letters) > 1:  # noqa: PLR2004
            column, row = _number_of(letters), int(digits)
            if row > MAX_ROWS or column > MAX_COLUMNS:
                where = f"{letters.decode()}{row}"
                sheet = name.rsplit("/", maxsplit=1)[-1].removesuffix(".xml")
                raise Unreadable("far_cell", sheet=sheet, cell=where, rows=f"{MAX_ROWS:,}", columns=str(MAX_COLUMNS))


def _number_of(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


class Book:
    """An opened workbook. Raises Unreadable "damaged" for what calamine cannot open."""

    def __init__(self, content: bytes) -> None:
        try:
            self._book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
            self._metadata = list(self._book.sheets_metadata)
        except (calamine.CalamineError, OSError, ValueError):
            raise Unreadable("damaged") from None
        self._parsed: dict[str, Any] = {}

    def _sheet(self, name: str) -> Any:
        """Parsed once: a large sheet takes a second."""
        if name not in self._parsed:
            try:
                self._parsed[name] = self._book.get_sheet_by_name(name)
            except (calamine.CalamineError, OSError, ValueError):
                raise Unreadable("damaged") from None
        return self._parsed[name]

    def sheets(self) -> list[SheetInfo]:
        """Every sheet of cells, in order, our own mark left out."""
        found = []
        for data in self._metadata:
            if data.typ != calamine.SheetTypeEnum.WorkSheet or data.name == ORIGIN_SHEET:
                continue
            sheet = self._sheet(data.name)
            hidden = data.visible != calamine.SheetVisibleEnum.Visible
            found.append(SheetInfo(data.name, hidden, int(sheet.total_height), int(sheet.total_width)))
        return found

    def origin(self) -> Origin | None:
        """What a workbook of ours says of itself, where it still does."""
        if not any(data.name == ORIGIN_SHEET for data in self._metadata):
            return None
        rows = [[str(cell) for cell in row] for row in self._sheet(ORIGIN_SHEET).to_python(nrows=2)]
        if len(rows) < 2 or len(rows[0]) < 3 or rows[0][0] != ORIGIN_MARK:  # noqa: PLR2004
            return None
        return Origin(rows[0][1][:40], rows[0][2][:20], tuple(cell[:60] for cell in rows[1] if cell)[:MAX_COLUMNS])

    def merged(self, name: str) -> list[tuple[int, int, int, int]]:
        """Merged ranges as (first row, first column, last row, last column), from 1."""
        ranges = self._sheet(name).merged_cell_ranges or []
        return [(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in ranges[:10_000]]

    def rows(self, name: str) -> Iterator[tuple[int, list[str]]]:
        """(row number from 1, cells as text) of a sheet, from its first column on. Raises Unreadable."""
        sheet = self._sheet(name)
        if sheet.total_height > MAX_ROWS:
            raise Unreadable("too_many_rows", rows=f"{MAX_ROWS:,}")
        if sheet.total_width > MAX_COLUMNS:
            raise Unreadable("too_many_columns", columns=str(MAX_COLUMNS))
        for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
            cells = [cell if type(cell) is str else _figure(cell) if type(cell) is float else text_of(cell) for cell in row]
            if len(max(cells, key=len, default="")) > MAX_CELL:
                place = next(place for place, cell in enumerate(cells, start=1) if len(cell) > MAX_CELL)
                raise Unreadable("cell_too_long", row=str(number), column=str(place), limit=str(MAX_CELL))
            yield number, cells


def _figure(cell: float) -> str:
    if -_ROUNDED < cell < _ROUNDED:
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return f"{cell:.14E}" if math.isfinite(cell) else ""


def text_of(cell: Any) -> str:
    """A cell as text: a day as 2026-10-05, a whole number without a point; one that a spreadsheet has rounded as 9.14E+17."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _figure(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return str(cell)
