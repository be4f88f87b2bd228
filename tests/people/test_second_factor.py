"""The second factor: before anything else for everybody who needs it, never the last one away, never by a reset."""

import time
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.internal.flows import login
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.test import Client

from certifications.mail.models import Mail
from certifications.people.demo import PASSWORD, totp_secret
from certifications.people.models import User
from certifications.people.permissions import NEED_SECOND_FACTOR, ROLES
from portal.accounts import MFAAdapter
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
FIRST = {
    "signatory": "/d/",
    "distributor_admin": "/d/",
    "reviewer": "/c/",
    "lead": "/c/",
    "auditor": "/c/",
    "operator": "/o/",
    "order_desk": "/orders/",
    "sales": "/s/",
    "regulator": "/r/",
}


def without(user: User) -> Client:
    """The person's browser, the app taken away."""
    Authenticator.objects.filter(user=user).delete()
    return client_of(user)


def test_everybody_needs_one_but_a_filer_who_is_nothing_else() -> None:
    assert set(ROLES) - NEED_SECOND_FACTOR == {"filer"}
    # Who reads tips has another role besides.
    assert set(FIRST) | {"tip_reader"} == set(NEED_SECOND_FACTOR)


@pytest.mark.parametrize("who", sorted(FIRST))
def test_without_one_every_page_leads_to_setting_it_up(world: World, who: str) -> None:
    client = without(world.people[who])
    for address in (FIRST[who], "/start/", "/people/", "/account/email/"):
        answer = client.get(address)
        assert (answer.status_code, answer.url) == (302, "/account/2fa/"), address
    assert client.get("/account/2fa/").status_code == 200


def test_a_post_of_ones_own_does_not_get_round_it(world: World) -> None:
    client = without(world.reviewer)
    assert client.post("/c/evidence/new/", {"form_key": "0" * 26, "text": "x"}).url == "/account/2fa/"


def test_a_filer_works_without_one_until_another_role_is_given(world: World) -> None:
    client = without(world.filer)
    assert client.get("/d/").status_code == 200
    world.filer.memberships.create(organisation=world.qinglan, role="signatory")
    assert client.get("/d/").status_code == 302


def test_recovery_codes_alone_are_no_second_factor(world: World) -> None:
    client = without(world.reviewer)
    Authenticator.objects.create(user=world.reviewer, type="recovery_codes", data={"seed": get_adapter().encrypt("x" * 20), "used_mask": 0})
    assert client.get("/c/").status_code == 302


def test_the_password_alone_opens_nothing(world: World) -> None:
    client = Client()
    answer = client.post("/account/login/", {"login": world.reviewer.email, "password": PASSWORD})
    assert answer.url.startswith("/account/2fa/authenticate/")
    assert client.get("/c/").status_code == 302
    assert client.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.get("/c/").status_code == 302


def test_the_last_one_stays_and_another_beside_it_may_go(world: World) -> None:
    app = Authenticator.objects.get(user=world.reviewer)
    adapter = MFAAdapter()
    assert not adapter.can_delete_authenticator(app)
    passkey = Authenticator.objects.create(user=world.reviewer, type="webauthn", data={"name": "key", "credential": {}})
    assert adapter.can_delete_authenticator(app)
    assert adapter.can_delete_authenticator(passkey)
    assert adapter.can_delete_authenticator(Authenticator.objects.get(user=world.filer))


def just_proven(user: User) -> Client:
    """Signed in with the app a moment ago, so that nothing asks again."""
    client = client_of(user)
    session = client.session
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = user.pk
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "at": time.time(), "type": "totp", "id": Authenticator.objects.get(user=user).pk, "reauthenticated": True}
    ]
    session.save()
    return client


@pytest.mark.parametrize(("who", "stays"), [("reviewer", True), ("filer", False)])
def test_the_last_one_cannot_be_switched_off_by_a_post_of_ones_own(world: World, who: str, *, stays: bool) -> None:
    """A filer may: the same POST shows that it arrives."""
    just_proven(world.people[who]).post("/account/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=world.people[who], type="totp").exists() is stays


def test_a_seed_is_not_kept_in_plain_text(world: World) -> None:
    kept = Authenticator.objects.get(user=world.reviewer).data["secret"]
    assert totp_secret(world.reviewer.email) not in kept
    assert get_adapter().decrypt(kept) == totp_secret(world.reviewer.email)


def test_a_reset_of_the_password_removes_no_factor_and_signing_in_still_asks(world: World, settings: Any) -> None:
    settings.EMAIL_BACKEND = "portal.accounts.RowBackend"  # the suite's own would keep it from the rows
    user = world.reviewer
    client = Client()
    client.post("/account/password/reset/", {"email": user.email})
    assert Mail.objects.filter(to_email=user.email).exists()
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    page = client.get(f"/account/password/reset/key/{key}/", follow=True)
    address = page.redirect_chain[-1][0]
    client.post(address, {"password1": "nine-copper-kettles", "password2": "nine-copper-kettles"})
    assert User.objects.get(pk=user.pk).check_password("nine-copper-kettles")
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    fresh = Client()
    answer = fresh.post("/account/login/", {"login": user.email, "password": "nine-copper-kettles"})
    assert answer.url.startswith("/account/2fa/authenticate/")
    assert fresh.get("/c/").status_code == 302


def test_a_reset_for_nobody_answers_as_for_somebody(world: World) -> None:
    answers = [Client().post("/account/password/reset/", {"email": email}) for email in (world.filer.email, "nobody@nowhere.example")]
    assert [(a.status_code, a.url) for a in answers] == [(302, answers[0].url)] * 2


def test_guessing_passwords_is_limited(world: World) -> None:
    client = Client()
    answers = [client.post("/account/login/", {"login": world.filer.email, "password": f"guess {n} of many"}) for n in range(11)]
    assert answers[0].status_code == 200
    told = answers[-1].status_code == 429 or "Too many" in answers[-1].content.decode()
    assert told
    blocked = client.post("/account/login/", {"login": world.filer.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert blocked.status_code in {200, 429}
