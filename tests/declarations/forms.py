"""The pages of a declaration as a browser sends them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from certifications.declarations.data import stamp_of
from certifications.declarations.models import Declaration
from certifications.declarations.queries import data_of, frozen_form, version_of
from certifications.ledger.ids import new_ulid
from certifications.parties.models import Customer
from tests.world import World
from tests.world import code_of as code

NEW = "/d/declarations/new/"
CLAUSES = ["1", "2", "3", "4", "5", "6"]


GROUPS = ("parties", "goods", "end_use", "route")


def typed(world: World, end_user: Customer, **changes: str) -> dict[str, str]:
    """Every field of every group."""
    data = world.data(end_user)
    return {
        "form_key": new_ulid(),
        "kind": "single",
        "customer": end_user.pk,
        "relationship": data.relationship,
        "contact": data.contact,
        "term": "one_off",
        "contract": data.contract,
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


def step(declaration: Declaration, group: str) -> str:
    """Where a group of a draft is filled in."""
    return reverse("distributors:declaration-step", args=[declaration.number, group])


def send(client: Client, declaration: Declaration, group: str, sent: dict[str, str]) -> Any:
    """Continue on one group as a browser that opened it just now."""
    declaration.refresh_from_db()
    was = stamp_of(group, data_of(version_of(declaration)))
    return client.post(step(declaration, group), {**sent, "was": was})


def change(client: Client, declaration: Declaration, sent: dict[str, str]) -> Any:
    """Continue on every group; the first answer that is not the next page, as a person sees it, else the check."""
    for group in GROUPS:
        answer = send(client, declaration, group, sent)
        if answer.status_code != 302:
            return answer
        if answer.url == step(declaration, group):
            return client.get(answer.url)
    client.post(step(declaration, "documents"), {})
    return client.get(reverse("distributors:declaration-check", args=[declaration.number]))


def fill_in(client: Client, sent: dict[str, str]) -> Any:
    """A new declaration from the first page to the check; as `change`."""
    answer = client.post(NEW, sent)
    if answer.status_code != 302:
        return answer
    return change(client, Declaration.objects.get(number=answer.url.split("/")[3]), sent)


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
