"""Several end users, stock, standing declarations, and everybody on the way of the goods: checked, signed, screened, flagged by name."""

import dataclasses
import json
from decimal import Decimal

import pytest
from django.db import connection

from certifications.attestations.actions import prepare
from certifications.attestations.compose import compose
from certifications.attestations.queries import visible_to
from certifications.attestations.render import render_attestation
from certifications.declarations import drafting
from certifications.declarations.confirming import lock_askable
from certifications.declarations.data import DeclarationData, EndUserData, LineData, ShareData, group_of
from certifications.declarations.models import Declaration
from certifications.declarations.queries import data_of, frozen_form, parties_as_signed, problems_of, shown_text, taking_part, version_of
from certifications.declarations.rules_checks import completeness
from certifications.declarations.texts import everybody
from certifications.flow.advance import advance, party_ids
from certifications.flow.customers import edit_customer
from certifications.flow.rescreening import in_flight, population
from certifications.flow.sign import stock_customer
from certifications.ledger.canonical import canonical
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.parties.models import Customer
from certifications.parties.queries import customers_visible_to
from certifications.parties.queries import data_of as customer_data
from certifications.screening.models import ScreeningRun
from tests.architecture.test_database_guards import refused
from tests.world import World, client_of, proof_for

pytestmark = pytest.mark.django_db


def other(world: World, name: str = "杭州西溪医院", **changes: object) -> Customer:
    """A second customer of the same distributor."""
    fields = {"native_name": name, "latin_name": "", "division": "330100", "address": "杭州市西湖区文一路 2 号", **changes}
    return world.customer(**fields)


def several(world: World, **changes: object) -> DeclarationData:
    """Twenty-four kits for two hospitals: nine of them for the second."""
    second = other(world)
    share = EndUserData(second.pk, (ShareData(world.kit.pk, Decimal(9)),), "杭州市西湖区文一路 2 号", "CN", "330100")
    return dataclasses.replace(world.data(world.customer()), kind="several", end_users=(share,), **changes)


def standing(world: World, **changes: object) -> DeclarationData:
    """Twenty-four kits in a year, at most four in a month."""
    lines = (LineData(world.kit.pk, Decimal(24), Decimal(4)),)
    return dataclasses.replace(world.data(world.customer()), term="standing", period="month", lines=lines, **changes)


def stock(world: World, **changes: object) -> DeclarationData:
    own = stock_customer(by=world.filer)
    told = {
        "kind": "stockist",
        "resale_scope": "Hospitals in Zhejiang that name their department and caseload.",
        "reporting": "month",
        "end_use": "",
    }
    return dataclasses.replace(world.data(own), **{**told, **changes})


def begun(world: World, data: DeclarationData) -> Declaration:
    return drafting.draft(by=world.filer, data=data, form_key=new_ulid())


def fields_of(data: DeclarationData) -> list[str]:
    return [problem.field for problem in completeness(data, civil_today())]


def test_whole_declarations_of_every_kind_lack_nothing_and_come_back_as_they_were_written(world: World) -> None:
    way = {
        "purchaser_id": other(world, "宁波采购中心").pk,
        "consignee_ids": (other(world, "上海港仓储").pk, other(world, "宁波仓储").pk),
        "final_consignee_id": other(world, "宁波器材站").pk,
        "forwarder_id": other(world, "申海货运").pk,
        "ship_to_address": "宁波市北仑区 1 号",
        "ship_to_country": "CN",
        "ship_to_division": "330200",
        "value": Decimal("120000.50"),
        "currency": "CNY",
    }
    for data in (dataclasses.replace(several(world), **way), standing(world), stock(world)):
        assert fields_of(data) == []
        declaration = begun(world, data)
        assert problems_of(declaration) == []
        assert data_of(version_of(declaration)).said() == data.said()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contract": ""}, "contract"),
        ({"relationship": "x"}, "relationship"),
        ({"contact": ""}, "contact"),
        ({"kind": "several"}, "end_users"),
        ({"value": Decimal(5)}, "currency"),
        ({"currency": "CNY"}, "value"),
        ({"ship_to_address": "上海市 1 号", "ship_to_country": "CN", "ship_to_division": "310000"}, "final_consignee"),
        ({"ship_to_country": "CN"}, "ship_to_address"),
        ({"samples_per_month": 0}, "samples_per_month"),
        ({"period": "month"}, "term"),
    ],
)
def test_each_lack_of_the_new_fields_names_its_field_and_only_that(world: World, changes: dict[str, object], field: str) -> None:
    assert fields_of(world.data(world.customer(), **changes)) == [field]


def test_what_does_not_fit_together_is_named_at_the_field_that_is_mended(world: World) -> None:
    end_user = world.customer()
    mine = end_user.pk
    assert fields_of(world.data(end_user, purchaser_id=mine)) == ["purchaser"]
    assert fields_of(world.data(end_user, final_consignee_id=mine)) == ["final_consignee"]
    carrier = other(world).pk
    assert fields_of(world.data(end_user, forwarder_id=carrier, final_consignee_id=carrier)) == ["forwarder"]
    assert fields_of(world.data(end_user, consignee_ids=(carrier, carrier))) == ["consignees"]
    kit = world.kit.pk
    for ceiling in (None, Decimal(0), Decimal(25)):
        lines = (LineData(kit, Decimal(24), ceiling),)
        assert fields_of(dataclasses.replace(standing(world), lines=lines)) == [f"ceiling_{kit}"]
    assert fields_of(dataclasses.replace(standing(world), period="")) == ["period"]
    assert set(fields_of(dataclasses.replace(stock(world), resale_scope="all", reporting=""))) == {"resale_scope", "reporting"}


def test_the_shares_of_several_end_users_are_exactly_the_goods(world: World) -> None:
    data = several(world)
    assert data.first_share() == (ShareData(world.kit.pk, Decimal(15)),)
    second = data.end_users[0]
    for quantity, whose in ((Decimal(25), data.customer_id), (Decimal(24), data.customer_id)):
        more = dataclasses.replace(data, end_users=(dataclasses.replace(second, shares=(ShareData(world.kit.pk, quantity),)),))
        assert fields_of(more) == [f"share_{whose}"]
    none = dataclasses.replace(data, end_users=(dataclasses.replace(second, shares=(), place_address="", place_division=""),))
    assert fields_of(none) == [f"share_{second.customer_id}", f"place_address_{second.customer_id}", f"place_division_{second.customer_id}"]
    assert [group_of(field) for field in fields_of(none)] == ["goods", "end_use", "end_use"]


def test_a_reseller_is_no_end_user_and_a_line_of_business_is_no_end_use(world: World) -> None:
    reseller = world.customer(native_name="宁波器材公司", latin_name="", kind="reseller")
    assert [p.field for p in problems_of(begun(world, world.data(reseller)))] == ["customer"]
    hospital = world.customer(line_of_business="Hospital, genetics department")
    said = begun(world, world.data(hospital, end_use="hospital genetics department"))
    assert [p.field for p in problems_of(said)] == ["end_use"]


def test_goods_sent_to_another_country_need_a_route(world: World) -> None:
    abroad = world.customer(native_name="Almaty Lab", latin_name="Almaty Laboratory", country="KZ", division="")
    sent = {"ship_to_address": "Almaty, Abai 3", "ship_to_country": "KZ", "final_consignee_id": abroad.pk}
    declaration = begun(world, world.data(world.customer(), **sent))
    assert [p.field for p in problems_of(declaration)] == ["route"]
    assert problems_of(begun(world, world.data(world.customer(), **sent, route="By road through Khorgos, back by air."))) == []


def test_everybody_stands_in_the_text_and_nobody_else(world: World) -> None:
    carrier = other(world, "申海货运", kind="consignee")
    declaration = world.signed(begun(world, several(world, forwarder_id=carrier.pk)))
    text = shown_text(version_of(declaration))
    assert [role for role, _party in everybody(text)] == ["distributor", "end_user", "end_user", "forwarder"]
    assert [(s["end_user"], s["goods"][0]["quantity"]) for s in text["shares"]] == [(0, "15"), (1, "9")]
    page = client_of(world.signatory).get(f"/d/declarations/{declaration.number}/").content.decode()
    for name in ("宁波江南医院", "杭州西溪医院", "申海货运"):
        assert name in page
    assert len(party_ids(declaration)) == 4
    assert parties_as_signed(version_of(declaration))


def test_a_text_of_before_is_shown_sealed_and_compared_as_it_was(world: World) -> None:
    """Texts of schema 1 hold none of the new keys."""
    from certifications.declarations.changes import changes

    declaration = world.draft()
    text = shown_text(version_of(declaration))
    old = {k: v for k, v in text.items() if k not in {"kind", "term", "contract", "relationship", "contact"}} | {
        "schema": "end-use-declaration/1"
    }
    assert {c.field for c in changes(old, text)} == {"contract", "relationship", "contact"}
    version = version_of(declaration)
    with connection.cursor() as cursor:
        content = canonical(old).decode()
        cursor.execute(
            "INSERT INTO certifications_frozentext (version_id, canonical, sha256) VALUES (%s, %s, %s)", [version.pk, content, "0" * 64]
        )
    version = version_of(Declaration.objects.get(pk=declaration.pk))
    assert frozen_form(version)[0] == content
    assert parties_as_signed(version)
    page = client_of(world.filer).get(f"/d/declarations/{declaration.number}/").content.decode()
    assert "宁波江南医院" in page


def test_every_party_is_screened_and_each_flag_names_its_own(world: World) -> None:
    police = other(world, "宁波市公安局", address="宁波市中兴路 1 号", division="330200")
    xinjiang = other(world, "乌鲁木齐天山货栈", kind="consignee", division="650100", address="乌鲁木齐市新华路 1 号")
    data = several(world, consignee_ids=(xinjiang.pk,), final_consignee_id=police.pk)
    declaration = world.signed(begun(world, data))
    assert advance(declaration.pk) == "review"
    assert ScreeningRun.objects.values("party").distinct().count() == 5
    named = {(flag.rule, flag.inputs["buyer"]) for flag in declaration.flags.filter(rule__startswith="B")}
    assert named == {("B01", "宁波市公安局"), ("B02", "乌鲁木齐天山货栈")}
    again = {flag.pk for flag in declaration.flags.all()}
    declaration.refresh_from_db()
    assert {flag.pk for flag in declaration.flags.all()} == again


def test_a_party_on_the_way_counts_wherever_parties_are_asked_for(world: World) -> None:
    carrier = other(world, "申海货运", kind="consignee")
    declaration = world.signed(begun(world, world.data(world.customer(), forwarder_id=carrier.pk)))
    assert carrier.party_id in in_flight()
    assert carrier.party_id in population()
    assert list(Declaration.objects.filter(taking_part([carrier.party_id]))) == [declaration]
    with pytest.raises(NotAllowed, match="names this customer"):
        edit_customer(customer=carrier, by=world.filer, data=dataclasses.replace(customer_data(carrier), address="上海市 9 号"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certifications_declarationparty SET position = 3 WHERE version_id = %s",
        "DELETE FROM certifications_declarationparty WHERE version_id = %s",
        "UPDATE certifications_declarationshare SET quantity = 1 WHERE version_id = %s",
        "DELETE FROM certifications_declarationshare WHERE version_id = %s",
        "UPDATE certifications_declarationversion SET kind = 'single' WHERE id = %s",
        (
            "INSERT INTO certifications_declarationparty (version_id, role, position, customer_id, place_address, place_country, place_division)"
            " SELECT %s, 'forwarder', 0, min(id), '', '', '' FROM certifications_customer"
        ),
    ],
)
def test_what_was_signed_of_other_parties_never_changes(world: World, statement: str) -> None:
    version = version_of(world.signed(begun(world, several(world))))
    assert "a signed version never changes" in refused(statement, [version.pk])


def test_one_answer_is_not_the_word_of_several_firms(world: World) -> None:
    for data, code in ((several(world), "end_user"), (stock(world), "kind")):
        with pytest.raises(NotAllowed) as refusal:
            lock_askable(begun(world, data), world.filer)
        assert refusal.value.code == code


def test_a_stockist_is_the_distributor_itself_and_none_of_its_customers(world: World) -> None:
    declaration = world.signed(begun(world, stock(world)))
    text = shown_text(version_of(declaration))
    assert (text["kind"], text["end_user"], text["stock"]["reporting"]) == ("stockist", text["distributor"], "month")
    own = stock_customer(by=world.filer)
    assert own == stock_customer(by=world.filer)
    assert own not in customers_visible_to(world.filer)
    assert client_of(world.filer).get(f"/d/customers/{own.pk}/").status_code == 404
    with pytest.raises(drafting.Incomplete):
        begun(world, dataclasses.replace(stock(world), kind="single"))
    with pytest.raises(drafting.Incomplete):
        begun(world, dataclasses.replace(world.data(world.customer("filer", native_name="某医院")), kind="stockist"))
    assert advance(declaration.pk) == "ready"


@pytest.mark.parametrize("make", [several, standing, stock])
def test_the_attestation_prints_every_party_its_share_and_the_ceilings(world: World, make: object) -> None:
    declaration = world.signed(begun(world, make(world)))  # type: ignore[operator]
    advance(declaration.pk)
    attestation = prepare(
        declaration=declaration, version=version_of(declaration), by=world.reviewer, proof=proof_for(world.reviewer, "0" * 64)
    )
    payload = json.loads(canonical(compose(attestation, by_test_authority=True)))
    kind = payload["kind"]
    parties = {"several": "All 3 parties", "single": "Both parties", "stockist": "The distributor"}[kind]
    assert payload["checked"][0]["en"].startswith(f"{parties}, in every script")
    assert len(payload.get("other_end_users", [])) == (kind == "several")
    if make is standing:
        assert (payload["period"], payload["goods"][0]["ceiling"]) == ("month", "4")
    assert render_attestation(payload).startswith(b"%PDF")


def test_a_regulator_sees_what_a_further_end_user_uses_in_its_territory(world: World) -> None:
    abroad = world.customer(native_name="Almaty Lab", latin_name="Almaty Laboratory", country="KZ", division="")
    share = EndUserData(abroad.pk, (ShareData(world.kit.pk, Decimal(9)),), "Almaty, Abai 3", "KZ", "")
    data = dataclasses.replace(world.data(world.customer()), kind="several", end_users=(share,))
    declaration = world.signed(begun(world, data))
    attestation = prepare(
        declaration=declaration, version=version_of(declaration), by=world.reviewer, proof=proof_for(world.reviewer, "0" * 64)
    )
    from certifications.attestations.models import Attestation
    from certifications.attestations.queries import _scope_filter
    from certifications.people.models import RegulatorScope

    for basis in ("destination", "place_of_use"):
        for country, seen in (("KZ", True), ("CN", True), ("DE", False)):
            scope = RegulatorScope(basis=basis, countries=[country], division_prefixes=[])
            assert Attestation.objects.filter(_scope_filter([scope]), pk=attestation.pk).exists() == seen, (basis, country)
    assert attestation in visible_to(world.reviewer)
