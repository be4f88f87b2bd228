"""Account pages as a person sees them: in the portal's frame, accessible, silent under the policy, passkeys included.

The browser's requests are visit by Django's test client in this thread, inside the test's own transaction.
"""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp

from certifications.people.models import Membership, Organisation, User
from tests.axe import assert_accessible
from tests.codes import fresh_step
from tests.visits import PASSWORD, Visit

pytestmark = pytest.mark.django_db


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
    return str(totp.format_hotp_value(totp.hotp_value(secret, fresh_step())))


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
    page = visit.page
    visit.add_passkey(daniel)
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
