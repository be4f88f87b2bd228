"""Bad input at every address: text that nobody can keep, too much of it, a database that is away. Each gets a page."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from certifications.evidence.models import EvidenceDocument
from certifications.management.commands.write_docs import patterns
from portal import bodies
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
MB = 1024 * 1024
# Half of a pair, a cut-off character, a byte that never is one.
BROKEN = "%ED%A0%80%C3%28%FF%FE"


def words(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def in_the_look(answer: HttpResponse) -> bool:
    """A page of the portal; for a program, what it can read."""
    if answer.wsgi_request.path.startswith("/api/"):  # type: ignore[attr-defined]
        said = json.loads(answer.content)
        return bool(said.get("title") or said.get("error"))
    return "<!doctype html>" in answer.content.decode() and 'class="topbar"' in answer.content.decode()


def addresses() -> list[str]:
    """Every address of the portal and of allauth, with something in place of each argument."""
    own = [reverse(name, kwargs=_arguments(name)) for _address, name, _view in patterns()]
    return own + [reverse(name) for name in ("account_login", "account_reset_password", "mfa_index", "usersessions_list")]


def _arguments(name: str) -> dict[str, str]:
    from django.urls import get_resolver

    *spaces, last = name.split(":")
    resolver: Any = get_resolver()
    for space in spaces:
        resolver = resolver.namespace_dict[space][1]
    names = resolver.reverse_dict.getlist(last)[0][0][0][1]
    return dict.fromkeys(names, "01JD0000000000000000000000")


def people(world: World) -> dict[str, Client]:
    return {"nobody": Client()} | {name: client_of(world.people[name]) for name in ("filer", "lead", "operator", "regulator")}


def test_a_nul_in_any_address_is_a_400_in_the_look(db: None) -> None:
    client, wrong = Client(raise_request_exception=False), []
    for address in addresses():
        for asked in {f"{address}?q=%00", f"{address}?%00=q", f"{address}%00/", address.replace("01JD", "01%00JD", 1)} - {address}:
            answer = client.get(asked)
            if answer.status_code != 400 or not in_the_look(answer):
                wrong.append(f"{asked}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_no_address_fails_on_broken_text(world: World) -> None:
    wrong = []
    for who, client in people(world).items():
        client.raise_request_exception = False
        for address in set(addresses()) - {"/readyz"}:
            for asked in {f"{address}?q={BROKEN}&page={BROKEN}&state={BROKEN}", address.replace("01JD", f"01{BROKEN}JD", 1)}:
                answer = client.get(asked)
                if answer.status_code >= 500:
                    wrong.append(f"{who} GET {asked}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_no_form_fails_on_a_field_that_cannot_be_kept(db: None) -> None:
    """Refused before anybody knows who sends it, so one client speaks for all."""
    client, wrong = Client(raise_request_exception=False), []
    for address in addresses():
        for data in ({"q": "a\x00b"}, {"\x00": "a"}):
            body = "&".join(f"{key}={value}" for key, value in data.items()).replace("\x00", "%00")
            plain = client.post(address, body, content_type="application/x-www-form-urlencoded")
            for answer in (client.post(address, data), plain):
                if answer.status_code != 400 or not in_the_look(answer):
                    wrong.append(f"POST {address}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_the_page_says_which_field(world: World) -> None:
    answer = client_of(world.filer).post(reverse("distributors:customer-new"), {"name_native": "宁波\x00医院"})
    assert answer.status_code == 400
    assert "The field “name_native” holds a character that cannot be kept" in words(answer)


@pytest.mark.parametrize("cookie", ['"\\000abcdefgh"', "a\x00b"])
def test_a_cookie_with_a_nul_is_no_failure(db: None, cookie: str) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/", headers={"cookie": f"session={cookie}"}).status_code == 400


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-16", "utf-7", "raw_unicode_escape"])
def test_an_encoding_that_makes_halves_of_characters_is_refused(db: None, charset: str) -> None:
    body = "--x\r\nContent-Disposition: form-data; name=login\r\n\r\n\\ud800\\x00\r\n--x--\r\n"
    answer = Client(raise_request_exception=False).post(
        "/account/login/", body.encode(), content_type=f"multipart/form-data; boundary=x; charset={charset}"
    )
    assert answer.status_code == 400
    assert "other than UTF-8" in words(answer)


# -- size ----------------------------------------------------------------------------------------------------------


def body_of(megabytes: float) -> bytes:
    head = b"--x\r\nContent-Disposition: form-data; name=file; filename=a.txt\r\nContent-Type: text/plain\r\n\r\n"
    return head + b"x" * int(megabytes * MB) + b"\r\n--x--\r\n"


@pytest.mark.parametrize("who", ["nobody", "filer"])
@pytest.mark.parametrize("checks_the_key", [True, False])
def test_a_page_that_takes_no_files_reads_none(world: World, who: str, checks_the_key: bool, tmp_path: Path, settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    client = Client(enforce_csrf_checks=checks_the_key, raise_request_exception=False)
    if who != "nobody":
        client.force_login(world.people[who])
    for address in ("/account/login/", reverse("distributors:customer-new"), "/theme/", "/nothing/"):
        answer = client.post(address, body_of(3), content_type="multipart/form-data; boundary=x")
        assert answer.status_code == 413
        assert in_the_look(answer)
        assert "at most 2.5 MB" in words(answer)
    assert list(tmp_path.iterdir()) == []


def test_the_page_for_notices_takes_no_more_than_it_says(world: World) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(world.reviewer)
    answer = client.post(reverse("compliance:evidence-new"), body_of(106), content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "at most 100 MB" in words(answer)


@pytest.mark.parametrize("session", ["", "of-nobody", "gone"])
@pytest.mark.parametrize("address", ["compliance:evidence-new", "distributors:upload-new"])
def test_what_is_large_is_not_even_read_of_whoever_is_not_signed_in(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any, address: str, session: str
) -> None:
    client = Client()
    if session:
        client.force_login(world.reviewer)
    if session == "gone":
        client.session.flush()
    elif session:
        client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    monkeypatch.setattr(bodies.Capped, "new_file", lambda *_args, **_kwargs: pytest.fail("it was written to the disk"))
    answer = client.post(reverse(address), body_of(4), content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, "/account/login/" in answer.headers["Location"]) == (302, True)
    # What is small comes as far as before.
    monkeypatch.undo()
    assert client.post(reverse(address), body_of(0.1), content_type="multipart/form-data; boundary=x").status_code == 302


def test_a_header_that_lies_about_the_size_gets_no_further(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a server read past Content-Length, the cap on files holds by itself."""
    monkeypatch.setattr(bodies, "_length", lambda _: 0)
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.FILES)
        return HttpResponse()

    with pytest.raises(bodies.RequestDataTooBig):
        bodies.Bodies(view)(rf.post("/account/login/", body_of(3), content_type="multipart/form-data; boundary=x"))
    assert seen == []


def test_a_notice_of_twenty_megabytes_may_be_pasted(world: World) -> None:
    text = "宁波江南医院采购中标公告。\n" * (20 * MB // 40)
    answer = client_of(world.reviewer).post(reverse("compliance:evidence-new"), {"form_key": "01JD0000000000000000000001", "text": text})
    assert answer.status_code == 302
    assert EvidenceDocument.objects.get().blob.size > 18 * MB


def test_a_notice_that_is_too_long_comes_back_with_everything_typed(world: World) -> None:
    typed = {"form_key": "01JD0000000000000000000001", "title": "Award of November", "text": "x" * (25 * MB + 10)}
    answer = client_of(world.reviewer).post(reverse("compliance:evidence-new"), typed)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "larger than 25 MB" in shown
    assert "Award of November" in shown
    assert shown.count("x" * 1000) > 20_000


def test_the_size_of_a_file_is_asked_before_it_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certifications.flow.evidence.capture", lambda **_: pytest.fail("the file was read"))
    file = SimpleUploadedFile("notice.html", b"x" * (25 * MB + 10))
    answer = client_of(world.reviewer).post(
        reverse("compliance:evidence-new"), {"form_key": "01JD0000000000000000000001", "title": "Award of November", "file": file}
    )
    assert answer.status_code == 422
    assert "larger than 25 MB" in words(answer)
    assert "Award of November" in answer.content.decode()


def test_the_form_says_how_much_may_be_pasted(world: World) -> None:
    assert "at most 25 MB. Pasted text" in words(client_of(world.reviewer).get(reverse("compliance:evidence-new")))


# -- outages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def dead_socket(world: World, tmp_path: Path) -> Iterator[None]:
    """The database's address leads to a socket that nobody answers any more."""
    gone = tmp_path / ".s.PGSQL.5432"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(gone))
    held = connections["default"]
    connections["default"] = held.copy()
    connections["default"].settings_dict = {**held.settings_dict, "HOST": str(tmp_path)}
    yield
    connections["default"] = held


@pytest.mark.parametrize("who", ["nobody", "filer", "lead", "regulator"])
@pytest.mark.parametrize("address", ["/start/", "/d/", "/c/queue/", "/r/", "/account/login/", "/welcome/abc/"])
def test_a_database_that_is_away_is_a_503_for_everybody(world: World, request: pytest.FixtureRequest, who: str, address: str) -> None:
    client = people(world)[who]
    client.raise_request_exception = False
    request.getfixturevalue("dead_socket")
    answer = client.get(address)
    if answer.status_code in {302, 404, 200} and who == "nobody":
        return  # it asks the database nothing
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"
    assert "Content-Security-Policy" in answer
    assert "A part of the portal does not answer" in words(answer)


def test_a_form_sent_while_the_database_is_away_is_a_503(world: World, request: pytest.FixtureRequest) -> None:
    clients = {"filer": client_of(world.filer), "nobody": Client()}
    request.getfixturevalue("dead_socket")
    for client in clients.values():
        client.raise_request_exception = False
        assert client.post("/account/login/", {"login": "a@b.example", "password": "x"}).status_code == 503
    assert clients["filer"].post("/d/customers/new/", {"name": "x"}).status_code == 503


def test_a_broker_that_is_away_is_a_503_where_it_is_needed(world: World, settings: Any) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/v.sock"}}
    client = Client(raise_request_exception=False)
    answer = client.post("/verify/", {"by": "number", "number": "EUC-2026-000000", "code": "0000-0001"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")


def test_a_failure_of_our_own_is_still_a_500(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr("portal.start.frame", broken)
    assert Client(raise_request_exception=False).get("/").status_code == 500
