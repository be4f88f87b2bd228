"""The home page says what was done lately: what the person was told by mail, and nothing that anybody else was told."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from certifications.mail.actions import deliver_due, send_later
from certifications.mail.models import Mail
from certifications.mail.queries import FINISHED, MOST
from certifications.mail.rules import path_of
from certifications.people.models import User
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
NUMBER = "EUD-2026-ABCDEF"
SINCE = User.member_since


def told(world: World, who: str = "filer", template: str = "attestation_issued", number: str = NUMBER, days_ago: float = 1) -> None:
    made = send_later(template=template, context={"number": number}, to_user=world.people[who])
    Mail.objects.filter(pk=made.pk).update(created_at=timezone.now() - dt.timedelta(days=days_ago))


def here(client: Client) -> str:
    """The name of the cookie in which the page notes that this person was there."""
    return next(name for name in client.cookies if name.startswith("here-"))


@pytest.fixture(autouse=True)
def long_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody has acted for its organisation for a year: a membership is never written again, not even here."""
    monkeypatch.setattr(User, "member_since", timezone.now() - dt.timedelta(days=365))


def test_what_was_told_before_the_person_came_to_its_organisation_is_not_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(User, "member_since", SINCE)
    told(world, days_ago=0.1)
    assert NUMBER not in client_of(world.filer).get("/d/").content.decode()
    told(world, number="EUD-2026-AFTERW", days_ago=0)
    assert "EUD-2026-AFTERW" in lately(client_of(world.filer).get("/d/").content.decode())


def test_two_people_at_one_browser_have_each_their_own_visits(world: World) -> None:
    told(world, "signatory", days_ago=0.5)
    first, second = client_of(world.filer), client_of(world.signatory)
    first.get("/d/")
    second.get("/d/")
    assert here(first) != here(second)
    second.cookies[here(first)] = first.cookies[here(first)].value
    second.cookies[here(second)] = f".{int((timezone.now() - dt.timedelta(days=2)).timestamp())}"
    assert ">new</span>" in lately(second.get("/d/").content.decode())
    assert world.filer.pk not in here(first)


def test_what_was_refused_or_is_against_a_declaration_is_not_done(world: World) -> None:
    for template in ("statement_refused", "end_user_answered"):
        told(world, template=template)
    assert NUMBER not in client_of(world.filer).get("/d/").content.decode()
    told(world, template="end_user_confirmed")
    shown = lately(client_of(world.filer).get("/d/").content.decode())
    assert "/end-user/" in shown
    assert "最终用户已确认" in shown


def lately(body: str) -> str:
    return body.partition('id="news-h"')[2].partition("</section>")[0]


def test_what_is_done_stands_on_the_page_and_leads_to_its_own(world: World) -> None:
    told(world)
    shown = lately(client_of(world.filer).get("/d/").content.decode())
    assert f'<a href="/d/declarations/{NUMBER}/">' in shown
    assert shown.count(NUMBER) == 2
    assert ">new</span>" in shown


def test_nobody_reads_what_another_was_told(world: World) -> None:
    told(world)
    for who in ("signatory", "stranger"):
        assert NUMBER not in client_of(world.people[who]).get("/d/").content.decode()


def test_what_is_old_or_waits_for_the_person_is_not_among_it(world: World) -> None:
    told(world, days_ago=15)
    told(world, template="declaration_returned", number="EUD-2026-RETURN")
    assert "news-h" not in client_of(world.filer).get("/d/").content.decode()
    assert "declaration_returned" not in FINISHED


def test_only_what_came_since_the_visit_before_is_new(world: World) -> None:
    client = client_of(world.filer)
    told(world, number="EUD-2026-BEFORE", days_ago=3)
    client.get("/d/")
    client.cookies[here(client)] = f".{int((timezone.now() - dt.timedelta(days=2)).timestamp())}"
    told(world, number="EUD-2026-AFTERW", days_ago=1)
    for _again in range(2):  # loading the page again is no other visit
        shown = lately(client.get("/d/").content.decode())
        assert shown.count(">new</span>") == 1
        assert shown.index("EUD-2026-AFTERW") < shown.index(">new</span>") < shown.index("EUD-2026-BEFORE")


@pytest.mark.parametrize("junk", ["x", ".", "1.2.3", "99999999999999999999.1", "-5.x"])
def test_a_cookie_that_says_nothing_hides_nothing(world: World, junk: str) -> None:
    told(world)
    client = client_of(world.filer)
    client.get("/d/")
    client.cookies[here(client)] = junk
    assert NUMBER in lately(client.get("/d/").content.decode())


def test_the_page_stays_short(world: World) -> None:
    for number in range(MOST + 2):
        told(world, number=f"EUD-2026-00000{number}")
    assert lately(client_of(world.filer).get("/d/").content.decode()).count("<li>") == MOST


def test_the_link_stays_when_the_mail_has_left(world: World, settings: Any) -> None:
    """The text is emptied then: it may hold a one-time link. Of mails that may, no address is kept at all."""
    client = client_of(world.filer)
    with override_settings(PORTAL_DEMO=False, EMAIL_URL=None):
        told(world)
        deliver_due()
    held = Mail.objects.get(template="attestation_issued")
    assert (held.state, held.body) == ("sent", "")
    assert f'href="{held.path}"' in lately(client.get("/d/").content.decode())
    assert NUMBER in held.path
    for template in ("invitation", "end_user_asked", "end_user_reminded"):
        assert path_of(template, f"{settings.PORTAL_BASE_URL}/welcome/token/\n", settings.PORTAL_BASE_URL) == ""
