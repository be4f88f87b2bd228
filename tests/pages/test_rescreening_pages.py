"""Rounds on a page: percent and counts, for those who may see lists; begun and stopped by whom it is given to, asked twice."""

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from certifications.flow import rescreening as flow
from certifications.screening import rescreening as rounds
from certifications.screening.actions import screen_many
from certifications.screening.models_rescreening import Rescreening
from certifications.work.models import Job
from tests.flow.steps import work
from tests.screening.samples import party
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
ROUNDS, NEW = "/o/rescreening/", "/o/rescreening/new/"
HOUR = dt.timedelta(hours=1)
KEY = "01HZZZZZZZZZZZZZZZZZZZZZZZ"


@pytest.fixture
def held(world: World, monkeypatch: pytest.MonkeyPatch) -> Rescreening:
    """A round of four chunks, one of which is done; it found one."""
    monkeypatch.setattr(rounds, "CHUNK", 1)
    names = ("喀什地区公安局", "宁波江南医院", "杭州临江贸易有限公司", "Harbour Lighting Works")
    parties = [party(name) for name in names]
    screen_many([one.pk for one in parties])
    made = flow.rescreen_all()
    flow.screen_chunk(f"{made.pk}:0")
    assert world.lead
    return made


def text(who: Any, address: str = ROUNDS) -> str:
    answer = client_of(who).get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize("who", ["lead", "operator", "auditor", "reviewer"])
def test_a_round_shows_how_far_it_is_and_looks_again_by_itself(held: Rescreening, world: World, who: str) -> None:
    page = text(world.people[who])
    assert '<progress max="100" value="25"' in page
    # With and without JavaScript.
    assert 'hx-trigger="every 3s"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert "the system" in page
    work("rescreen_chunk")
    page = text(world.people[who])
    assert '<progress max="100" value="100"' in page
    assert ("hx-get" in page, "http-equiv" in page) == (False, False)
    assert held.pk


@pytest.mark.parametrize("who", ["filer", "signatory", "regulator"])
def test_nobody_else_sees_rounds(held: Rescreening, world: World, who: str) -> None:
    client = client_of(world.people[who])
    for address in (ROUNDS, NEW, f"{ROUNDS}{held.pk}/cancel/"):
        assert client.get(address).status_code == 404


def test_a_lead_has_everything_screened_after_a_confirmation_and_once(world: World) -> None:
    screen_many([party("宁波江南医院").pk])
    client = client_of(world.lead)
    assert "Rescreen everything now?" in text(world.lead, NEW)
    assert not Rescreening.objects.exists()
    for _twice in range(2):
        assert client.post(NEW, {"form_key": KEY}).status_code == 302
    made = Rescreening.objects.get()
    assert (made.started_by, made.anew, made.cause) == (world.lead, True, "asked")
    assert world.lead.name in text(world.lead)
    assert client.post(NEW, {"form_key": "short"}).status_code == 422
    assert Rescreening.objects.count() == 1


@pytest.mark.parametrize(("who", "may"), [("lead", True), ("operator", True), ("reviewer", False), ("auditor", False)])
def test_who_may_stop_a_round(held: Rescreening, world: World, who: str, may: bool) -> None:
    client = client_of(world.people[who])
    address = reverse("operators:rescreening-cancel", args=[held.pk])
    assert (address in text(world.people[who])) is may
    assert client.get(address).status_code == (200 if may else 404)
    held.refresh_from_db()
    assert held.state == "running"
    assert client.post(address).status_code == (302 if may else 404)
    held.refresh_from_db()
    assert held.state == ("cancelled" if may else "running")
    if may:
        # Said, and harmless, a second time.
        assert "over already" in client.post(address, follow=True).content.decode()
        work("rescreen_chunk")
        assert '<progress max="100" value="25"' in text(world.people[who])


def test_only_a_lead_begins_one(held: Rescreening, world: World) -> None:
    for who in ("operator", "reviewer", "auditor"):
        assert client_of(world.people[who]).post(NEW, {"form_key": KEY}).status_code == 404
    assert Rescreening.objects.get() == held
    assert Job.objects.filter(kind="rescreen_chunk").count() == 4


def begun(body: str) -> list[str]:
    """The rounds of the table by their number of parties."""
    return re.findall(r'data-of="Parties">(\d+)<', body)


def test_what_is_typed_into_the_filters_stays_while_the_table_loads_itself(held: Rescreening, world: World) -> None:
    page = client_of(world.lead).get(ROUNDS).content.decode()
    assert 'hx-select="#rounds"' in page
    assert page.index('<form class="filters"') < page.index('id="rounds"') < page.index("<table")


def test_rounds_are_narrowed_and_sorted(world: World) -> None:
    now = timezone.now()
    for number, (total, cause, ended) in enumerate(((30, "nightly", now), (10, "lists", now), (20, "nightly", None))):
        Rescreening.objects.create(cause=cause, once=f"round-{number}", total=total, finished_at=ended, started_at=now + number * HOUR)
    assert begun(text(world.lead)) == ["20", "10", "30"]
    assert begun(text(world.lead, f"{ROUNDS}?sort=begun")) == ["30", "10", "20"]
    assert begun(text(world.lead, f"{ROUNDS}?sort=-parties")) == ["30", "20", "10"]
    assert begun(text(world.lead, f"{ROUNDS}?cause=nightly&sort=parties")) == ["20", "30"]
    assert begun(text(world.lead, f"{ROUNDS}?state=done")) == ["10", "30"]
    assert begun(text(world.lead, f"{ROUNDS}?state=running")) == ["20"]
    page = text(world.lead, f"{ROUNDS}?state=cancelled&q=x")
    assert "No round fits" in page
    assert 'name="q"' not in page
    # A round that runs is looked at again by itself, also where the list does not show it.
    assert "hx-get" in page
