"""Orders and programs for people: the same answers as the API, nobody's names to whom they are not due, nothing twice."""

import re
from typing import Any

import pytest

from certifications.ledger.ids import new_ulid
from certifications.machines.models import ApiClient, Webhook
from certifications.orders.models import OrderLine
from certifications.parties.models import Party
from certifications.people.models import Organisation
from certifications.screening.actions import screen_party
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


def numbers(body: str) -> list[str]:
    return re.findall(r'<tr><td><a class="id" href="/orders/[^"]+">([^ ]+) / ', body)


def test_the_list_is_searched_narrowed_and_paged(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certifications.pages.orders.views.PER_PAGE", 2)
    for n in range(3):
        shop.order("1", order_number=f"PO-{n}")
    shop.order("99", order_number="SO-9")
    filer = client_of(shop.world.filer)
    first = filer.get("/orders/").content.decode()
    assert numbers(first) == ["SO-9", "PO-2"]
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = filer.get(following[1].replace("&amp;", "&")).content.decode()
    assert numbers(second) == ["PO-1", "PO-0"]
    assert 'rel="prev"' in second
    assert numbers(filer.get("/orders/?q=PO-").content.decode()) == ["PO-2", "PO-1"]
    assert numbers(filer.get("/orders/?status=held").content.decode()) == ["SO-9"]
    assert "PO-1" in filer.get(f"/orders/?q={shop.declaration.number}&sort=asked").content.decode()
    assert "No order line fits" in filer.get("/orders/?q=nothing").content.decode()
    assert numbers(filer.get("/orders/?until=2020-01-01").content.decode()) == []


def test_the_list_is_sorted_by_its_headings_and_saved_as_it_stands(shop: Shop) -> None:
    for number, days in (("B-1", 5), ("C-1", 3), ("A-1", 4)):
        shop.order("1", order_number=number, wanted_on=later(days))
    shop.order("99", order_number="A-0", wanted_on=later(9))
    filer = client_of(shop.world.filer)
    assert numbers(filer.get("/orders/?sort=order").content.decode()) == ["A-0", "A-1", "B-1", "C-1"]
    assert numbers(filer.get("/orders/?sort=day").content.decode()) == ["C-1", "A-1", "B-1", "A-0"]
    assert numbers(filer.get("/orders/?sort=-day").content.decode()) == ["A-0", "B-1", "A-1", "C-1"]
    page = filer.get("/orders/?sort=-order&status=released").content.decode()
    assert 'aria-sort="descending"' in page
    file = re.search(r'href="(/orders/export/[^"]+)"', page)
    assert file is not None
    lines = filer.get(file[1].replace("&amp;", "&")).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["C-1", "B-1", "A-1"]


def test_whoever_sees_every_order_narrows_by_distributor_and_nobody_else(shop: Shop) -> None:
    shop.order("1", order_number="PO-1")
    theirs = Organisation.objects.get(pk=shop.world.stranger.organisation.pk)
    for who in ("order_desk", "reviewer"):
        client = client_of(shop.world.people[who])
        assert numbers(client.get(f"/orders/?distributor={shop.world.qinglan.pk}").content.decode()) == ["PO-1"], who
        assert numbers(client.get(f"/orders/?distributor={theirs.pk}").content.decode()) == [], who
    page = client_of(shop.world.filer).get(f"/orders/?distributor={theirs.pk}").content.decode()
    assert numbers(page) == ["PO-1"]
    assert theirs.name not in page
    assert 'href="/orders/export/?"' in page


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


def test_what_compliance_has_promised_to_look_at_stands_on_its_desk_by_the_day(shop: Shop) -> None:
    reviewer = client_of(shop.world.reviewer)
    assert "Order lines held for compliance" not in text_of(reviewer.get("/c/desk/"))
    party = shop.declaration.customer.party
    Party.objects.filter(pk=party.pk).update(revision=party.revision + 1)  # not screened as it is now
    held = shop.order("1", order_number="PO-HELD").line
    shop.order("9999", order_number="PO-MORE")
    assert held.answer_by is not None
    said = text_of(reviewer.get("/c/desk/"))
    assert "Order lines held for compliance: " in said
    found = text_of(reviewer.get("/orders/?status=awaits"))
    assert "PO-HELD" in found
    # What could not ship in time waits for nobody any more.
    OrderLine.objects.filter(pk=held.pk).update(wanted_on=later(-1))
    assert "PO-HELD" not in text_of(reviewer.get("/orders/?status=awaits"))
    OrderLine.objects.filter(pk=held.pk).update(wanted_on=later(0))
    # Looked at: whoever ordered asks again, and it is off the desk.
    screen_party(Party.objects.get(pk=party.pk))
    assert shop.order("1", order_number="PO-HELD").answer == "release"
    assert "PO-HELD" not in text_of(reviewer.get("/orders/?status=awaits"))
