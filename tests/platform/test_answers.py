"""What every answer carries, and the pages for what goes wrong: in the portal's look, with a sentence and no trace."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse

from certifications.management.commands.write_docs import patterns
from certifications.people.demo import PASSWORD
from portal import errors, health
from portal.health import checks
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
CSP = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
    "frame-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'",
}  # fmt: skip


def sample(name: str) -> str:
    """An address of the pattern, with values that stand for nothing."""
    for _address, known, _view in patterns():
        if known == name:
            for arguments in (
                {},
                {"pk": "X"},
                {"pk": "X", "key": "X"},
                {"number": "X"},
                {"code": "us_csl"},
                {"code": "us_csl", "pk": "X"},
                {"token": "X"},
                {"job_id": "X"},
                {"number": "X", "kind": "pdf"},
                {"number": "X", "pk": "X"},
                {"number": "X", "hop": 0},
                {"number": "X", "form": "csv"},
                {"number": "X", "group": "goods"},
                {"kind": "customers"},
                {"period": "2026-01"},
                {"number": "X", "pk": "X", "position": "1"},
                {"number": "X", "position": "0"},
            ):
                try:
                    return reverse(name, kwargs=arguments)
                except Exception:  # noqa: S112 - another shape of arguments
                    continue
    raise AssertionError(name)


NAMES = [name for _address, name, _view in patterns()]


@pytest.mark.parametrize("who", ["", "filer", "lead", "regulator"])
def test_every_address_answers_with_the_policy_whatever_the_answer_is(world: World, who: str) -> None:
    client = client_of(world.people[who]) if who else Client()
    for name in NAMES:
        answer = client.get(sample(name))
        headers, where = answer.headers, f"{name}: {answer.status_code}"
        policy = {part.strip() for part in headers["Content-Security-Policy"].split(";") if part.strip()}
        # What is saved as a file and never shown is shut off altogether.
        wanted = {"default-src 'none'", "sandbox"} if "attachment" in headers.get("Content-Disposition", "") else CSP
        # The frame of a source text has its own policy (tests/pages/test_source_in_the_browser.py); here there is no such document.
        assert policy == wanted, where
        assert headers["X-Content-Type-Options"] == "nosniff", where
        assert headers["X-Frame-Options"] == "DENY", where
        assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, where
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", where
        assert "camera=()" in headers["Permissions-Policy"], where
        if who:
            assert "no-store" in headers["Cache-Control"], where


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    client = Client()
    client.get("/account/login/")
    client.post("/account/login/", {"login": world.filer.email, "password": PASSWORD})
    for name, policy in (("csrf", "Strict"), ("session", "Lax")):
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["samesite"] == policy


def test_trace_is_not_answered(world: World) -> None:
    assert Client().generic("TRACE", "/").status_code == 405


def test_healthz_touches_nothing_and_readyz_names_each_part(world: World, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert Client().get("/healthz").content == b"ok\n"
    names = [check.name for check in checks()]
    wanted = {"database", "migrations", "broker", "worker", "signer", "beat", "documents", "lists", "mail", "work", "disk", "timestamps"}
    assert set(names) == wanted
    said = Client().get("/readyz").json()
    assert said["ready"] is False
    assert {"worker", "signer", "beat"} <= set(said["failed"])


def test_a_part_that_cannot_be_asked_is_down_and_the_others_are_still_asked(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise ConnectionError

    monkeypatch.setattr(health, "CHECKS", (broken, *health.CHECKS))
    found = checks()
    assert (found[0].name, found[0].code, found[0].detail) == ("broken", "failed", "ConnectionError")
    assert len(found) == 13


def test_lists_that_are_missing_or_old_are_said_and_leave_the_portal_up(db: None) -> None:
    lists = next(check for check in checks() if check.name == "lists")
    assert (lists.code, lists.is_vital) == ("waiting", False)


def in_the_look(body: str) -> None:
    """A whole page of ours: its language, its styles, a way on, and nothing of the inside."""
    assert re.search(r'<html lang="(en|zh-hans)"', body)
    assert "portal/tokens.css" in body
    assert "<h1" in body
    assert '<a class="btn' in body or "<a " in body
    assert "Traceback" not in body


def test_what_is_not_there_and_what_is_not_yours_are_one_page(world: World) -> None:
    client = client_of(world.filer)
    nowhere, foreign = client.get("/no/such/page/"), client.get("/c/")
    assert nowhere.status_code == foreign.status_code == 404
    for answer in (nowhere, foreign):
        in_the_look(answer.content.decode())


def test_a_form_without_its_key_is_a_page_that_says_how_to_go_on(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.filer, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/d/customers/new/", {"native_name": "x"})
    assert answer.status_code == 403
    in_the_look(answer.content.decode())


def test_past_a_limit_the_page_says_when_to_come_back(world: World) -> None:
    answers = [Client().post("/welcome/guess/", {}) for _ in range(11)]
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    in_the_look(answers[-1].content.decode())


@pytest.fixture
def broken_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page with an error of ours in it."""

    def fails(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("marker 4711 inside")

    monkeypatch.setattr("certifications.pages.distributors.views_home.own_terms", fails)


def test_an_error_of_ours_has_a_reference_and_shows_nothing_of_the_inside(world: World, broken_page: None) -> None:
    client = client_of(world.filer)
    client.raise_request_exception = False
    answer = client.get("/d/")
    body = answer.content.decode()
    assert answer.status_code == 500
    in_the_look(body)
    assert re.search(r"\b[2-9CFGHJMPQRVWX]{4}-[2-9CFGHJMPQRVWX]{4}\b", body)
    assert "4711" not in body
    assert "ZeroDivisionError" not in body


def test_a_database_that_went_away_under_a_page_is_a_calm_503(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def gone(*_: Any, **__: Any) -> Any:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("certifications.pages.distributors.views_home.own_terms", gone)
    answer = client_of(world.filer).get("/d/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    in_the_look(answer.content.decode())
    assert "server closed" not in answer.content.decode()


def test_a_body_past_the_limit_is_413_in_the_look(world: World) -> None:
    answer = client_of(world.reviewer).post("/c/evidence/new/", {"form_key": "0" * 26, "text": "字" * 11_000_000})
    assert answer.status_code == 413
    in_the_look(answer.content.decode())


def test_a_file_past_25_mb_is_refused_in_one_sentence_and_nothing_is_kept(world: World) -> None:
    from certifications.evidence.models import EvidenceDocument
    from certifications.files.models import Blob

    file = SimpleUploadedFile("notice.html", b"<p>x</p>" * (26 * 1024 * 128))
    answer = client_of(world.reviewer).post("/c/evidence/new/", {"form_key": "0" * 26, "title": "Kept title", "file": file})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "25" in str(answer.context["form"].errors["file"])
    assert "Kept title" in page
    assert not EvidenceDocument.objects.exists()
    assert not Blob.objects.exists()


def test_the_plain_pages_are_there_for_when_nothing_else_works(db: None) -> None:
    """Gunicorn or the proxy serve them without a view, a session or a database."""
    from django.template.loader import render_to_string

    connection.ensure_connection()
    for name in ("400", "403", "403_csrf", "404", "429", "500", "503"):
        assert "<h1" in render_to_string(f"{name}.html")
    assert errors.bad_request(RequestFactory().get("/")).status_code == 400
