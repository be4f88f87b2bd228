"""List files in the published shapes, small, with invented firms; and parties to screen."""

import csv
import io
import json
from typing import Any

from certifications.parties.models import Party, PartyName
from certifications.parties.rules import script_of

HEAD = (
    "_id", "source", "entity_number", "type", "programs", "name", "title", "addresses", "federal_register_notice", "start_date",
    "end_date", "standard_order", "license_requirement", "license_policy", "call_sign", "vessel_type", "gross_tonnage",
    "gross_registered_tonnage", "vessel_flag", "vessel_owner", "remarks", "source_list_url", "alt_names", "citizenships",
    "dates_of_birth", "nationalities", "places_of_birth", "source_information_url", "ids",
)  # fmt: skip
WORDS = ("Harbour", "Granite", "Juniper", "Meadow", "Cobalt", "Lantern", "Orchard", "Saffron", "Timber", "Walnut")
LISTED_CODE = "91330103311245785N"


def row(number: int, **more: Any) -> dict[str, Any]:
    """One invented entry as the JSON has it."""
    name = f"{WORDS[number % 10]} {WORDS[number // 10 % 10]} Optics {number} Ltd"
    return {
        "id": f"id-{number}", "source": "Entity List (EL) - Bureau of Industry and Security", "name": name, "type": None,
        "programs": [], "alt_names": [f"{name} Holding"], "addresses": [{"address": f"{number} Quay Road", "country": "CN"}],
        "federal_register_notice": "84 FR 54002", "license_requirement": "For all items", "license_policy": "Presumption of denial",
        "ids": [], **more,
    }  # fmt: skip


def as_json(rows: list[dict[str, Any]]) -> bytes:
    """The published JSON."""
    return json.dumps({"total": len(rows), "results": rows}, ensure_ascii=False, indent=1).encode()


def as_csv(rows: list[dict[str, Any]], head: tuple[str, ...] = HEAD) -> bytes:
    """The published CSV: lists joined with "; "."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, head, restval="", extrasaction="ignore")
    writer.writeheader()
    for entry in rows:
        flat = {key: _cell(value) for key, value in entry.items()}
        writer.writerow({**flat, "_id": flat["id"]})
    return stream.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(", ".join(v.values()) if isinstance(v, dict) else v for v in value)
    return value or ""


def rows(count: int) -> list[dict[str, Any]]:
    """`count` invented entries."""
    return [row(number) for number in range(count)]


def party(*names: str, uscc: str = "") -> Party:
    """A party with these names."""
    made = Party.objects.create(kind="end_user", country="CN")
    for position, name in enumerate(names):
        PartyName.objects.create(party=made, text=name, script=script_of(name), kind="official", position=position)
    if uscc:
        made.identifiers.create(scheme="uscc", value=uscc)
    return made
