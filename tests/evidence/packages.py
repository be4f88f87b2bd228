"""OCDS packages and eForms notices of invented firms, built by code."""

import json
from typing import Any

BUYER = {"id": "B1", "name": "库尔勒市公安局", "roles": ["buyer"], "identifier": {"scheme": "CN-X", "id": "B-77"},
         "address": {"region": "Xinjiang", "countryName": "China"}}  # fmt: skip
SELLER = {"id": "S1", "name": "西安泓桥生物科技有限公司", "roles": ["supplier"], "identifier": {"scheme": "CN-USCC", "id": "91610131MA6TX1234X"},
          "address": {"streetAddress": "锦业路 1 号", "locality": "西安"}}  # fmt: skip


def award(**changes: Any) -> dict[str, Any]:
    """An active award of eighteen STR kits."""
    found: dict[str, Any] = {
        "id": "A1", "status": "active", "title": "DNA profiling reagents", "date": "2026-06-11T10:00:00Z",
        "value": {"amount": 464400.50, "currency": "EUR"}, "suppliers": [{"id": "S1", "name": SELLER["name"]}],
        "items": [{"id": "1", "description": "STR kit CI-2440-100", "quantity": 18, "unit": {"name": "box", "value": {"amount": 25800, "currency": "EUR"}}}],
    }  # fmt: skip
    return {**found, **changes}


def release(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A release with one award."""
    found: dict[str, Any] = {
        "ocid": f"ocds-abcdef-{number:04}", "id": f"r{number}", "date": "2026-06-12T00:00:00Z", "tag": ["award"], "initiationType": "tender",
        "parties": [BUYER, SELLER], "buyer": {"id": "B1", "name": BUYER["name"]}, "awards": [award()],
    }  # fmt: skip
    return {**found, **changes}


def package(*releases: Any, **changes: Any) -> str:
    """A release package around them."""
    found: dict[str, Any] = {
        "uri": "https://notices.example/p1", "version": "1.1", "publishedDate": "2026-06-13T00:00:00Z", "publisher": {"name": "Notices Example"},
        "releases": list(releases),
    }  # fmt: skip
    return json.dumps({**found, **changes}, ensure_ascii=False)


def records(*rows: Any) -> str:
    """A record package around them."""
    return json.dumps({
        "uri": "https://notices.example/p2", "version": "1.1", "publishedDate": "2026-06-13T00:00:00Z", "publisher": {"name": "Notices Example"},
        "records": list(rows),
    })  # fmt: skip


_EFORMS = """<?xml version="1.0" encoding="UTF-8"?>
<ContractAwardNotice xmlns="urn:oasis:names:specification:ubl:schema:xsd:ContractAwardNotice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"
 xmlns:efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1"
 xmlns:efext="http://data.europa.eu/p27/eforms-ubl-extensions/1">
<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension><efac:NoticeResult>
{result}
</efac:NoticeResult><efac:Organizations>
<efac:Organization><efac:Company><cac:PartyIdentification><cbc:ID>ORG-1</cbc:ID></cac:PartyIdentification><cac:PartyName><cbc:Name>Polizia di Esempio</cbc:Name></cac:PartyName><cac:PostalAddress><cbc:CityName>Esempio</cbc:CityName><cac:Country><cbc:IdentificationCode>ITA</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyLegalEntity><cbc:CompanyID>IT-1</cbc:CompanyID></cac:PartyLegalEntity></efac:Company></efac:Organization>
<efac:Organization><efac:Company><cac:PartyIdentification><cbc:ID>ORG-2</cbc:ID></cac:PartyIdentification><cac:PartyName><cbc:Name>Reagenti Inventati Srl</cbc:Name></cac:PartyName></efac:Company></efac:Organization>
</efac:Organizations></efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>
<cbc:ID>notice-1</cbc:ID><cbc:ContractFolderID>folder-1</cbc:ContractFolderID><cbc:IssueDate>2026-05-20+02:00</cbc:IssueDate>
<cbc:NoticeTypeCode listName="{kind}">can-standard</cbc:NoticeTypeCode>
<cac:ContractingParty><cac:Party><cac:PartyIdentification><cbc:ID>ORG-1</cbc:ID></cac:PartyIdentification></cac:Party></cac:ContractingParty>
<cac:ProcurementProject><cbc:Name>Laboratory supplies</cbc:Name></cac:ProcurementProject>
<cac:ProcurementProjectLot><cbc:ID>LOT-1</cbc:ID><cac:ProcurementProject><cbc:Name>{goods}</cbc:Name></cac:ProcurementProject></cac:ProcurementProjectLot>
</ContractAwardNotice>"""
_WON = """<efac:LotResult><cbc:ID>RES-1</cbc:ID><cbc:TenderResultCode>{outcome}</cbc:TenderResultCode><efac:LotTender><cbc:ID>TEN-1</cbc:ID></efac:LotTender><efac:LotTender><cbc:ID>TEN-2</cbc:ID></efac:LotTender><efac:SettledContract><cbc:ID>CON-1</cbc:ID></efac:SettledContract><efac:TenderLot><cbc:ID>LOT-1</cbc:ID></efac:TenderLot></efac:LotResult>
<efac:LotTender><cbc:ID>TEN-1</cbc:ID><cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">95414</cbc:PayableAmount></cac:LegalMonetaryTotal><efac:TenderingParty><cbc:ID>TPA-1</cbc:ID></efac:TenderingParty></efac:LotTender>
<efac:LotTender><cbc:ID>TEN-2</cbc:ID><efac:TenderingParty><cbc:ID>TPA-2</cbc:ID></efac:TenderingParty></efac:LotTender>
<efac:SettledContract><cbc:ID>CON-1</cbc:ID><cbc:IssueDate>2026-05-02Z</cbc:IssueDate><efac:LotTender><cbc:ID>TEN-1</cbc:ID></efac:LotTender></efac:SettledContract>
<efac:TenderingParty><cbc:ID>TPA-1</cbc:ID><efac:Tenderer><cbc:ID>ORG-2</cbc:ID></efac:Tenderer></efac:TenderingParty>
<efac:TenderingParty><cbc:ID>TPA-2</cbc:ID><efac:Tenderer><cbc:ID>ORG-1</cbc:ID></efac:Tenderer></efac:TenderingParty>"""


def eforms(goods: str = "STR kit for forensic genetics", outcome: str = "selec-w", kind: str = "result") -> str:
    """An eForms award notice with one lot, two tenders and one contract."""
    return _EFORMS.format(result=_WON.format(outcome=outcome), goods=goods, kind=kind)
