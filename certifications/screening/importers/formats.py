"""Which list a file is: told by how it begins, before anything of it is believed."""

import io
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import eu, ofsi, opensanctions, private, uk, un
from .base import ListUnreadable, Notes, RawEntry, Reader
from .csl import read_csl
from .own import read_entity_list

Content = bytes | mmap.mmap
_START = 16_384
MEGABYTE = 1024 * 1024


def _csl(stream: BinaryIO, notes: Notes) -> Iterator[RawEntry]:
    yield from read_csl(stream.read(), notes).entries


def _own(stream: BinaryIO, _notes: Notes) -> Iterator[RawEntry]:
    yield from read_entity_list(stream.read()).entries


@dataclass(frozen=True)
class Format:
    """A published form of a list. `words` go into "This is ..."; `most` is the largest file that is believed, in bytes."""

    code: str
    words: Any
    read: Reader
    most: int = 200 * MEGABYTE


FORMATS = {
    found.code: found
    for found in (
        Format("us_csl", gettext_lazy("the US Consolidated Screening List"), _csl),
        Format("us_entity_list", gettext_lazy("the rows of the seed case"), _own, 5 * MEGABYTE),
        Format("opensanctions_ftm", gettext_lazy("OpenSanctions, entities"), opensanctions.read_ftm, 4096 * MEGABYTE),
        Format("opensanctions_csv", gettext_lazy("OpenSanctions, targets as a table"), opensanctions.read_simple_csv, 1024 * MEGABYTE),
        Format("eu_xml", gettext_lazy("the EU consolidated list"), eu.read_xml),
        Format("eu_csv", gettext_lazy("the EU consolidated list, as a table"), eu.read_csv),
        Format("un_xml", gettext_lazy("the UN consolidated list"), un.read_un),
        Format("uk_xml", gettext_lazy("the UK Sanctions List"), uk.read_xml),
        Format("uk_csv", gettext_lazy("the UK Sanctions List, as a table"), uk.read_csv),
        Format("uk_ofsi_csv", gettext_lazy("the OFSI Consolidated List"), ofsi.read_ofsi),
        Format("private_csv", gettext_lazy("a private list"), private.read_private, private.MAX_BYTES),
    )
}
_ROOTS = ((b"CONSOLIDATED_LIST", "un_xml"), (b"Designations", "uk_xml"), (b"sanctionEntity", "eu_xml"), (b"fsd/export", "eu_xml"))


def recognise(start: bytes) -> Format | None:
    """The format of a file that begins with these bytes (16 kB are enough); None for what is none of them."""
    start = start[:_START].removeprefix(b"\xef\xbb\xbf").lstrip()
    first = start.splitlines()[0] if start else b""
    code = ""
    if start.startswith(b"<"):
        code = next((code for root, code in _ROOTS if root in start), "")
    elif start.startswith((b"{", b"[")):
        code = _json_code(start, first)
    elif first.startswith(b"Report Date"):
        code = "uk_csv"
    elif first.startswith(b"Last Updated,") and b"Unique ID" not in first:
        code = "uk_ofsi_csv"
    else:
        code = _csv_code(first)
    return FORMATS.get(code)


def _json_code(start: bytes, first: bytes) -> str:
    if b'"licence_policies"' in start or b'"entities"' in start[:2000]:
        return "us_entity_list"
    if b'"schema"' in first and b'"properties"' in start and b'"id"' in first:
        return "opensanctions_ftm"
    return "us_csl" if b'"results"' in start and b'"source"' in start else ""


def _csv_code(first: bytes) -> str:
    names = {name.strip().strip('"') for name in first.decode("utf-8", "replace").replace(";", ",").split(",")}
    if "Entity_LogicalId" in names:
        return "eu_csv"
    if {"id", "schema", "name", "aliases"} <= names:
        return "opensanctions_csv"
    if "source" in names and {"name", "alt_names", "programs"} & names:
        return "us_csl"
    for encoding in ("utf-8", "gb18030", "big5"):
        try:
            if private.is_private(first.decode(encoding)):
                return "private_csv"
        except (ValueError, LookupError):
            continue
    return ""


def entries_of(content: Content, notes: Notes, found: Format) -> Iterator[RawEntry]:
    """Entries of a file in this format, one by one. Raises ListUnreadable; what it says is about the whole file."""
    if len(content) > found.most:
        raise ListUnreadable(
            _("The list file is larger than %(n)d MB; that is not this list.") % {"n": found.most // MEGABYTE},
        )
    stream: BinaryIO = io.BufferedReader(_Mapped(content)) if isinstance(content, mmap.mmap) else io.BytesIO(content)
    yield from found.read(stream, notes)


class _Mapped(io.RawIOBase):
    """A mapped file as a stream: a map has no readline with a limit, and a line without an end must not fill the memory."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content, self._at = content, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._content)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        taken = self._content[self._at : self._at + len(buffer)]
        buffer[: len(taken)] = taken
        self._at += len(taken)
        return len(taken)
