"""A list with many rows asks the database as often as one with a single row: what grows with the rows is slow one day."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certifications.declarations.data import LineData
from certifications.screening.actions import screen_many
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
LISTS = ("/d/customers/", "/d/declarations/", "/d/")


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200, address
    return len(queries)


def one_more(world: World, number: int) -> None:
    customer = world.customer(native_name=f"明州第{number}纺织品检测站", latin_name=f"Mingzhou Textile Testing {number}", uscc="")
    screen_many([customer.party_id])
    world.draft(customer, lines=(LineData(world.kit.pk, Decimal(2)),))


@pytest.mark.parametrize("address", LISTS)
def test_a_list_asks_as_often_for_many_rows_as_for_two(world: World, address: str) -> None:
    client = client_of(world.filer)
    for number in range(2):
        one_more(world, number)
    client.get(address)
    few = asked(client, address)
    for number in range(2, 7):
        one_more(world, number)
    assert asked(client, address) == few
