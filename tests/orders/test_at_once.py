"""Fifty orders for the last unit, and every other race for one balance: exactly what was declared is released."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from certifications.flow import orders
from certifications.flow.order_facts import LineRequest
from certifications.ledger.ids import new_ulid
from certifications.orders.models import BalanceEntry, OrderLine
from tests.flow.test_at_once import at_once, failed

from .shop import Shop
from .test_ledger import assert_adds_up

Open = Callable[[str], Shop]


def asks(shop: Shop, quantity: str, **changes: Any) -> Callable[[], Any]:
    """An order to be sent when all are ready."""
    request = shop.request(quantity, **changes)
    by = shop.world.filer
    return lambda: orders.check(by=by, request=request)[0].answer


def test_fifty_orders_for_the_last_unit_release_exactly_one(open_to_threads: Open) -> None:
    shop = open_to_threads("1")
    answers = at_once(*(asks(shop, "1") for _ in range(50)))
    assert failed(answers) == []
    assert sorted(answers) == ["hold"] * 49 + ["release"]
    assert shop.balance.reserved == 1
    assert_adds_up()


def test_fifty_orders_of_several_units_release_as_many_as_there_are(open_to_threads: Open) -> None:
    shop = open_to_threads("24")
    answers = at_once(*(asks(shop, "5") for _ in range(50)))
    assert failed(answers) == []
    assert (answers.count("release"), answers.count("hold")) == (4, 46)
    assert shop.balance.reserved == 20
    assert_adds_up()


def test_one_order_line_sent_twenty_times_at_once_is_reserved_once(open_to_threads: Open) -> None:
    shop = open_to_threads("24")
    answers = at_once(*(asks(shop, "5", order_number="SO-1") for _ in range(20)))
    assert answers == ["release"] * 20
    assert (OrderLine.objects.count(), shop.balance.reserved) == (1, 5)


def test_the_same_lines_in_different_orders_wait_for_one_another_and_never_for_ever(open_to_threads: Open) -> None:
    shop = open_to_threads("24")
    lines = [LineRequest(str(n), "CI-2440-100", Decimal(2), "kit") for n in range(4)]

    def sent(order: list[LineRequest]) -> Callable[[], Any]:
        request = shop.request(order_number="SO-1")
        request = type(request)(**{**request.__dict__, "lines": tuple(order)})
        return lambda: [one.answer for one in orders.check(by=shop.world.filer, request=request)]

    answers = at_once(*(sent(lines[n % 4 :] + lines[: n % 4]) for n in range(16)))
    assert failed(answers) == []
    assert shop.balance.reserved == 8
    assert_adds_up()


def test_shipping_cancelling_returning_and_ordering_at_once_adds_up(open_to_threads: Open) -> None:
    shop = open_to_threads("24")
    first, second = shop.order("10").line, shop.order("4").line
    shop.act(second, "ship", "4")
    acts = [lambda: shop.act(first, "ship", "1") for _ in range(12)]
    acts += [lambda: shop.act(first, "release", "1") for _ in range(12)]
    acts += [lambda: shop.act(second, "return", "1") for _ in range(8)]
    acts += [asks(shop, "3") for _ in range(8)]
    at_once(*acts)
    assert_adds_up()
    done = BalanceEntry.objects.filter(order_line=first, kind__in=["ship", "release"])
    assert sum(entry.units for entry in done) == 10
    assert BalanceEntry.objects.filter(kind="return").count() == 4


def test_one_form_sent_ten_times_at_once_ships_once(open_to_threads: Open) -> None:
    shop = open_to_threads("24")
    line, key = shop.order("10").line, new_ulid()
    answers = at_once(*(lambda: shop.act(line, "ship", "2", key=key) for _ in range(10)))
    assert failed(answers) == []
    assert shop.balance.shipped == 2
