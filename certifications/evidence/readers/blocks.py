"""Turns a web page or pasted text into lines and tables in document order, over one plain text.

Layout tables (tables with tables inside) are read as flowing text, row by row. Must not know what any word means.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from .beside import make_tables
from .runs import EMPTY, Run, Writer, clean, columns, squeeze
from .spans import MAX_HIGH, MAX_WIDE
from .types import Unreadable

BREAKS: Final = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "hr",
        "tr",
        "td",
        "th",
        "section",
        "article",
        "header",
        "footer",
        "table",
        "caption",
        "form",
        "fieldset",
        "pre",
        "title",
        "center",
        "blockquote",
        "tbody",
    ]
)
DROPPED: Final = frozenset(
    ["script", "style", "noscript", "template", "head", "select", "option", "button", "iframe", "object", "svg", "math", "textarea"]
)
# What stands around a notice on its site: menus, side bars, feet. Kept as text, read for nothing: other notices are named there.
AROUND: Final = frozenset({"nav", "aside", "footer"})
_AROUND_BY_CLASS: Final = re.compile(
    r"(?:^|\s)(?:nav|navbar|top-?nav|main-?nav|side-?bar|breadcrumbs?|crumbs?|pager|copyright|friend-?links?)(?:\s|$)", re.IGNORECASE
)
PARAGRAPHS_OF_A_TEXT: Final = 6
MAX_DEPTH: Final = 16
MAX_CELLS: Final = 40_000  # spanned ones included: 300 rows of rowspan 60 and colspan 20 would else make millions
MAX_TEXT: Final = 400_000
OPEN, CLOSE = "\ue000", "\ue001"
CODE: Final = re.compile(r"\bcode-([A-Za-z0-9]+)")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its content, the codes that the template put on it, whether it repeats a cell that spans several rows or columns."""

    run: Run
    codes: frozenset[str] = frozenset()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of running text."""

    run: Run


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; rows may differ in length."""

    rows: tuple[tuple[Cell, ...], ...]


Block = Line | Table


@dataclass(slots=True)
class Document:
    """A notice as text and blocks. `marks` are (code, run) pairs of templates that name their fields."""

    text: str = ""
    title: str = ""
    published: str = ""
    blocks: list[Block] = field(default_factory=list)
    marks: list[tuple[str, Run]] = field(default_factory=list)
    cut_off: bool = False
    too_long: bool = False
    too_deep: bool = False

    def lines(self) -> Iterator[Run]:
        """Every run, cells included, in document order."""
        for block in self.blocks:
            if isinstance(block, Line):
                yield block.run
            else:
                for row in block.rows:
                    yield from (cell.run for cell in row if cell.run and not cell.repeated)


def from_html(source: str) -> Document:
    """Blocks of a page. Raises Unreadable when the parser gives up on it."""
    parser = HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, recover=True, remove_comments=True, remove_pis=True)
    try:
        root = document_fromstring(source.encode("utf-8", "ignore"), parser=parser)
    except (etree.LxmlError, ValueError):
        raise Unreadable("no_text") from None
    document = Document(cut_off=_ends_in_the_middle(source))
    for name, content in ((m.get("name", ""), m.get("content", "")) for m in root.iter("meta")):
        if name.lower() == "articletitle":
            document.title = squeeze(clean(content))
        elif name.lower() == "pubdate":
            document.published = squeeze(content)
    if not document.title:
        document.title = squeeze(clean(next((t.text or "" for t in root.iter("title")), "")))
    blank = replace(document, blocks=[], marks=[])
    make_tables(root)
    _Walk(document, _around(root)).run(root)
    if sum(len(run.text) for run in document.lines()) * 4 < len(document.text):  # a site that calls its whole page a menu
        document = blank
        _Walk(document, frozenset()).run(root)
    return document


def _around(root: etree._Element) -> frozenset[etree._Element]:
    return frozenset(
        node
        for node in root.iter()
        if isinstance(node.tag, str)
        and (node.tag in AROUND or (node.tag in {"div", "ul"} and _AROUND_BY_CLASS.search(node.get("class") or "")))
    )


def _ends_in_the_middle(source: str) -> bool:
    """A page without its end: a tag that never closes, or html, tables or divisions left open at the end."""
    tail = source.rstrip()
    if re.search(r"<[A-Za-z/!][^<>]{0,4000}$", tail[-4100:]):
        return True
    lowered = source.lower()
    if "<html" in lowered and "</html" not in lowered:
        return True
    return any(lowered.count(f"<{tag}") > lowered.count(f"</{tag}") for tag in ("table", "div"))


class _Walk:
    """One pass over the tree that writes text and blocks."""

    def __init__(self, document: Document, around: frozenset[etree._Element]) -> None:
        self.document = document
        self.around = around
        self.outside = 0
        self.writer = Writer()
        self.buffer: list[str] = []
        self.codes: list[str] = []
        self.cells = 0
        self.said = 0

    def run(self, root: etree._Element) -> None:
        self.flow(root, 0)
        self.flush()
        self.document.text = self.writer.text()

    def flush(self) -> None:
        """End the line: write what was collected as lines."""
        raw = "".join(self.buffer)
        self.buffer.clear()
        for part in raw.split("\n"):
            for piece in columns(part):
                plain, places = _unmark(piece)
                if plain:
                    run = self.writer.add(plain)
                    if not self.outside:
                        self.document.blocks.append(Line(run))
                        self.mark(run, places)
                    self.writer.glue("\n")
        self.codes.clear()

    def mark(self, run: Run, places: list[tuple[int, int, int]]) -> None:
        for start, end, number in places:
            inner = [i for i, at in enumerate(run.at) if run.at[0] + start <= at < run.at[0] + end]
            if inner and number < len(self.codes):
                part = run.cut(inner[0], inner[-1] + 1)
                self.document.marks.extend((code, part) for code in self.codes[number].split())

    def flow(self, element: etree._Element, depth: int) -> None:
        """Text of an element and what is inside it. No recursion but for tables in tables."""
        walker = etree.iterwalk(element, events=("start", "end"))
        opened: set[etree._Element] = set()
        for event, node in walker:
            tag = node.tag if isinstance(node.tag, str) else ""
            if event == "end":
                if node in opened:
                    self.buffer.append(CLOSE)
                if tag in BREAKS:
                    self.buffer.append("\n")
                if node in self.around:
                    self.flush()
                    self.outside -= 1
                if node is not element:
                    self.say(node.tail)
                continue
            if tag in DROPPED or not tag:
                walker.skip_subtree()
                continue
            if tag in BREAKS:
                self.buffer.append("\n")
            if node in self.around:
                self.flush()
                self.outside += 1
            if tag == "table" and node is not element and depth < MAX_DEPTH:
                walker.skip_subtree()
                self.flush()
                self.table(node, depth + 1)
                continue
            if codes := CODE.findall(node.get("class") or ""):
                self.buffer.append(f"{OPEN}{len(self.codes)};")
                self.codes.append(" ".join(codes))
                opened.add(node)
            self.say(node.text)

    def say(self, text: str | None) -> None:
        if not text or self.said > MAX_TEXT:
            return
        if self.said + len(text) > MAX_TEXT:
            self.document.too_long = True
            text = text[: MAX_TEXT - self.said]
            self.said = MAX_TEXT + 1
        self.said += len(text)
        # In a page a line break in the source is a space; gaps are made of non-breaking spaces.
        self.buffer.append(re.sub(r"[ \t\r\n\x0c]+", " ", clean(text)))

    def table(self, table: etree._Element, depth: int) -> None:
        """Rows of a table as blocks; a row that holds another table is read as running text."""
        rows: list[tuple[Cell, ...]] = []
        span: dict[tuple[int, int], Cell] = {}
        for number, cells in enumerate(_rows(table)):
            if any(cell.find(".//table") is not None for cell in cells) or _is_layout(cells):
                self.close(rows)
                for cell in cells:
                    self.flow(cell, depth)
                self.flush()
                continue
            row = self.row(cells, number, span)
            if any(cell.run for cell in row):
                rows.append(tuple(row))
                self.writer.glue("\n")
        self.close(rows)

    def row(self, cells: list[etree._Element], number: int, span: dict[tuple[int, int], Cell]) -> list[Cell]:
        """The cells of row `number`, with what spans into it; `span` keeps what spans into later rows."""
        row: list[Cell] = []
        for part in cells:
            while (number, len(row)) in span:
                row.append(span.pop((number, len(row))))
            wide, high = _count(part.get("colspan"), MAX_WIDE), _count(part.get("rowspan"), MAX_HIGH)
            self.cells += wide * high
            if self.cells > MAX_CELLS:
                self.document.too_long = True
                break
            made = self.cell(part, first=not row)
            again = Cell(made.run, made.codes, repeated=True)
            for step in range(wide):
                for below in range(1, high):
                    span[number + below, len(row)] = again if step == 0 else Cell(EMPTY)
                row.append(made if step == 0 else Cell(EMPTY))
        while (number, len(row)) in span:
            row.append(span.pop((number, len(row))))
        return row

    def close(self, rows: list[tuple[Cell, ...]]) -> None:
        if self.outside:
            rows.clear()
        if rows and all(len(row) == 1 and "\n" not in row[0].run.text for row in rows):  # a frame around lines of text
            self.document.blocks.extend(Line(cell.run) for [cell] in rows)
        elif rows:
            self.document.blocks.append(Table(tuple(rows)))
        rows.clear()

    def cell(self, td: etree._Element, *, first: bool) -> Cell:
        keep, self.buffer = self.buffer, []
        held, self.codes = self.codes, []
        self.flow(td, MAX_DEPTH)
        plain, places = _unmark("\n".join(p for p in map(squeeze, "".join(self.buffer).split("\n")) if p))
        if not first:
            self.writer.glue(" | ")
        run = self.writer.add(plain)
        self.mark(run, places)
        codes = frozenset(CODE.findall(td.get("class") or ""))
        codes |= frozenset(c for s, e, n in places if s == 0 and e == len(plain) for c in self.codes[n].split())
        self.buffer, self.codes = keep, held
        return Cell(run, codes)


def _is_layout(cells: list[etree._Element]) -> bool:
    """Whether the row only frames a text: one cell holds many paragraphs, and no other holds anything."""
    filled = [cell for cell in cells if any(text.strip() for text in cell.itertext())]
    if len(filled) != 1:
        return False
    return sum(1 for part in filled[0].iter("p", "div", "br", "li", "h1", "h2", "h3", "h4")) > PARAGRAPHS_OF_A_TEXT


def _rows(table: etree._Element) -> Iterator[list[etree._Element]]:
    """Lists of cells. Some portals put header cells straight into the table, without a row."""
    loose: list[etree._Element] = []
    for child in table:
        if child.tag in {"th", "td"}:
            loose.append(child)
            continue
        if loose:
            yield loose
            loose = []
        if child.tag == "tr":
            yield [c for c in child if c.tag in {"td", "th"}]
        elif child.tag in {"tbody", "thead", "tfoot"}:
            yield from _rows(child)
    if loose:
        yield loose


def _count(value: str | None, most: int) -> int:
    digits = re.match(r"\s*(\d{1,4})", value or "")
    return min(max(int(digits[1]), 1), most) if digits else 1


def _unmark(piece: str) -> tuple[str, list[tuple[int, int, int]]]:
    """The piece without marks, and (start, end, number) of each marked stretch."""
    if OPEN not in piece and CLOSE not in piece:
        return piece, []
    plain, places, stack = "", [], []
    for part in re.split(rf"({OPEN}\d+;|{CLOSE})", piece):
        if part.startswith(OPEN):
            stack.append((len(plain), int(part[1:-1])))
        elif part == CLOSE:
            if stack:
                start, number = stack.pop()
                places.append((start, len(plain), number))
        else:
            plain += part
    places.extend((start, len(plain), number) for start, number in stack)
    stripped = plain.strip(" \n")
    lead = len(plain) - len(plain.lstrip(" \n"))
    return stripped, [(max(s - lead, 0), min(e - lead, len(stripped)), n) for s, e, n in places if e > lead]
