"""Where more entries share a party's words than the index proposes, a delta and a full round may differ in one way alone.

What nobody touched and the index had not proposed stays unfound (or found) until the next full round; a changed entry never does.
"""

import random
from collections import Counter
from typing import Any

import pytest

from certifications.matching import Index
from certifications.matching.search import proposals
from certifications.matching.segment import units_of
from certifications.parties.models import Party
from certifications.screening.actions import screen_many
from certifications.screening.coverage import covered, last_runs
from certifications.screening.engine import findings, listed, screened
from certifications.screening.models import ListVersion
from certifications.screening.models_rescreening import DeltaReach
from certifications.screening.queries import key_of, latest_runs, lists_in_force
from certifications.screening.rescreening import make_delta

from .samples import party, row
from .worlds import BODIES, COINED, FIRST, HAN, PLACES, SECOND, bring

pytestmark = pytest.mark.django_db
MOST_DIFFERENT = 0.03


def name(chance: random.Random, coined: int) -> str:
    """Of so few words that a hundred entries share each."""
    if chance.random() < 0.4:
        return chance.choice(PLACES) + chance.choice(HAN) + chance.choice(BODIES)
    words = (chance.choice(COINED[:coined]), chance.choice(FIRST), chance.choice(SECOND), chance.choice(("Ltd", "GmbH", "")))
    return " ".join(filter(None, words))


def entry(number: int, chance: random.Random, coined: int) -> dict[str, Any]:
    return row(number, name=name(chance, coined), alt_names=[name(chance, coined) for _ in range(chance.randint(0, 2))])


# Entry to band, name of the party, name of the entry.
Found = dict[str, tuple[str, str, str]]


def left(held: Party) -> Found:
    """What the party's newest run found."""
    run = latest_runs([held.pk])[held.pk]
    assert run is not None
    return {one.entry_id: (one.band, one.party_name, one.matched_name) for one in run.findings.all()}


def full(held: Party) -> Found:
    """What a full screening finds now."""
    rows = findings(list(screened([held.pk]).values()), lists_in_force())[0].rows
    return {one["entry_id"]: (one["band"], one["party_name"], one["matched_name"]) for one in rows}


def proposed(found: tuple[str, str, str], index: Index) -> bool:
    """Whether the index proposes the entry's name for the party's."""
    _band, name, listed_name = found
    return listed_name in {index.names[number] for number in proposals(index, units_of(name), persons=None).tolist()}


@pytest.mark.parametrize(("coined", "seed"), [(3, 2), (36, 2), (8, 1)])
def test_in_a_crowd_a_delta_and_a_full_round_differ_only_in_what_was_not_proposed(coined: int, seed: int) -> None:
    chance = random.Random(seed)
    entries = [entry(number, chance, coined) for number in range(600)]
    bring(entries)
    everybody = [party(*dict.fromkeys((name(chance, coined), name(chance, coined)))) for _ in range(250)]
    screen_many([held.pk for held in everybody])
    before = key_of(lists_in_force())
    stay = [held for held in entries if chance.random() > 0.02]
    fresh = [entry(1000 + number, chance, coined) for number in range(10)]
    touched = {held["id"] for held in fresh} | {held["id"] for held in entries if held not in stay}
    newer = [*stay, *fresh]
    # In another order of the file, which decides nothing.
    chance.shuffle(newer)
    bring(newer)
    make_delta(from_key=before, in_flight=())
    untouched = covered(last_runs().values(), key_of(lists_in_force()))
    old, new = (listed([version]).names for version in ListVersion.objects.order_by("imported_at"))
    counts: Counter[str] = Counter()
    for held in everybody:
        if held.pk not in untouched:
            continue
        before_it, now = left(held), full(held)
        for one in before_it.keys() | now.keys():
            counts["all"] += 1
            if one in before_it and one in now and before_it[one][0] == now[one][0]:
                continue
            counts["different"] += 1
            assert one not in touched, (held.names.first(), one)
            # The pair that one of the two found was not proposed to the other.
            assert not proposed(now[one], old) if one in now else not proposed(before_it[one], new), (held.names.first(), one)
    assert counts["all"] > 100
    assert counts["different"] <= MOST_DIFFERENT * counts["all"], counts


def why(held: Party) -> str:
    return ",".join(DeltaReach.objects.filter(party=held).order_by("pk").values_list("why", flat=True))


def followed(entries: list[dict[str, Any]]) -> None:
    before = key_of(lists_in_force())
    bring(entries)
    make_delta(from_key=before, in_flight=())


@pytest.mark.parametrize(
    ("newcomer", "reached"), [("Windrush Instruments Trading Group", "near"), ("Windrush Bakery", ""), ("Quayside Optics", "")]
)
def test_a_crowded_name_is_looked_at_again_when_an_entry_comes_before_its_last_place(
    monkeypatch: pytest.MonkeyPatch, newcomer: str, reached: str
) -> None:
    for module in ("matching.crowding", "matching.search"):
        monkeypatch.setattr(f"certifications.{module}.PROPOSED_PER_SCRIPT", 4)
    # Whoever scores well beside the party is reached for that alone.
    monkeypatch.setattr("certifications.screening.delta.reached_by", lambda *_given, least: set())
    firms = [row(91 + n, name=f"Windrush Instruments Trading {'Ltd' * n}", alt_names=[]) for n in range(5)]
    others = [row(200 + n, name=f"Harbour Quayside{n} Trading", alt_names=[]) for n in range(30)]
    bring([*firms, *others])
    held = party("Windrush Instruments Trading")
    run = latest_runs([screen_many([held.pk])[0].party_id])[held.pk]
    assert run is not None
    assert run.near
    assert [row[:2] for row in run.crowds] == [["Windrush Instruments Trading", "other"]]
    followed([*firms, *others, row(300, name=newcomer, alt_names=[])])
    assert why(held) == reached


def test_an_entry_that_goes_from_before_the_last_place_lets_others_come_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("matching.crowding", "matching.search"):
        monkeypatch.setattr(f"certifications.{module}.PROPOSED_PER_SCRIPT", 4)
    firms = [row(91 + n, name=f"Windrush Instruments Trading {'Ltd' * n}", alt_names=[]) for n in range(4)]
    behind = row(99, name="Windrush Trading", alt_names=[])
    others = [row(200 + n, name=f"Harbour Quayside{n} Trading", alt_names=[]) for n in range(30)]
    bring([*firms, behind, *others])
    held = party("Windrush Instruments Trading")
    assert behind["id"] not in screen_many([held.pk])[0].findings.values_list("entry_id", flat=True)
    followed([*firms, *others])
    assert why(held) == "", "what was never proposed may go"
    # As if it had not been found itself, which is another reason.
    monkeypatch.setattr("certifications.screening.delta._with_findings", lambda keys: set())
    followed([*firms[1:], *others])
    assert why(held) == "near"
