"""The client of docs/api.md, as it stands there: it ships on a release and on nothing else."""

import http.client
import json
import re
import urllib.error
from email.message import Message
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.orders.shop import Shop, later

from .programs import Program

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture
def orders(shop: Shop, erp: Program) -> Any:
    """The client, with Django's test client in the place of the network."""
    code = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    assert code is not None
    space: dict[str, Any] = {}
    exec(code[1], space)  # noqa: S102 - our own document
    made = space["Orders"]("https://portal.example/", erp.client.pk, erp.secret)
    made.asked = []

    def post(path: str, body: bytes, headers: dict[str, str]) -> Any:
        made.asked.append((path, headers))
        kind = headers.get("Content-Type", "application/x-www-form-urlencoded")
        answer = Client(SERVER_NAME="localhost").post(f"/api/{path}", body, content_type=kind, headers=headers)
        if answer.status_code != 200:
            raise urllib.error.HTTPError(path, answer.status_code, "", Message(), BytesIO(answer.content))
        return json.loads(answer.content)

    made._post = post
    return made


def wanted(shop: Shop, *quantities: str) -> dict[str, Any]:
    line = {"catalogue_number": "CI-2440-100", "unit": "kit"}
    return {
        "customer": shop.customer_id, "order_number": "PO-1", "place": {"country": "CN", "division": "330200"}, "date": later(0).isoformat(),
        "lines": [{"line": str(n), "quantity": quantity, **line} for n, quantity in enumerate(quantities)],
    }  # fmt: skip


def test_only_what_is_released_may_ship(shop: Shop, orders: Any) -> None:
    assert orders.may_ship(wanted(shop, "20", "5")) == {"0": True, "1": False}
    line = shop.declaration.organisation.order_lines.get(line="0")
    for _ in range(2):
        assert orders.ship(line.pk, "4", "delivery-note-17") is True
    assert shop.balance.shipped == 4
    assert orders.ship("0" * 26, "1", "delivery-note-18") is False


def test_a_token_that_ran_out_is_renewed_once(shop: Shop, orders: Any) -> None:
    orders.token = "old"
    assert orders.may_ship(wanted(shop, "1")) == {"0": True}
    assert [path for path, _ in orders.asked] == ["order-checks", "token", "order-checks"]
    assert orders.asked[0][1]["Idempotency-Key"] == orders.asked[2][1]["Idempotency-Key"]


@pytest.mark.parametrize(
    "answer", [TimeoutError(), ConnectionResetError(), http.client.BadStatusLine("x"), json.JSONDecodeError("x", "", 0), {}, {"lines": []}]
)
def test_no_answer_and_one_that_cannot_be_read_are_hold(shop: Shop, orders: Any, answer: Any) -> None:
    def post(*_: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    orders._post = post
    assert orders.may_ship(wanted(shop, "1")) == {"0": False}
    assert orders.ship("0" * 26, "1", "delivery-note-17") is False


@pytest.mark.parametrize("status", [400, 403, 409, 422, 429, 500, 503])
def test_an_error_is_hold(shop: Shop, orders: Any, status: int) -> None:
    def post(path: str, *_: Any) -> Any:
        if path == "token":
            return {"access_token": "x"}
        raise urllib.error.HTTPError(path, status, "", Message(), BytesIO(b'{"lines": [{"line": "0", "answer": "release"}]}'))

    orders._post = post
    assert orders.may_ship(wanted(shop, "1")) == {"0": False}


def test_a_secret_is_not_sent_in_the_clear(orders: Any) -> None:
    with pytest.raises(ValueError, match="clear"):
        type(orders)("http://portal.example", "x", "y")
