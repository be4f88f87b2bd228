"""Customers keep their place in lists by name, whoever registered or renamed them, and however their names were spelled before."""

import datetime as dt

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


def turn_of(customer: Customer) -> int:
    return ALPHABET.index(customer.pk[-1]) % places.TURNS


def test_whoever_was_registered_without_a_place_has_one_within_the_hour(world: World) -> None:
    customer = named(world)
    right = stands(customer)
    assert right == ("ning bo jiang nan yi yuan", "ningbo jiangnan hospital")
    put(customer, "", "")
    assert places.keep_in_order((turn_of(customer) + 1) % places.TURNS) == 1
    assert stands(customer) == right
    assert places.keep_in_order in tasks.HOURLY


def test_every_turn_has_its_own_and_together_they_are_everybody(world: World) -> None:
    customer = named(world)
    right = stands(customer)
    put(customer, "as it was read before", right[1])
    assert places.keep_in_order((turn_of(customer) + 1) % places.TURNS) == 0
    assert places.keep_in_order(turn_of(customer)) == 1
    assert stands(customer) == right
    assert "".join(sorted("".join(ALPHABET[turn :: places.TURNS] for turn in range(places.TURNS)))) == ALPHABET


def test_an_hour_of_the_day_in_which_nobody_works_misses_no_part_for_good() -> None:
    begin = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
    hours = [begin + dt.timedelta(hours=n) for n in range(2 * places.TURNS)]
    for asleep in range(24):
        assert {places.turn_of(at) for at in hours if at.hour != asleep} == set(range(places.TURNS))


def test_whoever_is_renamed_at_this_moment_keeps_the_place_of_its_new_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = named(world)
    put(customer, "", "")

    def renamed(_party: object) -> tuple[str, str]:
        put(customer, "new", "new")
        return "old", "old"

    monkeypatch.setattr(places, "place_of", renamed)
    assert places.keep_in_order(turn_of(customer)) == 0
    assert stands(customer) == ("new", "new")


def test_more_customers_than_a_batch_are_all_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "BATCH", 2)
    made = [named(world, f"第{number}医院", f"Hospital {number}") for number in range(5)]
    for customer in made:
        put(customer, "", "")
    assert places.keep_in_order() == 5
    assert all(all(stands(customer)) for customer in made)
