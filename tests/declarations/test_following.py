"""Copied, amended, renewed: filled in from the earlier one, read by what changed, and what does not fit is named at its field."""

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from certifications.declarations import actions
from certifications.declarations.changes import changes
from certifications.declarations.models import Declaration
from certifications.declarations.queries import data_of, problems_of, shown_text, text_before, version_of
from certifications.flow import sign as flow
from certifications.flow.following import ways_on
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed, move
from certifications.pages.distributors.views_followups import _days
from tests.architecture.test_database_guards import refused
from tests.catalogue.changes import retired
from tests.orders.shop import Shop
from tests.world import World, client_of

from .forms import GROUPS, change, send, step, typed

pytestmark = pytest.mark.django_db


def address(declaration: Declaration, what: str = "") -> str:
    return f"/d/declarations/{declaration.number}/{what + '/' if what else ''}"


def form(shop: Shop, made: Declaration, **changes: Any) -> dict[str, Any]:
    version = version_of(made)
    days = {"valid_from": version.valid_from.isoformat(), "valid_until": version.valid_until.isoformat()}
    return typed(shop.world, shop.declaration.customer, **{**days, **changes})


def follow(shop: Shop, how: str) -> Any:
    return client_of(shop.world.filer).post(address(shop.declaration, how), {"form_key": new_ulid()})


def begun(shop: Shop, how: str, **changes: Any) -> Declaration:
    """A draft that follows, filled in; what must be mended in it is on its pages."""
    answer = follow(shop, how)
    assert answer.status_code == 302, answer.content.decode()
    made = Declaration.objects.get(number=answer.url.split("/")[3])
    for group in GROUPS if changes else ():
        assert send(client_of(shop.world.filer), made, group, form(shop, made, **changes)).status_code == 302
    return made


def errors(shop: Shop, made: Declaration, group: str = "goods") -> Any:
    return client_of(shop.world.filer).get(step(made, group)).context["form"].errors


@pytest.mark.parametrize("how", ["copy", "amend", "renew"])
def test_the_form_is_filled_in_from_the_earlier_declaration(shop: Shop, how: str) -> None:
    assert client_of(shop.world.filer).get(address(shop.declaration, how)).status_code == 200
    assert Declaration.objects.count() == 1
    made = begun(shop, how)
    earlier, data = data_of(version_of(shop.declaration)), data_of(version_of(made))
    assert data.valid_from == (earlier.valid_until if how == "renew" else earlier.valid_from)
    assert replace(data, valid_from=earlier.valid_from, valid_until=earlier.valid_until) == earlier
    assert (made.follows, made.follows_as) == (shop.declaration, how)


def test_an_amendment_says_what_it_amends_and_shows_only_what_changed(shop: Shop) -> None:
    made = begun(shop, "amend", **{f"quantity_{shop.world.kit.pk}": "30"})
    assert (made.follows, made.follows_as, made.status) == (shop.declaration, "amend", "draft")
    earlier = version_of(shop.declaration)
    assert shown_text(version_of(made))["follows"] == {
        "as": "amend",
        "number": shop.declaration.number,
        "version": 1,
        "sha256": earlier.frozen.sha256,
    }
    page = client_of(shop.world.signatory).get(address(made, "changes"))
    assert [(c.field, c.before, c.after) for c in page.context["changes"]] == [("goods", "24 kit", "30 kit")]
    for what in ("changes", "sign", ""):
        shown = client_of(shop.world.signatory).get(address(made, what)).content.decode()
        assert shop.declaration.number in shown
    assert "It amends" in client_of(shop.world.signatory).get(address(made, "sign")).content.decode()


def test_a_copy_stands_alone(shop: Shop) -> None:
    made = begun(shop, "copy")
    assert "follows" not in shown_text(version_of(made))
    assert text_before(made) is None
    assert client_of(shop.world.signatory).get(address(made, "changes")).status_code == 302


def test_a_renewal_that_begins_before_the_earlier_one_ends_is_refused_at_its_day(shop: Shop) -> None:
    until = version_of(shop.declaration).valid_until
    early = {"valid_from": (until - dt.timedelta(days=1)).isoformat(), "valid_until": (until + dt.timedelta(days=200)).isoformat()}
    made = begun(shop, "renew", **early)
    assert "Let the renewal begin on that day" in str(errors(shop, made)["valid_from"])
    assert client_of(shop.world.signatory).get(address(made, "sign")).status_code == 302
    send(client_of(shop.world.filer), made, "goods", form(shop, made, **{**early, "valid_from": until.isoformat()}))
    assert not flow.problems_of(made)


@pytest.mark.parametrize("how", ["copy", "amend", "renew"])
def test_goods_that_left_the_catalogue_are_said_at_their_line_and_block_no_draft(shop: Shop, how: str) -> None:
    retired(shop.world, shop.world.kit)
    made = begun(shop, how)
    field = f"quantity_{shop.world.kit.pk}"
    if how != "amend":
        assert "no longer in the catalogue" in str(errors(shop, made)[field])
    for group in GROUPS:
        assert send(client_of(shop.world.filer), made, group, form(shop, made, **{field: "30"})).status_code == 302
    assert "no longer in the catalogue" in str(errors(shop, made)[field])
    with pytest.raises(NotAllowed, match="no longer in the catalogue"):
        shop.world.signed(made)
    assert send(client_of(shop.world.filer), made, "goods", form(shop, made, **{field: ""})).status_code == 302
    assert data_of(version_of(made)).lines == ()


def test_an_amendment_keeps_goods_that_left_the_catalogue_and_takes_no_more_of_them(shop: Shop) -> None:
    """Some of them may have shipped, and it cannot declare less than that."""
    shop.order("10")
    retired(shop.world, shop.world.kit)
    made = begun(shop, "amend", **{f"quantity_{shop.world.kit.pk}": "20"})
    assert problems_of(made) == []
    shop.world.signed(made)
    made.refresh_from_db()
    assert made.status == "signed"


def test_a_returned_declaration_is_mended_though_a_product_left_the_catalogue(shop: Shop) -> None:
    declaration = shop.world.signed(shop.world.draft())
    retired(shop.world, shop.world.kit)
    for status in ("screening", "review"):
        move(obj=declaration, to=status, by=shop.world.reviewer)
    actions.send_back(declaration=declaration, by=shop.world.reviewer)
    version = actions.reopen(declaration=declaration, by=shop.world.filer)
    assert [problem.field for problem in problems_of(version.declaration)] == [f"quantity_{shop.world.kit.pk}"]


def test_an_amendment_that_changes_nothing_is_refused(shop: Shop) -> None:
    made = begun(shop, "amend")
    assert "Nothing differs from" in client_of(shop.world.filer).get(step(made, "goods")).content.decode()
    assert client_of(shop.world.signatory).get(address(made, "sign")).status_code == 302


def test_an_amendment_below_what_was_ordered_is_refused_at_the_quantity_of_that_product(shop: Shop) -> None:
    shop.order("10")
    field = f"quantity_{shop.world.kit.pk}"
    made = begun(shop, "amend", **{field: "9"})
    assert "10 of CI-2440-100 were ordered and shipped already" in str(errors(shop, made)[field])
    send(client_of(shop.world.filer), made, "goods", form(shop, made, **{field: "10"}))
    digest = client_of(shop.world.signatory).get(address(made, "sign")).context["digest"]
    shop.order("5")
    with pytest.raises(NotAllowed, match="15 of CI-2440-100"):
        flow.sign_declaration(
            declaration=made, by=shop.world.signatory, sha256=digest, accepted={1, 2, 3, 4, 5, 6}, role_title="GM", code="000000"
        )


@pytest.mark.parametrize("how", ["amend", "renew"])
def test_another_end_user_needs_a_declaration_of_its_own(shop: Shop, how: str) -> None:
    other = shop.world.customer(native_name="成都岷江妇产医院", latin_name="", uscc="")
    data = data_of(version_of(shop.declaration))
    changed = type(data)(
        **{**vars(data), "customer_id": other.pk, "valid_from": data.valid_until, "valid_until": data.valid_until + dt.timedelta(9)}
    )
    with pytest.raises(flow.declarations.Incomplete) as refused_:
        flow.draft(by=shop.world.filer, data=changed, form_key=new_ulid(), follows=shop.declaration, how=how)
    assert "customer" in {problem.field for problem in refused_.value.problems}


@pytest.mark.parametrize("how", ["amend", "renew"])
def test_one_amendment_and_one_renewal_at_a_time(shop: Shop, how: str) -> None:
    until = version_of(shop.declaration).valid_until
    days = {"valid_from": until.isoformat(), "valid_until": (until + dt.timedelta(90)).isoformat()} if how == "renew" else {}
    sent = {**days, "end_use": "Kinship testing in the transplant ward, about 300 samples a month."}
    first = begun(shop, how, **sent)
    assert how not in ways_on(shop.declaration)
    assert client_of(shop.world.filer).get(address(shop.declaration, how)).status_code == 302
    second = client_of(shop.world.filer).get(follow(shop, how).url)
    assert first.number in second.content.decode()
    flow.withdraw_declaration(declaration=first, by=shop.world.filer, reason="mistake")
    assert how in ways_on(shop.declaration)
    assert begun(shop, how, **sent).pk != first.pk


def test_what_may_follow_depends_on_the_attestation_of_today(shop: Shop) -> None:
    assert ways_on(shop.declaration) == ["copy", "amend", "renew"]
    for status, ways in (("suspended", ["copy"]), ("revoked", ["copy"]), ("expired", ["copy", "renew"])):
        shop.say(status=status)
        assert ways_on(shop.declaration) == ways, status
    assert ways_on(shop.world.draft(shop.declaration.customer)) == ["copy"]
    shop.say(status="suspended")
    with pytest.raises(NotAllowed, match="as it stands now"):
        flow.draft(
            by=shop.world.filer, data=data_of(version_of(shop.declaration)), form_key=new_ulid(), follows=shop.declaration, how="amend"
        )


def test_nobody_follows_another_distributor_s_declaration(shop: Shop) -> None:
    for how in ("copy", "amend", "renew"):
        assert client_of(shop.world.stranger).get(address(shop.declaration, how)).status_code == 404
    data = shop.world.data(shop.world.customer("stranger"))
    with pytest.raises(NotAllowed, match="as it stands now"):
        flow.draft(by=shop.world.stranger, data=data, form_key=new_ulid(), follows=shop.declaration, how="copy")


def test_what_a_declaration_follows_never_changes(shop: Shop) -> None:
    made = begun(shop, "amend", **{f"quantity_{shop.world.kit.pk}": "30"})
    said = refused("UPDATE certifications_declaration SET follows_as = 'copy' WHERE id = %s", [made.pk])
    assert "what a declaration follows never changes" in said


def test_a_returned_declaration_says_what_to_mend_and_its_new_version_shows_what_changed(world: World) -> None:
    declaration = world.signed()
    for to in ("screening", "ready"):
        move(obj=declaration, to=to, by=None)
    page, lead = f"/c/declarations/{declaration.number}/return/", client_of(world.reviewer)
    for wrong in (
        {"text": ""},
        {"mend": ["goods"]},
        {"mend": ["goods"], "text": "no"},
        {"mend": ["password"], "text": "Say how many tests a month."},
    ):
        assert lead.post(page, wrong).status_code == 422
    assert (
        lead.post(page, {"mend": ["valid", "goods"], "text": "Twenty-four kits are more than the ward can use in a year."}).status_code
        == 302
    )
    declaration.refresh_from_db()
    assert declaration.status == "returned"
    shown = client_of(world.filer).get(address(declaration)).content.decode()
    assert "To mend: Goods, Validity" in shown
    assert "more than the ward can use" in shown
    client_of(world.filer).post(address(declaration, "reopen"))
    change(client_of(world.filer), declaration, typed(world, declaration.customer, **{f"quantity_{world.kit.pk}": "12"}))
    changed = client_of(world.signatory).get(address(declaration, "changes")).context["changes"]
    assert [(c.field, c.before, c.after) for c in changed] == [("goods", "24 kit", "12 kit")]


def test_where_a_case_is_open_a_decision_returns_it(world: World) -> None:
    from tests.flags.decisions import police_case

    case = police_case(world)
    declaration = case.declaration
    assert declaration is not None
    with pytest.raises(NotAllowed) as refusal:
        flow.return_declaration(declaration=declaration, by=world.reviewer, fields=["goods"], text="Say how many tests a month.")
    assert refusal.value.code == "case"
    assert "Return to the distributor" not in client_of(world.reviewer).get(f"/c/declarations/{declaration.number}/").content.decode()


def test_every_difference_of_two_texts_is_told_and_nothing_else(world: World) -> None:
    text = shown_text(version_of(world.draft()))
    assert changes(text, text) == []
    other = {
        **text,
        "goods": [{**text["goods"][0], "catalogue_number": "CI-9", "name": "Other"}],
        "end_use": "Other",
        "clauses": {
            **text["clauses"],
            "items": [{**c, "text": c["text"] + "!"} if c["number"] == 4 else c for c in text["clauses"]["items"]],
        },
        "unknown_facts": "The owner.",
    }
    found = changes(text, other)
    assert [(c.field, bool(c.before), bool(c.after)) for c in found] == [
        ("goods", True, False),
        ("goods", False, True),
        ("end_use", True, True),
        ("unknown_facts", True, True),
        ("clause", True, True),
    ]
    assert found[-1].what.startswith("4. ")


def test_days_and_goods_that_changed_read_as_the_page_does(world: World) -> None:
    text = shown_text(version_of(world.draft()))
    other = {**text, "valid_from": "2026-01-02", "goods": [{**text["goods"][0], "quantity": "7"}]}
    goods, valid = changes(text, other)
    assert valid.after.startswith("2 January 2026 – ")
    assert (goods.what, goods.after) == ("IdentiPrime 24 STR kit CI-2440-100", "7 kit")
    with translation.override("zh-hans"):
        goods, valid = changes(text, other)
    assert (goods.what, goods.after) == ("IdentiPrime 24 人类身份鉴定试剂盒 CI-2440-100", "7 盒")
    assert "2026年1月2日" in valid.after


def test_a_renewal_of_a_year_lasts_a_year_whatever_days_it_has() -> None:
    """2028 has a 29 February: 365 days later would be the day before."""
    earlier = SimpleNamespace(valid_from=dt.date(2126, 11, 27), valid_until=dt.date(2127, 11, 27))
    assert _days("renew", earlier) == (dt.date(2127, 11, 27), dt.date(2128, 11, 27))  # type: ignore[arg-type]
    short = SimpleNamespace(valid_from=dt.date(2126, 11, 1), valid_until=dt.date(2126, 12, 16))
    assert _days("renew", short) == (dt.date(2126, 12, 16), dt.date(2127, 1, 30))  # type: ignore[arg-type]
