"""The form of a declaration group by group: saved on Continue, left at any time, nothing overwritten unseen, checked as a whole."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certifications.declarations.models import Declaration
from certifications.declarations.queries import data_of, shown_text, version_of
from certifications.ledger.ids import new_ulid
from certifications.parties.models import Customer
from tests.pages.test_smaller_things import text_of
from tests.world import World, client_of

from .forms import NEW, change, fill_in, send, shown_digest, sign_address, step, typed

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def customer(world: World) -> Customer:
    """Ningbo Jiangnan Hospital."""
    return world.customer()


def begin(world: World, customer: Customer, **changes: str) -> Declaration:
    answer = client_of(world.filer).post(NEW, typed(world, customer, **changes))
    assert answer.status_code == 302, answer.context["form"].errors
    return Declaration.objects.get(number=answer.url.split("/")[3])


def states(page: Any) -> list[tuple[str, str]]:
    return [(row.name, row.state) for row in page.context["steps"]]


def check_page(world: World, declaration: Declaration, who: str = "filer") -> Any:
    return client_of(world.people[who]).get(f"/d/declarations/{declaration.number}/check/")


def test_the_first_continue_keeps_a_draft_that_may_be_left(world: World, customer: Customer) -> None:
    declaration = begin(world, customer)
    assert (declaration.status, version_of(declaration).answered) == ("draft", ["parties"])
    home = text_of(client_of(world.filer).get("/d/"))
    assert f"Fill in {declaration.number}" in home
    assert declaration.number in text_of(client_of(world.filer).get("/d/declarations/"))
    back = client_of(world.filer).get(f"/d/declarations/{declaration.number}/edit/")
    assert back.url == step(declaration, "goods")
    assert states(client_of(world.filer).get(back.url)) == [
        ("parties", "done"),
        *((name, "todo") for name in ("goods", "end_use", "route", "documents", "check", "sign")),
    ]


def test_an_unfinished_draft_is_neither_to_be_signed_nor_signable(world: World, customer: Customer) -> None:
    declaration = begin(world, customer)
    signatory = client_of(world.signatory)
    assert declaration.number not in text_of(signatory.get("/d/")).split("declarations in preparation")[0]
    assert signatory.get(sign_address(declaration)).url == f"/d/declarations/{declaration.number}/check/"
    assert "The filer has not finished it" in text_of(check_page(world, declaration, "signatory"))
    answer = signatory.post(sign_address(declaration), {"sha256": shown_digest(declaration), "clause": ["1"], "role_title": "GM"})
    assert answer.status_code == 422
    assert declaration.status == "draft"


def test_what_is_to_be_mended_is_said_on_continue_and_what_was_typed_is_kept(world: World, customer: Customer) -> None:
    """A trial met the lacks of later fields only after it had mended those of the first ones."""
    declaration = begin(world, customer, relationship="", contact="")
    filer = client_of(world.filer)
    page = filer.get(step(declaration, "parties"))
    assert sorted(page.context["form"].errors) == ["contact", "relationship"]
    assert states(page)[0] == ("parties", "problem")
    kit = f"quantity_{world.kit.pk}"
    answer = send(filer, declaration, "goods", typed(world, customer, **{kit: "", "contract": ""}))
    assert answer.url == step(declaration, "goods")
    assert sorted(filer.get(answer.url).context["form"].errors) == ["contract", kit]


def test_an_empty_first_page_names_everything_that_it_needs_at_once(world: World) -> None:
    answer = client_of(world.filer).post(NEW, {"form_key": new_ulid(), "kind": "single", "customer": "", "relationship": "", "contact": ""})
    assert sorted(answer.context["form"].errors) == ["contact", "customer", "relationship"]


def test_the_check_shows_every_answer_with_its_way_back_and_every_problem_at_its_field(world: World, customer: Customer) -> None:
    page = fill_in(client_of(world.filer), typed(world, customer, relationship="", end_use="research"))
    declaration = Declaration.objects.get()
    change(client_of(world.filer), declaration, typed(world, customer, relationship="", end_use="research"))
    for group in ("goods", "end_use", "route"):
        send(client_of(world.filer), declaration, group, typed(world, customer, end_use="research"))
    client_of(world.filer).post(step(declaration, "documents"), {})
    page = check_page(world, declaration)
    shown = page.content.decode()
    for group, anchor in (("parties", "relationship"), ("goods", "contract"), ("end_use", "end_use"), ("route", "ship_to_address")):
        assert f'href="{step(declaration, group)}#id_{anchor}"' in shown
    assert [p["id"] for p in page.context["problems"]] == ["row-relationship", "row-end_use"]
    assert all(f'id="{p["id"]}"' in shown for p in page.context["problems"])
    assert "Continue to sign" not in shown


def test_a_whole_draft_goes_to_the_signatory(world: World, customer: Customer) -> None:
    page = fill_in(client_of(world.filer), typed(world, customer))
    assert page.context["is_whole"], page.context["problems"]
    assert "The signatory finds it" in text_of(page)
    declaration = Declaration.objects.get()
    assert "Continue to sign" in text_of(check_page(world, declaration, "signatory"))
    assert client_of(world.signatory).get(sign_address(declaration)).status_code == 200
    assert f"Sign {declaration.number}" in text_of(client_of(world.signatory).get("/d/"))


def test_two_tabs_overwrite_nothing_unseen(world: World, customer: Customer) -> None:
    declaration, filer = begin(world, customer), client_of(world.filer)
    first, second = (filer.get(step(declaration, "end_use")).context["form"]["was"].value() for _tab in range(2))
    one = typed(world, customer, was=first, end_use="Kinship testing in the transplant ward, about 300 samples a month.")
    assert filer.post(step(declaration, "end_use"), one).status_code == 302
    assert filer.post(step(declaration, "end_use"), one).status_code == 302, "the same form sent twice is no conflict"
    two = typed(world, customer, was=second, end_use="Newborn screening, about 500 samples a month in ward 4.")
    answer = filer.post(step(declaration, "end_use"), two)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Newborn screening" in shown
    assert "Kinship testing" in shown
    assert version_of(declaration).end_use.startswith("Kinship")
    stamp = re.search(r'name="was" value="(\w+)"', shown)
    assert stamp is not None
    assert filer.post(step(declaration, "end_use"), {**two, "was": stamp[1]}).status_code == 302
    assert version_of(declaration).end_use.startswith("Newborn")


def test_two_tabs_on_two_groups_do_not_meet(world: World, customer: Customer) -> None:
    declaration, filer = begin(world, customer), client_of(world.filer)
    stamps = {group: filer.get(step(declaration, group)).context["form"]["was"].value() for group in ("goods", "end_use")}
    for group, was in stamps.items():
        assert filer.post(step(declaration, group), typed(world, customer, was=was)).status_code == 302
    assert data_of(version_of(declaration)).said() == {**world.data(customer).said(), "valid_from": version_of(declaration).valid_from}


def test_a_customer_is_named_by_name_number_or_reference_and_only_one_s_own(world: World, customer: Customer) -> None:
    for named in ("宁波江南医院", "ningbo jiangnan hospital", customer.pk, f"宁波江南医院 · {customer.pk}"):
        begun = client_of(world.filer).post(NEW, typed(world, customer, customer=named))
        assert Declaration.objects.get(number=begun.url.split("/")[3]).customer == customer
    theirs = world.customer(by="stranger", native_name="苏州医院", latin_name="")
    nobody = [client_of(world.filer).post(NEW, typed(world, customer, customer=name)) for name in ("苏州医院", theirs.pk, "无此医院")]
    assert {str(answer.context["form"].errors["customer"]) for answer in nobody} == {str(nobody[0].context["form"].errors["customer"])}
    assert "苏州医院" not in client_of(world.filer).get(NEW).content.decode()
    world.customer()
    answer = client_of(world.filer).post(NEW, typed(world, customer, customer="宁波江南医院"))
    assert "Several of your customers fit" in str(answer.context["form"].errors["customer"])


def test_several_end_users_are_asked_for_share_and_place_each(world: World, customer: Customer) -> None:
    second = world.customer(native_name="杭州西溪医院", latin_name="", division="330100")
    kit = world.kit.pk
    sent = typed(
        world,
        customer,
        kind="several",
        user_1="杭州西溪医院",
        **{
            f"share_{customer.pk}_{kit}": "15",
            f"share_{second.pk}_{kit}": "9",
            f"place_address_{second.pk}": "杭州市文一路 2 号",
            f"place_country_{second.pk}": "CN",
            f"place_division_{second.pk}": "杭州",
        },
    )
    page = fill_in(client_of(world.filer), sent)
    assert page.context["is_whole"], page.context["problems"]
    data = data_of(version_of(Declaration.objects.get()))
    assert data.lines[0].quantity == Decimal(24)
    assert [(u.customer_id, u.place_division) for u in data.all_end_users()] == [(customer.pk, "330200"), (second.pk, "330100")]
    assert "杭州西溪医院" in text_of(page)
    declaration = Declaration.objects.get()
    send(client_of(world.filer), declaration, "parties", {**sent, "user_1": ""})
    assert data_of(version_of(declaration)).end_users == ()


def test_stock_is_declared_without_an_end_user(world: World, customer: Customer) -> None:
    sent = typed(
        world, customer, kind="stockist", customer="", resale_scope="Hospitals in Zhejiang that name their ward.", reporting="quarter"
    )
    page = fill_in(client_of(world.filer), sent)
    assert page.context["is_whole"], page.context["problems"]
    text = shown_text(version_of(Declaration.objects.get()))
    assert (text["kind"], text["stock"]["reporting"], text["end_user"]) == ("stockist", "quarter", text["distributor"])
    assert "relationship" not in text


def test_a_standing_declaration_keeps_its_ceilings_and_a_one_off_drops_them(world: World, customer: Customer) -> None:
    sent = typed(world, customer, term="standing", period="month", **{f"ceiling_{world.kit.pk}": "4"})
    assert fill_in(client_of(world.filer), sent).context["is_whole"]
    declaration = Declaration.objects.get()
    line = data_of(version_of(declaration)).lines[0]
    assert (line.quantity, line.ceiling) == (Decimal(24), Decimal(4))
    send(client_of(world.filer), declaration, "goods", {**sent, "term": "one_off"})
    data = data_of(version_of(declaration))
    assert (data.period, data.lines[0].ceiling) == ("", None)


def test_the_way_of_the_goods_is_kept_in_order(world: World, customer: Customer) -> None:
    names = ["上海港仓储", "宁波仓储", "宁波器材站", "申海货运"]
    made = {name: world.customer(native_name=name, latin_name="", kind="consignee") for name in names}
    sent = typed(world, customer, consignee_1="上海港仓储", consignee_2="宁波仓储", final_consignee="宁波器材站", forwarder="申海货运")
    page = fill_in(client_of(world.filer), sent)
    assert page.context["is_whole"], page.context["problems"]
    data = data_of(version_of(Declaration.objects.get()))
    assert [*data.consignee_ids, data.final_consignee_id, data.forwarder_id] == [made[name].pk for name in names]
    assert all(name in text_of(page) for name in names)


def test_documents_are_kept_with_their_hash_signed_and_taken_out_again(world: World, customer: Customer) -> None:
    filer = client_of(world.filer)
    declaration = begin(world, customer)
    where = step(declaration, "documents")
    for title, content, field in (("", PDF, "title"), ("Contract", b"MZ not a document", "file")):
        answer = filer.post(where, {"add": "1", "title": title, "file": SimpleUploadedFile("a.pdf", content)})
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
    for _twice in range(2):
        filer.post(where, {"add": "1", "title": "Contract", "file": SimpleUploadedFile("合同.pdf", PDF)})
    held = version_of(declaration).documents.get()
    text = shown_text(version_of(declaration))
    assert text["documents"] == [{"title": "Contract", "name": "合同.pdf", "sha256": held.blob.sha256}]
    assert client_of(world.stranger).post(f"/d/declarations/{declaration.number}/documents/{held.pk}/remove/").status_code == 404
    filer.post(f"/d/declarations/{declaration.number}/documents/{held.pk}/remove/")
    assert not version_of(declaration).documents.exists()


def test_nobody_but_the_filer_changes_a_group(world: World, customer: Customer) -> None:
    declaration = begin(world, customer)
    for who in ("signatory", "distributor_admin", "stranger", "reviewer", "regulator"):
        for group in ("parties", "goods", "end_use", "route", "documents"):
            assert client_of(world.people[who]).post(step(declaration, group), typed(world, customer)).status_code == 404
    assert client_of(world.filer).get(step(declaration, "password")).status_code == 404
