"""Account pages as a person sees them: in the portal's frame, accessible, silent under the policy, passkeys included.

The browser's requests are visit by Django's test client in this thread, inside the test's own transaction.
"""

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from django.test.utils import override_settings

from certifications.people.models import Membership, Organisation, User
from tests.axe import assert_accessible

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery-7"  # noqa: S105 - invented, for this test alone


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


@pytest.fixture(params=[("light", 1280), ("dark", 390)], ids=["light-wide", "dark-phone"])
def visit(request: pytest.FixtureRequest, chrome: Any, base: str) -> Iterator[Visit]:
    """Both themes, both widths; the browser's complaints fail the test."""
    cache.clear()
    one = Visit(chrome, base, *request.param)
    yield one
    one.context.close()
    assert one.complaints == []


@pytest.fixture
def daniel() -> User:
    """A reviewer at the manufacturer."""
    corvane = Organisation.objects.create(kind="manufacturer", name="Corvane Instruments AG", country="CH")
    user = User.objects.create_user("daniel.okafor@corvane.example", PASSWORD, name="Daniel Okafor")
    Membership.objects.create(user=user, organisation=corvane, role="reviewer")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def code_now(secret: str) -> str:
    """The code that an authenticator shows at this moment."""
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def test_a_person_without_second_factor_is_led_to_one_and_sees_its_picture(visit: Visit, daniel: User) -> None:
    visit.sign_in(daniel.email)
    page = visit.page
    assert visit.path() == "/account/2fa/"
    assert_accessible(page)
    page.click("text=Set up an app")
    if page.locator("#id_password").count():
        page.fill("#id_password", PASSWORD)
        page.click("main form button")
    assert page.evaluate("document.querySelector('img.qr').naturalWidth") > 0
    assert_accessible(page)
    page.fill("#id_code", code_now(page.text_content("dd.secret").strip()))
    page.click("text=Switch on")
    assert Authenticator.objects.filter(user=daniel, type="totp").exists()
    assert_accessible(page)


def test_the_second_step_refuses_a_wrong_code_in_words_and_takes_the_right_one(visit: Visit, daniel: User) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(daniel, secret)
    visit.sign_in(daniel.email)
    page = visit.page
    assert_accessible(page)
    page.fill("#id_code", "000000" if code_now(secret) != "000000" else "111111")
    page.click("main form >> text=Continue >> nth=0")
    assert page.locator(".error-summary").count() == 1
    assert_accessible(page)
    page.fill("#id_code", code_now(secret))
    page.click("main form >> text=Continue >> nth=0")
    assert not visit.path().startswith("/account/")


@pytest.mark.parametrize(
    "path", ["/account/sessions/", "/account/password/change/", "/account/2fa/", "/account/2fa/webauthn/", "/account/logout/"]
)
def test_each_page_of_the_account_is_whole_and_accessible(visit: Visit, daniel: User, path: str) -> None:
    totp.TOTP.activate(daniel, totp.generate_totp_secret())
    visit.become(daniel)
    page = visit.open(path)
    assert visit.path() == path
    assert page.locator("h1").count() == 1
    assert page.locator(".topbar .brand").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)


def test_a_passkey_is_added_and_signs_in_under_the_policy(visit: Visit, daniel: User) -> None:
    totp.TOTP.activate(daniel, totp.generate_totp_secret())
    codes = RecoveryCodes.activate(daniel).generate_codes()
    page = visit.page
    devtools = visit.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    visit.become(daniel)
    visit.open("/account/2fa/webauthn/add/")
    if page.locator("#id_code").count():
        page.fill("#id_code", codes[0])
        page.click("main form button")
    assert_accessible(page)
    page.fill("#id_name", "Laptop")
    page.check("#id_passwordless")
    with page.expect_navigation():
        page.click("#mfa_webauthn_add")
    assert Authenticator.objects.filter(user=daniel, type="webauthn").count() == 1
    visit.open("/account/2fa/webauthn/")
    assert page.locator("tbody tr").count() == 1
    assert_accessible(page)
    visit.context.clear_cookies()
    visit.open("/account/login/")
    with page.expect_navigation():
        page.click("#passkey_login")
    page.wait_for_url(lambda url: "/account/login" not in url)
    visit.open("/account/sessions/")
    assert visit.path() == "/account/sessions/"
