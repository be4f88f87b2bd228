"""The pages of a declaration as a browser sends them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from certifications.declarations.models import Declaration
from certifications.declarations.queries import frozen_form, version_of
from certifications.ledger.ids import new_ulid
from certifications.parties.models import Customer
from tests.world import World
from tests.world import code_of as code

NEW = "/d/declarations/new/"
CLAUSES = ["1", "2", "3", "4", "5", "6"]


def typed(world: World, end_user: Customer, **changes: str) -> dict[str, str]:
    """A complete form."""
    data = world.data(end_user)
    return {
        "form_key": new_ulid(),
        "customer": end_user.pk,
        "end_use": data.end_use,
        "place_address": data.place_address,
        "place_country": data.place_country,
        "place_division": data.place_division,
        "valid_from": data.valid_from.isoformat(),
        "valid_until": data.valid_until.isoformat(),
        "unknown_facts": "",
        f"quantity_{world.kit.pk}": "24",
        **changes,
    }


def shown_digest(declaration: Declaration) -> str:
    """The SHA-256 that the page shows."""
    declaration.refresh_from_db()
    return frozen_form(version_of(declaration))[1]


def sign_address(declaration: Declaration) -> str:
    """Where the signature is sent."""
    return reverse("distributors:declaration-sign", args=[declaration.number])


def sign(world: World, client: Client, declaration: Declaration, **changes: Any) -> Any:
    """Send the signature with a fresh code; `changes` are fields of the form."""
    fields: dict[str, Any] = {"sha256": shown_digest(declaration), "clause": CLAUSES, "role_title": "General Manager", **changes}
    if "code" not in fields:
        fields["code"] = code(world.signatory)
    return client.post(sign_address(declaration), fields)
