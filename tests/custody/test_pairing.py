"""Which of the goods that were sent are those that were received: as many as can be, what says more before what says less."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certifications.flow.pairing import Goods, fits, paired

FIRST = dt.date(2026, 1, 1)
# Days that lie on both sides of every border of the three days before and the thirty-one after.
goods = st.tuples(
    st.sampled_from([0, 1, 3, 4, 5, 20, 31, 34, 35, 60]),
    st.sampled_from(["", "A", "a", "B"]),
    st.sampled_from(["", "", "s1", "S1", "s2"]),
    st.sampled_from([1, 1, 2]),
)
sides = st.lists(goods, max_size=5)


def side(mark: str, rows: Sequence[tuple[int, str, str, int]]) -> list[Goods]:
    return [
        Goods(f"{mark}{n}", FIRST + dt.timedelta(days=day), lot, serial, Decimal(quantity))
        for n, (day, lot, serial, quantity) in enumerate(rows)
    ]


def most(sent: Sequence[Goods], came: Sequence[Goods], may: Callable[[Goods, Goods], bool]) -> int:
    """How many pairs there can be at most, by trying every one."""
    if not came:
        return 0
    first, *rest = came
    found = most(sent, rest, may)
    for n, one in enumerate(sent):
        if may(one, first):
            found = max(found, 1 + most([*sent[:n], *sent[n + 1 :]], rest, may))
    return found


@settings(max_examples=400, deadline=None)
@given(sides, sides)
def test_every_round_pairs_as_many_as_can_be(out: list[tuple[int, str, str, int]], into: list[tuple[int, str, str, int]]) -> None:
    sent, came = side("s", out), side("c", into)
    by_id = {one.id: one for one in (*sent, *came)}
    pairs = paired(sent, came)
    assert len(set(pairs.values())) == len(pairs), "each half once"
    assert all(fits(by_id[there], by_id[here]) for here, there in pairs.items())
    for told in (
        lambda one, other: bool(one.serial and other.serial),
        lambda one, other: bool(one.lot and other.lot),
        lambda one, other: bool(one and other),
    ):
        by_now = {here: there for here, there in pairs.items() if told(by_id[there], by_id[here])}
        assert len(by_now) == most(sent, came, lambda one, other, told=told: told(one, other) and fits(one, other))  # type: ignore[misc]
        sent = [one for one in sent if one.id not in by_now.values()]
        came = [one for one in came if one.id not in by_now]
        pairs = {here: there for here, there in pairs.items() if here not in by_now}


@pytest.mark.parametrize(("days", "in_time"), [(-4, False), (-3, True), (0, True), (31, True), (32, False)])
def test_goods_arrive_from_three_days_before_to_a_month_after_they_were_sent(days: int, in_time: bool) -> None:  # noqa: FBT001
    [one], [other] = side("s", [(40, "A", "", 5)]), side("c", [(40 + days, "A", "", 5)])
    assert fits(one, other) is in_time
    assert bool(paired([one], [other])) is in_time


def test_the_earliest_goes_with_the_earliest_of_what_is_alike() -> None:
    sent = side("s", [(0, "A", "", 5), (2, "A", "", 5)])
    assert paired(sent, side("c", [(1, "A", "", 5), (30, "A", "", 5)])) == {"c0": "s0", "c1": "s1"}


def test_one_that_fits_two_is_not_taken_from_one_that_fits_it_alone() -> None:
    """The first receipt names no lot and came in time for both; the second fits the first alone. First come would leave it without."""
    sent = side("s", [(0, "", "", 5), (5, "A", "", 5)])
    came = side("c", [(4, "", "", 5), (20, "B", "", 5)])
    assert paired(sent, came) == {"c0": "s1", "c1": "s0"}


@pytest.mark.parametrize("serial", ["", "S"])
def test_ten_times_as_many_take_no_hundred_times_as_long(serial: str) -> None:
    def took(n: int) -> float:
        rows = [(k % 28, "A", f"{serial}{k}" if serial else "", 1) for k in range(n)]
        sent, came = side("s", rows), side("c", rows)
        began = time.process_time()
        assert len(paired(sent, came)) == n
        return time.process_time() - began

    took(100)
    assert took(20_000) < 40 * took(2_000)
