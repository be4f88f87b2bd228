"""The United Nations Security Council's consolidated list, XML as published.

`CONSOLIDATED_LIST` with dateGenerated; `INDIVIDUALS/INDIVIDUAL` and `ENTITIES/ENTITY`. Names come in up to four parts, aliases
with a quality; aliases of low quality are kept, because a miss costs more than a look.
"""

from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from lxml import etree

from . import xml
from .base import ListUnreadable, Notes, Once, RawEntry, ReliedOn, day_of, entry

_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_COMMON = {
    "DATAID", "VERSIONNUM", *_PARTS, "UN_LIST_TYPE", "REFERENCE_NUMBER", "LISTED_ON", "GENDER", "SUBMITTED_BY", "SUBMITTED_ON",
    "NAME_ORIGINAL_SCRIPT", "COMMENTS1", "NATIONALITY", "NATIONALITY2", "TITLE", "DESIGNATION", "LIST_TYPE", "LAST_DAY_UPDATED",
    "SORT_KEY", "SORT_KEY_LAST_MOD", "DELISTED_ON", "NOTE", "DESIG", "GOODQUALITY",
}  # fmt: skip
_OF = {
    "INDIVIDUAL": {"ALIAS", "ADDRESS", "DATE_OF_BIRTH", "PLACE_OF_BIRTH", "DOCUMENT"},
    "ENTITY": {"ALIAS", "ADDRESS", "DOCUMENT"},
}
_ADDRESS = ("NOTE", "STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY")


def read_un(stream: BinaryIO, notes: Notes) -> Iterator[RawEntry]:
    """Individuals and entities."""
    once, relied, told = Once(), ReliedOn("FIRST_NAME", "REFERENCE_NUMBER", "ALIAS"), set[str]()
    some = False
    for element, line in xml.elements(stream, root="CONSOLIDATED_LIST", wanted=set(_OF)):
        kind = xml.local(element)
        if kind == "CONSOLIDATED_LIST":
            notes.dated = day_of(element.get("dateGenerated", ""))
            continue
        xml.check_children(element, _COMMON | {f"{kind}_{part}" for part in _OF[kind]}, told, notes)
        relied.saw(xml.local(child).removeprefix(f"{kind}_") for child in element)
        made = _listed(element, kind, line)
        once(made.entry_id)
        some = True
        yield made
    if not some:
        raise ListUnreadable(_("The list file holds no entries."))
    relied.check(notes)


def _listed(element: etree._Element, kind: str, line: int) -> RawEntry:
    reference = xml.text(element, "REFERENCE_NUMBER")
    listed_on = xml.text(element, "LISTED_ON")
    return entry(
        entry_id=xml.text(element, "DATAID") or reference,
        schema="Person" if kind == "INDIVIDUAL" else "Organization",
        names=[
            xml.joined(xml.text(element, part) for part in _PARTS),
            *xml.texts(element, "NAME_ORIGINAL_SCRIPT"),
            *xml.texts(element, "ALIAS_NAME"),
        ],
        where=_("The entry at line %(n)d") % {"n": line},
        programme=xml.joined(("UN Security Council", xml.text(element, "UN_LIST_TYPE")), ", "),
        citation=xml.joined((reference, listed_on), ", "),
        policy=xml.text(element, "COMMENTS1"),
        numbers=[
            (xml.text(doc, "TYPE_OF_DOCUMENT") or xml.text(doc, "TYPE_OF_DOCUMENT2"), xml.text(doc, "NUMBER"))
            for doc in xml.below(element, f"{kind}_DOCUMENT")
        ],
        addresses=[xml.joined((xml.text(a, part) for part in _ADDRESS), ", ") for a in xml.below(element, f"{kind}_ADDRESS")],
    )
