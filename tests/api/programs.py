"""Programs of organisations, and requests as they send them."""

import base64
import json
from typing import Any

from django.test import Client

from certifications.ledger.ids import new_ulid
from certifications.machines.actions import client_digest, make_client, make_webhook, webhook_digest
from certifications.machines.models import ApiClient, Webhook
from certifications.machines.rules import SCOPES
from certifications.people.models import User
from tests.world import proof_for


def program_of(user: User, *scopes: str) -> tuple[ApiClient, str]:
    """A program of the person's organisation, and its secret, by the real action."""
    assert user.organisation is not None
    chosen = scopes or tuple(SCOPES)
    digest = client_digest(organisation=user.organisation, name="ERP", scopes=chosen)
    return make_client(by=user, name="ERP", scopes=chosen, proof=proof_for(user, digest, "client"))


def webhook_of(user: User, url: str = "https://erp.qinglan.example/hook") -> tuple[Webhook, str]:
    """An address of the person's organisation, and its secret."""
    assert user.organisation is not None
    digest = webhook_digest(organisation=user.organisation, url=url)
    return make_webhook(by=user, url=url, proof=proof_for(user, digest, "program"))


class Program:
    """A program with a token; every POST has an idempotency key of its own unless one is given."""

    def __init__(self, user: User, *scopes: str) -> None:
        self.client, self.secret = program_of(user, *scopes)
        self.http = Client(SERVER_NAME="localhost")
        self.token = self.get_token().json()["access_token"]

    def get_token(self, **form: str) -> Any:
        basic = base64.b64encode(f"{self.client.pk}:{self.secret}".encode()).decode()
        body = {"grant_type": "client_credentials", **form}
        return self.http.post("/api/token", body, headers={"Authorization": f"Basic {basic}"})

    def post(self, address: str, body: Any, key: str | None = None, **headers: str) -> Any:
        said = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or new_ulid(), **headers}
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.http.post(f"/api/{address}", content, content_type="application/json", headers=said)

    def get(self, address: str) -> Any:
        return self.http.get(f"/api/{address}", headers={"Authorization": f"Bearer {self.token}"})
