"""Labelled notices as people send them on: printed as PDF in the portal's own font, and typed as a Word document. Read back and counted."""

import re
import time
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

from lxml import etree
from lxml import html as parser

from bench.notices import PARTS, Result, judge, labels

TYPED = "pre { white-space: pre-wrap; font-family: Own; margin: 0 0 6pt 0; tab-size: 16 }"
SHOWN = (*PARTS, "stage")
_NO_TEXT = ("script", "style", "link", "meta", "img", "iframe", "object", "svg", "noscript", "title", "base")
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "ins", "label", "o:p", "s", "small", "span", "strong", "sub", "sup", "u"}
)


def body_of(content: bytes) -> Any:
    """A notice's page or text as one element, without what is fetched from elsewhere."""
    from certifications.evidence.readers import sniff

    found = sniff(content)
    text = content.decode(found.encoding, "replace").lstrip("\ufeff")
    if found.media_type != "text/html":
        text = "".join(f"<pre>{escape(line.rstrip())}</pre>" for line in text.splitlines())
    root = parser.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    etree.strip_elements(root, *_NO_TEXT, etree.Comment, with_tail=False)
    for one in root.iter():
        for name in ("style", "background", "class"):
            one.attrib.pop(name, None)
    return root.find("body")


# As a Word document


def _paragraph(text: str) -> str:
    parts = (f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in text.split("\t"))
    return f"<w:p><w:r>{'<w:tab/>'.join(parts)}</w:r></w:p>"


def blocks(holder: Any) -> Iterator[str]:
    """Paragraphs and tables, as a person types them from the page."""
    line: list[str] = []

    def said() -> Iterator[str]:
        text = re.sub(r"[ \t\r\n]+", " ", "".join(line)).strip(" ")
        line.clear()
        if text:
            yield _paragraph(text)

    def walk(element: Any) -> Iterator[str]:
        line.append(element.text or "")
        for child in element:
            if child.tag == "table":
                yield from said()
                yield _table(child)
            elif child.tag == "pre":  # a line of text, its tabs as they are
                yield from said()
                yield _paragraph(child.text_content().strip("\n"))
            elif child.tag in _INLINE:
                yield from walk(child)
            else:
                yield from said()
                yield from walk(child)
                yield from said()
            line.append(child.tail or "")

    yield from walk(holder)
    yield from said()


def _span(cell: Any, name: str) -> int:
    value = cell.get(name, "1").strip()
    return min(int(value), 60) if value.isdecimal() and int(value) else 1


def _table(table: Any) -> str:
    """Rows and cells; a cell that reaches down is written once and goes on below, as Word writes it."""
    reach: dict[int, tuple[int, int]] = {}  # by first column: rows that are left, columns
    written = []
    for row in table.xpath("./tr|./tbody/tr|./thead/tr|./tfoot/tr"):
        cells, at = [], 0
        waiting = list(row.xpath("./td|./th"))
        while waiting or at in reach:
            if at in reach:
                left, wide = reach.pop(at)
                cells.append(_cell(_paragraph(""), wide, "<w:vMerge/>"))
                if left > 1:
                    reach[at] = (left - 1, wide)
                at += wide
                continue
            cell = waiting.pop(0)
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            cells.append(_cell("".join(blocks(cell)) or _paragraph(""), wide, '<w:vMerge w:val="restart"/>' if high > 1 else ""))
            if high > 1:
                reach[at] = (high - 1, wide)
            at += wide
        # What reaches down beside a row that is too short waits for the next.
        written.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return f"<w:tbl><w:tblPr/>{''.join(written)}</w:tbl>"


def _cell(inner: str, wide: int, merge: str) -> str:
    about = (f'<w:gridSpan w:val="{wide}"/>' if wide > 1 else "") + merge
    return f"<w:tc><w:tcPr>{about}</w:tcPr>{inner}</w:tc>"


# Measuring


def _read(result: Result, label: dict[str, Any], content: bytes, kind: str) -> None:
    from certifications.evidence.readers.everything import read_any
    from certifications.evidence.readers.types import Unreadable

    started = time.perf_counter()
    try:
        proposal = read_any(content, kind, label.get("title") or "")
    except Unreadable as fault:
        result.count += 1
        for part in SHOWN:
            if part in label:
                result.add(part, good=False, sentence=f"{label['file']}: {part}, unreadable: {fault}")
        return
    result.spent.append((time.perf_counter() - started) * 1000)
    judge(result, label, proposal)


def measure_printed(folders: Iterable[Path]) -> dict[str, Result]:
    """Counts over all folders: as captured, as PDF, as a Word document."""
    from certifications.evidence.readers.sniffing import DOCX, PDF
    from tests.evidence.readers import packed

    results = {"as captured": Result(), "as PDF": Result(), "as .docx": Result()}
    for folder in folders:
        for label in labels(folder):
            content = (folder / label["file"]).read_bytes()
            body = body_of(content)
            drawn = packed.pdf(parser.tostring(body, encoding="unicode"), TYPED)
            typed = packed.docx("".join(blocks(body)))
            for (_name, result), (one, kind) in zip(results.items(), ((content, ""), (drawn, PDF), (typed, DOCX)), strict=True):
                _read(result, label, one, kind)
    return results


def show_printed(folders: Iterable[Path], *, misses: bool) -> None:
    """Print one table: exact of so many, and milliseconds a notice in this process."""
    results = measure_printed(folders)
    print(f"{'read exactly':16}" + "".join(f"{name:>24}" for name in results))
    for part in SHOWN:
        counts = ((r.right.get(part, 0), r.of.get(part, 0)) for r in results.values())
        print(f"{part:16}" + "".join(f"{f'{right} of {of}':>16}{right / max(of, 1):>8.1%}" for right, of in counts))
    for name, of in (("median ms", lambda s: s[len(s) // 2]), ("slowest ms", lambda s: s[-1])):
        print(f"{name:16}" + "".join(f"{of(sorted(r.spent)):>24.1f}" for r in results.values()))
    captured = sorted(results["as captured"].spent)
    ratios = (sorted(r.spent)[len(r.spent) // 2] / captured[len(captured) // 2] for r in results.values())
    print(f"{'of as captured':16}" + "".join(f"{ratio:>24.1f}" for ratio in ratios))
    if misses:
        for name, result in results.items():
            for sentence in result.wrong:
                print(f"  - {name}: {sentence}")
