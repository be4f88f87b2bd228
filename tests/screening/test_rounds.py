"""Rounds over everybody: cut into chunks, begun once, resumed after a crash, stopped by a person; nothing clears by itself."""

import datetime as dt

import pytest
from django.utils import timezone

from certifications.flow import rescreening as flow
from certifications.flow.lists import import_file
from certifications.ledger.models import Event
from certifications.ledger.moves import StaleState
from certifications.parties.models import Party
from certifications.screening import rescreening as rounds
from certifications.screening.actions import screen_many, screen_party
from certifications.screening.models import ListSource, ScreeningRun
from certifications.screening.models_rescreening import Rescreening, RescreeningChunk
from certifications.screening.queries import key_of, lists_in_force, party_state
from certifications.work.models import Job
from tests.flow.steps import LISTS, work
from tests.world import World

from .samples import as_json, party, row, rows
from .worlds import bring

pytestmark = pytest.mark.django_db
FIRM = row(91, name="Windrush Instruments Trading", alt_names=[])


@pytest.fixture
def csl() -> ListSource:
    return bring(rows(40))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of two."""
    monkeypatch.setattr(rounds, "CHUNK", 2)


def screened(*names: str) -> list[Party]:
    made = [party(name) for name in names]
    screen_many([held.pk for held in made])
    return made


def totals(held: Rescreening) -> tuple[int, int, int]:
    chunks = held.chunks.all()
    return sum(c.done for c in chunks), sum(c.hits for c in chunks), sum(c.failed for c in chunks)


def test_a_new_version_screens_whom_it_can_touch_and_leaves_the_others_clear(csl: ListSource) -> None:
    apart, meant = screened("宁波江南医院", "Windrush Instruments")
    fresh = party("Harbour Lighting Works")
    import_file(source=csl, content=as_json([*rows(40), FIRM]), by=None)
    assert {party_state(held).state for held in (apart, meant)} == {"waiting"}
    work(*LISTS)
    assert (party_state(apart).state, party_state(meant).state, party_state(fresh).state) == ("clear", "hit", "waiting")
    held = Rescreening.objects.get()
    assert (held.cause, held.state, held.total, totals(held)) == ("lists", "done", 1, (1, 1, 0))
    assert ScreeningRun.objects.filter(party=apart).count() == 1


def test_when_a_delta_cannot_answer_everybody_is_screened(csl: ListSource, monkeypatch: pytest.MonkeyPatch) -> None:
    both = screened("宁波江南医院", "Windrush Instruments")
    monkeypatch.setattr("certifications.screening.delta.MOST", 0)
    monkeypatch.setattr("certifications.screening.delta.MOST_SHARE", 0.0)
    import_file(source=csl, content=as_json([*rows(40), FIRM]), by=None)
    work(*LISTS)
    assert [party_state(held).state for held in both] == ["clear", "hit"]
    assert Rescreening.objects.get().total == 2
    assert Rescreening.objects.get().delta is None


def test_the_import_and_its_consequence_are_one(csl: ListSource, monkeypatch: pytest.MonkeyPatch) -> None:
    screened("宁波江南医院")

    def broken(_before: str) -> None:
        raise RuntimeError

    monkeypatch.setattr("certifications.flow.lists.follow_later", broken)
    with pytest.raises(RuntimeError):
        import_file(source=csl, content=as_json(rows(41)), by=None)
    assert csl.versions.count() == 1


def test_a_version_that_comes_while_another_is_worked_out_is_not_forgotten(csl: ListSource) -> None:
    apart, meant = screened("宁波江南医院", "Windrush Instruments")
    import_file(source=csl, content=as_json([*rows(40), FIRM]), by=None)
    import_file(source=csl, content=as_json([*rows(41), FIRM]), by=None)
    assert Job.objects.filter(kind="delta").count() == 2
    work(*LISTS)
    assert (party_state(apart).state, party_state(meant).state) == ("clear", "hit")


@pytest.mark.usefixtures("small")
def test_a_chunk_that_was_cut_off_is_done_again_and_counted_once(csl: ListSource) -> None:
    screened("宁波江南医院", "Windrush Instruments", "Harbour Lighting Works")
    held = flow.rescreen_all()
    assert (held.chunks.count(), Job.objects.filter(kind="rescreen_chunk").count()) == (2, 2)
    first = held.chunks.get(number=0)
    flow.screen_chunk(str(first))
    flow.screen_chunk(str(first))
    runs = ScreeningRun.objects.count()
    # A worker that wakes up late writes nothing.
    assert rounds.finish_chunk(first, rounds.Counts(9, 9, 9)) is False
    held.refresh_from_db()
    assert (held.state, totals(held), runs) == ("running", (2, 0, 0), 3)
    flow.screen_chunk(str(held.chunks.get(number=1)))
    held.refresh_from_db()
    assert (held.state, totals(held)) == ("done", (3, 0, 0))
    assert Event.objects.filter(verb="rescreening.finished", object_id=held.pk).count() == 1


def test_every_night_everybody_once(csl: ListSource, monkeypatch: pytest.MonkeyPatch) -> None:
    both = screened("宁波江南医院", "Windrush Instruments")
    before = key_of(lists_in_force())
    bring(rows(41))
    rounds.make_delta(from_key=before, in_flight=())
    assert party_state(both[0]).state == "clear"
    # The night before: whatever the hour is now, it lies in the past.
    night = (timezone.now() - dt.timedelta(days=1)).replace(hour=3)
    monkeypatch.setattr(flow.timezone, "now", lambda: night.replace(hour=0))
    assert flow.nightly() is None
    monkeypatch.setattr(flow.timezone, "now", lambda: night)
    held, again = flow.nightly(), flow.nightly()
    assert held is not None
    assert held == again
    work("rescreen_chunk")
    # What a delta left out is compared for itself by morning.
    assert ScreeningRun.objects.filter(party=both[0], lists_key=key_of(lists_in_force())).exists()
    monkeypatch.setattr(flow.timezone, "now", lambda: night + dt.timedelta(days=1))
    assert flow.nightly() != held


def test_what_was_asked_for_is_compared_anew_even_if_nothing_changed(csl: ListSource, world: World) -> None:
    [held] = screened("宁波江南医院")
    made = flow.ask_for_all(by=world.lead, form_key="0" * 26)
    assert flow.ask_for_all(by=world.lead, form_key="0" * 26) == made
    work("rescreen_chunk")
    assert ScreeningRun.objects.filter(party=held).count() == 2
    assert flow.rescreen_all() != made
    work("rescreen_chunk")
    assert ScreeningRun.objects.filter(party=held).count() == 2


@pytest.mark.usefixtures("small")
def test_a_round_that_is_stopped_leaves_the_rest_waiting(csl: ListSource, world: World) -> None:
    parties = screened("宁波江南医院", "Windrush Instruments", "Harbour Lighting Works")
    bring(rows(41))
    held = flow.rescreen_all()
    flow.screen_chunk(str(held.chunks.get(number=0)))
    flow.cancel(rescreening=held, by=world.lead)
    work("rescreen_chunk")
    held.refresh_from_db()
    assert (held.state, held.cancelled_by) == ("cancelled", world.lead)
    assert sorted(party_state(one).state for one in parties) == ["clear", "clear", "waiting"]
    assert RescreeningChunk.objects.filter(finished_at__isnull=True).count() == 1
    with pytest.raises(StaleState):
        flow.cancel(rescreening=held, by=world.lead)
    assert csl.in_force


def test_who_fails_is_counted_and_stays_blocked(csl: ListSource) -> None:
    nameless, clear = party(), party("宁波江南医院")
    screen_party(nameless)
    screen_party(clear)
    held = flow.rescreen_all()
    work("rescreen_chunk")
    held.refresh_from_db()
    assert (held.state, totals(held), party_state(nameless).state) == ("done", (2, 0, 1), "failed")
    assert csl.in_force


@pytest.mark.parametrize(("parties", "sizes"), [(39, {39}), (400, {50}), (2_100, {250, 100})])
def test_a_small_round_has_a_part_for_every_worker(parties: int, sizes: set[int]) -> None:
    """Cut by numbers alone: nobody is screened here."""
    held = rounds.start(cause="lists", once="cut", parties=[f"P{number}" for number in range(parties)])
    assert {len(chunk.parties) for chunk in held.chunks.all()} == sizes
