"""Reads whatever may come in: a package, an eForms notice, or a Chinese notice. Must not know Django."""

from collections.abc import Sequence

from .eforms import read_eforms
from .mentions import Lexicon
from .ocds import read_ocds
from .packages import Package
from .reader import read_notice
from .sniffing import JSON, XML, decode, sniff
from .types import Proposal


def read_any(content: bytes, media_type: str = "", title: str = "", marks: Sequence[str] = ()) -> Proposal | Package:
    """What the bytes say. `marks` are names and numbers of the catalogue. Raises Unreadable."""
    if media_type not in {JSON, XML}:
        return read_notice(content, media_type, title)
    text = decode(content, sniff(content))
    return read_eforms(text, Lexicon(marks)) if media_type == XML else read_ocds(text, Lexicon(marks))
