"""Lists in the shapes in which they are published, small. Bodies are invented or public; all persons are invented."""

import csv
import io
import json
from typing import Any

from certifications.screening.importers import FORMATS, Notes, RawEntry, entries_of, eu, ofsi, opensanctions, uk

USCC, LEI = "91330103311245785N", "5493001KJTIIGC8Y1R12"


def read(code: str, content: bytes, *, lenient: bool = False) -> tuple[list[RawEntry], Notes]:
    """All entries of a file in this format, and what the reader noted."""
    notes = Notes(lenient=lenient)
    return list(entries_of(content, notes, FORMATS[code])), notes


def ftm_row(number: int, **more: Any) -> dict[str, Any]:
    """One invented target as entities.ftm.json has it; `properties` are added to the usual ones."""
    properties = {
        "name": [f"Granite Optics {number} LLC"],
        "alias": [f"Granit {number}", "Гранит Оптика"],
        "topics": ["sanction"],
        "country": ["cn"],
        "registrationNumber": [f"10277001{number:05d}"],
        **more.pop("properties", {}),
    }
    return {
        "id": f"NK-{number}", "caption": properties["name"][0] if properties["name"] else "", "schema": "Company",
        "referents": [], "datasets": ["us_ofac_sdn"], "first_seen": "2024-01-01T00:00:00", "last_seen": "2026-11-12T06:00:00",
        "last_change": "2025-03-04T00:00:00", "properties": properties, "target": True, **more,
    }  # fmt: skip


def as_ftm(rows: list[dict[str, Any]]) -> bytes:
    """One entity a line."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def ftm(count: int = 3) -> bytes:
    """Targets, each with the address and the sanction that hang on it."""
    linked = {"referents": [], "datasets": ["us_ofac_sdn"], "target": False}
    rows = []
    for number in range(count):
        rows.append(ftm_row(number))
        rows.append({"id": f"addr-{number}", "schema": "Address", "properties": {"full": ["1 Quay Road"]}, **linked})
        rows.append(
            {"id": f"own-{number}", "schema": "Company", "properties": {"name": ["A Parent Ltd"], "topics": ["sanction.linked"]}, **linked}
        )
    return as_ftm(rows)


def table(head: tuple[str, ...], rows: list[dict[str, str]], delimiter: str = ",", before: str = "") -> bytes:
    """A CSV under its published head."""
    out = io.StringIO()
    writer = csv.DictWriter(out, head, restval="", delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return (before + out.getvalue()).encode()


def simple(count: int = 3) -> bytes:
    """targets.simple.csv."""
    rows = [
        {
            "id": f"NK-{n}", "schema": "Company", "name": f"Granite Optics {n} LLC", "aliases": f"Granit {n};Гранит", "countries": "cn",
            "addresses": "1 Quay Road;2 Quay Road", "identifiers": f"10277001{n:05d};{USCC if n == 0 else ''}", "sanctions": "EU 2022/1",
            "program_ids": "EU-RUS", "dataset": "EU FSF", "last_seen": "2026-11-12T06:00:00",
        }
        for n in range(count)
    ]  # fmt: skip
    return table(opensanctions.COLUMNS, rows)


def eu_xml(count: int = 3, extra: str = "") -> bytes:
    """xmlFullSanctionsList_1_1."""
    entities = "".join(
        f'<sanctionEntity designationDetails="" unitedNationId="" euReferenceNumber="EU.{n}.28" logicalId="{n + 13}">'
        f"<remark>Invented {n}</remark>"
        f'<regulation numberTitle="2014/269 (OJ L78)" programme="UKR" logicalId="1"><publicationUrl>http://eur-lex.europa.eu/{n}</publicationUrl></regulation>'
        f'<subjectType code="{"person" if n == 1 else "enterprise"}" classificationCode="{"P" if n == 1 else "E"}"/>'
        f'<nameAlias firstName="" lastName="" wholeName="Juniper Works {n}" strong="true" logicalId="{n}"><regulationSummary numberTitle="x"/></nameAlias>'
        f'<nameAlias wholeName="Можжевельник {n}" strong="false" logicalId="9{n}"/>'
        f'<address street="{n} Quay Road" city="Pohang" countryDescription="KOREA" logicalId="5"/>'
        f'<identification number="10277001{n:05d}" latinNumber="" identificationTypeCode="regnumber" logicalId="7"/>{extra}</sanctionEntity>'
        for n in range(count)
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<export xmlns="http://eu.europa.ec/fpi/fsd/export"'
    return f'{head} generationDate="2026-11-12T14:39:54.511+01:00" globalFileId="184961">\n{entities}</export>'.encode()


def eu_csv(count: int = 3) -> bytes:
    """csvFullSanctionsList_1_1: a row a name, then a row for the document."""
    rows = []
    for n in range(count):
        own = {
            "fileGenerationDate": "12/11/2026", "Entity_LogicalId": str(n + 13), "Entity_EU_ReferenceNumber": f"EU.{n}.28",
            "Entity_SubjectType": "P" if n == 1 else "E", "Entity_SubjectType_ClassificationCode": "person" if n == 1 else "enterprise",
            "Entity_Regulation_Programme": "UKR", "Entity_Regulation_NumberTitle": "2014/269 (OJ L78)", "Entity_Remark": f"Invented {n}",
            "Entity_Regulation_PublicationUrl": f"http://eur-lex.europa.eu/{n}",
        }  # fmt: skip
        rows.append({**own, "NameAlias_WholeName": f"Juniper Works {n}"})
        rows.append({**own, "NameAlias_WholeName": f"Можжевельник {n}"})
        rows.append({**own, "Address_Street": f"{n} Quay Road", "Address_City": "Pohang", "Address_CountryDescription": "KOREA"})
        rows.append({**own, "Identification_Number": f"10277001{n:05d}", "Identification_TypeCode": "regnumber"})
    return b"\xef\xbb\xbf" + table(eu.COLUMNS, rows, ";")


def un_xml(individuals: int = 2, entities: int = 2, extra: str = "", doctype: str = "") -> bytes:
    """The consolidated list of the Security Council."""
    people = "".join(
        f"<INDIVIDUAL><DATAID>69{n:05d}</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>ARLO</FIRST_NAME><SECOND_NAME>TAMSIN</SECOND_NAME>"
        f"<THIRD_NAME>QUILL {n}</THIRD_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE><REFERENCE_NUMBER>XXi.{n:03d}</REFERENCE_NUMBER><LISTED_ON>2020-01-02</LISTED_ON>"
        f"<NAME_ORIGINAL_SCRIPT>아를로 {n}</NAME_ORIGINAL_SCRIPT><COMMENTS1>Invented.</COMMENTS1>"
        f"<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Arlo Q {n}</ALIAS_NAME></INDIVIDUAL_ALIAS><INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>"
        f"<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>P 7654 32{n}</NUMBER></INDIVIDUAL_DOCUMENT>{extra}<SORT_KEY/></INDIVIDUAL>"
        for n in range(individuals)
    )
    bodies = "".join(
        f"<ENTITY><DATAID>68{n:05d}</DATAID><FIRST_NAME>MEADOW TRADING {n} &amp; CO</FIRST_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE>"
        f"<REFERENCE_NUMBER>XXe.{n:03d}</REFERENCE_NUMBER><LISTED_ON>2017-08-05</LISTED_ON>"
        f"<ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Meadow {n}</ALIAS_NAME></ENTITY_ALIAS>"
        f"<ENTITY_ADDRESS><CITY>Pyongyang</CITY><COUNTRY>Democratic People's Republic of Korea</COUNTRY></ENTITY_ADDRESS></ENTITY>"
        for n in range(entities)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{doctype}<CONSOLIDATED_LIST dateGenerated="2026-11-12T23:00:05.475Z">\n'
        f"<INDIVIDUALS>{people}</INDIVIDUALS>\n<ENTITIES>{bodies}</ENTITIES></CONSOLIDATED_LIST>"
    ).encode()


def uk_xml(count: int = 3) -> bytes:
    """UK-Sanctions-List.xml: the alias stands before the primary name, which is how the order is tested."""
    listed = "".join(
        f"<Designation><LastUpdated>16/04/2026</LastUpdated><DateDesignated>31/12/2020</DateDesignated><UniqueID>RUS{n:04d}</UniqueID>"
        f"<OFSIGroupID>{n + 12000}</OFSIGroupID><UNReferenceNumber/><Names><Name><Name6>COBALT</Name6><NameType>Alias</NameType></Name>"
        f"<Name><Name1>Jonah</Name1><Name2>Pell</Name2><Name6>COBALT WORKS {n}</Name6><NameType>Primary Name</NameType></Name></Names>"
        f"<NonLatinNames><NonLatinName><NameNonLatinScript>Кобальт {n}</NameNonLatinScript></NonLatinName></NonLatinNames><RegimeName>Russia</RegimeName>"
        f"<IndividualEntityShip>{'Ship' if n == 2 else 'Entity'}</IndividualEntityShip><SanctionsImposed>Asset freeze</SanctionsImposed>"
        f"<Addresses><Address><AddressLine1>1 Quay</AddressLine1><AddressCountry>Russia</AddressCountry></Address></Addresses>"
        f"<EntityDetails><Entity><BusinessRegistrationNumbers><BusinessRegistrationNumber>OGRN: 10277001{n:05d} (Russia)</BusinessRegistrationNumber>"
        f"</BusinessRegistrationNumbers></Entity></EntityDetails></Designation>"
        for n in range(count)
    )
    return f'<?xml version="1.0" encoding="utf-8"?><Designations><DateGenerated>12/11/2026</DateGenerated>{listed}</Designations>'.encode()


def uk_csv(count: int = 3) -> bytes:
    """UK-Sanctions-List.csv, with its line before the head."""
    rows = []
    for n in range(count):
        own = {
            "Last Updated": "16/04/2026", "Unique ID": f"RUS{n:04d}", "OFSI Group ID": str(n + 12000), "Regime Name": "Russia",
            "Designation Type": "Ship" if n == 2 else "Entity", "Sanctions Imposed": "Asset freeze", "Address Line 1": "1 Quay",
            "Address Country": "Russia", "Business registration number (s)": f"OGRN: 10277001{n:05d} (Russia)",
        }  # fmt: skip
        rows.append({**own, "Name 6": "COBALT", "Name type": "Alias"})
        primary = {"Name 1": "Jonah", "Name 2": "Pell", "Name 6": f"COBALT WORKS {n}", "Name type": "Primary Name"}
        rows.append({**own, **primary, "Name non-latin script": f"Кобальт {n}"})
    return table(uk.COLUMNS, rows, before="Report Date: 12-Nov-2026\r\n")


def ofsi_csv(count: int = 3) -> bytes:
    """ConList.csv."""
    rows = []
    for n in range(count):
        own = {"Group Type": "Entity", "Regime": "Syria", "Group ID": str(n + 12000), "Country": "Syria", "Listed On": "17/02/2012"}
        rows.append({**own, "Name 6": f"SAFFRON {n}", "Alias Type": "AKA"})
        rows.append({**own, "Name 6": f"SAFFRON BANK {n}", "Alias Type": "Primary name", "Name Non-Latin Script": "زعفران"})
    return table(ofsi.COLUMNS, rows, before="Last Updated,12/11/2026\r\n")


def private_csv(count: int = 3) -> bytes:
    """A list of our own."""
    lines = ["id,name,aliases,kind,country,registration numbers,citation,note,effective date"]
    lines += [
        f"L-{n},Walnut Trading {n},Walnut {n}; 核桃{n},organization,CN,{USCC if n == 0 else ''},15 CFR 744.21(b),Ask first,2026-11-12"
        for n in range(count)
    ]
    return ("\n".join(lines) + "\n").encode()


# Every format with a file that makes it; `count` entries each.
MAKERS = {
    "opensanctions_ftm": ftm, "opensanctions_csv": simple, "eu_xml": eu_xml, "eu_csv": eu_csv, "uk_xml": uk_xml, "uk_csv": uk_csv,
    "uk_ofsi_csv": ofsi_csv, "private_csv": private_csv, "un_xml": lambda count=3: un_xml(0, count),
}  # fmt: skip
