"""What holds for the first end user holds for everybody whom a declaration names: a reviewer found where it did not."""

import dataclasses
import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certifications.declarations import covering as rooms
from certifications.declarations import drafting
from certifications.declarations.covering import Sold, covering, covering_each
from certifications.declarations.data import EndUserData, LineData, ShareData
from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.declarations.queries import clauses_standing, data_of, document_of, shown_text, version_of
from certifications.flags.models import Flag
from certifications.flow import ownership_acts
from certifications.flow.advance import advance
from certifications.flow.questions import signing_problems
from certifications.flow.sign import problems_of
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.parties.models import Customer, Party
from tests.architecture.test_database_guards import refused
from tests.catalogue.questionnaires import OWN, answered, put_in_force
from tests.catalogue.undertakings import agreed_version, on_day, texts, version
from tests.flow.steps import dated_list
from tests.flow.test_ownership import confirmed, held, rule
from tests.orders.shop import attest, product
from tests.pages.test_smaller_things import text_of
from tests.parties.owning import LISTED, stated
from tests.world import World, client_of

from .forms import NEW, fill_in, send, step, typed
from .test_kinds import begun, other, several, standing, stock

pytestmark = pytest.mark.django_db


def test_a_listed_owner_of_a_further_end_user_opens_a_case_when_all_is_attested(world: World, roles: None) -> None:
    dated_list()
    held(world, rule())
    data = several(world)
    second = Customer.objects.get(pk=data.end_users[0].customer_id)
    declaration = world.signed(begun(world, data))
    attest(declaration, world)
    row = stated(world.filer, second, latin_name=LISTED)
    confirmed(world, row)
    ownership_acts.follow([second.party_id])
    assert Flag.objects.filter(rule="OWN5", party=second.party_id, state="open").exists()


def test_undertakings_are_asked_for_at_every_place_of_use(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed_version(world, version(texts(n4={"text": "Stricter."}), countries=("CN",), divisions=("650000",)), code="north-west")
    on_day(monkeypatch, 1)
    far = EndUserData(other(world).pk, (ShareData(world.kit.pk, Decimal(9)),), "乌鲁木齐市天山区 1 号", "CN", "650100")
    draft = begun(world, dataclasses.replace(world.data(world.customer()), kind="several", end_users=(far,)))
    assert [problem.field for problem in problems_of(draft)] == [f"place_country_{far.customer_id}"]
    assert "declaration of its own" in clauses_standing(version_of(draft))[1]
    with pytest.raises(Incomplete):
        world.signed(draft)


def test_what_the_form_hides_for_stock_is_not_declared(world: World) -> None:
    text = shown_text(version_of(begun(world, stock(world, end_use="Paternity tests in ward 4, 300 a month.", samples_per_month=300))))
    assert text["end_use"] == text["stock"]["resale_scope"]
    assert "samples_per_month" not in text


def test_goods_of_an_end_user_who_is_taken_out_are_nobody_s(world: World) -> None:
    data = several(world)
    declaration = begun(world, data)
    first = Customer.objects.get(pk=data.customer_id)
    send(client_of(world.filer), declaration, "parties", typed(world, first))
    assert data_of(version_of(declaration)).lines == (LineData(world.kit.pk, Decimal(15)),)


def test_a_draft_with_a_part_that_was_never_opened_is_not_signed(world: World) -> None:
    declaration = world.draft()
    DeclarationVersion.objects.filter(declaration=declaration).update(answered=["documents", "end_use", "goods", "parties"])
    with pytest.raises(Incomplete, match="not filled in yet"):
        world.signed(declaration)
    page = text_of(client_of(world.signatory).get("/d/declarations/sign/"))
    assert "not filled in yet" in page


@pytest.mark.parametrize(
    ("group", "changes", "field"),
    [
        ("goods", {"value": "10", "currency": ""}, "currency"),
        ("goods", {"value": "", "currency": "CNY"}, "value"),
        ("goods", {"term": "standing", "period": "month", "ceiling_KIT": "0"}, "ceiling_KIT"),
        ("goods", {"quantity_KIT": "9999999999.99"}, ""),
        ("end_use", {"samples_per_month": "3000000000"}, "samples_per_month"),
        ("end_use", {"place_division": "3302000"}, "place_division"),
        ("route", {"consignee_1": "上海港仓储", "consignee_2": "上海港仓储"}, "consignee_1"),
    ],
)
def test_an_ordinary_slip_comes_back_at_its_field_and_keeps_what_was_typed(
    world: World, group: str, changes: dict[str, str], field: str
) -> None:
    customer = world.customer()
    other(world, "上海港仓储", kind="consignee")
    declaration = Declaration.objects.get(number=client_of(world.filer).post(NEW, typed(world, customer)).url.split("/")[3])
    named = {key.replace("KIT", world.kit.pk): value for key, value in changes.items()}
    answer = send(client_of(world.filer), declaration, group, typed(world, customer, **named))
    if not field:
        assert answer.status_code == 302, "it fits, and is kept"
        return
    shown = answer if answer.status_code == 422 else client_of(world.filer).get(answer.url)
    assert field.replace("KIT", world.kit.pk) in shown.context["form"].errors


def test_whoever_releases_and_whoever_signs_several_sees_everybody(world: World) -> None:
    declaration = begun(world, several(world))
    assert "杭州西溪医院" in text_of(client_of(world.signatory).get("/d/declarations/sign/"))
    world.signed(declaration)
    assert advance(declaration.pk) == "ready"
    reviewer = client_of(world.reviewer)
    assert "杭州西溪医院" in text_of(reviewer.get("/c/release/"))
    assert "杭州西溪医院" in text_of(reviewer.post("/c/release/", {"step": "choose", "number": declaration.number}))


def test_a_document_is_read_by_whoever_signs_and_decides_and_by_nobody_else(world: World) -> None:
    declaration = begun(world, world.data(world.customer()))
    content = b"%PDF-1.4\n" + b"0" * 3_000_000
    sent = {"add": "1", "title": "Contract", "file": SimpleUploadedFile("合同.pdf", content)}
    assert client_of(world.filer).post(step(declaration, "documents"), sent).status_code == 302
    kept = version_of(declaration).documents.get()
    where = f"declarations/{declaration.number}/documents/{kept.pk}/"
    for who, space in (("filer", "d"), ("signatory", "d"), ("reviewer", "c")):
        answer = client_of(world.people[who]).get(f"/{space}/{where}")
        assert answer.status_code == 200, who
        assert answer["Content-Disposition"].startswith("attachment")
        assert b"".join(answer) == content
    for who in ("stranger", "regulator", "operator"):
        assert client_of(world.people[who]).get(f"/d/{where}").status_code == 404
        assert client_of(world.people[who]).get(f"/c/{where}").status_code == 404
    assert f"documents/{kept.pk}/" in client_of(world.signatory).get(f"/d/declarations/{declaration.number}/sign/").content.decode()
    assert document_of(version_of(declaration), kept.pk) == kept


def test_what_goods_cost_is_not_shown_where_prices_are_off(world: World) -> None:
    declaration = world.signed(begun(world, world.data(world.customer(), value=Decimal(48210), currency="CNY")))
    assert "48" in text_of(client_of(world.filer).get(f"/d/declarations/{declaration.number}/")).split("CNY")[1][:12]
    assert "CNY" not in text_of(client_of(world.reviewer).get(f"/c/declarations/{declaration.number}/"))


def test_ceilings_of_several_end_users_say_that_they_hold_for_each(world: World) -> None:
    lines = (LineData(world.kit.pk, Decimal(24), Decimal(4)),)
    declaration = begun(world, dataclasses.replace(several(world), term="standing", period="month", lines=lines))
    assert shown_text(version_of(declaration))["ceilings_for"] == "each_end_user"
    assert "for each end user" in text_of(client_of(world.signatory).get(f"/d/declarations/{declaration.number}/sign/"))
    assert "ceilings_for" not in shown_text(version_of(begun(world, standing(world))))


def test_only_the_share_of_the_product_covers_a_sale(world: World, roles: None) -> None:
    data = several(world)
    whole = dataclasses.replace(data.end_users[0], shares=(ShareData(world.kit.pk, Decimal(24)),))
    lines = (*data.lines, LineData(product("CI-3600-A").pk, Decimal(1)))
    declaration = world.signed(begun(world, dataclasses.replace(data, lines=lines, end_users=(whole,))))
    attest(declaration, world)
    asked = {"seller_party_id": declaration.organisation.party.pk, "on": civil_today()}
    assert covering(buyer_name="杭州西溪医院", product=world.kit, **asked) == [declaration.number]
    assert covering(buyer_name="宁波江南医院", product=world.kit, **asked) == []
    assert covering(buyer_name="宁波江南医院", product=product("CI-3600-A"), **asked) == [declaration.number]
    sold = [Sold(asked["seller_party_id"], "宁波江南医院", goods, asked["on"]) for goods in (world.kit, product("CI-3600-A"))]
    assert covering_each([*sold, sold[1]]) == [[], [declaration.number], [declaration.number]]


def test_of_many_sales_only_the_versions_of_their_own_seller_product_and_day_are_read(
    world: World, roles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those of every seller, product and day beside one another: a seller may have tens of thousands."""
    declaration = world.signed(begun(world, several(world)))
    attest(declaration, world)
    read: list[str] = []
    whole = rooms._of_pairs

    def counted(wanted: Any) -> Any:
        read.extend(whole(wanted).values_list("declaration__number", flat=True))
        return whole(wanted)

    monkeypatch.setattr(rooms, "_of_pairs", counted)
    own, other, today = (
        declaration.organisation.party.pk,
        Party.objects.exclude(pk=declaration.organisation.party.pk).first(),
        civil_today(),
    )
    assert other is not None
    long_ago = today - dt.timedelta(days=900)
    apart = [
        Sold(own, "宁波江南医院", product("CI-3600-A"), today),
        Sold(own, "宁波江南医院", world.kit, long_ago),
        Sold(other.pk, "宁波江南医院", world.kit, today),
    ]
    assert covering_each(apart) == [[], [], []]
    assert read == []
    assert covering_each([*apart, Sold(own, "宁波江南医院", world.kit, today)])[3] == [declaration.number]
    assert set(read) == {declaration.number}


def test_questions_are_asked_about_every_end_user_and_about_nobody_for_stock(world: World) -> None:
    put_in_force(world, OWN, holds=True)
    data = several(world)
    first, second = (Customer.objects.get(pk=pk) for pk in (data.customer_id, data.end_users[0].customer_id))
    declaration = begun(world, data)
    answered(world, first, (OWN, "yes"))
    assert signing_problems([declaration])
    answered(world, second, (OWN, "yes"))
    assert signing_problems([declaration]) == {}
    assert signing_problems([begun(world, stock(world))]) == {}


def test_no_row_moves_into_a_signed_version(world: World) -> None:
    signed = version_of(world.signed(begun(world, several(world))))
    loose = version_of(begun(world, several(world)))
    said = refused("UPDATE certifications_declarationshare SET version_id = %s WHERE version_id = %s", [signed.pk, loose.pk])
    assert "a signed version never changes" in said


def test_a_tab_that_was_opened_for_another_first_end_user_overwrites_nothing(world: World) -> None:
    customer, second = world.customer(), other(world)
    fill_in(client_of(world.filer), typed(world, customer))
    declaration = Declaration.objects.get()
    was = client_of(world.filer).get(step(declaration, "end_use")).context["form"]["was"].value()
    send(client_of(world.filer), declaration, "parties", typed(world, second))
    answer = client_of(world.filer).post(step(declaration, "end_use"), typed(world, customer, was=was, place_address="宁波 1 号"))
    assert answer.status_code == 422
    assert version_of(declaration).place_address != "宁波 1 号"


def test_signed_meanwhile_is_said_and_no_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(**_: object) -> None:
        raise NotAllowed("The declaration is no longer a draft; load it again.", "stale_state")

    declaration = begun(world, world.data(world.customer()))
    monkeypatch.setattr(drafting, "pass_over", overtaken)
    monkeypatch.setattr(drafting, "remove_document", overtaken)
    filer = client_of(world.filer)
    assert filer.post(step(declaration, "documents"), {}).status_code == 302
    assert filer.post(f"/d/declarations/{declaration.number}/documents/01ARZ3NDEKTSV4RRFFQ69G5FAV/remove/").status_code == 302


def test_of_several_end_users_the_summary_says_whose_field_is_wrong(world: World) -> None:
    customer, further = world.customer(), other(world)
    sent = typed(world, customer, kind="several", user_1="杭州西溪医院")
    declaration = Declaration.objects.get(number=client_of(world.filer).post(NEW, sent).url.split("/")[3])
    wrong = {"place_division": "Atlantis", f"place_division_{further.pk}": "Atlantis", f"place_address_{further.pk}": "文一路 2 号"}
    answer = send(client_of(world.filer), declaration, "end_use", typed(world, customer, **wrong, **{f"place_country_{further.pk}": "CN"}))
    page = answer.content.decode()
    summary = page.split('class="error-summary"')[1].split("</div>")[0]
    told = re.sub(r"<[^>]+>", "", summary)
    assert [f"{name}, Division of the place of use: " in told for name in ("宁波江南医院", "杭州西溪医院")] == [True, True], told
    title = page.split("<title>")[1].split("</title>")[0]
    assert title.startswith("Error: End use and place"), "said once, before what the page is"
