"""Client credentials: RFC 6749's answers and errors, secrets that are kept nowhere, ends that act at once."""

import base64
import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from certifications.ledger.moves import NotAllowed, StaleState
from certifications.machines.actions import client_digest, forget_old, make_client, revoke_client
from certifications.machines.models import AccessToken, ApiClient
from certifications.people import limits
from certifications.people.models import SecurityEvent
from tests.architecture.test_database_guards import refused
from tests.world import World, proof_for

from .programs import Program, program_of

pytestmark = pytest.mark.django_db
FORM = {"grant_type": "client_credentials"}


def ask(client: Client | None = None, **form: str) -> Any:
    return (client or Client()).post("/api/token", {**FORM, **form})


def test_id_and_secret_give_a_token_for_a_quarter_of_an_hour(world: World) -> None:
    program, secret = program_of(world.lead)
    answer = ask(client_id=program.pk, client_secret=secret)
    said = answer.json()
    assert answer.status_code == 200
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 900, "events:send orders:check orders:read orders:ship")
    assert answer.headers["Cache-Control"] == "no-store"
    left = AccessToken.objects.get().expires_at - timezone.now()
    assert dt.timedelta(minutes=14) < left <= dt.timedelta(minutes=15)


def test_neither_secret_nor_token_is_kept(world: World) -> None:
    program, secret = program_of(world.lead)
    token = ask(client_id=program.pk, client_secret=secret).json()["access_token"]
    rows = str(list(ApiClient.objects.values())) + str(list(AccessToken.objects.values()))
    assert secret not in rows
    assert token not in rows
    assert len(secret) == len(token) == 43


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "0" * 26}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"scope": "orders:check admin"}, 400, "invalid_scope"),
    ],
)
def test_every_refusal_has_the_code_of_the_rfc_and_gives_nothing_else_away(
    world: World, form: dict[str, str], status: int, error: str
) -> None:
    program, secret = program_of(world.lead, "orders:check")
    answer = ask(**{"client_id": program.pk, "client_secret": secret, **form})
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert not AccessToken.objects.exists()
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert SecurityEvent.objects.filter(code="token.refused").exists()


def test_credentials_come_in_one_place(world: World) -> None:
    program, secret = program_of(world.lead)
    basic = base64.b64encode(f"{program.pk}:{secret}".encode()).decode()
    both = Client().post("/api/token", {**FORM, "client_secret": secret}, headers={"Authorization": f"Basic {basic}"})
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    for broken in ("Basic ???", "Basic " + base64.b64encode(b"\xff\xff").decode(), "Basic", "Basic " + base64.b64encode(b"a\0:b").decode()):
        assert Client().post("/api/token", FORM, headers={"Authorization": broken}).status_code == 401


def test_a_token_may_be_narrower_than_its_program(world: World) -> None:
    program = Program(world.lead)
    program.token = program.get_token(scope="orders:read").json()["access_token"]
    assert program.get("order-lines").status_code == 200
    answer = program.post("order-checks", {})
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert 'scope="orders:check"' in answer.headers["WWW-Authenticate"]


def test_a_token_runs_out_and_ends_with_its_program(world: World) -> None:
    program = Program(world.lead)
    assert program.get("order-lines").status_code == 200
    AccessToken.objects.update(expires_at=timezone.now())
    answer = program.get("order-lines")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    program.token = program.get_token().json()["access_token"]
    revoke_client(client=program.client, by=world.lead)
    assert program.get("order-lines").status_code == 401
    assert program.get_token().json() == {"error": "invalid_client"}
    with pytest.raises(StaleState):
        revoke_client(client=program.client, by=world.lead)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Basic eA==", "Bearer guess"])
def test_without_a_good_token_there_is_no_answer(world: World, header: str) -> None:
    answer = Client().get("/api/order-lines", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_person_s_cookie_opens_nothing(world: World) -> None:
    from tests.world import client_of

    assert client_of(world.lead).get("/api/order-lines").status_code == 401


def test_a_program_is_made_by_who_may_with_a_factor_for_exactly_its_words(world: World) -> None:
    own = world.lead.organisation
    assert own is not None
    right = client_digest(organisation=own, name="ERP", scopes=["orders:check"])
    for by, digest, code in (
        (world.filer, right, "organisation"), (world.order_desk, right, "organisation"), (world.reviewer, right, "organisation"),
        (world.lead, client_digest(organisation=own, name="ERP", scopes=["orders:ship"]), "digest"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed) as refusal:
            make_client(by=by, name="ERP", scopes=["orders:check"], proof=proof_for(by, digest, "client"))
        assert refusal.value.code == code
    for words in ({"name": " "}, {"scopes": []}, {"scopes": ["orders:check", "all"]}):
        with pytest.raises(NotAllowed):
            make_client(by=world.lead, **{"name": "ERP", "scopes": ["orders:check"], "proof": proof_for(world.lead, right), **words})  # type: ignore[arg-type]
    assert not ApiClient.objects.exists()


def test_nobody_revokes_another_organisation_s_program(world: World) -> None:
    program, _secret = program_of(world.lead)
    with pytest.raises(NotAllowed):
        revoke_client(client=program, by=world.distributor_admin)


def test_postgresql_keeps_what_a_program_was_made_with(world: World) -> None:
    program, _secret = program_of(world.lead)
    assert "never change" in refused("UPDATE certifications_apiclient SET secret_hash = 'x'")
    assert "never change" in refused("UPDATE certifications_apiclient SET scopes = '{orders:ship}'")
    refused("DELETE FROM certifications_apiclient")
    revoke_client(client=program, by=world.lead)
    assert "never change" in refused("UPDATE certifications_apiclient SET revoked_at = NULL, revoked_by_id = NULL")


def test_guessing_is_limited_per_address(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Sixty guesses may take longer than the minute that is left of a busy machine's window.
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))
    answers = [ask(client_id="0" * 26, client_secret="guess") for _ in range(61)]
    assert answers[59].status_code == 401
    assert answers[60].status_code == 429
    assert 0 < int(answers[60].headers["Retry-After"]) <= 60


def test_when_a_program_last_asked_is_noted(world: World) -> None:
    program = Program(world.lead)
    program.get("order-lines")
    program.client.refresh_from_db()
    assert program.client.last_used_at is not None


def test_what_ran_out_is_forgotten(world: World) -> None:
    Program(world.lead)
    assert forget_old() == 0
    AccessToken.objects.update(expires_at=timezone.now() - dt.timedelta(hours=2))
    assert forget_old() == 1
