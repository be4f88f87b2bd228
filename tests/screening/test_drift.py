"""Words grow rarer or more common as lists change: a score is looked at again when its words can have carried it over a threshold."""

from typing import Any

import pytest

from certifications.matching.segment import units_of
from certifications.parties.models import Party
from certifications.screening import queries
from certifications.screening.actions import screen_party
from certifications.screening.coverage import covered, last_runs
from certifications.screening.drift import Drift
from certifications.screening.models import ScreeningRun
from certifications.screening.models_rescreening import DeltaReach, ListDelta
from certifications.screening.queries import key_of, lists_in_force
from certifications.screening.rescreening import make_delta
from certifications.screening.stored import number_of

from .samples import party, row, rows
from .worlds import bring

pytestmark = pytest.mark.django_db
# One more entry of two names moves its own words by 0.015 and all others by 0.010 or less.
BETWEEN = 0.0125
PERSON = row(91, name="Quayle Brandt", alt_names=[], type="Individual")


@pytest.fixture(autouse=True)
def _rare_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short lists on which words weigh by how rare they are, as they do on long ones."""
    monkeypatch.setattr("certifications.matching.index._RARITY_FROM", 10)
    for module in ("drift", "delta"):
        monkeypatch.setattr(f"certifications.screening.{module}.RARITY_FROM", 10)


def now() -> str:
    return key_of(lists_in_force())


def ran(held: Party, *close: tuple[str, float], near: bool = False) -> None:
    """A run under the lists of now whose scores stood so close to a threshold."""
    lists = [{"version": one.version.pk} for one in lists_in_force() if one.version]
    ScreeningRun.objects.create(
        party=held, party_revision=1, lists=lists, lists_key=now(), engine=queries.engine(), state="done", near=near,
        close=[list(one) for one in close],
    )  # fmt: skip


def followed(entries: list[dict[str, Any]]) -> ListDelta:
    before = now()
    bring(entries)
    return make_delta(from_key=before, in_flight=())


def why(held: Party) -> str:
    return ",".join(DeltaReach.objects.filter(party=held).order_by("pk").values_list("why", flat=True))


def test_a_run_keeps_which_scores_stood_close_to_a_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    bring([*rows(40), row(91, name="Windrush Instruments Trading", alt_names=[])])
    held = party("Windrush Instruments Trading")
    assert screen_party(held).close == []
    monkeypatch.setattr("certifications.screening.engine.EDGE", 0.15)
    close = screen_party(party("Windrush Instruments Trading", "Windrush Instruments")).close
    assert [key for key, _margin in close] == ["us_csl|id-91"]
    assert 0 < close[0][1] <= 0.15


@pytest.mark.parametrize(
    ("entry", "margin", "reached"),
    [("id-0", BETWEEN, True), ("id-0", 0.018, False), ("id-11", BETWEEN, False), ("id-11", 0.005, True), ("id-999", 0.0, False)],
)
def test_a_close_score_is_looked_at_again_when_the_words_of_the_entry_moved_so_far(entry: str, margin: float, reached: bool) -> None:
    """id-0 is called Harbour like the entry that comes; id-11 is not; there is no id-999 any more."""
    bring(rows(40))
    held = party("宁波江南医院")
    ran(held, (f"us_csl|{entry}", margin))
    followed(rows(41))
    assert why(held) == ("near" if reached else "")
    assert (held.pk in covered(last_runs().values(), now())) is not reached


def test_or_the_words_of_the_party() -> None:
    bring(rows(40))
    held, other = party("Harbour Lighting Works"), party("Windrush Lighting Works")
    for one in (held, other):
        ran(one, ("us_csl|id-11", BETWEEN))
    followed(rows(41))
    assert (why(held), why(other)) == ("near", "")


def test_beside_a_listed_person_a_party_is_read_as_a_person_is() -> None:
    """A court is a public body in a firm's name, and a word like any other in a person's."""
    bring([*rows(40), PERSON])
    held, other = party("Harbour Court"), party("Windrush Hospital")
    for one in (held, other):
        ran(one, ("us_csl|id-91", BETWEEN))
    followed([*rows(40), PERSON, *(row(92 + n, name=f"Court Velidex{n}", alt_names=[], type="Individual") for n in range(2))])
    assert (why(held), why(other)) == ("near", "")


def test_a_word_that_moved_far_reaches_whoever_holds_it_and_who_is_like_an_entry_that_does() -> None:
    """One entry was called Windrush, and now two are; how the others are written does not matter to their names."""
    firm = row(91, name="Windrush Instruments Trading", alt_names=[])
    bring([*rows(40), firm])
    holds, alike, other = party("宁波 Windrush 江南"), party("Windrash Instruments Trading"), party("Harbour Lighting Works")
    for one in (holds, alike, other):
        ran(one)
    followed([*rows(40), firm, row(92, name="Windrush Opal Quartermaine Verdigris Sandpiper", alt_names=[])])
    assert (why(holds), why(alike), why(other)) == ("word", "name", "")


def test_of_several_deltas_one_after_another_the_drift_adds_up() -> None:
    bring(rows(40))
    held = party("宁波江南医院")
    ran(held, ("us_csl|id-0", 0.02))
    assert followed(rows(41)).drift["shift"] < 0.02
    assert why(held) == ""
    followed([*rows(41), row(50)])
    assert why(held) == "near"


def test_of_a_delta_that_kept_no_drift_nothing_is_known() -> None:
    bring(rows(40))
    held = party("宁波江南医院")
    ran(held, ("us_csl|id-11", 0.019))
    before = now()
    bring(rows(41))
    counts = dict.fromkeys(("added", "removed", "changed", "reached"), 0)
    run = ScreeningRun.objects.get()
    ListDelta.objects.create(
        from_key=before, to_key=now(), engine=queries.engine(), from_versions=[], started_at=run.ran_at,
        to_versions=[one.version.pk for one in lists_in_force() if one.version], **counts,
    )  # fmt: skip
    followed([*rows(41), row(91, name="Opal", alt_names=[])])
    assert why(held) == "near"


def test_where_more_were_alike_than_are_kept_no_delta_speaks_for_the_party() -> None:
    bring(rows(40))
    held = party("宁波江南医院")
    ran(held, near=True)
    followed(rows(41))
    assert why(held) == "near"


def test_words_of_new_entries_alone_move_more_than_the_list_grew() -> None:
    bring(rows(40))
    ran(party("宁波江南医院"))
    made = followed([*rows(40), row(91, name="Windrush", alt_names=[])])
    drift = Drift.from_json(made.drift)
    assert drift is not None
    [windrush] = units_of("Windrush")
    assert drift.words.keys() == {number_of(windrush)}
    assert drift.words[number_of(windrush)] > drift.shift > 0
    twice = drift.after(drift)
    assert twice.shift == pytest.approx(2 * drift.shift, rel=0.01)
    assert Drift.from_json({}) is None


@pytest.mark.parametrize(("alike", "crowded"), [(1, False), (5, True)])
def test_what_was_found_among_the_last_that_were_proposed_may_have_more_of_its_kind_behind_it(
    monkeypatch: pytest.MonkeyPatch, alike: int, crowded: bool
) -> None:
    for module in ("matching.crowding", "matching.search"):
        monkeypatch.setattr(f"certifications.{module}.PROPOSED_PER_SCRIPT", 4)
    firms = [row(91 + n, name=f"Windrush Instruments Trading {'Ltd' * n}", alt_names=[]) for n in range(alike)]
    others = [row(200 + n, name=f"Harbour Quayside{n} Trading", alt_names=[]) for n in range(8)]
    bring([*firms, *others])
    run = screen_party(party("Windrush Instruments Trading"))
    assert run.findings.exists()
    assert run.near is crowded


def test_the_order_of_the_publishers_file_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certifications.matching.search.PROPOSED_PER_SCRIPT", 4)
    alike = [row(91 + n, name="Windrush Instruments Trading", alt_names=[]) for n in range(8)]
    found = []
    for entries in (alike, alike[::-1]):
        bring(entries)
        found.append(sorted(screen_party(party("Windrush Instruments Trading")).findings.values_list("entry_id", flat=True)))
    assert found[0] == found[1]
    assert len(found[0]) == 4
