"""A browser on the portal that is served from the test's own process, inside the test's own transaction."""

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from django.test.utils import override_settings

from certifications.people.models import User

PASSWORD = "correct-horse-battery-7"  # noqa: S105 - invented, for the tests alone


class Visit:
    """One browser context on the portal, and the browser's complaints."""

    def __init__(self, browser: Any, base: str, theme: str, width: int) -> None:
        self.base = base
        self.complaints: list[str] = []
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Any:
        self.page.goto(self.base + path, wait_until="load")
        return self.page

    def path(self) -> str:
        return urlsplit(self.page.url).path

    def sign_in(self, email: str) -> None:
        self.open("/account/login/")
        self.page.fill("#id_login", email)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("main form >> text=Continue >> nth=0")

    def become(self, user: User) -> None:
        """Signed in by cookie, without the two steps."""
        client = Client(HTTP_HOST="localhost")
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.base}])

    def add_passkey(self, user: User) -> None:
        """Sign in by cookie and enrol a passkey of a virtual device, on the page that people use."""
        code = RecoveryCodes.activate(user).generate_codes()[0]
        devtools = self.context.new_cdp_session(self.page)
        devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.become(user)
        self.open("/account/2fa/webauthn/add/")
        if self.page.locator("#id_code").count():
            self.page.fill("#id_code", code)
            self.page.click("main form button")
        self.page.fill("#id_name", "Laptop")
        self.page.check("#id_passwordless")
        with self.page.expect_navigation():
            self.page.click("#mfa_webauthn_add")


@pytest.fixture
def base(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The portal served from this process, on the test's own connection: it sees the test's transaction."""
    shared = connections["default"]
    shared.inc_thread_sharing()
    monkeypatch.setattr(shared, "close", lambda: None)  # the server closes what it was lent after each request
    thread = LiveServerThread("localhost", StaticFilesHandler, connections_override={"default": shared})
    thread.daemon = True
    with override_settings(ALLOWED_HOSTS=["localhost"]):
        thread.start()
        thread.is_ready.wait()
        if thread.error:
            raise thread.error
        try:
            yield f"http://localhost:{thread.port}"
        finally:
            thread.terminate()
            # Sharing stays on and `close` harmless until the last answer has ended: each closes what it was lent.
            for other in threading.enumerate():
                if "process_request_thread" in other.name:
                    other.join(timeout=10)


@pytest.fixture
def visits(chrome: Any, base: str) -> Iterator[Any]:
    """Makes visits, each a browser of its own; the browsers' complaints fail the test."""
    made: list[Visit] = []

    def make() -> Visit:
        made.append(Visit(chrome, base, "light", 1280))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
    assert [complaint for one in made for complaint in one.complaints if "status of 422" not in complaint] == []


@pytest.fixture(params=[("light", 1280), ("dark", 390)], ids=["light-wide", "dark-phone"])
def visit(request: pytest.FixtureRequest, chrome: Any, base: str) -> Iterator[Visit]:
    """Both themes, both widths; the browser's complaints fail the test."""
    cache.clear()
    one = Visit(chrome, base, *request.param)
    yield one
    one.context.close()
    assert one.complaints == []
