"""The order API as a program sees it: answers, keys, errors that say what and where, and nobody else's orders."""

import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from certifications.ledger.ids import new_ulid
from certifications.machines.models import KeptAnswer
from certifications.orders.models import BalanceEntry, OrderLine
from tests.catalogue.changes import grouped
from tests.orders.shop import CODE, Shop, later

from .programs import Program

pytestmark = pytest.mark.django_db


def order(shop: Shop, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A body as the description says."""
    wanted = lines or ({},)
    return {
        "distributor": shop.world.qinglan.pk,
        "customer": CODE,
        "order_number": f"PO-{new_ulid()[-6:]}",
        "place": {"country": "CN", "division": "330200"},
        "date": later(0).isoformat(),
        "lines": [
            {"line": str(10 * (n + 1)), "catalogue_number": "CI-2440-100", "quantity": "2", "unit": "kit", **line}
            for n, line in enumerate(wanted)
        ],
        **changes,
    }


def test_each_line_is_answered_and_what_is_released_is_reserved(shop: Shop, desk: Program) -> None:
    answer = desk.post("order-checks", order(shop, {"quantity": "20"}, {"quantity": 6}, {"catalogue_number": "CI-2717-200"}))
    assert answer.status_code == 200
    first, second, third = answer.json()["lines"]
    assert [line["answer"] for line in (first, second, third)] == ["release", "hold", "needs_declaration"]
    assert (first["declaration"], first["attestation"]) == (shop.declaration.number, shop.attestation.number)
    assert (first["reserved"], first["left"], first["reserved_until"]) == ("20", "4", shop.balance.valid_until.isoformat())
    reason = second["reasons"][0]
    assert (reason["code"], reason["left"], reason["lifted_by"]) == ("quantity", "4", "distributor")
    assert second["reserved"] == "0"
    assert shop.balance.reserved == 20


def test_a_distributor_s_program_asks_for_itself_without_saying_so(shop: Shop, erp: Program) -> None:
    body = order(shop)
    del body["distributor"]
    assert erp.post("order-checks", body).json()["lines"][0]["answer"] == "release"


def test_what_is_held_for_compliance_says_by_when_it_is_looked_at(shop: Shop, desk: Program) -> None:
    shop.say(status="suspended")
    line = desk.post("order-checks", order(shop)).json()["lines"][0]
    assert (line["answer"], line["answer_by"]) == ("hold", later(5).isoformat())
    assert line["reasons"] == [
        {
            "code": "attestation_suspended", "text": "The attestation of this declaration is suspended.", "lifted_by": "compliance",
            "until": None, "left": None,
        }
    ]  # fmt: skip


def test_words_follow_the_language_that_is_asked_for_and_codes_do_not(shop: Shop, desk: Program) -> None:
    shop.say(status="suspended")
    line = desk.post("order-checks", order(shop), **{"Accept-Language": "zh-hans"}).json()["lines"][0]
    assert (line["reasons"][0]["code"], line["reasons"][0]["text"]) == ("attestation_suspended", "此声明的证明书已暂停。")


def test_the_same_key_and_body_get_the_same_answer_and_reserve_once(shop: Shop, desk: Program) -> None:
    body, key = order(shop), new_ulid()
    first, again = desk.post("order-checks", body, key), desk.post("order-checks", body, key)
    assert first.content == again.content
    assert first.headers["Cache-Control"] == "no-store"
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert shop.balance.reserved == 2
    assert BalanceEntry.objects.filter(kind="reserve").count() == 1


def test_the_same_key_with_another_body_or_address_is_refused(shop: Shop, desk: Program) -> None:
    body, key = order(shop), new_ulid()
    line = desk.post("order-checks", body, key).json()["lines"][0]["order_line"]
    for address, other in (("order-checks", order(shop)), (f"order-lines/{line}/shipments", {})):
        answer = desk.post(address, other, key)
        assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
    assert shop.balance.reserved == 2
    assert shop.balance.shipped == 0


def test_another_program_may_use_the_same_key(shop: Shop, desk: Program, erp: Program) -> None:
    key = new_ulid()
    assert desk.post("order-checks", order(shop), key).status_code == erp.post("order-checks", order(shop), key).status_code == 200
    assert shop.balance.reserved == 4


@pytest.mark.parametrize("key", ["short", "x" * 81, "with\ttab-in-it", "schlüssel-schlüssel"])
def test_a_key_that_is_none_is_refused_before_anything_is_done(shop: Shop, desk: Program, key: str) -> None:
    answer = desk.post("order-checks", order(shop), key)
    assert (answer.status_code, answer.json()["code"]) == (400, "no_key")
    assert not OrderLine.objects.exists()


def test_a_refusal_is_not_kept_and_may_succeed_later(shop: Shop, desk: Program) -> None:
    line, key = desk.post("order-checks", order(shop)).json()["lines"][0]["order_line"], new_ulid()
    shop.say(status="suspended")
    held = desk.post(f"order-lines/{line}/shipments", {}, key)
    assert (held.status_code, held.json()["code"]) == (409, "on_hold")
    assert held.json()["reasons"][0]["code"] == "attestation_suspended"
    assert not KeptAnswer.objects.filter(key=key).exists()
    shop.say(status="valid")
    assert desk.post(f"order-lines/{line}/shipments", {}, key).json()["shipped"] == "2"


def test_ship_return_and_cancel_in_any_unit_that_converts(shop: Shop, erp: Program) -> None:
    line = erp.post("order-checks", order(shop, {"quantity": "10"})).json()["lines"][0]["order_line"]
    said = erp.post(f"order-lines/{line}/shipments", {"quantity": "400", "unit": "samples"}).json()
    assert (said["status"], said["reserved"], said["shipped"]) == ("released", "6", "4")
    said = erp.post(f"order-lines/{line}/returns", {"quantity": 1}).json()
    assert (said["shipped"], said["returned"]) == ("3", "1")
    said = erp.post(f"order-lines/{line}/cancellations", {}).json()
    assert (said["status"], said["reserved"]) == ("shipped", "0")
    balance = erp.get(f"declarations/{shop.declaration.number}/balances").json()["balances"][0]
    assert (balance["declared"], balance["reserved"], balance["shipped"], balance["left"]) == ("24", "0", "3", "21")
    assert erp.get(f"order-lines/{line}").json()["shipped"] == "3"
    for address, body, code in (
        ("shipments", {}, "status"), ("returns", {"quantity": "9"}, "quantity"), ("returns", {"quantity": "1", "unit": "pallet"}, "unit"),
    ):  # fmt: skip
        answer = erp.post(f"order-lines/{line}/{address}", body)
        assert answer.status_code in {409, 422}
        assert answer.json()["code"] == code


def test_substitution_within_a_group(shop: Shop, erp: Program) -> None:
    line = erp.post("order-checks", order(shop, {"quantity": "20"})).json()["lines"][0]["order_line"]
    body = {"catalogue_number": "CI-2717-200", "quantity": "10", "unit": "kit"}
    refused = erp.post(f"order-lines/{line}/substitutions", body)
    assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, "catalogue_number")
    grouped(shop.world)
    said = erp.post(f"order-lines/{line}/substitutions", body).json()
    assert (said["catalogue_number"], said["reserved"], said["left"]) == ("CI-2717-200", "10", "2")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"order_number": ""}, "order_number"), ({"order_number": "x" * 41}, "order_number"), ({"order_number": "a\u0000b"}, "order_number"),
        ({"distributor": "a\u0000b"}, "distributor"), ({"distributor": "x" * 27}, "distributor"),
        ({"order_number": "\ud800"}, "order_number"), ({"customer": "\u202eabc"}, "customer"), ({"date": "tomorrow"}, "date"),
        ({"date": 1700000000}, "date"), ({"date": "2026-02-30"}, "date"), ({"place": {"country": "China"}}, "place.country"),
        ({"place": {"country": "CN", "division": "33"}}, "place.division"), ({"lines": []}, "lines"), ({"surprise": 1}, "surprise"),
        ({"lines": [{"line": "1", "catalogue_number": "x", "quantity": "0", "unit": "kit"}]}, "lines[0].quantity"),
        ({"lines": [{"line": "1", "catalogue_number": "x", "quantity": "-1", "unit": "kit"}]}, "lines[0].quantity"),
        ({"lines": [{"line": "1", "catalogue_number": "x", "quantity": "1e99", "unit": "kit"}]}, "lines[0].quantity"),
        ({"lines": [{"line": "1", "catalogue_number": "x", "quantity": "0.00001", "unit": "kit"}]}, "lines[0].quantity"),
        ({"lines": [{"line": "1", "catalogue_number": "x", "quantity": "NaN", "unit": "kit"}]}, "lines[0].quantity"),
        ({"lines": [{"line": "1", "catalogue_number": "x", "quantity": True, "unit": "kit"}]}, "lines[0].quantity"),
        ({"lines": [{"line": "1", "catalogue_number": "x", "quantity": "1"}]}, "lines[0].unit"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_by_its_place_with_the_way_to_mend_it(
    shop: Shop, desk: Program, change: dict[str, Any], where: str
) -> None:
    answer = desk.post("order-checks", {**order(shop), **change})
    said = answer.json()
    assert (answer.status_code, said["code"], answer.headers["Content-Type"]) == (422, "invalid", "application/problem+json")
    assert where in [error["where"] for error in said["errors"]]
    assert all(error["what"] and error["mend"] for error in said["errors"])
    assert not OrderLine.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b'{"a": 1, "a": 2}', 400), (b'{"a": NaN}', 400), (b"[" * 90_000, 400), (b"\xff\xfe", 400), (b"[]", 422),
        (b'{"quantity": 1' + b"0" * 5000 + b"}", 400), (b" " * (256 * 1024 + 1), 413),
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_or_too_large_is_refused(shop: Shop, desk: Program, body: bytes, status: int) -> None:
    answer = desk.post("order-checks", body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert not OrderLine.objects.exists()


def test_a_form_is_no_order(shop: Shop, desk: Program) -> None:
    said = {"Authorization": f"Bearer {desk.token}", "Idempotency-Key": new_ulid()}
    assert Client().post("/api/order-checks", {"a": "b"}, headers=said).status_code == 415


def test_two_lines_of_one_number_and_a_day_that_is_over_are_refused(shop: Shop, desk: Program) -> None:
    twice = order(shop, {"line": "1"}, {"line": "1"})
    for body, where in (
        (twice, "lines"),
        (order(shop, date=later(-1).isoformat()), "date"),
        (order(shop, distributor="0" * 26), "distributor"),
    ):
        answer = desk.post("order-checks", body)
        assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, where)
    assert not OrderLine.objects.exists()


def test_a_line_released_for_something_else_is_a_conflict(shop: Shop, desk: Program) -> None:
    desk.post("order-checks", order(shop, order_number="PO-1"))
    answer = desk.post("order-checks", order(shop, {"quantity": "3"}, order_number="PO-1"))
    assert (answer.status_code, answer.json()["code"]) == (409, "different")
    assert shop.balance.reserved == 2


def test_another_distributor_s_lines_and_declarations_do_not_exist(shop: Shop, erp: Program, desk: Program) -> None:
    line = erp.post("order-checks", order(shop)).json()["lines"][0]["order_line"]
    shop.world.stranger.memberships.create(organisation=shop.world.stranger.organisation, role="distributor_admin")
    fresh = type(shop.world.stranger).objects.get(pk=shop.world.stranger.pk)
    other = Program(fresh)
    for address in (
        f"order-lines/{line}",
        f"order-lines/{'0' * 26}",
        f"declarations/{shop.declaration.number}/balances",
        "declarations/EUD/balances",
    ):
        assert other.get(address).status_code == 404
    foreign, unknown = other.get(f"order-lines/{line}"), other.get(f"order-lines/{'0' * 26}")
    assert foreign.content == unknown.content
    for act in ("shipments", "returns", "cancellations"):
        assert other.post(f"order-lines/{line}/{act}", {}).status_code == 404
    assert other.get("order-lines").json() == {"lines": [], "next": None}
    assert other.post("order-checks", order(shop)).json()["errors"][0]["where"] == "distributor"
    assert desk.get(f"order-lines/{line}").status_code == 200
    assert shop.balance.shipped == 0


def test_an_unknown_customer_gets_the_same_answer_whether_or_not_another_distributor_has_it(shop: Shop, erp: Program) -> None:
    code = "91330203MA5KNBWN9X"
    before = erp.post("order-checks", order(shop, customer=code)).json()["lines"][0]
    shop.world.customer(by="stranger", uscc=code, native_name="宁波甲医院", latin_name="Ningbo A Hospital")
    after = erp.post("order-checks", order(shop, customer=code)).json()["lines"][0]
    for line in (before, after):
        del line["order_line"], line["order_number"]
    assert before == after
    assert before["reasons"][0]["code"] == "customer_unknown"


def test_lists_come_in_pages_by_order_and_status(shop: Shop, desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from certifications.api import orders as view

    monkeypatch.setattr(view, "PER_PAGE", 2)
    for _ in range(3):
        desk.post("order-checks", order(shop, order_number=f"PO-{_}"))
    first = desk.get("order-lines").json()
    second = desk.get(f"order-lines?after={first['next']}").json()
    assert [line["order_number"] for line in first["lines"] + second["lines"]] == ["PO-2", "PO-1", "PO-0"]
    assert second["next"] is None
    assert len(desk.get("order-lines?order_number=PO-1").json()["lines"]) == 1
    assert desk.get("order-lines?status=held").json()["lines"] == []
    assert desk.get("order-lines?status=%00").status_code == 400


def test_a_page_of_lines_takes_the_same_statements_however_many_there_are(shop: Shop, desk: Program) -> None:
    counted = []
    for n in (1, 9):
        for _ in range(n):
            desk.post("order-checks", order(shop, {"quantity": "1"}))
        with CaptureQueriesContext(connection) as statements:
            lines = desk.get("order-lines").json()["lines"]
        assert lines[0]["attestation"] == shop.attestation.number
        counted.append(len(statements))
    assert counted[0] == counted[1]


@override_settings(API_PER_MINUTE=3)
def test_past_the_limit_a_program_is_told_when_to_come_back(shop: Shop, desk: Program) -> None:
    answers = [desk.get("order-lines") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 60
    assert answers[3].json()["code"] == "too_many"


def test_a_part_that_does_not_answer_is_a_problem_and_never_a_release(shop: Shop, desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(**_: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("certifications.flow.orders.check", gone)
    answer = desk.post("order-checks", order(shop))
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert "server closed" not in answer.content.decode()


@override_settings(PORTAL_HTTPS=True)
def test_nothing_is_answered_in_the_clear(shop: Shop, desk: Program) -> None:
    answer = desk.post("order-checks", order(shop))
    assert (answer.status_code, answer.json()["code"]) == (403, "no_tls")
    assert not OrderLine.objects.exists()


def test_the_description_names_every_address_and_its_problems(client: Client, db: None) -> None:
    said = client.get("/api/openapi.json").json()
    assert set(said["paths"]) >= {
        "/api/token",
        "/api/order-checks",
        "/api/order-lines/{pk}/shipments",
        "/api/declarations/{number}/balances",
    }
    check = said["paths"]["/api/order-checks"]["post"]
    assert {"200", "409", "422", "429"} <= set(check["responses"])
    assert json.dumps(said)


def test_what_is_not_there_is_a_problem_too(client: Client, db: None) -> None:
    answer = client.get("/api/nothing/here")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
