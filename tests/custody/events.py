"""EPCIS 2.0 documents as systems write them, made on the spot. Prefixes and numbers are invented."""

import json
from typing import Any

from .reports import DAY

ANALYSER, KIT = "04012345036008", "04012345024401"  # GTINs of CI-3600-A and CI-2440-100
MAKER_GLN, QINGLAN_GLN, HOSPITAL_GLN = "4012345000009", "6901234000009", "6909999000005"
MAKER, QINGLAN, HOSPITAL = "urn:epc:id:sgln:4012345.00000.0", "urn:epc:id:pgln:6901234.00000", "https://id.gs1.org/414/6909999000005"


def analyser(serial: str) -> str:
    return f"urn:epc:id:sgtin:4012345.003600.{serial}"


def lot(name: str, quantity: Any = 5, **more: Any) -> dict[str, Any]:
    """So many kits of a lot."""
    return {"epcClass": f"urn:epc:class:lgtin:4012345.002440.{name}", "quantity": quantity, **more}


def event(*epcs: str, since: str = "", to: str = "", **changes: Any) -> dict[str, Any]:
    """A shipping event of these EPCs; `changes` are fields, None takes one away."""
    made: dict[str, Any] = {
        "type": "ObjectEvent", "eventID": "urn:uuid:1", "action": "OBSERVE", "bizStep": "shipping", "eventTime": f"{DAY.isoformat()}T08:30:00.000Z",
        "eventTimeZoneOffset": "+08:00", "epcList": list(epcs),
    }  # fmt: skip
    if since:
        made["sourceList"] = [{"type": "owning_party", "source": since}]
    if to:
        made["destinationList"] = [
            {"type": "location", "destination": "urn:epc:id:sgln:0000000.00000.9"},
            {"type": "owning_party", "destination": to},
        ]
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


def document(*events: Any, names: dict[str, str] | None = None, **changes: Any) -> bytes:
    """A whole document; `names` are master data of places."""
    elements = [{"id": uri, "attributes": [{"id": "urn:epcglobal:cbv:mda#name", "attribute": name}]} for uri, name in (names or {}).items()]
    vocabulary = [{"type": "urn:epcglobal:epcis:vtype:Location", "vocabularyElementList": elements}]
    made = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-10-05T08:30:00Z",
        "epcisHeader": {"epcisMasterData": {"vocabularyList": vocabulary}},
        "epcisBody": {"eventList": list(events)},
        **changes,
    }
    return json.dumps(made, ensure_ascii=False).encode()
