"""The EU's consolidated list of financial sanctions, XML 1.1 and CSV 1.1, as the Commission publishes both.

XML: `export` with generationDate, `sanctionEntity` each. CSV: one row for each name, address, birth date, document or
citizenship of an entity, separated by semicolons. Both hold the same entities under the same logical ids.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from lxml import etree

from . import xml
from .base import ListUnreadable, Notes, Once, RawEntry, ReliedOn, day_of, entry
from .text import Lines, joined, rows

_KINDS = {"person": "Person", "p": "Person"}
_CHILDREN = {"remark", "regulation", "subjectType", "nameAlias", "citizenship", "birthdate", "identification", "address"}
_PARTS = ("firstName", "middleName", "lastName")
_ADDRESS = ("asAtListingTime", "poBox", "street", "place", "city", "zipCode", "region", "countryDescription")


def read_xml(stream: BinaryIO, notes: Notes) -> Iterator[RawEntry]:
    """Entities of xmlFullSanctionsList_1_1."""
    once, relied, told = Once(), ReliedOn("nameAlias", "subjectType", "regulation"), set[str]()
    some = False
    for element, line in xml.elements(stream, root="export", wanted={"sanctionEntity"}):
        if xml.local(element) == "export":
            notes.dated = day_of(element.get("generationDate", ""))
            continue
        xml.check_children(element, _CHILDREN, told, notes)
        relied.saw(xml.local(child) for child in element)
        made = _entity(element, line)
        once(made.entry_id)
        some = True
        yield made
    if not some:
        raise ListUnreadable(_("The list file holds no entries."))
    relied.check(notes)


def _entity(element: etree._Element, line: int) -> RawEntry:
    def these(name: str) -> list[etree._Element]:
        return [child for child in element if xml.local(child) == name]

    regulation = next(iter(these("regulation")), None)
    kind = next((child.get("code", "") for child in these("subjectType")), "")
    return entry(
        entry_id=element.get("logicalId", ""),
        schema=_KINDS.get(kind.lower(), "Organization"),
        names=[name.get("wholeName") or xml.joined(name.get(part) for part in _PARTS) for name in these("nameAlias")],
        where=_("The entry at line %(n)d") % {"n": line},
        programme=regulation.get("programme", "") if regulation is not None else "",
        citation=xml.joined([element.get("euReferenceNumber"), *_cited(regulation), element.get("unitedNationId")], "; "),
        policy=" ".join(xml.texts(element, "remark")),
        numbers=[
            (doc.get("identificationTypeCode", ""), number)
            for doc in these("identification")
            for number in (doc.get("number", ""), doc.get("latinNumber", ""))
        ],
        addresses=[xml.joined((a.get(part) for part in _ADDRESS), ", ") for a in these("address")],
    )


def _cited(regulation: etree._Element | None) -> list[str]:
    if regulation is None:
        return []
    return [regulation.get("numberTitle", ""), *xml.texts(regulation, "publicationUrl")]


_REGULATION = ("Type", "OrganisationType", "PublicationDate", "EntryIntoForceDate", "NumberTitle", "Programme", "PublicationUrl")
_GROUPS = {
    "NameAlias": "LastName FirstName MiddleName WholeName NameLanguage Gender Title Function",
    "Address": "City Street PoBox ZipCode Region Place AsAtListingTime ContactInfo CountryIso2Code CountryDescription",
    "BirthDate": "BirthDate Day Month Year YearRangeFrom YearRangeTo Circa CalendarType ZipCode Region Place City CountryIso2Code"
    " CountryDescription",
    "Identification": "Number Diplomatic KnownExpired KnownFalse ReportedLost RevokedByIssuer IssuedBy IssuedDate ValidFrom ValidTo"
    " LatinNumber NameOnDocument TypeCode TypeDescription Region CountryIso2Code CountryDescription",
    "Citizenship": "Region CountryIso2Code CountryDescription",
}
_OWN = "LogicalId EU_ReferenceNumber UnitedNationId DesignationDate DesignationDetails Remark SubjectType SubjectType_ClassificationCode"
COLUMNS = (
    "fileGenerationDate",
    *(f"Entity_{name}" for name in _OWN.split()),
    *(f"Entity_Regulation_{name}" for name in _REGULATION),
    *(
        f"{group}_{name}"
        for group, names in _GROUPS.items()
        for name in (*names.split(), "LogicalId", "RegulationLanguage", "Remark", *(f"Regulation_{part}" for part in _REGULATION))
    ),
)
REQUIRED = {"Entity_LogicalId", "Entity_EU_ReferenceNumber", "Entity_SubjectType", "NameAlias_WholeName", "Identification_Number"}
_CSV_ADDRESS = tuple(
    f"Address_{n}" for n in ["AsAtListingTime", "PoBox", "Street", "Place", "City", "ZipCode", "Region", "CountryDescription"]
)


def read_csv(stream: BinaryIO, notes: Notes) -> Iterator[RawEntry]:
    """Entities of csvFullSanctionsList_1_1; the rows of one entity are put together and counted as merged."""
    entities: dict[str, list[dict[str, str]]] = defaultdict(list)
    lines = Lines(stream)
    for row in rows(lines, delimiter=";", required=REQUIRED, known=COLUMNS, notes=notes):
        if not row["Entity_LogicalId"].strip():
            raise ListUnreadable(_("Line %(n)d has no id; the file is damaged.") % {"n": lines.number})
        # Two hundred columns, a dozen of them filled: the empty ones are not kept.
        entities[row["Entity_LogicalId"]].append({name: value for name, value in row.items() if value})
        notes.dated = notes.dated or day_of(row.get("fileGenerationDate", ""))
    if not entities:
        raise ListUnreadable(_("The list file holds no entries."))
    for key, group in entities.items():
        notes.merged += len(group) - 1
        yield _from_rows(key, group)


def _from_rows(key: str, group: list[dict[str, str]]) -> RawEntry:
    first = group[0]
    kinds = {first.get("Entity_SubjectType", "").lower(), first.get("Entity_SubjectType_ClassificationCode", "").lower()}
    parts = tuple(f"NameAlias_{name}" for name in ("FirstName", "MiddleName", "LastName"))
    return entry(
        entry_id=key,
        schema="Person" if kinds & set(_KINDS) else "Organization",
        names=[row.get("NameAlias_WholeName") or joined(row, parts) for row in group],
        where=_("The entity %(n)s") % {"n": key[:40]},
        programme=first.get("Entity_Regulation_Programme", ""),
        citation=joined(
            first,
            ("Entity_EU_ReferenceNumber", "Entity_Regulation_NumberTitle", "Entity_Regulation_PublicationUrl", "Entity_UnitedNationId"),
            "; ",
        ),
        policy=first.get("Entity_Remark", ""),
        numbers=[
            (row.get("Identification_TypeCode", ""), number)
            for row in group
            for number in (row.get("Identification_Number", ""), row.get("Identification_LatinNumber", ""))
        ],
        addresses=[joined(row, _CSV_ADDRESS, ", ") for row in group],
    )
