"""What a production installation refuses: the demonstration's mode and people, plain HTTP."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import DatabaseError

from certifications.people.demo import make_demo_people
from certifications.people.models import User
from portal import checks, roles
from tests.world import client_of

pytestmark = pytest.mark.django_db


def ids(found: list[Any]) -> list[str]:
    return [one.id for one in found]


@pytest.fixture
def production(settings: Any) -> None:
    settings.PORTAL_DEMO, settings.PORTAL_HTTPS = False, True


def test_an_installation_without_demonstration_passes(production: None) -> None:
    assert checks.no_demonstration(None) == checks.https_only(None) == checks.bound_login(None) == []


def test_demonstration_mode_is_an_error(settings: Any) -> None:
    assert ids(checks.no_demonstration(None)) == ["portal.E001"]


def test_demonstration_accounts_left_in_the_database_are_an_error(settings: Any) -> None:
    make_demo_people()
    settings.PORTAL_DEMO = False
    assert ids(checks.no_demonstration(None)) == ["portal.E002"]


def test_plain_http_is_an_error(settings: Any) -> None:
    settings.PORTAL_HTTPS = False
    assert ids(checks.https_only(None)) == ["portal.E003"]


def test_a_database_that_does_not_answer_is_no_clean_bill(production: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise DatabaseError

    monkeypatch.setattr(roles, "too_strong", away)
    monkeypatch.setattr(User.objects, "filter", away)
    assert ids([*checks.no_demonstration(None), *checks.bound_login(None)]) == ["portal.E004", "portal.E004"]


def test_a_demonstration_account_that_is_signed_in_already_is_signed_out(settings: Any) -> None:
    """A passkey, or a session of an earlier day, asks for no password."""
    person = make_demo_people()["filer"]
    assert Authenticator.objects.filter(user=person).exists()
    client = client_of(person)
    assert client.get("/d/").status_code == 200
    settings.PORTAL_DEMO = False
    answer = client.get("/d/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/")
    settings.PORTAL_DEMO = True
    assert client.get("/d/").status_code == 302, "the session itself has ended"
