"""A new list version touches only whom it can touch: for all others the earlier run holds, by a record and not by silence."""

import datetime as dt
import random

import pytest

from certifications.ledger.models import Event
from certifications.parties.models import Party
from certifications.screening import delta as under_test
from certifications.screening import queries
from certifications.screening.actions import screen_many, screen_party
from certifications.screening.coverage import covered, last_runs
from certifications.screening.delta import TooMuch
from certifications.screening.models_rescreening import DeltaReach, ListDelta
from certifications.screening.queries import key_of, latest_runs, lists_in_force, party_state
from certifications.screening.rescreening import make_delta

from .samples import party, row, rows
from .worlds import altered, anew, bring, entry, kept, parties

pytestmark = pytest.mark.django_db
FIRM = row(91, name="Windrush Instruments Trading", alt_names=[])


def now() -> str:
    return key_of(lists_in_force())


def delta(before: str) -> ListDelta:
    return make_delta(from_key=before, in_flight=())


def why(held: Party) -> str:
    reach = DeltaReach.objects.filter(party=held).first()
    return reach.why if reach else ""


@pytest.mark.parametrize("seed", range(4))
def test_what_a_delta_leaves_out_is_exactly_what_a_full_rescreening_would_find_unchanged(seed: int) -> None:
    chance = random.Random(seed)
    entries = [entry(number, chance) for number in range(80)]
    bring(entries)
    everybody = parties(entries, chance, 120)
    screen_many([held.pk for held in everybody])
    for _round in range(2):
        before = now()
        entries = altered(entries, chance, fresh=3)
        bring(entries)
        made = delta(before)
        assert (made.added, made.removed > 0, made.changed > 0) == (3, True, True)
    untouched = covered(last_runs().values(), now())
    # More than some are left out, or the test says nothing; those are compared as they would be anew, to the last digit.
    assert len(untouched) > 20
    for held in everybody:
        if held.pk in untouched:
            run = latest_runs([held.pk]).get(held.pk)
            assert run is not None
            assert kept(run) == anew(held), held.names.first()


def test_on_a_long_list_where_rare_words_weigh_more_the_same_entries_are_found_in_the_same_bands() -> None:
    chance = random.Random(17)
    entries = [entry(number, chance) for number in range(700)]
    bring(entries)
    everybody = parties(entries, chance, 150)
    screen_many([held.pk for held in everybody])
    before = now()
    bring(
        [*entries[2:], row(9100, name="Zephyrine Lantern Optics", alt_names=["Zephyrine Optics", "Zephyrine Imaging", "Zephyrine Group"])]
    )
    delta(before)
    untouched = covered(last_runs().values(), now())
    assert len(untouched) > 20
    for held in everybody:
        if held.pk in untouched:
            run = latest_runs([held.pk]).get(held.pk)
            assert run is not None
            assert [(e, b, f) for e, b, _s, f in kept(run)] == [(e, b, f) for e, b, _s, f in anew(held)], held.names.first()


def test_a_party_that_a_delta_left_out_stays_clear_and_one_that_it_reached_waits() -> None:
    bring(rows(40))
    apart, meant = party("宁波江南医院"), party("Windrush Instruments")
    screen_many([apart.pk, meant.pk])
    before = now()
    bring([*rows(40), FIRM])
    assert {party_state(apart).state, party_state(meant).state} == {"waiting"}
    made = delta(before)
    assert (party_state(apart).state, party_state(meant).state) == ("clear", "waiting")
    assert (why(apart), why(meant)) == ("", "name")
    assert screen_party(meant).findings.get().entry_id == "id-91"
    assert Event.objects.get(verb="delta.made").data == {
        "from": before, "to": now(), "added": 1, "removed": 0, "changed": 0, "reached": made.reached,
    }  # fmt: skip


def test_the_same_number_reaches_a_party_whatever_its_name() -> None:
    bring(rows(40))
    held = party("宁波江南医院", uscc="91330103311245785N")
    screen_party(held)
    before = now()
    bring([*rows(40), row(91, name="Quay Ninety", alt_names=[], ids=[{"type": "USCC", "number": "91330103311245785N"}])])
    delta(before)
    assert why(held) == "number"


@pytest.mark.parametrize("gone", [True, False])
def test_a_finding_on_an_entry_that_went_or_was_renamed_is_looked_at_again(gone: bool) -> None:
    bring([*rows(40), FIRM])
    held = party("Windrush Instruments Trading")
    assert screen_party(held).findings.exists()
    before = now()
    bring([*rows(40), *([] if gone else [{**FIRM, "name": "Opal Canal Nineteen"}])])
    delta(before)
    assert (why(held), party_state(held).state) == ("finding", "waiting")
    assert not screen_party(held).findings.exists()
    assert party_state(held).state == "clear"


def test_who_changed_since_the_parties_were_indexed_is_reached() -> None:
    bring(rows(40))
    held = party("宁波江南医院")
    screen_party(held)
    under_test.index_parties()
    held.names.update(text="Windrush Instruments Trading")
    Party.objects.filter(pk=held.pk).update(revision=2)
    held.refresh_from_db()
    screen_party(held)
    before = now()
    bring([*rows(40), FIRM])
    delta(before)
    assert why(held) == "changed"


def test_a_run_of_another_engine_is_covered_by_no_delta(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(rows(40))
    held = party("宁波江南医院")
    screen_party(held)
    before = now()
    bring(rows(41))
    monkeypatch.setattr(queries, "ENGINE_VERSION", "next")
    for module in ("rescreening", "delta", "engine", "actions"):
        monkeypatch.setattr(f"certifications.screening.{module}.engine", queries.engine)
    delta(before)
    assert covered(last_runs().values(), now()) == set()
    assert party_state(held).state == "waiting"


@pytest.mark.parametrize(("began", "spoken_for"), [(-1, False), (1, True)])
def test_a_run_written_after_a_delta_began_is_not_spoken_for(began: int, spoken_for: bool) -> None:
    """A slow worker still held the earlier lists when the delta looked at everybody."""
    bring(rows(40))
    held = party("宁波江南医院")
    run = screen_party(held)
    before = now()
    bring(rows(41))
    ListDelta.objects.create(
        from_key=before, to_key=now(), engine=queries.engine(), from_versions=[], to_versions=[], added=0, removed=0, changed=0,
        reached=0, started_at=run.ran_at + dt.timedelta(seconds=began),
    )  # fmt: skip
    assert (held.pk in covered(last_runs().values(), now())) is spoken_for


def test_deltas_are_followed_one_after_another_and_a_reach_on_the_way_ends_it() -> None:
    bring(rows(40))
    apart, meant = party("宁波江南医院"), party("Windrush Instruments Trading")
    screen_many([apart.pk, meant.pk])
    for entries in ([*rows(40), FIRM], rows(40)):
        before = now()
        bring(entries)
        delta(before)
    assert (party_state(apart).state, party_state(meant).state) == ("clear", "waiting")


def test_a_failed_run_and_a_changed_party_are_covered_by_no_delta(settings: object) -> None:
    bring(rows(40))
    failed, edited, clear = party(), party("宁波江南医院"), party("宁波江南医院二部")
    screen_many([failed.pk, edited.pk, clear.pk])
    before = now()
    bring(rows(41))
    delta(before)
    Party.objects.filter(pk=edited.pk).update(revision=2)
    edited.refresh_from_db()
    assert [party_state(held).state for held in (failed, edited, clear)] == ["failed", "waiting", "clear"]


@pytest.mark.parametrize("how", ["many", "unknown", "longer"])
def test_what_a_delta_cannot_answer_for_it_refuses(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(rows(40))
    screen_party(party("宁波江南医院"))
    before = "0" * 64 if how == "unknown" else now()
    if how == "many":
        monkeypatch.setattr(under_test, "MOST", 3)
        monkeypatch.setattr(under_test, "MOST_SHARE", 0.01)
    if how == "longer":
        monkeypatch.setattr(under_test, "RARITY_FROM", 84)
    bring(rows(45))
    with pytest.raises(TooMuch):
        delta(before)
    assert not ListDelta.objects.exists()
