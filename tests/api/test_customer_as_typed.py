"""What a distributor typed of its customer may be an end user's name: the manufacturer's desk and its programs read an id, or nothing."""

import pytest

from certifications.machines.models import Delivery
from certifications.orders.models import OrderLine
from tests.api.programs import Program, webhook_of
from tests.orders.shop import CODE, Shop
from tests.world import client_of

pytestmark = pytest.mark.django_db
NAME = "宁波永川第二医院 Yongchuan"


@pytest.fixture
def lines(shop: Shop) -> list[OrderLine]:
    """Two lines as the distributor asked for them: one by a name that means nobody, one by its customer's registration number."""
    webhook_of(shop.world.lead, "https://erp.corvane.example/hook")
    return [shop.order(customer=NAME).line, shop.order(customer=CODE).line]


def test_the_desk_reads_no_customer_on_pages_in_files_or_by_search(shop: Shop, lines: list[OrderLine]) -> None:
    desk = client_of(shop.world.order_desk)
    answers = [desk.get(address) for address in ("/orders/", "/orders/export/", *(f"/orders/{line.pk}/" for line in lines))]
    assert {answer.status_code for answer in answers} == {200}
    pages = [answer.content.decode() for answer in answers]
    for page in pages:
        assert NAME not in page
        assert CODE not in page
    assert shop.customer_id in pages[3], "its own id says nothing, and is what the desk orders by"
    for text in (NAME, CODE):
        found = desk.get("/orders/", {"q": text}).content.decode()
        assert not any(line.order_number in found for line in lines)


@pytest.mark.parametrize("who", ["filer", "reviewer", "auditor"])
def test_its_distributor_and_compliance_read_it_as_typed(shop: Shop, lines: list[OrderLine], who: str) -> None:
    reader = client_of(shop.world.people[who])
    assert NAME in reader.get(f"/orders/{lines[0].pk}/").content.decode()
    assert NAME in reader.get("/orders/export/").content.decode()
    assert lines[0].order_number in reader.get("/orders/", {"q": NAME}).content.decode()


def test_the_manufacturers_programs_read_an_id_and_a_distributors_its_own_words(shop: Shop, lines: list[OrderLine]) -> None:
    desk, own = Program(shop.world.lead), Program(shop.world.distributor_admin)
    for program, said in ((desk, ["", shop.customer_id]), (own, [NAME, CODE])):
        assert [program.get(f"order-lines/{line.pk}").json()["customer"] for line in lines] == said
        assert sorted(row["customer"] for row in program.get("order-lines").json()["lines"]) == sorted(said)
    shipped = desk.post(f"order-lines/{lines[1].pk}/shipments", {"quantity": "1", "unit": "kit"})
    assert shipped.json()["customer"] == shop.customer_id
    answer = desk.post(
        "order-checks",
        {
            "distributor": shop.world.qinglan.pk, "customer": CODE, "order_number": "SO-DESK", "date": str(lines[0].wanted_on),
            "place": {"country": "CN", "division": "330200"},
            "lines": [{"line": "1", "catalogue_number": "CI-2440-100", "quantity": "1", "unit": "kit"}],
        },
    )  # fmt: skip
    assert [row["customer"] for row in answer.json()["lines"]] == [shop.customer_id]


def test_a_message_to_an_address_names_no_customer(shop: Shop, lines: list[OrderLine]) -> None:
    shop.act(lines[1], "ship", "1")
    sent = str(list(Delivery.objects.values()))
    assert lines[1].pk in sent
    assert NAME not in sent
    assert CODE not in sent
