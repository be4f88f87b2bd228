"""What a row of a file of orders means: the same by a program and by a page, and whatever stands in other rows."""

from typing import Any

import pytest
from pydantic import ValidationError

from certifications.api.schemas import OrderCheckIn
from certifications.flow import orders, upload_orders
from certifications.orders.models import OrderLine
from certifications.pages.orders.forms import CheckForm
from tests.catalogue.changes import agreed, proposed, said
from tests.uploads.files import csv
from tests.uploads.steps import committed, problems, sent

from .by_file import HEAD, asked, row
from .shop import CODE, Shop

pytestmark = pytest.mark.django_db


def test_a_number_is_the_same_by_a_program_and_by_a_file(shop: Shop) -> None:
    """As it was typed: what is folded is another order, and its quantity would be reserved twice."""
    shop.order("2", order_number="PO-1（补）", line="１０")
    upload = committed(asked(shop, ("PO-1（补）", "１０", *row(10)[2:])), shop.world.filer)
    assert upload.counts["said_release"] == 1
    assert (OrderLine.objects.count(), shop.balance.reserved) == (1, 2)


@pytest.mark.parametrize("mark", ["\u200b", "\u202e", "\u200e", "\u00ad", "\ufeff"])
def test_what_nobody_sees_is_refused_alike_by_file_page_and_program(shop: Shop, mark: str) -> None:
    number = f"PO{mark}-1"
    upload = asked(shop, row(10, order_number=number), ("PO-1", f"2{mark}0", *row(20)[2:]))
    assert [(at, field) for at, field, _said in problems(upload)] == [(2, "order_number"), (3, "line")]
    form = CheckForm({"order_number": number, "line": f"1{mark}0"}, user=shop.world.filer)
    assert {"order_number", "line"} <= form.errors.keys()
    assert "nobody sees" in form.errors["order_number"][0] or "看不见" in form.errors["order_number"][0]
    given = {"customer": CODE, "order_number": number, "place": {"country": "CN", "division": "330200"}, "date": "2026-12-01"}
    line = {"line": f"1{mark}0", "catalogue_number": "CI-2440-100", "quantity": "1", "unit": "kit"}
    with pytest.raises(ValidationError) as refused:
        OrderCheckIn(**given, lines=[line])  # type: ignore[arg-type]
    assert {error["loc"][-1] for error in refused.value.errors()} == {"order_number", "line"}


def added(shop: Shop, number: str) -> None:
    """A product that two people take into the catalogue."""
    agreed(proposed(shop.world.lead, "product", number, said(shop.world.kit, name="Kit").content()), shop.world.reviewer)


def test_what_a_row_means_hangs_on_no_other_row(shop: Shop) -> None:
    added(shop, "CI-2440")
    rows = row(10, catalogue_number="CI-2440 100"), row(20, catalogue_number="CI-2440"), row(30, catalogue_number="CI-2440 Kit")
    upload = asked(shop, *rows, row(40, catalogue_number="ci2440100"))
    assert problems(upload) == []
    committed(upload, shop.world.filer)
    committed(asked(shop, row(50, catalogue_number="CI-2440 100")), shop.world.filer)
    assert dict(OrderLine.objects.values_list("line", "catalogue_number")) == {
        "10": "CI-2440-100", "20": "CI-2440", "30": "CI-2440", "40": "CI-2440-100", "50": "CI-2440-100",
    }  # fmt: skip


def test_a_number_that_is_written_exactly_means_itself_beside_one_that_is_like_it(shop: Shop) -> None:
    added(shop, "CI2440100")
    upload = asked(shop, row(10, catalogue_number="CI-2440-100"), row(20, catalogue_number="CI2440100"))
    assert problems(upload) == []
    committed(upload, shop.world.filer)
    assert dict(OrderLine.objects.values_list("line", "catalogue_number")) == {"10": "CI-2440-100", "20": "CI2440100"}


def test_another_product_than_was_checked_is_never_reserved(shop: Shop) -> None:
    upload = asked(shop, row(10, catalogue_number="CI 2440 100"))
    assert upload.counts["ready"] == 1
    added(shop, "CI 2440 100")
    upload = committed(upload, shop.world.filer)
    assert (upload.status, OrderLine.objects.count()) == ("checked", 0)
    assert [what for _n, _f, what in problems(upload)] == ["What this row would do has changed since you looked at it."]


def test_what_is_read_longer_than_it_is_written_is_named(shop: Shop) -> None:
    """One sign may be several letters when it is read."""
    upload = asked(shop, row(10, unit="㎏" * 15), row(20, order_number="P" * 41), row(30))
    assert [(at, field) for at, field, _said in problems(upload)] == [(2, "unit"), (3, "order_number")]
    assert "At most 20 characters fit here; this has 30" in problems(upload)[0][2]


def test_what_the_database_cannot_hold_is_the_error_of_its_row(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = asked(shop, row(10), row(20), row(30))
    check = orders.check

    def odd(**given: Any) -> Any:
        answers = check(**given)
        if answers[0].line.line == "20":
            OrderLine.objects.filter(pk=answers[0].line.pk).update(unit="x" * 21)
        return answers

    monkeypatch.setattr(orders, "check", odd)
    upload = committed(upload, shop.world.filer, "ready")
    assert (upload.status, shop.balance.reserved) == ("committed", 4)
    assert [(at, said.partition(".")[0]) for at, _field, said in problems(upload)] == [(3, "The portal cannot keep what this row says")]


def test_a_distributor_by_its_name_and_by_its_id_is_one(shop: Shop) -> None:
    desk, own, head = shop.world.order_desk, shop.world.qinglan, ("distributor", *HEAD)
    upload = sent(
        desk, csv(head, (own.name, *row(10)), (own.pk, *row(10)), (own.name.upper(), *row(20)), (own.pk, *row(20, "3"))), kind="any_orders"
    )
    assert [(at, said.partition(";")[0].partition(" says")[0]) for at, _field, said in problems(upload)] == [
        (3, "The same as row 2"), (5, "Row 4 is about the same one and"),
    ]  # fmt: skip
    upload = committed(upload, desk, "ready")
    assert (shop.balance.reserved, OrderLine.objects.count()) == (4, 2)


def test_a_distributor_is_found_without_reading_the_names_of_all(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, own = shop.world.order_desk, shop.world.qinglan
    upload = sent(desk, csv(("distributor", *HEAD), (own.name, *row(10)), (own.pk, *row(20))), kind="any_orders")

    def everybody(_firms: Any) -> Any:
        raise AssertionError("a row reads the names of all distributors")

    monkeypatch.setattr(upload_orders, "Firms", everybody)
    assert committed(upload, desk).counts["said_release"] == 2
