"""Reads whatever may come in: a package, an eForms notice, or a Chinese notice. Must not know Django."""

from collections.abc import Sequence

from .packages import Package
from .reader import read_notice
from .sniffing import JSON, XML, decode, sniff
from .types import Proposal


def read_any(content: bytes, media_type: str = "", title: str = "", marks: Sequence[str] = ()) -> Proposal | Package:
    """What the bytes say. `marks` are names and numbers of the catalogue. Raises Unreadable."""
    if media_type not in {JSON, XML}:
        return read_notice(content, media_type, title)
    text = decode(content, sniff(content))
    from .mentions import Lexicon  # noqa: PLC0415 - each document has a process of its own, which loads what it needs

    if media_type == XML:
        from .eforms import read_eforms  # noqa: PLC0415

        return read_eforms(text, Lexicon(marks))
    from .ocds import read_ocds  # noqa: PLC0415 - jsonschema takes a tenth of a second, which no notice needs

    return read_ocds(text, Lexicon(marks))
