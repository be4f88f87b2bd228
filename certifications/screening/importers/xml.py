"""XML lists entry by entry: no entities, no document type, no network, no huge tree, and no entry without an end."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from lxml import etree

from .base import ListUnreadable, Notes

# A published entry has some hundred elements; a million aliases for one entity stop here.
MOST_ELEMENTS = 60_000
_START = 65_536


def elements(stream: BinaryIO, *, root: str, wanted: set[str]) -> Iterator[tuple[etree._Element, int]]:
    """(the root, then each element whose local name is in `wanted`; the line). The caller must be done with one before the next.

    Raises ListUnreadable where the XML breaks off, holds a document type, or is another document.
    """
    _refuse_doctype(stream)
    count, depth, inside = 0, 0, 0
    try:
        parser = etree.iterparse(
            stream,
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        for event, element in parser:
            name = local(element)
            if event == "start":
                depth += 1
                if depth == 1:
                    _check_root(element, root)
                    yield element, element.sourceline or 1
                elif not inside and name in wanted:
                    inside, count = depth, 0
                count += 1
                if inside and count > MOST_ELEMENTS:
                    raise ListUnreadable(
                        _("The entry at line %(n)d holds more than %(m)d elements; no published entry does. The file is damaged.")
                        % {"n": element.sourceline, "m": MOST_ELEMENTS}
                    )
                continue
            if inside == depth:
                inside = 0
                yield element, element.sourceline or 0
                _forget(element)
            depth -= 1
    except etree.XMLSyntaxError as error:
        raise ListUnreadable(
            _("The XML breaks off or is damaged at line %(n)d; download the list again. (%(e)s)")
            % {"n": error.lineno or 1, "e": str(error.msg)[:80]}
        ) from error


def _refuse_doctype(stream: BinaryIO) -> None:
    start = stream.read(_START)
    stream.seek(0)
    if not start.strip():
        raise ListUnreadable(_("The list file is empty; download it again."))
    if b"<!DOCTYPE" in start.upper().replace(b"\0", b""):
        raise ListUnreadable(_("The XML holds a document type or entities; the published list does not. It is not read."))


def _check_root(element: etree._Element, root: str) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise ListUnreadable(_("The XML holds a document type or entities; the published list does not. It is not read."))
    if local(element) != root:
        raise ListUnreadable(_("The XML begins with %(g)s instead of %(w)s; this is not the list.") % {"g": local(element)[:40], "w": root})


def _forget(element: etree._Element) -> None:
    """Free the entry and what stands before it, or the whole tree grows in memory."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def local(element: etree._Element) -> str:
    """The name without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text(element: etree._Element, name: str) -> str:
    """The text of the first child of that name; empty without one."""
    return next(iter(texts(element, name)), "")


def texts(element: etree._Element, *names: str) -> list[str]:
    """The texts of all descendants with one of these names, none empty."""
    return [found for child in below(element, *names) if (found := all_text(child))]


def all_text(element: etree._Element) -> str:
    """The text of an element and of all below it."""
    return "".join(str(part) for part in element.itertext()).strip()


def below(element: etree._Element, *names: str) -> list[etree._Element]:
    """All descendants with one of these names."""
    return [child for child in element.iterdescendants() if local(child) in names]


def check_children(element: etree._Element, known: set[str], told: set[str], notes: Notes) -> None:
    """An element that the format does not have may be one of ours under another name. Each is told once."""
    if unknown := {local(child) for child in element} - known - told:
        told |= unknown
        notes.shape(
            _("The entry at line %(n)d holds elements that are new or renamed: %(c)s.")
            % {"n": element.sourceline or 0, "c": ", ".join(sorted(unknown))[:120]}
        )


def joined(parts: Iterable[str | None], with_: str = " ") -> str:
    """What is not empty, joined."""
    return with_.join(part.strip() for part in parts if part and part.strip())
