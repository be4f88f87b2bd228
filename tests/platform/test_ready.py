"""/readyz asks the timestamp server too, and a crowd that asks costs one answer a second."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client

from portal import health

pytestmark = pytest.mark.django_db


class Refuses(BaseHTTPRequestHandler):
    """A timestamp server: it takes no GET."""

    def do_GET(self) -> None:
        self.send_error(405)

    def log_message(self, *_: Any) -> None:
        pass


def waiting() -> list[str]:
    health.forget()
    found: list[str] = Client().get("/readyz").json()["waiting"]
    return found


def test_a_timestamp_server_that_answers_is_well_whatever_it_says(settings: Any) -> None:
    server = HTTPServer(("127.0.0.1", 0), Refuses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.TSA_URL = f"http://127.0.0.1:{server.server_address[1]}"
    assert "timestamps" not in waiting()
    server.shutdown()
    server.server_close()


def test_one_that_does_not_answer_shows_and_does_not_turn_the_portal_red(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TSA_SECONDS", 0.3)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        settings.TSA_URL = f"http://127.0.0.1:{mute.getsockname()[1]}"
        assert "timestamps" in waiting()
    settings.TSA_URL = ""
    assert "timestamps" in waiting()
    assert "timestamps" not in Client().get("/readyz").json()["failed"]


def test_a_crowd_costs_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(health, "checks", lambda: asked.append(1) or [])
    assert {Client().get("/readyz").status_code for _ in range(20)} == {200}
    assert len(asked) == 1
    monkeypatch.setattr(health, "KEPT_SECONDS", -1.0)
    Client().get("/readyz")
    assert len(asked) == 2
