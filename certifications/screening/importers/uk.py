"""The UK Sanctions List of the FCDO, XML and CSV: since 28 January 2026 the only list of the United Kingdom.

One designation holds several names in six parts, the sixth the family's or the body's, and names in other scripts. The CSV
has a line "Report Date: ..." before its head, and one row for every combination of name, address and number.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from lxml import etree

from . import xml
from .base import ListUnreadable, Notes, Once, RawEntry, ReliedOn, day_of, entry
from .text import Lines, joined, rows

_SCHEMAS = {"individual": "Person", "ship": "Vessel"}
_CHILDREN = {
    "LastUpdated", "DateDesignated", "UniqueID", "OFSIGroupID", "UNReferenceNumber", "RegimeName", "IndividualEntityShip",
    "DesignationSource", "SanctionsImposed", "OtherInformation", "UKStatementofReasons", "Names", "NonLatinNames", "Titles",
    "Addresses", "PhoneNumbers", "EmailAddresses", "Websites", "SanctionsImposedIndicators", "IndividualDetails", "EntityDetails",
    "ShipDetails",
}  # fmt: skip
_ADDRESS = (*(f"AddressLine{n}" for n in range(1, 7)), "AddressPostalCode", "AddressCountry")
_NUMBERS = {
    "BusinessRegistrationNumber": "Registration",
    "PassportNumber": "Passport",
    "NationalIdentifierNumber": "National id",
    "IMONumber": "IMO",
}


def read_xml(stream: BinaryIO, notes: Notes) -> Iterator[RawEntry]:
    """Designations of UK-Sanctions-List.xml."""
    once, relied, told = Once(), ReliedOn("Names", "NonLatinNames", "RegimeName"), set[str]()
    some = False
    for element, line in xml.elements(stream, root="Designations", wanted={"Designation", "DateGenerated"}):
        name = xml.local(element)
        if name != "Designation":
            notes.dated = day_of(xml.all_text(element)) or notes.dated
            continue
        xml.check_children(element, _CHILDREN, told, notes)
        relied.saw(xml.local(child) for child in element)
        made = _designation(element, line)
        once(made.entry_id)
        some = True
        yield made
    if not some:
        raise ListUnreadable(_("The list file holds no entries."))
    relied.check(notes)


def _designation(element: etree._Element, line: int) -> RawEntry:
    named = [
        (xml.text(name, "NameType"), xml.joined(xml.text(name, f"Name{n}") for n in range(1, 7))) for name in xml.below(element, "Name")
    ]
    return entry(
        entry_id=xml.text(element, "UniqueID"),
        schema=_SCHEMAS.get(xml.text(element, "IndividualEntityShip").lower(), "Organization"),
        names=[*_primary_first(named), *xml.texts(element, "NameNonLatinScript")],
        where=_("The entry at line %(n)d") % {"n": line},
        programme=xml.text(element, "RegimeName"),
        citation=xml.joined((xml.text(element, "UniqueID"), xml.text(element, "UNReferenceNumber")), ", "),
        requirement=xml.text(element, "SanctionsImposed"),
        policy=xml.text(element, "UKStatementofReasons"),
        numbers=[(_NUMBERS[xml.local(n)], xml.all_text(n)) for n in xml.below(element, *_NUMBERS)],
        addresses=[xml.joined((xml.text(a, part) for part in _ADDRESS), ", ") for a in xml.below(element, "Address")],
    )


def _primary_first(named: list[tuple[str, str]]) -> list[str]:
    """Names with the primary ones first; the type is spelt in several ways ("Primary Name", "Primary name variation")."""
    return [name for _kind, name in sorted(named, key=lambda pair: " ".join(pair[0].lower().split()) != "primary name")]


_CSV_NAME = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_CSV_ADDRESS = (*(f"Address Line {n}" for n in range(1, 7)), "Address Postal Code", "Address Country")
_CSV_NUMBERS = {
    "Business registration number (s)": "Registration",
    "National Identifier number": "National id",
    "Passport number": "Passport",
    "IMO number": "IMO",
}
COLUMNS = (
    "Last Updated", "Unique ID", "OFSI Group ID", "UN Reference Number", *_CSV_NAME, "Name type", "Alias strength", "Title",
    "Name non-latin script", "Non-latin script type", "Non-latin script language", "Regime Name", "Designation Type",
    "Designation source", "Sanctions Imposed", "Other Information", "UK Statement of Reasons", *_CSV_ADDRESS, "Phone number",
    "Website", "Email address", "Date Designated", "D.O.B", "Nationality(/ies)", "National Identifier number",
    "National Identifier additional information", "Passport number", "Passport additional information", "Position", "Gender",
    "Town of birth", "Country of birth", "Type of entity", "Subsidiaries", "Parent company", "Business registration number (s)",
    "IMO number", "Current owner/operator (s)", "Previous owner/operator (s)", "Current believed flag of ship", "Previous flags",
    "Type of ship", "Tonnage of ship", "Length of ship", "Year Built", "Hull identification number (HIN)",
)  # fmt: skip
REQUIRED = {"Unique ID", "Name 6", "Name type", "Name non-latin script", "Regime Name", "Designation Type"}


def read_csv(stream: BinaryIO, notes: Notes) -> Iterator[RawEntry]:
    """Designations of UK-Sanctions-List.csv, their rows put together."""
    first = next(iter(Lines(stream)), "")
    if not first.startswith("Report Date"):
        raise ListUnreadable(_('The first line is not "Report Date: ..."; this is not the UK Sanctions List, or its shape changed.'))
    notes.dated = day_of(first.partition(":")[2].strip(' \r\n,"'))
    lines = Lines(stream, first=2)
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(lines, delimiter=",", required=REQUIRED, known=COLUMNS, notes=notes):
        if not row["Unique ID"].strip():
            raise ListUnreadable(_("Line %(n)d has no id; the file is damaged.") % {"n": lines.number})
        groups[row["Unique ID"]].append({name: value for name, value in row.items() if value})
    if not groups:
        raise ListUnreadable(_("The list file holds no entries."))
    for key, group in groups.items():
        notes.merged += len(group) - 1
        yield _from_rows(key, group)


def _from_rows(key: str, group: list[dict[str, str]]) -> RawEntry:
    first = group[0]
    named = [(row.get("Name type", ""), joined(row, _CSV_NAME)) for row in group]
    return entry(
        entry_id=key,
        schema=_SCHEMAS.get(first.get("Designation Type", "").lower(), "Organization"),
        names=[*_primary_first(named), *(row.get("Name non-latin script", "") for row in group)],
        where=_("The designation %(n)s") % {"n": key[:40]},
        programme=first.get("Regime Name", ""),
        citation=joined(first, ("Unique ID", "UN Reference Number"), ", "),
        requirement=first.get("Sanctions Imposed", ""),
        policy=first.get("UK Statement of Reasons", ""),
        numbers=[(label, row.get(column, "")) for row in group for column, label in _CSV_NUMBERS.items()],
        addresses=[joined(row, _CSV_ADDRESS, ", ") for row in group],
    )
