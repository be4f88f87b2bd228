"""Reads whatever may come in: a package, an eForms notice, or a Chinese notice as page, text, PDF or Word document. Must not know Django.

The web process does not load this: what reads PDFs stays in the child.
"""

from collections.abc import Sequence

from .docx import read_docx
from .eforms import read_eforms
from .mentions import Lexicon
from .ocds import read_ocds
from .packages import Package
from .pdf import read_pdf
from .reader import read_markup, read_notice
from .sniffing import DOCX, JSON, PDF, XML, decode, sniff
from .types import Proposal


def read_any(content: bytes, media_type: str = "", title: str = "", marks: Sequence[str] = ()) -> Proposal | Package:
    """What the bytes say. `marks` are names and numbers of the catalogue. Raises Unreadable."""
    if media_type == PDF:
        printed = read_pdf(content)
        return read_markup(printed.markup, title, too_long=printed.too_long, cut_off=printed.cut_off)
    if media_type == DOCX:
        written = read_docx(content)
        return read_markup(written.markup, title, too_long=written.too_long, cut_off=written.cut_off, too_deep=written.too_deep)
    if media_type not in {JSON, XML}:
        return read_notice(content, media_type, title)
    text = decode(content, sniff(content))
    return read_eforms(text, Lexicon(marks)) if media_type == XML else read_ocds(text, Lexicon(marks))
