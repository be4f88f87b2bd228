"""The field x role matrix against what is really shown: every page, export and API answer as every person, searched for values."""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from certifications.pages.seen import DESK, OPERATOR, OWN, PUBLIC, REGULATOR, SALES, SEEN, audience, unknown
from certifications.people.demo import ORGANISATIONS, PEOPLE
from certifications.people.models import Organisation, User
from tests.api.programs import Program

from .matrix import ANYBODY, MATRIX, PROGRAM
from .running import Running
from .test_crashes import cast
from .test_permissions import answers, objects

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("running")]
SHORTEST, MOST = 8, 60  # characters; values of one field
# No text that can be recognised: a code of ours in one word, a media type, an id (addresses are made of those).
WORD = re.compile(r"[A-Za-z_.:/-]+|[0-9A-HJKMNP-TV-Z]{26}")
# By model: the way to the distributor whose row it is. What one distributor wrote no other may read.
OWNERS = {
    "Customer": "organisation", "Site": "party__customers__organisation", "Declaration": "organisation", "DeclarationVersion": "declaration__organisation",
    "DeclarationParty": "version__declaration__organisation", "DeclarationDocument": "version__declaration__organisation",
    "Attestation": "declaration__organisation", "Question": "organisation", "Objection": "declaration__organisation", "OrderLine": "organisation",
    "Upload": "organisation", "Nomination": "organisation", "Delegation": "organisation", "User": "memberships__organisation",
    "EndUserRequest": "declaration__organisation", "Invitation": "organisation", "ApiClient": "organisation", "Webhook": "organisation",
    "Contact": "customer__organisation", "CustomerPaper": "customer__organisation", "QuestionnaireAnswer": "customer__organisation",
    "Laboratory": "site__party__customers__organisation",
    "StockCount": "organisation", "StockConfirmation": "organisation", "OldCertificate": "organisation",
}  # fmt: skip
# Said on pages for another reason than because the row says it.
ELSEWHERE = {"entity list"}


def own_models() -> dict[str, set[str]]:
    found = apps.get_app_config("certifications").get_models()
    return {model.__name__: {field.name for field in model._meta.concrete_fields} for model in found}


def test_every_field_of_every_model_has_a_line() -> None:
    assert unknown(own_models()) == []


def test_a_new_model_or_a_renamed_field_is_missed() -> None:
    known = own_models()
    assert unknown({**known, "Price": {"amount"}}) == ["Price has no line"]
    assert "Customer.note does not exist" in unknown({**known, "Customer": known["Customer"] - {"note"}})


def texts() -> Iterator[tuple[type[models.Model], models.Field, str]]:
    """(model, field, the way to its owner) of every field that holds texts which can be recognised."""
    for model in apps.get_app_config("certifications").get_models():
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField) and not field.choices and not field.primary_key
            if is_text or field.name in {"amount", "unit_price"}:
                yield model, field, OWNERS.get(model.__name__, "")


def recognised() -> set[str]:
    """Of the newest rows what can be recognised."""
    found = set()
    for model, field, _owner in texts():
        rows = model._default_manager.exclude(**{f"{field.name}__isnull": True}).order_by("-pk")
        for value in rows.values_list(field.attname, flat=True)[:MOST]:
            text = " ".join(str(value).split())
            if len(text) >= SHORTEST and not WORD.fullmatch(text) and text.lower() not in ELSEWHERE:
                found.add(text[:300])
    return found


def told() -> tuple[dict[str, set[tuple[str, str]]], dict[str, set[str]]]:
    """By value: the fields that hold it, and the distributors whose it is; what several rows say is everybody's who may read one."""
    wanted = recognised()
    fields: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for model, field, owner in texts():
        columns = [field.attname, owner] if owner else [field.attname]
        # Every row: whatever else a test wrote since, who may read the value in an older row may read it.
        for value, *whose in model._default_manager.exclude(**{f"{field.name}__isnull": True}).values_list(*columns).iterator():
            text = " ".join(str(value).split())[:300]
            if text in wanted:
                fields[text].add((model.__name__, field.name))
                owners[text].add(whose[0] if whose and whose[0] else "")
    return fields, owners


class Reader:
    """Somebody who looks, and everything that is not theirs among what they saw."""

    def __init__(self, roles: set[str], organisation: str, own: set[str]) -> None:
        self.roles, self.organisation, self.own = roles, organisation, own

    def wrong(self, body: str, fields: dict[str, set[tuple[str, str]]], owners: dict[str, set[str]], *, public: bool = False) -> list[str]:
        """What of it is not theirs. A public page shows everybody what whoever holds the document reads."""
        found = []
        roles = self.roles | PUBLIC if public else self.roles
        for text, places in fields.items():
            if text in self.own or text not in body:
                continue
            if not any(audience(*place) & roles for place in places):
                found.append(f"{sorted('.'.join(place) for place in places)}: {text[:60]}")
            elif not public and self.roles <= OWN and "" not in owners[text] and self.organisation not in owners[text]:
                found.append(f"another distributor's {sorted('.'.join(place) for place in places)}: {text[:60]}")
        return found


def readers() -> dict[str, Reader]:
    """Everybody, and nobody."""
    keys = {one.name: one.pk for one in Organisation.objects.all()}
    people = {
        # Not only what an invitation gave: two people name who reads tips.
        person.key: Reader(
            set(User.objects.get(email=person.email).roles), keys[ORGANISATIONS[person.organisation][1]], {person.name, person.email}
        )
        for person in PEOPLE
    }
    return {**people, "nobody": Reader(set(PUBLIC), "", set())}


def test_no_value_is_shown_outside_the_matrix(shared: Running) -> None:
    arguments = objects()
    world = cast()
    programs = {
        "Qinglan's program": (Program(world.distributor_admin), Reader(set(OWN), world.qinglan.pk, set())),
        "the order desk's program": (Program(world.lead), Reader({"order_desk"}, "", set())),
    }
    everybody, given = readers(), answers(shared)
    fields, owners = told()
    seen, wrong = 0, []
    for name, allowed in MATRIX.items():
        if name.startswith("people:demo") or name == "people:mailbox":  # the demonstration shows its accounts to anybody
            continue
        if allowed == PROGRAM:
            address = reverse(name, kwargs=arguments.get(name))
            for who, (program, reader) in programs.items():
                answer = program.get(address.removeprefix("/api/"))
                body = answer.content.decode() if answer.status_code == 200 else ""
                seen += bool(body)
                wrong += [f"{name} to {who}: {one}" for one in reader.wrong(body, fields, owners)]
            continue
        for who, reader in everybody.items():
            body = given[name][who].text
            seen += bool(body)
            wrong += [f"{name} to {who}: {one}" for one in reader.wrong(body, fields, owners, public=allowed == ANYBODY)]
    assert seen > 300, seen
    assert not wrong, f"{len(wrong)} values:\n" + "\n".join(wrong[:80])


def test_a_value_that_is_shown_too_far_would_be_found() -> None:
    fields = {
        "Tianyuan Hospital": {("PartyName", "text")},
        "a note of ours": {("Customer", "note")},
        "sk-secret-123": {("Webhook", "secret")},
    }
    owners = {"Tianyuan Hospital": {""}, "a note of ours": {"A"}, "sk-secret-123": {"A"}}
    body = "Tianyuan Hospital, a note of ours"
    assert len(Reader({"sales"}, "", set()).wrong(body, fields, owners)) == 2
    assert len(Reader({"filer"}, "B", set()).wrong(body, fields, owners)) == 1
    assert Reader({"filer"}, "A", set()).wrong(body, fields, owners) == []
    assert len(Reader({"filer"}, "A", set()).wrong("sk-secret-123", fields, owners)) == 1


def fields_of_prices() -> set[str]:
    return {
        f"{model}.{name}" for model, names in own_models().items() for name in names if name in {"amount", "unit_price", "price", "value"}
    }


def test_prices_are_for_compliance_alone() -> None:
    # What a distributor states of its own sale stands in the text that it signs; whoever sells for the maker reads none of it.
    assert not audience("DeclarationVersion", "value") & (DESK | SALES | OPERATOR | REGULATOR)
    for place in fields_of_prices() - {"Identifier.value", "QuestionnaireAnswer.value", "DeclarationVersion.value"}:
        assert audience(*place.split(".")) <= SEEN["EvidenceLine"][0], place
