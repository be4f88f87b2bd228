"""A standing declaration's ceilings in orders and in PostgreSQL, and balances of several end users and of stock."""

import datetime as dt
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certifications.declarations.data import EndUserData, LineData, ShareData
from certifications.flow import order_acts, orders
from certifications.flow.order_acts import OnHold
from certifications.flow.sign import stock_customer
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.orders.models import Balance, BalanceEntry, OrderLine
from certifications.orders.queries import drawn_in
from certifications.orders.rules import period_of
from certifications.parties.actions import edit_customer
from certifications.parties.queries import data_of
from certifications.screening.actions import screen_party
from tests.architecture.test_database_guards import refused
from tests.attestations.conftest import become
from tests.world import World, client_of, make_world

from .shop import Shop, attest, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(roles: None, db: None) -> World:
    """Under the role of the application, which owns nothing."""
    become("portal_app")
    return make_world()


@pytest.fixture
def standing(world: World) -> Shop:
    """Twenty-four kits in all, at most four in a calendar month."""
    return open_shop(world, lines=(LineData(world.kit.pk, Decimal(24), Decimal(4)),), term="standing", period="month")


def next_month() -> dt.date:
    return period_of(civil_today(), "month")[1]


@pytest.mark.parametrize(
    ("day", "period", "first", "after"),
    [
        ("2026-11-27", "month", "2026-11-01", "2026-12-01"),
        ("2026-12-31", "month", "2026-12-01", "2027-01-01"),
        ("2026-11-27", "quarter", "2026-10-01", "2027-01-01"),
        ("2026-02-01", "quarter", "2026-01-01", "2026-04-01"),
        ("2026-11-27", "year", "2026-01-01", "2027-01-01"),
    ],
)
def test_a_period_is_of_the_calendar(day: str, period: str, first: str, after: str) -> None:
    assert period_of(dt.date.fromisoformat(day), period) == (dt.date.fromisoformat(first), dt.date.fromisoformat(after))


def test_no_more_is_released_in_a_month_than_the_ceiling_and_the_next_month_is_free_again(standing: Shop) -> None:
    assert standing.order("3").answer == "release"
    second = standing.order("2")
    assert (second.answer, [r.code for r in second.reasons]) == ("hold", ["period"])
    assert (second.reasons[0].until, second.reasons[0].left) == (next_month(), Decimal(1))
    assert standing.order("1").answer == "release"
    assert standing.order("4", wanted_on=next_month()).answer == "release"
    assert standing.order("1", wanted_on=next_month()).answer == "hold"
    assert standing.balance.left == Decimal(16)


def test_what_was_given_back_or_came_back_may_be_drawn_again_in_its_own_month(standing: Shop) -> None:
    line = standing.order("4").line
    assert standing.order("1").answer == "hold"
    standing.act(line, "release", "1")
    assert standing.order("1").answer == "release"
    standing.act(line, "ship", "3")
    assert standing.order("1").answer == "hold"
    standing.act(line, "return", "2")
    assert standing.order("2").answer == "release"
    assert standing.order("1").answer == "hold"


def test_two_lines_of_one_order_share_the_ceiling(standing: Shop) -> None:
    request = standing.request("3")
    lines = (request.lines[0], replace(request.lines[0], line="20", quantity=Decimal(2)))
    answers = orders.check(by=standing.world.filer, request=replace(request, lines=lines))
    assert [a.answer for a in answers] == ["release", "hold"]


def test_a_line_asked_again_is_judged_without_itself(standing: Shop) -> None:
    request = standing.request("4")
    for _twice in range(2):
        assert orders.check(by=standing.world.filer, request=request)[0].answer == "release"
    assert standing.balance.reserved == Decimal(4)


def test_postgresql_refuses_what_passes_the_ceiling_whatever_the_program_does(standing: Shop) -> None:
    line = standing.order("4").line
    held = standing.order("1").line
    assert held.balance_id is not None or held.status == "held"
    statement = (
        "UPDATE certifications_orderline SET balance_id = %s, units = 1, status = 'released' WHERE id = %s;"
        "INSERT INTO certifications_balanceentry (balance_id, sequence, kind, quantity, units, order_line_id, product_id, by_id)"
        " VALUES (%s, 0, 'reserve', 1, 1, %s, %s, '')"
    )
    balance = standing.balance.pk
    said = refused(statement, [balance, held.pk, balance, held.pk, standing.world.kit.pk])
    assert "more is drawn in one period" in said
    said = refused("UPDATE certifications_orderline SET wanted_on = wanted_on + 40 WHERE id = %s", [line.pk])
    assert "never changes while it draws" in said
    assert BalanceEntry.objects.filter(kind="reserve").count() == 1


def several(world: World) -> tuple[Shop, str]:
    """Twenty-four kits for two hospitals; the second has nine, in Hangzhou."""
    second = world.customer(native_name="杭州西溪医院", latin_name="", division="330100", address="杭州市文一路 2 号")
    share = EndUserData(second.pk, (ShareData(world.kit.pk, Decimal(9)),), "杭州市文一路 2 号", "CN", "330100")
    return open_shop(world, kind="several", end_users=(share,)), second.pk


def test_each_of_several_end_users_draws_on_its_own_share_at_its_own_place(world: World) -> None:
    shop, second = several(world)
    declared = dict(Balance.objects.filter(declaration=shop.declaration).values_list("customer_id", "declared"))
    assert declared == {shop.customer_id: Decimal(15), second: Decimal(9)}
    assert shop.order("16").reasons[0].code == "quantity"
    assert shop.order("15").answer == "release"
    assert [r.code for r in shop.order("1", customer=second).reasons] == ["place_differs"]
    assert shop.order("9", customer=second, division="330100").answer == "release"
    assert shop.order("1", customer=second, division="330100").answer == "hold"


def test_whoever_else_a_declaration_names_holds_its_orders_when_it_is_not_clear(world: World) -> None:
    carrier = world.customer(native_name="申海货运", latin_name="", kind="consignee")
    shop = open_shop(world, forwarder_id=carrier.pk)
    assert shop.order("1").answer == "release"
    edit_customer(customer=carrier, by=world.filer, data=replace(data_of(carrier), address="上海市 9 号"))
    held = shop.order("1")
    assert (held.answer, [r.code for r in held.reasons]) == ("hold", ["flag"])


def test_the_first_end_user_holds_the_others_orders_as_they_hold_its_own(world: World) -> None:
    shop, second = several(world)
    assert shop.order("1", customer=second, division="330100").answer == "release"
    first = shop.declaration.customer
    edit_customer(customer=first, by=world.filer, data=replace(data_of(first), address="宁波市 9 号"))
    held = shop.order("1", customer=second, division="330100")
    assert (held.answer, [r.code for r in held.reasons]) == ("hold", ["flag"])


def test_goods_of_a_later_period_are_not_shipped_before_it(standing: Shop) -> None:
    line = standing.order("4", wanted_on=next_month()).line
    with pytest.raises(OnHold) as refused_now:
        standing.act(line, "ship", "1")
    assert [(r.code, r.until) for r in refused_now.value.reasons] == [("later_period", next_month())]
    assert standing.order("4").answer == "release", "the month of today is untouched"


def test_a_released_line_asked_again_for_another_period_is_another_question(standing: Shop) -> None:
    request = standing.request("4")
    assert orders.check(by=standing.world.filer, request=request)[0].answer == "release"
    with pytest.raises(orders.Different):
        orders.check(by=standing.world.filer, request=replace(request, wanted_on=next_month()))


def test_a_substitute_draws_on_the_period_of_the_line(standing: Shop) -> None:
    line = standing.order("3", wanted_on=next_month()).line
    assert standing.order("4").answer == "release", "the month of today is full now"
    answer = order_acts.substitute(
        line_id=line.pk,
        catalogue_number="CI-2440-100",
        quantity=Decimal(4),
        unit="kit",
        by=standing.world.filer,
        within=OrderLine.objects.all(),
    )
    assert answer.answer == "release"
    with pytest.raises(OnHold):
        order_acts.substitute(
            line_id=line.pk,
            catalogue_number="CI-2440-100",
            quantity=Decimal(5),
            unit="kit",
            by=standing.world.filer,
            within=OrderLine.objects.all(),
        )


def test_a_balance_never_becomes_another_end_user_s(world: World) -> None:
    shop, second = several(world)
    said = refused("UPDATE certifications_balance SET customer_id = %s WHERE customer_id = %s", [second, shop.customer_id])
    assert "what a balance is of never changes" in said


def test_stock_is_ordered_for_the_distributor_itself_and_covers_no_end_user(world: World) -> None:
    own = stock_customer(by=world.filer)
    told = {"kind": "stockist", "resale_scope": "Hospitals in Zhejiang that name their department.", "reporting": "month"}
    declaration = world.signed(world.draft(own, **told))
    attest(declaration, world)
    shop = Shop(world, declaration)
    assert shop.order("5", customer=own.pk).answer == "release"
    # On the page too, by name: the row stands in no list of customers.
    assert f'<option value="{own.pk}">Our own stock' in client_of(world.filer).get("/orders/check/").content.decode()
    hospital = world.customer(native_name="宁波北仑医院", latin_name="")
    screen_party(hospital.party)
    assert shop.order("1", customer=hospital.pk).answer == "needs_declaration"


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(1, 5), st.integers(0, 2)),
        st.tuples(st.sampled_from(["release", "ship", "return"]), st.integers(0, 5), st.integers(1, 4)),
    ),
    max_size=12,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=ACTS)
def test_no_month_ever_holds_more_than_its_ceiling_and_the_whole_adds_up(standing: Shop, acts: list[tuple[str, int, int]]) -> None:
    months = [civil_today(), next_month(), period_of(next_month(), "month")[1]]
    with transaction.atomic():
        lines: list[OrderLine] = []
        for what, n, which in acts:
            if what == "order":
                answer = standing.order(str(n), wanted_on=months[which])
                lines += [answer.line] if answer.answer == "release" else []
            elif lines:
                with suppress(NotAllowed):
                    standing.act(lines[n % len(lines)], what, str(which))
            for month in months:
                first, after = period_of(month, "month")
                assert drawn_in(balance=standing.balance, first=first, next_first=after) <= 4
            balance = standing.balance
            assert balance.left >= 0
            assert sum(drawn_in(balance=balance, first=period_of(m, "month")[0], next_first=period_of(m, "month")[1]) for m in months) == (
                balance.reserved + balance.shipped
            )
        transaction.set_rollback(True)


def ordered_for_last_month(shop: Shop, quantity: str) -> OrderLine:
    """A line of last month that has not shipped, as the calendar makes one."""
    line = shop.order(quantity).line
    day = period_of(civil_today(), "month")[0] - dt.timedelta(days=3)
    shop.redate(line, day)
    line.refresh_from_db()
    return line


def test_a_late_shipment_counts_in_the_month_in_which_it_is_supplied(standing: Shop) -> None:
    late = ordered_for_last_month(standing, "3")
    assert standing.order("4").answer == "release", "what was ordered for last month takes nothing of this one while it waits"
    with pytest.raises(OnHold) as held:
        standing.act(late, "ship", "3")
    assert [(r.code, r.until, r.left) for r in held.value.reasons] == [("late", next_month(), 0)]
    standing.act(OrderLine.objects.get(wanted_on=civil_today()), "release", "2")
    standing.act(late, "ship", "2")
    with pytest.raises(OnHold):
        standing.act(late, "ship", "1")
    held_now = standing.order("1")
    assert (held_now.answer, [r.code for r in held_now.reasons]) == ("hold", ["period"]), "two ordered for this month, two supplied in it"
    first, after = period_of(civil_today(), "month")
    assert drawn_in(balance=standing.balance, first=first, next_first=after) == 4


def test_what_came_back_makes_room(standing: Shop) -> None:
    late = ordered_for_last_month(standing, "4")
    standing.act(late, "ship", "4")
    assert standing.order("1").answer == "hold"
    standing.act(late, "return", "3")
    assert standing.order("3").answer == "release"
