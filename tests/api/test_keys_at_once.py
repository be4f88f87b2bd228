"""One key sent many times at once: carried out once, and everybody gets the one answer."""

import json
from collections.abc import Callable
from typing import Any

from django.test import Client

from certifications.ledger.ids import new_ulid
from certifications.machines.models import KeptAnswer
from certifications.orders.models import BalanceEntry, OrderLine
from tests.flow.test_at_once import at_once, committed, failed
from tests.orders.conftest import open_to_threads
from tests.orders.shop import Shop, later

from .programs import Program

__all__ = ["committed", "open_to_threads"]


def post(program: Program, address: str, body: dict[str, Any], key: str) -> Callable[[], Any]:
    """To be sent when all are ready."""
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": key}

    def send() -> Any:
        answer = Client(SERVER_NAME="localhost").post(f"/api/{address}", json.dumps(body), content_type="application/json", headers=headers)
        return answer.status_code, answer.content, answer.headers.get("Idempotency-Replayed")

    return send


def test_one_key_sent_twenty_times_at_once_asks_once_and_ships_once(open_to_threads: Callable[[str], Shop]) -> None:
    shop = open_to_threads("24")
    erp = Program(shop.world.distributor_admin)
    body = {
        "customer": shop.customer_id, "order_number": "PO-1", "place": {"country": "CN", "division": "330200"}, "date": later(0).isoformat(),
        "lines": [{"line": "1", "catalogue_number": "CI-2440-100", "quantity": "5", "unit": "kit"}],
    }  # fmt: skip
    for address, sent in (("order-checks", body), ("shipments", {"quantity": "2"})):
        if address == "shipments":
            address = f"order-lines/{OrderLine.objects.get().pk}/shipments"
        key = new_ulid()
        answers = at_once(*(post(erp, address, sent, key) for _ in range(20)))
        assert failed(answers) == []
        assert {status for status, _body, _replayed in answers} == {200}
        assert len({content for _status, content, _replayed in answers}) == 1
        assert [replayed for _s, _b, replayed in answers].count(None) == 1
        assert KeptAnswer.objects.filter(key=key).count() == 1
    assert (shop.balance.reserved, shop.balance.shipped) == (3, 2)
    assert sorted(BalanceEntry.objects.values_list("kind", flat=True)) == ["declare", "reserve", "ship"]
