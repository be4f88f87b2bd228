"""Customers keep their place in lists by name, whoever registered or renamed them, and however their names were spelled before."""

import pytest

from certifications import tasks
from certifications.ledger.ids import ALPHABET
from certifications.parties import places
from certifications.parties.models import Customer
from tests.world import World

pytestmark = pytest.mark.django_db


def named(world: World, native: str = "宁波江南医院", latin: str = "Ningbo Jiangnan Hospital") -> Customer:
    return world.customer(native_name=native, latin_name=latin, uscc="", lei="")


def stands(customer: Customer) -> tuple[str, str]:
    customer.refresh_from_db()
    return customer.native_order, customer.latin_order


def put(customer: Customer, native: str, latin: str) -> None:
    Customer.objects.filter(pk=customer.pk).update(native_order=native, latin_order=latin)


def hour_of(customer: Customer) -> int:
    return ALPHABET.index(customer.pk[-1]) % places.HOURS


def test_whoever_was_registered_without_a_place_has_one_within_the_hour(world: World) -> None:
    customer = named(world)
    right = stands(customer)
    assert right == ("ning bo jiang nan yi yuan", "ningbo jiangnan hospital")
    put(customer, "", "")
    assert places.keep_in_order((hour_of(customer) + 1) % places.HOURS) == 1
    assert stands(customer) == right
    assert places.keep_in_order in tasks.HOURLY


def test_a_day_looks_at_everybody_and_an_hour_at_its_own(world: World) -> None:
    customer = named(world)
    right = stands(customer)
    put(customer, "as it was read before", right[1])
    assert places.keep_in_order((hour_of(customer) + 1) % places.HOURS) == 0
    assert places.keep_in_order(hour_of(customer)) == 1
    assert stands(customer) == right
    assert "".join(sorted("".join(ALPHABET[hour :: places.HOURS] for hour in range(places.HOURS)))) == ALPHABET


def test_whoever_is_renamed_at_this_moment_keeps_the_place_of_its_new_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = named(world)
    put(customer, "", "")

    def renamed(_party: object) -> tuple[str, str]:
        put(customer, "new", "new")
        return "old", "old"

    monkeypatch.setattr(places, "place_of", renamed)
    assert places.keep_in_order(hour_of(customer)) == 0
    assert stands(customer) == ("new", "new")


def test_more_customers_than_a_batch_are_all_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "BATCH", 2)
    made = [named(world, f"第{number}医院", f"Hospital {number}") for number in range(5)]
    for customer in made:
        put(customer, "", "")
    assert places.keep_in_order() == 5
    assert all(all(stands(customer)) for customer in made)
