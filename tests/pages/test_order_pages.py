"""Orders and programs for people: the same answers as the API, nobody's names to whom they are not due, nothing twice."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certifications.ledger.ids import new_ulid
from certifications.machines.models import ApiClient, Webhook
from certifications.orders.models import OrderLine
from tests.api.programs import program_of, webhook_of
from tests.catalogue.changes import grouped
from tests.orders.conftest import shop
from tests.orders.shop import CODE, Shop, later
from tests.world import client_of, code_of

__all__ = ["shop"]
pytestmark = pytest.mark.django_db


def text_of(answer: Any) -> str:
    """The page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def typed(shop: Shop, **changes: str) -> dict[str, str]:
    return {
        "order_number": "PO-7", "line": "10", "customer": shop.customer_id, "catalogue_number": "CI-2440-100", "quantity": "5", "unit": "kit",
        "country": "CN", "division": "330200", "date": later(0).isoformat(), **changes,
    }  # fmt: skip


def test_a_distributor_checks_an_order_and_sees_what_is_reserved(shop: Shop) -> None:
    filer = client_of(shop.world.filer)
    answer = filer.post("/orders/check/", typed(shop), follow=True)
    said = text_of(answer)
    assert "Released: the quantity is reserved." in said
    assert shop.declaration.number in said
    assert shop.balance.reserved == 5
    page = text_of(filer.get(f"/d/declarations/{shop.declaration.number}/"))
    assert "Balance" in page
    assert "PO-7 / 10" in page


def test_the_order_desk_asks_by_number_and_never_sees_a_customer_s_name(shop: Shop) -> None:
    desk = client_of(shop.world.order_desk)
    body = typed(shop, distributor=shop.world.qinglan.pk, customer=CODE)
    line_page = desk.post("/orders/check/", body, follow=True)
    pages = [line_page, desk.get("/orders/"), desk.get("/orders/export/")]
    for page in pages:
        assert "PO-7" in page.content.decode()
        assert "宁波江南医院" not in page.content.decode()
        assert "Jiangnan" not in page.content.decode()
    assert "Jiangnan" in client_of(shop.world.reviewer).get("/orders/").content.decode()
    assert "宁波江南医院" in client_of(shop.world.filer).get("/orders/export/").content.decode()


def test_what_holds_an_order_stands_on_its_page_with_who_can_lift_it(shop: Shop) -> None:
    shop.say(status="suspended")
    filer = client_of(shop.world.filer)
    said = text_of(filer.post("/orders/check/", typed(shop), follow=True))
    assert "The attestation of this declaration is suspended." in said
    assert "compliance team" in said
    line = OrderLine.objects.get()
    shop.say(status="valid")
    assert "Released" in text_of(filer.post(f"/orders/{line.pk}/act/", {"what": "again"}, follow=True))
    assert shop.balance.reserved == 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"date": "2020-01-01"}, "today or later"),
        ({"quantity": "0"}, "quantity"),
        ({"customer": "X"}, "customer"),
        ({"quantity": "1e99"}, "quantity"),
    ],
)
def test_a_form_that_does_not_fit_comes_back_with_the_field(shop: Shop, changes: dict[str, str], words: str) -> None:
    answer = client_of(shop.world.filer).post("/orders/check/", typed(shop, **changes))
    assert answer.status_code == 422
    assert words in text_of(answer).lower()
    assert not OrderLine.objects.exists()


def act(who: Any, line: OrderLine, what: str, quantity: str = "", key: str | None = None, **more: str) -> Any:
    body = {"what": what, f"{what}-form_key": key or new_ulid(), f"{what}-quantity": quantity, **more}
    return client_of(who).post(f"/orders/{line.pk}/act/", body)


def test_shipping_twice_by_a_double_click_ships_once(shop: Shop) -> None:
    line, key = shop.order("10").line, new_ulid()
    for _ in range(2):
        assert act(shop.world.filer, line, "ship", "4", key).status_code == 302
    assert (shop.balance.reserved, shop.balance.shipped) == (6, 4)
    act(shop.world.order_desk, line, "return", "1")
    act(shop.world.order_desk, line, "release")
    assert (shop.balance.reserved, shop.balance.shipped, shop.balance.left) == (0, 3, 21)


def test_one_form_key_on_two_lines_is_two_acts(shop: Shop) -> None:
    key = new_ulid()
    for _ in range(2):
        assert act(shop.world.filer, shop.order("5").line, "ship", "1", key).status_code == 302
    assert shop.balance.shipped == 2


def test_what_may_not_ship_is_said_on_the_page_and_nothing_recorded(shop: Shop) -> None:
    line = shop.order("10").line
    shop.say(status="revoked")
    answer = act(shop.world.filer, line, "ship")
    assert answer.status_code == 422
    assert "was revoked" in text_of(answer)
    for quantity in ("99", "-1", "x"):
        assert act(shop.world.filer, line, "release", quantity).status_code == 422
    assert (shop.balance.reserved, shop.balance.shipped) == (10, 0)


def test_substitution_is_offered_within_the_group(shop: Shop) -> None:
    grouped(shop.world)
    line = shop.order("10").line
    assert "CI-2717-200" in client_of(shop.world.filer).get(f"/orders/{line.pk}/").content.decode()
    assert act(shop.world.filer, line, "substitute", "3", catalogue_number="CI-2717-200").status_code == 302
    assert shop.balance.reserved == 6


def test_nobody_acts_on_what_is_not_theirs_or_not_theirs_to_do(shop: Shop) -> None:
    line = shop.order("10").line
    for who in ("stranger", "reviewer", "signatory", "distributor_admin", "operator", "regulator"):
        assert act(shop.world.people[who], line, "ship").status_code == 404, who
    for who in ("stranger", "operator", "regulator"):
        assert client_of(shop.world.people[who]).get(f"/orders/{line.pk}/").status_code == 404, who
    assert shop.balance.shipped == 0


def test_the_list_is_searched_filtered_and_paged(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certifications.pages.orders.views.PER_PAGE", 2)
    for n in range(3):
        shop.order("1", order_number=f"PO-{n}")
    shop.order("99", order_number="SO-9")
    filer = client_of(shop.world.filer)
    first = filer.get("/orders/").content.decode()
    following = re.search(r'href="(\?before=[^"]+)"', first)
    assert following is not None
    assert "PO-0" not in first
    assert "PO-0" in filer.get("/orders/" + following[1]).content.decode()
    assert "SO-9" not in filer.get("/orders/?q=PO-").content.decode()
    held = filer.get("/orders/?status=held").content.decode()
    assert ("SO-9" in held, "PO-1" in held) == (True, False)
    assert "PO-1" in filer.get(f"/orders/?q={shop.declaration.number}").content.decode()
    assert "No order line like that" in filer.get("/orders/?q=nothing").content.decode()


HEAD = "order_number,line,customer,catalogue_number,quantity,unit,country,division,date"


def sent(shop: Shop, content: str | bytes, back: str = "page", who: str = "filer") -> Any:
    file = SimpleUploadedFile("orders.csv", content if isinstance(content, bytes) else content.encode())
    return client_of(shop.world.people[who]).post("/orders/upload/", {"file": file, "back": back})


def row(shop: Shop, line: int = 10, quantity: str = "2", **changes: str) -> str:
    cells = {
        "order": "PO-1",
        "customer": CODE,
        "number": "CI-2440-100",
        "unit": "kit",
        "country": "CN",
        "division": "330200",
        "day": later(0).isoformat(),
    }
    cells |= changes
    return ",".join(
        [
            cells["order"],
            str(line),
            cells["customer"],
            cells["number"],
            quantity,
            cells["unit"],
            cells["country"],
            cells["division"],
            cells["day"],
        ]
    )


def test_a_file_of_orders_is_answered_on_a_page_or_as_a_file(shop: Shop) -> None:
    content = "\n".join([HEAD, row(shop, 10), row(shop, 20, "99"), row(shop, 10, "3", order="PO-2", unit="盒")])
    page = sent(shop, content)
    assert page.status_code == 200
    assert "Released, reserved" in text_of(page)
    assert shop.balance.reserved == 5
    again = sent(shop, content.encode("gb18030"), back="csv")
    assert again.headers["Content-Type"].startswith("text/csv")
    lines = again.content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[5] for line in lines[1:]] == ["release", "hold", "release"]
    assert shop.balance.reserved == 5


def test_with_one_wrong_cell_nothing_is_asked_and_every_wrong_cell_is_named(shop: Shop) -> None:
    content = "\n".join([HEAD, row(shop, 10), row(shop, 20, "two"), row(shop, 20, day="tomorrow", country="China"), row(shop, 10)])
    answer = sent(shop, content)
    assert answer.status_code == 422
    errors = [(e.row, e.column) for e in answer.context["errors"]]
    assert errors == [(3, "quantity"), (4, "country"), (4, "date"), (5, "line")]
    assert not OrderLine.objects.exists()


def test_an_order_that_cannot_be_asked_takes_the_whole_file_with_it(shop: Shop) -> None:
    content = "\n".join([HEAD, row(shop, 10), row(shop, 10, order="PO-2", day=later(-1).isoformat())])
    answer = sent(shop, content)
    assert answer.status_code == 422
    assert "today or later" in text_of(answer)
    assert not OrderLine.objects.exists()
    assert shop.balance.reserved == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04...", "no CSV file"), (b"", "empty"), (b"a,b\n1,2", "lacks the columns"), ((HEAD + "\n").encode(), "between 1 and"),
        ((HEAD + "\n" + "x\n" * 501).encode(), "between 1 and"), ((HEAD + '\n"').encode(), "quotes"), (b"x" * (1024 * 1024 + 1), "1 MB"),
        ((HEAD + ",line\n1").encode(), "twice"), (HEAD.encode() + b"\n\x00", "no CSV file"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_orders_is_refused_in_one_sentence(shop: Shop, content: bytes, words: str) -> None:
    answer = sent(shop, content)
    assert answer.status_code == 422
    assert words in text_of(answer)


def test_no_formula_leaves_in_an_export(shop: Shop) -> None:
    shop.order("1", order_number="=cmd|x")
    assert ",'=cmd" in "," + client_of(shop.world.filer).get("/orders/export/").content.decode("utf-8-sig").splitlines()[1]


def test_a_program_is_made_with_a_code_and_its_secret_is_shown_once(shop: Shop) -> None:
    admin = shop.world.distributor_admin
    browser = client_of(admin)
    refused = browser.post("/programs/new/", {"name": "ERP", "scopes": ["orders:check"], "code": "000000"})
    assert refused.status_code == 422
    assert not ApiClient.objects.exists()
    made = browser.post("/programs/new/", {"name": "ERP", "scopes": ["orders:check"], "code": code_of(admin)})
    secret = re.findall(r'<span class="secret">([^<]+)</span>', made.content.decode())[1]
    program = ApiClient.objects.get()
    assert (program.organisation, program.scopes) == (shop.world.qinglan, ["orders:check"])
    assert "no-store" in made.headers["Cache-Control"]
    listed = browser.get("/programs/").content.decode()
    assert "ERP" in listed
    assert secret not in listed
    browser.post(f"/programs/{program.pk}/revoke/")
    program.refresh_from_db()
    assert program.revoked_at is not None


def test_an_address_is_added_with_a_code_and_removed_without(shop: Shop) -> None:
    lead = shop.world.lead
    browser = client_of(lead)
    assert browser.post("/programs/webhooks/new/", {"url": "http://10.0.0.1/", "code": "000000"}).status_code == 422
    made = browser.post("/programs/webhooks/new/", {"url": "https://desk.corvane.example/hook", "code": code_of(lead)})
    assert "Signing secret" in text_of(made)
    hook = Webhook.objects.get()
    assert "No message yet" in text_of(browser.get(f"/programs/webhooks/{hook.pk}/"))
    browser.post(f"/programs/webhooks/{hook.pk}/remove/")
    hook.refresh_from_db()
    assert hook.removed_at is not None


def test_each_organisation_sees_its_own_programs_alone(shop: Shop) -> None:
    program, _ = program_of(shop.world.lead)
    hook, _ = webhook_of(shop.world.lead)
    admin = client_of(shop.world.distributor_admin)
    assert program.pk not in admin.get("/programs/").content.decode()
    for address in (f"/programs/{program.pk}/revoke/", f"/programs/webhooks/{hook.pk}/", f"/programs/webhooks/{hook.pk}/remove/"):
        assert admin.get(address).status_code == 404
        assert admin.post(address).status_code in {404, 405}
    assert program.pk in client_of(shop.world.lead).get("/programs/").content.decode()
    # Whoever may not see a customer makes no program that may.
    for who in ("operator", "filer", "signatory", "reviewer", "auditor", "order_desk", "regulator"):
        assert client_of(shop.world.people[who]).get("/programs/").status_code == 404
