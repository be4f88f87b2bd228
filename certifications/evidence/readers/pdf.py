"""Takes the letters and the drawn lines of a PDF's pages, with PDFium, and hands them to layout.py. Runs in the child alone.

By what it takes and not by what it leaves out: scripts, attachments, forms, links and pictures are never looked at. PDFium here is built
without JavaScript and without XFA, opens no other file, and has nothing of ours to find: the cage (files/cage.py) holds its time and memory.
"""

import ctypes
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2.raw as pdfium

from .grids import Stroke, grids
from .layout import Letter, Page, markup
from .types import Unreadable

MAX_PAGES: Final = 300
MAX_LETTERS: Final = 300_000
MAX_OBJECTS: Final = 30_000  # drawn things of one page that are asked for lines
MAX_SEGMENTS: Final = 2_000  # of one of them
DEEPEST: Final = 4  # drawings within drawings
SECONDS: Final = 12.0  # of processor; the cage ends the child at 20
# With fewer letters a page of a scanner holds its stamp or number, and no notice.
FEWEST_LETTERS: Final = 20
_UNMAPPED: Final = frozenset({0, 0xFFFD, 0xFFFE, 0xFFFF})
_BLANK: Final = frozenset({0x09, 0x20, 0xA0, 0x3000})
_PRIVATE: Final = range(0xE000, 0xF900)
_XFA_FULL: Final = 2

Matrix = tuple[float, float, float, float, float, float]
_SAME: Final[Matrix] = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Printed:
    """The pages as markup, and whether only the beginning was read or the end is missing."""

    markup: str
    too_long: bool
    cut_off: bool


def read_pdf(content: bytes) -> Printed:
    """The text of a PDF in reading order, tables as tables. Raises Unreadable (locked, damaged, form_only, pictures)."""
    buffer = ctypes.create_string_buffer(content, len(content))
    document = pdfium.FPDF_LoadMemDocument64(buffer, len(content), None)
    if not document:
        raise Unreadable("locked" if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD else "damaged", kind="PDF")
    try:
        if pdfium.FPDF_GetFormType(document) == _XFA_FULL:
            raise Unreadable("form_only")
        return _pages(document, content)
    finally:
        pdfium.FPDF_CloseDocument(document)


def _pages(document: Any, content: bytes) -> Printed:
    count, began = pdfium.FPDF_GetPageCount(document), time.process_time()
    if count < 1:
        raise Unreadable("damaged", kind="PDF")
    pages: list[Page] = []
    letters = unmapped = 0
    too_long = count > MAX_PAGES
    for number in range(min(count, MAX_PAGES)):
        page = pdfium.FPDF_LoadPage(document, number)
        if not page:  # one page may be broken; what stands on the others is read
            continue
        try:
            found, odd = _page(page, MAX_LETTERS - letters)
        finally:
            pdfium.FPDF_ClosePage(page)
        pages.append(found)
        letters, unmapped = letters + sum(one.text != " " for one in found.letters), unmapped + odd
        if letters >= MAX_LETTERS or time.process_time() - began > SECONDS:
            too_long = too_long or number + 1 < count or letters >= MAX_LETTERS
            break
    if not pages:
        raise Unreadable("damaged", kind="PDF")
    if letters < FEWEST_LETTERS or unmapped > letters:
        raise Unreadable("pictures")
    # A whole file says where it ends; PDFium reads what it can of one that does not.
    return Printed(markup(pages), too_long, b"%%EOF" not in content[-2048:] and not too_long)


def _page(page: Any, most: int) -> tuple[Page, int]:
    """What stands on the page, and how many letters say nothing of what they mean."""
    turn = _Turn(page)
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return Page(), 0
    letters, odd = [], 0
    try:
        for one in _letters(text, most):
            if one is None:
                odd += 1
            else:
                box = turn.box(*one[1])
                if turn.holds(*box):
                    letters.append(Letter(one[0], *box))
    finally:
        pdfium.FPDFText_ClosePage(text)
    return Page(letters, grids(_strokes(page, turn)) if letters else []), odd


def _letters(text: Any, most: int) -> Iterator[tuple[str, tuple[float, float, float, float]] | None]:
    """(character, left, bottom, right, top) in the page's own points; None for one without a meaning."""
    box = pdfium.FS_RECTF()
    for i in range(min(pdfium.FPDFText_CountChars(text), most)):
        code = pdfium.FPDFText_GetUnicode(text, i)
        if code in {0x0D, 0x0A} or pdfium.FPDFText_IsGenerated(text, i) == 1:
            continue  # PDFium's own: gaps are told by layout.py
        if code in _UNMAPPED or code in _PRIVATE or pdfium.FPDFText_HasUnicodeMapError(text, i) == 1:
            yield None
        elif not 0xD800 <= code < 0xE000 and pdfium.FPDFText_GetLooseCharBox(text, i, box):  # noqa: PLR2004 - halves of pairs
            yield " " if code in _BLANK else chr(code), (box.left, box.bottom, box.right, box.top)


class _Turn:
    """A page as it is looked at: y growing downwards, turned as the page says."""

    def __init__(self, page: Any) -> None:
        box = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(page, box)
        self.left, self.bottom, self.right, self.top = (float(edge) for edge in (box.left, box.bottom, box.right, box.top))
        self.quarter = int(pdfium.FPDFPage_GetRotation(page))
        wide, high = self.right - self.left, self.top - self.bottom
        self.wide, self.high = (high, wide) if self.quarter % 2 else (wide, high)

    def point(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self.left, y - self.bottom
        wide, high = self.right - self.left, self.top - self.bottom
        return ((x, high - y), (y, x), (wide - x, y), (high - y, wide - x))[self.quarter]

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        (a, b), (c, d) = self.point(x0, y0), self.point(x1, y1)
        return min(a, c), min(b, d), max(a, c), max(b, d)

    def holds(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether its middle is on the page: what stands beside it nobody sees."""
        return 0 <= (left + right) / 2 <= self.wide and 0 <= (top + bottom) / 2 <= self.high


def _strokes(page: Any, turn: _Turn) -> list[Stroke]:
    """Everything on the page that is drawn straight across or upright."""
    drawn = _Drawn(turn)
    for i in range(min(pdfium.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        drawn.take(pdfium.FPDFPage_GetObject(page, i), _SAME)
    return drawn.found


class _Drawn:
    """Collects straight lines of drawn things, so many at most."""

    def __init__(self, turn: _Turn) -> None:
        self.turn = turn
        self.found: list[Stroke] = []
        self.left = MAX_OBJECTS

    def take(self, one: Any, outer: Matrix, depth: int = 0) -> None:
        """A path, or a drawing with others in it; whatever else there is has no lines."""
        kind = pdfium.FPDFPageObj_GetType(one)
        self.left -= 1
        if self.left < 0 or kind not in {pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM}:
            return
        held = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(one, held)
        matrix = _times((held.a, held.b, held.c, held.d, held.e, held.f), outer)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            self.path(one, matrix)
        elif depth < DEEPEST:
            for i in range(min(max(pdfium.FPDFFormObj_CountObjects(one), 0), MAX_OBJECTS)):
                self.take(pdfium.FPDFFormObj_GetObject(one, i), matrix, depth + 1)

    def path(self, path: Any, matrix: Matrix) -> None:
        a, b, c, d, e, f = matrix
        x, y = ctypes.c_float(), ctypes.c_float()
        start = before = None
        for i in range(min(pdfium.FPDFPath_CountSegments(path), MAX_SEGMENTS)):
            segment = pdfium.FPDFPath_GetPathSegment(path, i)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            here = self.turn.point(a * x.value + c * y.value + e, b * x.value + d * y.value + f)
            how = pdfium.FPDFPathSegment_GetType(segment)
            if how == pdfium.FPDF_SEGMENT_MOVETO:
                start = here
            elif how == pdfium.FPDF_SEGMENT_LINETO and before is not None:
                _add(before, here, self.found)
            if pdfium.FPDFPathSegment_GetClose(segment) and start is not None:
                _add(here, start, self.found)
            before = here


def _add(one: tuple[float, float], other: tuple[float, float], found: list[Stroke]) -> None:
    wide, high = abs(one[0] - other[0]), abs(one[1] - other[1])
    if min(wide, high) < 1 < max(wide, high):
        found.append((min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])))


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """The inner matrix, then the outer one."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u
