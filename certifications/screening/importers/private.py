"""Private lists by CSV: is-informed letters, supplier lists, what a contract forbids. Headings in English or Chinese.

Delimiter and encoding are found, because such files come out of spreadsheets. Every faulty row is named in one refusal, so that
a person mends them at once. What is written here is the form in which the list is downloaded back.
"""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from certifications.ledger.canonical import canonical, sha256_hex

from .base import ListUnreadable, Notes, RawEntry, ShapeChanged, day_of, entry

MAX_BYTES, MOST_ROWS = 20 * 1024 * 1024, 100_000
COLUMNS = ("id", "name", "aliases", "kind", "country", "registration_numbers", "citation", "note", "effective_date")
HEADINGS = {
    "id": ("id", "number", "编号", "序号", "代码"),
    "name": ("name", "full name", "名称", "单位名称", "企业名称", "姓名"),
    "aliases": ("aliases", "alias", "other names", "别名", "其他名称", "曾用名"),
    "kind": ("kind", "type", "schema", "类型", "类别", "主体类型"),
    "country": ("country", "countries", "国家", "国家/地区", "国别"),
    "registration_numbers": (
        "registration numbers", "registration number", "uscc", "identifiers", "统一社会信用代码", "注册号", "登记号", "注册号码",
    ),
    "citation": ("citation", "reference", "basis", "依据", "文号", "引用"),
    "note": ("note", "notes", "remark", "remarks", "备注", "说明"),
    "effective_date": ("effective date", "effective", "date", "since", "生效日期", "日期"),
}  # fmt: skip
KINDS = {
    "Organization": ("", "organization", "organisation", "entity", "company", "legalentity", "publicbody", "单位", "机构", "组织", "企业", "公司"),
    "Person": ("person", "individual", "个人", "自然人", "人员"),
    "Vessel": ("vessel", "ship", "船舶", "船"),
}  # fmt: skip
_BY_HEADING = {heading: name for name, headings in HEADINGS.items() for heading in headings} | {name: name for name in COLUMNS}
_BY_KIND = {word: schema for schema, words in KINDS.items() for word in words}
_TOLD = 8


def read_private(stream: BinaryIO, notes: Notes) -> Iterator[RawEntry]:
    """Rows of a private list. Raises ListUnreadable that names every faulty row, the first eight in words."""
    text = _decoded(stream.read(MAX_BYTES + 1))
    delimiter = _delimiter(text)
    csv.field_size_limit(200_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    faults: list[str] = []
    seen: dict[str, int] = {}
    made: list[RawEntry] = []
    try:
        head = _head(next(reader, []), notes)
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(made) + len(faults) >= MOST_ROWS:
                raise ListUnreadable(_("The file holds more than %(n)d rows; split it.") % {"n": MOST_ROWS})
            if len(cells) > len(head) and any(cell.strip() for cell in cells[len(head) :]):
                faults.append(_("line %(n)d has more cells than the head") % {"n": line})
                continue
            fault, found = _row({name: _cell(cell) for name, cell in zip(head, cells, strict=False) if name}, line)
            if found is not None and found.entry_id in seen:
                fault = _("line %(n)d has the id of line %(m)d") % {"n": line, "m": seen[found.entry_id]}
            if fault or found is None:
                faults.append(fault)
                continue
            seen[found.entry_id] = line
            made.append(found)
    except csv.Error as error:
        raise ListUnreadable(_("The CSV breaks off or is damaged near line %(n)d.") % {"n": reader.line_num}) from error
    if faults:
        told = "; ".join(faults[:_TOLD])
        more = _(" and %(n)d more") % {"n": len(faults) - _TOLD} if len(faults) > _TOLD else ""
        raise ListUnreadable(_("Mend these rows and send the file again: %(f)s%(m)s.") % {"f": told, "m": more})
    if not made:
        raise ListUnreadable(_("The list file holds no entries."))
    yield from made


def is_private(head: str) -> bool:
    """Whether a first line is the head of such a list."""
    names = {_BY_HEADING.get(_plain(cell)) for cell in next(csv.reader([head], delimiter=_delimiter(head)), [])}
    return "name" in names and len(names - {None}) >= 2


def _decoded(content: bytes) -> str:
    if not content.strip():
        raise ListUnreadable(_("The list file is empty."))
    if len(content) > MAX_BYTES:
        raise ListUnreadable(_("The list file is larger than 20 MB; split it."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        # A spreadsheet on a Chinese machine writes GB 18030; "utf-8, else gb18030" would misread Big5 without a word.
        best = from_bytes(content, cp_isolation=["gb18030", "big5", "utf_16", "utf_16_le", "utf_16_be"]).best()
        if best is None:
            raise ListUnreadable(
                _("Line %(n)d is not UTF-8, GB 18030, Big5 or UTF-16 text. Save the file as CSV in UTF-8.") % {"n": line}
            ) from error
        return str(best).removeprefix("\ufeff")


def _delimiter(text: str) -> str:
    """The delimiter that the head has most of."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    return max(",;\t|", key=first.count)


def _plain(heading: str) -> str:
    return " ".join(heading.replace("_", " ").replace("（", "(").strip().strip("\ufeff*").lower().split())


def _cell(cell: str) -> str:
    """A cell as meant: a download of ours marks what a spreadsheet would take for a formula."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@"} else cell


def _head(cells: list[str], notes: Notes) -> list[str]:
    head = [_BY_HEADING.get(_plain(cell), "") for cell in cells]
    if "name" not in head:
        raise ListUnreadable(_('The head has no column "name" (名称). The columns are: %(c)s.') % {"c": ", ".join(COLUMNS)})
    known = [name for name in head if name]
    if len(set(known)) != len(known):
        raise ListUnreadable(_("Two columns of the head mean the same; keep one of them."))
    if unknown := [cell.strip() for cell, name in zip(cells, head, strict=True) if not name and cell.strip()]:
        sentence = _("The columns %(c)s are not known; rename or remove them. Known are: %(k)s.") % {
            "c": ", ".join(unknown)[:80],
            "k": ", ".join(COLUMNS),
        }
        if not notes.lenient:
            raise ShapeChanged(sentence)
        notes.changes.append(sentence)
    return head


def _row(row: dict[str, str], line: int) -> tuple[str, RawEntry | None]:
    """(what is wrong, the entry): one of the two."""
    where = _("line %(n)d") % {"n": line}
    if not row.get("name"):
        return _("line %(n)d has no name") % {"n": line}, None
    schema = _BY_KIND.get(row.get("kind", "").lower())
    if schema is None:
        return _("line %(n)d: the kind %(k)s is none of organization, person, vessel") % {"n": line, "k": row["kind"][:20]}, None
    date = row.get("effective_date", "")
    if date and day_of(date.replace("年", "-").replace("月", "-").rstrip("日")) is None and day_of(date) is None:
        return _("line %(n)d: %(d)s is no date; write 2026-11-12") % {"n": line, "d": date[:20]}, None
    try:
        return "", entry(
            # Without an id the content is the id, so that decisions outlive a new order of rows.
            entry_id=row.get("id") or sha256_hex(canonical({k: v for k, v in row.items() if v}))[:16],
            schema=schema,
            names=[row["name"], *_several(row.get("aliases", ""))],
            where=where,
            programme=date,
            citation=row.get("citation", ""),
            policy=row.get("note", ""),
            numbers=[("", number) for number in _several(row.get("registration_numbers", ""))],
            addresses=_several(row.get("country", "")),
        )
    except ListUnreadable as error:
        return str(error).rstrip("."), None


def _several(cell: str) -> list[str]:
    """Values of one cell: separated by semicolons, line breaks, or the Chinese marks for both."""
    for mark in ("；", "、", "\n", "|"):
        cell = cell.replace(mark, ";")
    return [part.strip() for part in cell.split(";") if part.strip()]


def as_row(held: RawEntry) -> list[str]:
    """An entry as a row under COLUMNS: what is downloaded can be uploaded again and is the same list."""
    return [
        held.entry_id,
        held.name,
        "; ".join(name for name in held.names if name != held.name),
        held.schema.lower(),
        "; ".join(held.addresses),
        "; ".join(held.identifiers),
        held.citation,
        held.policy,
        held.programme,
    ]
