"""Reads one notice: bytes to lines and tables, from there to values, each with its place in the text.

Must not know Django, or what the portal does with a proposal.
"""

from typing import Final

from .blocks import Document, from_html
from .plain import from_text
from .sniffing import decode, sniff
from .types import Proposal, Unreadable

MAX_CHARACTERS: Final = 1_500_000


def read_notice(content: bytes, media_type: str = "", title: str = "") -> Proposal:
    """What the notice says, as far as it can be read. Raises Unreadable when the bytes hold no readable text."""
    sniffed = sniff(content)
    document = _document(decode(content, sniffed), media_type or sniffed.media_type)
    if not document.text.strip():
        raise Unreadable("no_text")
    return Proposal(text=document.text, title=title or document.title, encoding=sniffed.encoding)


def _document(source: str, media_type: str) -> Document:
    too_long = len(source) > 4 * MAX_CHARACTERS
    source = source[: 4 * MAX_CHARACTERS]
    document = from_html(source) if "html" in media_type else from_text(source)
    document.too_long |= too_long
    return document
