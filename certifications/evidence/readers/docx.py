"""Reads the text of a Word document (.docx): paragraphs and tables in their order, as markup. Runs in the child alone.

Only the parts that hold the text and its footnotes are unpacked, up to a limit, and parsed without definitions, entities or network. Links,
pictures, embedded files, macros, comments, headers and endnotes are never looked at. What tracked changes took out is not read; what they put
in is. Footnotes that the text points to stand at the end. The numbers that Word counts before paragraphs are not written: one before a value
in a cell ("1." before "5台") would be read as part of it.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from lxml import etree

from .spans import MAX_HIGH, cells
from .types import Unreadable

MAX_TEXT_PART: Final = 48 * 1024 * 1024  # unpacked
MAX_FOOTNOTES: Final = 4 * 1024 * 1024
MAX_RELATIONS: Final = 256 * 1024
MAX_PARTS: Final = 5_000
MAX_PIECES: Final = 400_000  # of text, cells and breaks
MAX_LETTERS: Final = 4_000_000  # written, what is said again in long tables included
MOST_COLUMNS: Final = 63  # of a table, as the program itself allows
DEEPEST: Final = 12  # tables within tables
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT: Final = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TAB: Final = "\u00a0" * 4
# What holds text that is not there any more, stands there twice, or is none.
_LEFT_OUT: Final = frozenset(
    {
        f"{_W}{name}"
        for name in (
            "del",
            "moveFrom",
            "delText",
            "instrText",
            "delInstrText",
            "rt",
            "pPr",
            "rPr",
            "tblPr",
            "tblPrEx",
            "tblGrid",
            "trPr",
            "tcPr",
            "sdtPr",
            "sdtEndPr",
            "sectPr",
            "proofErr",
        )
    }
    | {f"{_MC}Fallback"}
)
_MACROS: Final = re.compile(r"(?:^|/)vbaProject\.bin$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """The document as markup, whether only its beginning was read, whether its end is damaged, and whether something stood too deep."""

    markup: str
    too_long: bool
    cut_off: bool
    too_deep: bool


def read_docx(content: bytes) -> Written:
    """The document as markup. Raises Unreadable (damaged, too_much, locked, macros, xml_doctype, no_text)."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            main = _main(archive)
            body = _body(_unpacked(archive, main, MAX_TEXT_PART))
            footnotes = _Footnotes.of(archive, main)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError):
        raise Unreadable("damaged", kind="Word") from None
    except RuntimeError:  # the archive itself asks for a password
        raise Unreadable("locked") from None
    writer = _Writer()
    parts = [*writer.blocks(body, 0)]
    for note in footnotes.texts:
        if note.get(f"{_W}id", "") in writer.pointed_to:
            parts += writer.blocks(note, 0)
    markup = f"<html><body>{''.join(parts)}</body></html>"
    return Written(markup, writer.too_long or footnotes.too_long, footnotes.cut_off, writer.too_deep)


@dataclass(frozen=True, slots=True)
class _Footnotes:
    """What stands in footnotes. A notice is read without those that cannot be: that they are missing is said of its end."""

    texts: tuple[Any, ...] = ()
    too_long: bool = False
    cut_off: bool = False

    @classmethod
    def of(cls, archive: zipfile.ZipFile, main: str) -> "_Footnotes":
        """Those of the document, as it says itself where they lie. Raises Unreadable "xml_doctype"."""
        path = _tied(archive, main, "/footnotes")
        if path not in archive.namelist():
            return cls()
        try:
            root = _parsed(_unpacked(archive, path, MAX_FOOTNOTES).replace(_STRICT[1:-1].encode(), _W[1:-1].encode()))
        except Unreadable as problem:
            if problem.code == "xml_doctype":
                raise
            return cls(too_long=problem.code == "too_much", cut_off=problem.code != "too_much")
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
            return cls(cut_off=True)
        return cls(tuple(note for note in root if note.tag == f"{_W}footnote"))


def _tied(archive: zipfile.ZipFile, main: str, ending: str) -> str:
    """The name of a part that the text is tied to by a relation of this kind; "" where there is none."""
    folder, name = posixpath.split(main)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations not in archive.namelist():
        return ""
    for one in _parsed(_unpacked(archive, relations, MAX_RELATIONS)):
        if str(one.get("Type", "")).endswith(ending) and one.get("TargetMode") != "External":
            return posixpath.normpath(posixpath.join("/", folder, str(one.get("Target", "")))).lstrip("/")
    return ""


def _main(archive: zipfile.ZipFile) -> str:
    """The name of the part that holds the text."""
    names = archive.namelist()
    if len(names) > MAX_PARTS:
        raise Unreadable("too_much")
    if any(_MACROS.search(name) for name in names):
        raise Unreadable("macros")
    main = next((name for name in _mains(archive, names) if name in names), "")
    if not main:
        raise Unreadable("damaged", kind="Word")
    return main


def _mains(archive: zipfile.ZipFile, names: Iterable[str]) -> Iterator[str]:
    """Names of the part that holds the text: as the package says, else where it always lies."""
    if "_rels/.rels" in names:
        for one in _parsed(_unpacked(archive, "_rels/.rels", MAX_RELATIONS)):
            if str(one.get("Type", "")).endswith("/officeDocument") and one.get("TargetMode") != "External":
                yield posixpath.normpath(str(one.get("Target", "")).lstrip("/"))
    yield "word/document.xml"


def _unpacked(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A part, unpacked no further than it may be long: what a name says of its size is not believed."""
    with archive.open(name) as part:
        found = part.read(most + 1)
    if len(found) > most:
        raise Unreadable("too_much")
    return found


def _parsed(xml: bytes) -> Any:
    """The root element. Definitions are refused before any parser sees them, in whichever encoding."""
    if re.search(rb"<!\s*(?:DOCTYPE|ENTITY)", xml.replace(b"\0", b""), re.IGNORECASE):
        raise Unreadable("xml_doctype")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error) or "huge" in str(error).lower():
            raise Unreadable("xml_large") from None
        raise Unreadable("damaged", kind="Word") from None


def _body(xml: bytes) -> Any:
    root = _parsed(xml.replace(_STRICT[1:-1].encode(), _W[1:-1].encode()))
    body = root.find(f"{_W}body")
    if body is None:
        raise Unreadable("damaged", kind="Word")
    return body


def _on(element: Any, name: str) -> bool:
    """Whether a property is there and not switched off."""
    found = element.find(name) if element is not None else None
    return found is not None and found.get(f"{_W}val", "true").lower() not in {"false", "0", "off"}


def _count(value: str | None, least: int = 1) -> int:
    return min(max(int(value), least), MOST_COLUMNS) if value and value.isascii() and value.isdecimal() and len(value) < 4 else least  # noqa: PLR2004


class _Writer:
    """Writes blocks as markup, so many at most."""

    def __init__(self) -> None:
        self.pointed_to: set[str] = set()
        self.left, self.letters = MAX_PIECES, MAX_LETTERS
        self.too_long = self.too_deep = False

    def goes_on(self) -> bool:
        """Whether there is room for more; that there was none is remembered."""
        if self.left > 0 and self.letters > 0:
            return True
        self.too_long = True
        return False

    def reaches(self, depth: int) -> bool:
        """Whether what stands within this depth is read; that something was not is remembered."""
        self.too_deep |= depth >= DEEPEST
        return depth < DEEPEST

    def blocks(self, holder: Any, depth: int) -> Iterator[str]:
        """Paragraphs and tables of a body, a cell or a box; what only wraps them is gone through."""
        for one in holder:
            if one.tag in _LEFT_OUT:
                continue
            if not self.goes_on():
                return
            if one.tag == f"{_W}p":
                yield from self.paragraph(one, depth)
            elif one.tag == f"{_W}tbl":
                if self.reaches(depth):
                    yield from self.table(one, depth + 1)
            elif len(one):
                yield from self.blocks(one, depth)

    def paragraph(self, paragraph: Any, depth: int) -> Iterator[str]:
        """Its text, then what stands in boxes that are tied to it."""
        said: list[str] = []
        boxes: list[Any] = []
        self.inline(paragraph, said, boxes)
        yield f"<p>{''.join(said)}</p>"
        for box in boxes:
            if self.reaches(depth):
                yield from self.blocks(box, depth + 1)

    def inline(self, element: Any, said: list[str], boxes: list[Any]) -> None:
        for one in element:
            if one.tag in _LEFT_OUT or not isinstance(one.tag, str):
                continue
            if not self.goes_on():
                return
            self.left -= 1
            name = one.tag.removeprefix(_W)
            if name == "t":
                self.letters -= len(one.text or "")
                said.append(escape(one.text or ""))
            elif name in {"tab", "ptab"}:
                said.append(_TAB)
            elif name in {"br", "cr"}:
                said.append("<br>")
            elif name == "noBreakHyphen":
                said.append("-")
            elif name == "footnoteReference":
                self.pointed_to.add(one.get(f"{_W}id", ""))
            elif name == "txbxContent":
                boxes.append(one)
            elif name != "r" or not _on(one.find(f"{_W}rPr"), f"{_W}vanish"):
                self.inline(one, said, boxes)

    def table(self, table: Any, depth: int) -> Iterator[str]:
        """Rows and cells; a cell that goes on below is written once, with how far it reaches, and again where it reaches very far."""
        rows = [row for row in _within(table, f"{_W}tr") if row.find(f"{_W}trPr/{_W}del") is None]
        laid = [list(_laid(row)) for row in rows]
        reached = _reached(laid)
        yield "<table>"
        for number, row in enumerate(laid):
            if not self.goes_on():
                break
            yield "<tr>"
            at = 0
            for column, wide, merged, cell in row:
                if column > at:  # the row begins further right
                    yield cells("", column - at, 1)
                at = column + wide
                begins, high, holder = reached.get((number, column), (number, 1, cell))
                # A cell that goes on from nothing above is one like any other.
                if merged == "continue" and (number - begins) % MAX_HIGH:
                    continue
                part = min(MAX_HIGH, begins + high - number)
                self.left -= wide * part
                yield cells("".join(self.blocks(holder, depth)), wide, part)
            yield "</tr>"
        yield "</table>"


def _reached(laid: list[list[tuple[int, int, str, Any]]]) -> dict[tuple[int, int], tuple[int, int, Any]]:
    """For each (row, column) of a cell that reaches down and of those that it reaches: (its row, how many rows, the cell)."""
    goes_on = [{cell[:2] for cell in row if cell[2] == "continue"} for row in laid]
    found: dict[tuple[int, int], tuple[int, int, Any]] = {}
    for number, row in enumerate(laid):
        for column, wide, merged, cell in row:
            if merged != "restart":
                continue
            high = 1
            while number + high < len(laid) and (column, wide) in goes_on[number + high]:
                high += 1
            found |= {(number + below, column): (number, high, cell) for below in range(high)}
    return found


def _within(holder: Any, tag: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also those that are wrapped; none of a table within."""
    for one in holder:
        if one.tag == tag:
            yield one
        elif one.tag not in _LEFT_OUT and one.tag not in {f"{_W}tbl", f"{_W}p", f"{_W}tc", f"{_W}tr"}:
            yield from _within(one, tag)


def _laid(row: Any) -> Iterator[tuple[int, int, str, Any]]:
    """(first column, how many it spans, "restart", "continue" or "", cell) of each cell of a row."""
    skipped = row.find(f"{_W}trPr/{_W}gridBefore")
    column = _count(skipped.get(f"{_W}val"), 0) if skipped is not None else 0
    for cell in _within(row, f"{_W}tc"):
        about = cell.find(f"{_W}tcPr")
        if about is not None and about.find(f"{_W}cellDel") is not None:
            continue
        span = about.find(f"{_W}gridSpan") if about is not None else None
        merge = about.find(f"{_W}vMerge") if about is not None else None
        wide = _count(span.get(f"{_W}val")) if span is not None else 1
        yield column, wide, (merge.get(f"{_W}val") or "continue") if merge is not None else "", cell
        column += wide
