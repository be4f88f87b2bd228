"""A product that left the catalogue: what was promised and sealed of it is ordered and delivered, and nothing else in its name."""

import pytest

from certifications.flow.order_facts import Goods, find
from tests.catalogue.changes import grouped, retired
from tests.world import client_of

from .shop import Shop, product

pytestmark = pytest.mark.django_db


def test_a_product_that_left_the_catalogue_still_ships_what_was_released(shop: Shop) -> None:
    line = shop.order("10").line
    retired(shop.world, shop.world.kit)
    assert shop.act(line, "ship", "1").shipped == 1


def test_a_product_that_left_the_catalogue_is_ordered_while_a_declaration_of_it_stands(shop: Shop) -> None:
    """What was promised and sealed is delivered; nothing new is declared of it."""
    first = shop.order("10")
    retired(shop.world, shop.world.kit)
    page = client_of(shop.world.filer).get("/orders/check/").content.decode()
    assert f'<option value="{shop.world.kit.catalogue_number}">' in page
    again = shop.order("10")
    assert (again.answer, again.line.product) == ("release", shop.world.kit)
    more = shop.order("40")
    assert "product" not in {reason.code for reason in more.reasons}
    desk = client_of(shop.world.people["order_desk"]).get("/orders/check/").content.decode()
    assert f'<option value="{shop.world.kit.catalogue_number}">' in desk
    shop.act(first.line, "ship", "10")
    shop.act(again.line, "ship", "10")
    rest = shop.order("4")
    assert (rest.answer, shop.balance.left) == ("release", 0)
    assert {reason.code for reason in shop.order("1").reasons} == {"product"}
    # Nothing is left of it, and nobody chooses it any more.
    page = client_of(shop.world.filer).get("/orders/check/").content.decode()
    assert f'<option value="{shop.world.kit.catalogue_number}">' not in page


def test_a_product_that_left_the_catalogue_draws_on_nothing_but_itself(shop: Shop) -> None:
    """However much of the other kit of its group is left: that is ordered by its own number."""
    grouped(shop.world)
    other = product("CI-2717-200")
    retired(shop.world, shop.world.kit)
    goods = Goods(
        find(shop.world.qinglan.pk, shop.customer_id, [shop.world.kit.catalogue_number, other.catalogue_number]), also={shop.world.kit.pk}
    )  # type: ignore[arg-type]
    assert set(goods.ratios(shop.world.kit)) == {shop.world.kit.pk}
    assert set(goods.ratios(other)) == {other.pk, shop.world.kit.pk}


def test_a_line_that_never_was_released_does_not_bring_a_retired_product_back(shop: Shop) -> None:
    shop.order("9999", order_number="PO-NEVER")
    shop.order(str(shop.balance.left))
    assert shop.balance.left == 0
    retired(shop.world, shop.world.kit)
    again = shop.order("9999", order_number="PO-NEVER")
    assert (again.answer, {reason.code for reason in again.reasons}) == ("hold", {"product"})
