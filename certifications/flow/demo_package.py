"""An OCDS package of invented firms that waits for a reviewer when the demonstration is first opened; the workers read it."""

import json
from typing import Any

from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.people.models import User

from . import evidence

ADDRESS = "https://notices.example/releases/week-46.json"
AWARDS: tuple[tuple[str, str, str, str, int], ...] = (
    ("Contoso County Police", "GX-COH 01877421", "Marlow Forensic Supplies Ltd", "STR kit CI-2440-100 for the DNA laboratory", 48200),
    ("Hospital of Saint Anne", "", "Northgate Diagnostics GmbH", "Genetic analyser, installation and training", 231000),
    ("Town of Little Weir", "GX-COH 02219004", "Weir Office Furniture Ltd", "Desks and chairs", 9150),
)


def packaged(people: dict[str, User]) -> None:
    """Three awards, two of which name products of the programme's kind; one supplier has no number."""
    releases = [_release(n, award) for n, award in enumerate(AWARDS, 1)]
    data = {
        "uri": ADDRESS,
        "version": "1.1",
        "publishedDate": f"{civil_today()}T06:00:00Z",
        "publisher": {"name": "Notices of Example County"},
        "releases": releases,
    }
    evidence.capture(
        by=people["reviewer"],
        content=json.dumps(data, ensure_ascii=False, indent=1).encode(),
        name="week-46.json",
        origin="upload",
        source_url=ADDRESS,
        form_key=new_ulid(),
    )


def _release(number: int, award: tuple[str, str, str, str, int]) -> dict[str, Any]:
    buyer, identifier, seller, goods, amount = award
    scheme, _space, code = identifier.partition(" ")
    known = {"identifier": {"scheme": scheme, "id": code}} if code else {}
    return {
        "ocid": f"ocds-xx0000-{number:04}",
        "id": f"r{number}",
        "date": f"{civil_today()}T05:00:00Z",
        "tag": ["award"],
        "initiationType": "tender",
        "parties": [
            {"id": "b", "name": buyer, "roles": ["buyer"], "identifier": {"scheme": "GX-GOV", "id": str(4400 + number)}},
            {"id": "s", "name": seller, "roles": ["supplier"], **known},
        ],
        "buyer": {"id": "b", "name": buyer},
        "awards": [
            {
                "id": "a",
                "status": "active",
                "title": goods,
                "date": f"{civil_today()}T00:00:00Z",
                "value": {"amount": amount, "currency": "EUR"},
                "suppliers": [{"id": "s", "name": seller}],
            }
        ],
    }
