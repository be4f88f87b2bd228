"""How far listed owners reach: chains, sums, circles, what is not known. No database."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certifications.parties.rules_owners import Chain, Holding, Known, Terms, known, reach, too_much

HALF = Decimal(50)
ALL = tuple(Terms(HALF, aggregated, chain) for aggregated in (True, False) for chain in Chain)
CASCADE = Terms(HALF, True, Chain.CASCADE)
MULTIPLY = Terms(HALF, True, Chain.MULTIPLY)
DIRECT = Terms(HALF, True, Chain.DIRECT)
DAY = dt.date(2026, 11, 10)


def held(text: str) -> list[Holding]:
    """`P A 60, A L! 50, P X ?, P L 60 b, P - ?`: L holds 50 of A and is the end of the chain, X an unknown share of P.

    A second source says 60 for L, and somebody says that the owners of P are not known.
    """
    rows = []
    for part in text.split(","):
        party, owner, share, *source = part.split()
        kept = None if share == "?" else Decimal(share)
        rows.append(Holding(party, owner.strip("!~-"), kept, "~" not in owner, "!" in owner, source="".join(source)))
    return rows


@pytest.mark.parametrize(
    ("text", "listed", "terms", "low", "high"),
    [
        ("P L 50, P B! 50", "L", DIRECT, 50, 50),
        ("P L 49.99, P B! 50.01", "L", DIRECT, "49.99", "49.99"),
        # Two listed owners that hold 25 each: OFAC's answer 399 adds them up; a rule that does not stays below, as far as nobody knows who owns M.
        ("P L 25, P M 25, P B! 50", "LM", CASCADE, 50, 50),
        ("P L 25, P M 25, P B! 50", "LM", Terms(HALF, False, Chain.CASCADE), 25, 50),
        # OFAC's answer 401: an entity that is reached counts as a blocked person with its whole share; multiplied it is a quarter.
        ("P A 50, P B! 50, A L 50, A C! 50", "L", CASCADE, 50, 50),
        ("P A 50, P B! 50, A L 50, A C! 50", "L", MULTIPLY, 25, 25),
        ("P A 50, P B! 50, A L 25, A C! 75", "L", CASCADE, 0, 0),
        ("P A 60, P B! 40, A L 90, A C! 10", "L", MULTIPLY, 54, 54),
        # An indirect share as stated counts where chains do.
        ("P L~ 50, P B! 100", "L", MULTIPLY, 50, 50),
        ("P L~ 50, P B! 100", "L", DIRECT, 0, 0),
        # What is not known could be theirs.
        ("P L 20, P B! 40", "L", CASCADE, 20, 60),
        ("P L ?, P B! 60", "L", CASCADE, 0, 40),
        ("P A 60, P B! 40", "L", CASCADE, 0, 60),
        ("P A 60, P B! 40", "L", DIRECT, 0, 0),
        # Statements that contradict one another count as the whole and never as more.
        ("P L 90, P M 90", "LM", CASCADE, 100, 100),
        # A circle closes on itself; nobody knows who stands outside.
        ("P A 100, A P 100", "L", CASCADE, 0, 100),
        ("P A 50, P L 50, A P 50, A B! 50", "L", MULTIPLY, "66.67", "66.67"),
        # Two sources that state one owner state one share, the larger of the two; one source's rows are added up.
        ("P L 30, P L 30 b", "L", DIRECT, 30, 100),
        ("P L 30, P L 40 b, P B! 60", "L", DIRECT, 40, 40),
        ("P L 30, P L 30, P B! 40", "L", DIRECT, 60, 60),
        ("P B! 60, P B! 60 b, P L ? b", "L", DIRECT, 0, 40),
        # Who says that the owners are not known is not answered by another's shares.
        ("P B! 100, P - ? b", "L", DIRECT, 0, 100),
        ("P B! 60, P - ?", "L", DIRECT, 0, 40),
        ("P B! 100, P - ?", "L", DIRECT, 0, 100),
        # A word of the form ends no chain of which more is on record.
        ("P B! 100, B L 60", "L", CASCADE, 100, 100),
        ("P B! 100, B L 60, B C! 40", "L", MULTIPLY, 60, 60),
    ],
)
def test_the_share_is_what_an_accountant_would_say(text: str, listed: str, terms: Terms, low: object, high: object) -> None:
    answer = reach("P", held(text), set(listed), terms)
    assert (round(answer.low, 2), round(answer.high, 2)) == (Decimal(str(low)), Decimal(str(high)))
    assert answer.is_reached == (answer.low >= HALF)
    assert answer.is_open == (answer.low < HALF <= answer.high)


def test_nothing_on_record_is_never_a_pass() -> None:
    for terms in ALL:
        answer = reach("P", [], {"L"}, terms)
        assert (answer.low, answer.high, answer.is_open) == (0, 100, True)


# The first example loads much, and a circle of Decimals is walked long.
slowly = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
NAMES = st.sampled_from("PABCDL")
SHARES = st.one_of(st.none(), st.integers(1, 100).map(Decimal))
HOLDINGS = st.lists(
    st.builds(Holding, NAMES, NAMES, SHARES, st.booleans(), st.booleans()).filter(lambda h: h.party != h.owner), max_size=12
)


@slowly
@given(HOLDINGS, st.sets(NAMES), st.sampled_from(ALL))
def test_low_is_never_above_high_and_neither_leaves_the_whole(rows: list[Holding], listed: set[str], terms: Terms) -> None:
    answer = reach("P", rows, listed, terms)
    assert 0 <= answer.low <= answer.high <= 100
    assert not (answer.is_reached and answer.is_open)


@slowly
@given(HOLDINGS, st.sets(NAMES), NAMES, st.sampled_from([t for t in ALL if t.is_aggregated]))
def test_one_more_listed_owner_never_lowers_the_share(rows: list[Holding], listed: set[str], more: str, terms: Terms) -> None:
    assert reach("P", rows, listed | {more}, terms).low >= reach("P", rows, listed, terms).low


@slowly
@given(HOLDINGS, st.sets(NAMES), st.builds(Holding, st.just("P"), st.just("Z"), SHARES), st.sampled_from(ALL))
def test_one_more_statement_never_lowers_what_is_on_record(rows: list[Holding], listed: set[str], more: Holding, terms: Terms) -> None:
    assert reach("P", [*rows, more], listed, terms).low >= reach("P", rows, listed, terms).low


@slowly
@given(HOLDINGS, st.sets(NAMES), st.sampled_from(list(Chain)))
def test_adding_up_finds_at_least_what_one_owner_alone_holds(rows: list[Holding], listed: set[str], chain: Chain) -> None:
    together, alone = (reach("P", rows, listed, Terms(HALF, aggregated, chain)) for aggregated in (True, False))
    assert together.low >= alone.low


@slowly
@given(st.permutations(held("P A 60, P B! 40, A C 70, C L 80, C P 20, A B! 30")), st.sampled_from(ALL))
def test_the_order_of_the_statements_does_not_matter(rows: list[Holding], terms: Terms) -> None:
    answer, again = reach("P", rows, {"L"}, terms), reach("P", sorted(rows, key=str), {"L"}, terms)
    assert abs(answer.low - again.low) < Decimal("1e-6")
    assert (answer.is_reached, answer.is_open) == (again.is_reached, again.is_open)


def test_the_sum_is_looked_at_on_every_day() -> None:
    first = Holding("P", "A", Decimal(60), valid_from=DAY, valid_until=DAY + dt.timedelta(days=10))
    later = Holding("P", "B", Decimal(60), valid_from=DAY + dt.timedelta(days=10))
    assert too_much([first], later) is None, "one after the other"
    early = Holding("P", "B", Decimal(60), valid_from=DAY + dt.timedelta(days=9))
    assert too_much([first], early) == (DAY + dt.timedelta(days=9), Decimal(120))
    before = Holding("P", "B", Decimal(60), valid_from=DAY - dt.timedelta(days=9))
    assert too_much([first], before) == (DAY, Decimal(120)), "on a day on which another begins"
    assert too_much([first], Holding("P", "B", Decimal(60), is_direct=False, valid_from=DAY)) is None


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([], Known.NOT_STATED),
        ([Holding("P", "", None)], Known.UNKNOWN),
        (held("P A 99"), Known.PARTLY),
        (held("P A ?"), Known.PARTLY),
        (held("P A 60, P B 40"), Known.WHOLE),
        ([*held("P A 60, P B 40"), Holding("P", "", None)], Known.PARTLY),
        (held("P A 60, P A 60 b"), Known.PARTLY),
    ],
)
def test_how_much_is_known_is_a_word_of_its_own(rows: list[Holding], word: Known) -> None:
    assert known(rows) == word
