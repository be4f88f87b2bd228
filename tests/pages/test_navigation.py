"""Which link of the frame a page stands under."""

import pytest

from tests.world import World, client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "address", "label"),
    [
        ("filer", "/d/", "Home"),
        ("filer", "/d/movements/", "Sales reports"),
        ("lead", "/c/", "Queue"),
        ("lead", "/c/movements/", "Register"),
        ("lead", "/c/reports/", "Register"),
        ("lead", "/c/units/", "Register"),
        ("lead", "/c/uploads/", "Register"),
        ("order_desk", "/c/uploads/new/", "Uploads"),
        ("lead", "/c/tips/readers/", "Evidence"),
        ("lead", "/c/evidence/names/", "Evidence"),
    ],
)
def test_a_page_stands_under_the_link_that_leads_to_it(world: World, who: str, address: str, label: str) -> None:
    items = client_of(world.people[who]).get(address).context["nav"].items
    assert [str(link.label) for link in items if link.current] == [label]
