"""Clear only when everything holds: every other combination of what is known waits, is stale, failed or a hit."""

import datetime as dt
from dataclasses import replace
from itertools import product

import pytest

from certifications.screening.rules import StateInputs, band_of, codes_in, is_fresh, party_state, shrink_problem

GOOD = StateInputs(
    has_run=True, failed=False, same_revision=True, same_lists=True, same_engine=True, lists_missing=(), lists_stale=(),
    undecided_findings=0,
)  # fmt: skip


def test_clear_needs_everything_at_once() -> None:
    clear = []
    for run, failed, revision, lists, engine, missing, stale, found, some in product((True, False), repeat=9):
        facts = StateInputs(
            has_run=run, failed=failed, same_revision=revision, same_lists=lists, same_engine=engine,
            lists_missing=("X",) if missing else (), lists_stale=("X",) if stale else (),
            undecided_findings=int(found), any_list=some,
        )  # fmt: skip
        state, reasons = party_state(facts)
        assert bool(reasons) is (state not in {"clear", "hit"})
        if state == "clear":
            clear.append(facts)
    assert clear == [GOOD]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"has_run": False}, "waiting"),
        ({"failed": True}, "failed"),
        ({"same_revision": False}, "waiting"),
        ({"same_lists": False}, "waiting"),
        ({"same_engine": False}, "waiting"),
        ({"lists_missing": ("US list",)}, "stale"),
        ({"lists_stale": ("US list",)}, "stale"),
        ({"any_list": False}, "stale"),
        ({"undecided_findings": 1}, "hit"),
    ],
)
def test_each_single_lack_has_its_state(change: dict[str, object], state: str) -> None:
    assert party_state(replace(GOOD, **change))[0] == state  # type: ignore[arg-type]


@pytest.mark.parametrize(("score", "band"), [(1, "hold"), (0.85, "hold"), (0.8499, "review"), (0.70, "review"), (0.6999, "")])
def test_bands_begin_at_085_and_070(score: float, band: str) -> None:
    assert band_of(score) == band


@pytest.mark.parametrize(("after", "refused"), [(0, True), (89, True), (90, False), (100, False), (500, False)])
def test_more_than_a_tenth_lost_at_once_is_not_believed(after: int, refused: bool) -> None:  # noqa: FBT001
    assert bool(shrink_problem(before=100, after=after)) is refused


def test_the_first_import_has_nothing_to_shrink_from() -> None:
    assert shrink_problem(before=0, after=1) == ""


def test_a_static_list_is_fresh_only_where_it_is_allowed() -> None:
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    now = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    assert is_fresh(kind="static", confirmed_at=long_ago, fresh_hours=48, now=now, static_allowed=True)
    assert not is_fresh(kind="static", confirmed_at=now, fresh_hours=48, now=now)


def test_registration_numbers_are_found_in_what_a_list_writes() -> None:
    written = ["Unified Social Credit Code (USCC), CN, 91330103311245785N", "Passport; G-1234 5678", {"a": 1}]
    assert "91330103311245785N" in codes_in(written)
    assert "CN" not in codes_in(written)
