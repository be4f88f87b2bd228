"""What is written down of a journey: ids. No name, no text and no token, in no log line, job or mail."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.test import Client
from django.urls import reverse

from certifications import tasks
from certifications.ledger.ids import new_ulid
from certifications.mail import actions as mail
from certifications.mail.models import Mail
from certifications.work import actions as work
from certifications.work.models import Job
from portal import logs
from tests.world import World, client_of

ROOT = Path(__file__).parents[2]
MARKERS = ("MARKERNAME", "青岚标记医院", "markertoken", "marker@address.example")


@pytest.fixture(autouse=True)
def _as_in_production() -> Any:
    logs.configure()
    yield
    structlog.contextvars.clear_contextvars()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_a_line_holds_known_keys_and_ids_alone(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger().warning(
        "job failed",
        job="01JD0000000000000000000000",
        kind="advance",
        text="MARKERNAME",
        object="Lin Yue\n{}",
        status=3,
        actor="marker@address.example",
    )
    (line,) = lines(capsys.readouterr().out)
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "job failed", "level": "warning", "process": "app", "job": "01JD0000000000000000000000", "kind": "advance",
        "object": "withheld", "status": 3, "actor": "withheld",
    }  # fmt: skip


def test_an_exception_is_its_class_and_its_places(capsys: pytest.CaptureFixture[str]) -> None:
    def inner() -> None:
        secret = "MARKERNAME"
        raise ValueError(secret)

    try:
        try:
            inner()
        except ValueError as error:
            raise RuntimeError("markertoken") from error
    except RuntimeError:
        structlog.get_logger().exception("job failed")
        logging.getLogger("celery.app.trace").exception("Task %s raised %s", "x", "MARKERNAME")
        logging.getLogger("some.library").exception("MARKERNAME as its own text")
    written = capsys.readouterr().out
    assert not any(marker in written for marker in MARKERS)
    ours, celery, other = lines(written)
    assert ours["error"] == "RuntimeError<ValueError"
    assert "test_log_lines.py" in ours["frames"][0]
    assert (celery["event"], celery["error"]) == ("Task %s raised %s", "RuntimeError<ValueError")
    assert other["event"] == "some.library"


def test_a_journey_leaves_no_name_and_no_token_behind(
    world: World, capfd: pytest.CaptureFixture[str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    filer, admin, nobody = client_of(world.filer), client_of(world.distributor_admin), Client(raise_request_exception=False)
    world.customer(native_name="青岚标记医院", latin_name="MARKERNAME Hospital")
    assert filer.get(reverse("distributors:customers"), {"q": "MARKERNAME"}).status_code == 200
    assert nobody.get(reverse("people:welcome", args=["markertoken"])).status_code == 410
    assert nobody.post(reverse("people:welcome", args=["markertoken"]), {"name": "MARKERNAME"}).status_code == 410
    assert nobody.get("/nothing/markertoken/?q=MARKERNAME").status_code == 404
    assert nobody.get("/", headers={"host": "markertoken.example"}).status_code == 400
    nobody.post("/account/login/", {"login": "marker@address.example", "password": "MARKERNAME"})
    nobody.post("/account/password/reset/", {"email": "marker@address.example"})
    invited = {"organisation": world.qinglan.pk, "email": "marker@address.example", "roles": ["filer"], "language": "en"}
    assert admin.post(reverse("people:invite"), invited).status_code == 302

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("MARKERNAME markertoken")

    with monkeypatch.context() as patch:
        patch.setattr("certifications.people.actions.open_invitation", broken)
        assert nobody.get(reverse("people:welcome", args=["markertoken"])).status_code == 500
        patch.setattr("certifications.flow.lists.rescreen", broken)
        job = work.enqueue("rescreen", new_ulid())
        tasks.rescreen(job.pk)
    settings.PORTAL_DEMO, settings.EMAIL_URL = False, None
    mail.deliver_due()
    written = "".join(capfd.readouterr())
    found = lines(written)
    assert {"people:welcome", "distributors:customers", "account_login"} <= {line.get("route") for line in found}
    assert any(line["event"] == "page_failed" and line["error"] == "RuntimeError" for line in found)
    assert any(line["event"] == "job failed" and line["job"] == job.pk for line in found)
    assert any(line.get("actor") == world.filer.pk and line.get("organisation") == world.qinglan.pk for line in found)
    assert [marker for marker in MARKERS if marker in written] == []
    job.refresh_from_db()
    assert job.last_error.startswith("RuntimeError at ")
    assert not [marker for marker in MARKERS for row in Job.objects.all() if marker in row.last_error]
    bodies = list(Mail.objects.values_list("body", "last_error", "subject"))
    assert len(bodies) >= 1
    assert not any(link in part for row in bodies for part in row for link in ("/welcome/", "password/reset/key", *MARKERS[:3]))


def test_every_line_of_a_request_carries_its_id(db: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr("portal.start.frame", broken)
    Client(raise_request_exception=False).get("/")
    requests = {line["request"] for line in lines(capsys.readouterr().out)}
    assert len(requests) == 1


def test_gunicorn_names_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    from gunicorn.config import Config

    from portal.logs_gunicorn import GunicornLogger

    logger = GunicornLogger(Config())
    logger.error("Error handling request %s", "/welcome/markertoken/")
    written = capsys.readouterr()
    assert "Error handling request" in written.out
    assert "markertoken" not in written.out + written.err


@pytest.mark.parametrize("beat", ["1", ""])
def test_celery_and_the_beat_keep_our_logging(beat: str) -> None:
    asks = (
        "import logging; from portal.celery import app; app.log.setup(); logging.getLogger('celery.worker').error('Lost %s', 'MARKERNAME')"
    )
    done = subprocess.run(
        [sys.executable, "-c", asks], cwd=ROOT, env={**os.environ, "PORTAL_BEAT": beat}, capture_output=True, text=True, check=True
    )
    assert [line["event"] for line in lines(done.stdout)] == ["Lost %s"]
    assert "MARKERNAME" not in done.stdout + done.stderr
