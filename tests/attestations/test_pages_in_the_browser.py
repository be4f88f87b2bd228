"""Verification and the regulators' pages in a real browser: accessible, silent under the policy, usable without scripts.

The browser's requests are answered inside the test, so that the rows of the test need not be committed.
"""

from contextvars import copy_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles.finders import find
from django.test import Client

from tests.axe import assert_accessible
from tests.world import client_of

from .conftest import Issued

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
BASE = "http://localhost"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


class Desk:
    """A browser whose every request goes to Django's own test client."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser
        self.client = Client()
        # Django keeps a database connection per context; without the test's own one its rows would not be seen.
        self.context = copy_context()
        self.file = b""
        self.complaints: list[str] = []

    def _answer(self, route: Any) -> None:
        request = route.request
        where = urlsplit(request.url)
        if where.path.startswith("/static/"):
            found = find(where.path.removeprefix("/static/"))
            if found:
                route.fulfill(
                    body=Path(str(found)).read_bytes(), content_type=TYPES.get(Path(str(found)).suffix, "application/octet-stream")
                )
            else:
                route.fulfill(status=404)
            return
        path = f"{where.path}?{where.query}" if where.query else where.path
        if request.method == "POST":
            kind = request.headers["content-type"]
            body = request.post_data_buffer or b""
            if self.file and kind.startswith("multipart/"):
                # Chromium hands out the form without the bytes of its file.
                start = body.index(b"application/pdf\r\n\r\n") + len(b"application/pdf\r\n\r\n")
                body = body[:start] + self.file + body[body.index(b"\r\n--", start) :]
            answer = self.context.copy().run(self.client.generic, "POST", path, body, kind)
        else:
            answer = self.context.copy().run(self.client.get, path)
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    def open(self, path: str, *, width: int = 1280, theme: str = "light", script: bool = True) -> Any:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, java_script_enabled=script, reduced_motion="reduce"
        )
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text) if "status of 422" not in message.text else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route("**/*", self._answer)
        page.goto(BASE + path, wait_until="load")
        return page


@pytest.fixture
def desk(chrome: Any, issued: Issued) -> Desk:
    """A fresh desk."""
    return Desk(chrome)


def sound(desk: Desk, page: Any, width: int) -> None:
    """Accessible, without a sideways scroll, and with nothing for the browser to complain about."""
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert desk.complaints == []
    page.context.close()


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_verification_pages_are_sound(issued: Issued, desk: Desk, tmp_path: Path, width: int, theme: str) -> None:
    number, code = issued.attestation.number, issued.attestation.code
    sound(desk, desk.open("/verify/", width=width, theme=theme), width)
    sound(desk, desk.open(f"/verify/{number}/?code={code}", width=width, theme=theme), width)
    page = desk.open("/verify/", width=width, theme=theme)
    page.click("text=Look it up")
    page.wait_for_selector(".error-summary")
    sound(desk, page, width)
    for name, content in (("good.pdf", issued.pdf), ("altered.pdf", issued.pdf + b"%%more")):
        file = tmp_path / name
        file.write_bytes(content)
        desk.file = content
        page = desk.open("/verify/", width=width, theme=theme)
        page.set_input_files("input[type=file]", str(file))
        page.click("text=Check this file")
        page.wait_for_selector(".verdict")
        sound(desk, page, width)


def test_a_file_can_be_checked_without_scripts(issued: Issued, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "EUC.pdf"
    file.write_bytes(issued.pdf)
    desk.file = issued.pdf
    page = desk.open("/verify/", script=False)
    page.set_input_files("input[type=file]", str(file))
    page.click("text=Check this file")
    page.wait_for_selector(".verdict.is-ok")


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_regulators_pages_are_sound(issued: Issued, desk: Desk, width: int, theme: str) -> None:
    desk.client = client_of(issued.world.regulator)
    for path in ("/r/", "/r/?q=nobody", f"/r/{issued.attestation.number}/", "/r/lookups/"):
        sound(desk, desk.open(path, width=width, theme=theme), width)
