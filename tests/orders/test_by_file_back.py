"""A file of orders is taken back whole: what it brought is over, what was there before is as it was, and what somebody was promised since stays."""

from typing import Any

import pytest

from certifications.flow import order_acts
from certifications.flow import uploads as flow
from certifications.flow.uploads import KINDS
from certifications.ledger.moves import NotAllowed
from certifications.orders.models import OrderLine
from certifications.uploads import actions, steps
from tests.uploads.steps import committed, problems, undone, worked
from tests.world import client_of

from .by_file import asked, row
from .shop import Shop, later

pytestmark = pytest.mark.django_db


def test_all_or_nothing_names_everything_that_changed_at_once(shop: Shop) -> None:
    upload = asked(shop, row(10), row(20), row(30), row(40))
    for line in ("20", "40"):
        shop.order("4", order_number="PO-1", line=line)
    upload = committed(upload, shop.world.filer)
    assert (upload.status, [at for at, _field, _said in problems(upload)]) == ("checked", [3, 5])
    # Nothing was written and taken back for it.
    assert set(OrderLine.objects.values_list("line", flat=True)) == {"20", "40"}


def test_all_or_nothing_gives_back_what_it_reserved(shop: Shop) -> None:
    upload = asked(shop, row(10), row(20), row(30))
    actions.commit(upload=upload, kind=KINDS["orders"], by=shop.world.filer, mode="all")

    def fault(_name: str) -> None:
        # When the first line is written, somebody asks for the last, for something else.
        if not OrderLine.objects.filter(line="30").exists():
            shop.order("4", order_number="PO-1", line="30")

    steps.go_on(upload.pk, flow.KINDS, fault)
    upload = worked(upload)
    assert (upload.status, upload.counts["attention"]) == ("checked", 1)
    assert shop.balance.reserved == 4
    assert dict(OrderLine.objects.values_list("line", "status")) == {"10": "cancelled", "20": "cancelled", "30": "released"}
    upload = committed(upload, shop.world.filer, "ready")
    assert shop.balance.reserved == 8


def stands(line: OrderLine) -> dict[str, Any]:
    """Everything that a line asks and was answered."""
    line = OrderLine.objects.get(pk=line.pk)
    return {field.attname: getattr(line, field.attname) for field in OrderLine._meta.concrete_fields}


def test_a_file_is_taken_back_with_what_it_reserved_alone(shop: Shop) -> None:
    shop.order("3", order_number="PO-1", line="10")
    held = [
        shop.order("99", order_number="PO-1", line="20", wanted_on=later(3)).line,
        shop.order("98", order_number="PO-1", line="50", customer="91330203MA2AB1QX00").line,
    ]
    before = [stands(line) for line in held]
    upload = committed(asked(shop, row(10, "3"), row(20), row(30), row(40, "99"), row(50, "97")), shop.world.filer)
    assert shop.balance.reserved == 7
    assert [stands(line)["status"] for line in held] == ["released", "held"]
    page = client_of(shop.world.filer).get(f"/d/uploads/{upload.number}/undo/").content.decode()
    assert "those that were held before it are held as they had been asked" in page
    assert undone(upload, shop.world.filer).status == "undone"
    assert shop.balance.reserved == 3
    assert dict(OrderLine.objects.values_list("line", "status")) == {
        "10": "released", "20": "held", "30": "cancelled", "40": "cancelled", "50": "held",
    }  # fmt: skip
    # As the program had asked them, with the day that was promised; and they are asked again as any other.
    assert [stands(line) for line in held] == before
    again = committed(asked(shop, row(20)), shop.world.filer)
    assert (again.counts["said_release"], shop.balance.reserved) == (1, 5)


def test_what_was_put_back_is_committed_again_by_the_same_file(shop: Shop) -> None:
    """A file that was stopped finds everything as it was looked at."""
    shop.order("99", order_number="PO-1", line="20", wanted_on=later(3))
    upload = asked(shop, row(10), row(20), row(30))
    actions.commit(upload=upload, kind=KINDS["orders"], by=shop.world.filer, mode="all")
    done = iter([False, False, True])

    def fault(_name: str) -> None:
        if next(done, False):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.go_on(upload.pk, flow.KINDS, fault)
    actions.cancel(upload=upload, kind=KINDS["orders"], by=shop.world.filer)
    upload = worked(upload)
    assert (upload.status, upload.counts["ready"], shop.balance.reserved) == ("checked", 3, 0)
    assert OrderLine.objects.get(line="20").status == "held"
    upload = committed(upload, shop.world.filer)
    assert (upload.status, upload.counts["said_release"], shop.balance.reserved) == ("committed", 3, 6)


def test_what_a_later_file_or_a_program_was_promised_is_not_taken_back(shop: Shop) -> None:
    first = committed(asked(shop, row(10), row(20)), shop.world.filer)
    second = committed(asked(shop, row(10)), shop.world.filer)
    assert second.counts["said_release"] == 1
    with pytest.raises(NotAllowed, match="Row 2: It was asked again or changed"):
        undone(first, shop.world.filer)
    # The later one first, then the earlier.
    undone(second, shop.world.filer)
    assert shop.balance.reserved == 4
    shop.order("2", order_number="PO-1", line="20")
    with pytest.raises(NotAllowed, match="Row 3: It was asked again or changed"):
        undone(first, shop.world.filer)


def test_what_is_asked_between_the_look_and_the_taking_back_stays(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = committed(asked(shop, row(10)), shop.world.filer)
    withdraw = order_acts.withdraw

    def later_than_asked(**given: Any) -> OrderLine:
        shop.order("2", order_number="PO-1", line="10")
        return withdraw(**given)

    monkeypatch.setattr(order_acts, "withdraw", later_than_asked)
    assert undone(upload, shop.world.filer).status == "committed"
    assert (shop.balance.reserved, upload.problems.get().code, OrderLine.objects.get().status) == (2, "kept", "released")


def test_what_shipped_or_was_asked_again_is_not_taken_back(shop: Shop) -> None:
    upload = committed(asked(shop, row(10), row(20, "99")), shop.world.filer)
    first, second = OrderLine.objects.order_by("line")
    shop.act(first, "ship", "1")
    with pytest.raises(NotAllowed, match="It has shipped"):
        undone(upload, shop.world.filer)
    shop.act(first, "return", "1")
    shop.act(first, "release")
    shop.order("2", order_number="PO-1", line="20")
    second.refresh_from_db()
    assert second.status == "released"
    with pytest.raises(NotAllowed, match="asked again or changed"):
        undone(upload, shop.world.filer)
    shop.act(second, "release")
    assert undone(upload, shop.world.filer).status == "undone"
    assert shop.balance.reserved == 0
