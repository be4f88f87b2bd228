"""A signed version never changes: a returned declaration gets a new one, and the old one stays as it was signed."""

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.declarations import actions, drafting
from certifications.declarations.models import Declaration, DeclarationLine, DeclarationVersion, FrozenText, Signature
from certifications.declarations.queries import version_of
from certifications.flow.sign import withdraw_declaration
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.parties.actions import edit_customer
from certifications.parties.rules import CustomerData
from tests.world import World, client_of

from .forms import sign, step, typed

pytestmark = pytest.mark.django_db


def returned(world: World) -> Declaration:
    """A signed declaration that compliance sent back."""
    declaration = world.signed()
    for to in ("screening", "review"):
        move(obj=declaration, to=to, by=None)
    actions.send_back(declaration=declaration, by=world.reviewer)
    return declaration


def test_postgresql_refuses_every_change_to_a_signed_version(world: World) -> None:
    version = version_of(world.signed())
    statements = (
        "UPDATE certifications_declarationversion SET place_address = 'x' WHERE id = %s",
        "UPDATE certifications_declarationversion SET valid_until = valid_until + 1 WHERE id = %s",
        "DELETE FROM certifications_declarationversion WHERE id = %s",
        "UPDATE certifications_declarationline SET quantity = 1 WHERE version_id = %s",
        "DELETE FROM certifications_declarationline WHERE version_id = %s",
        "INSERT INTO certifications_declarationline (version_id, product_id, quantity) SELECT %s, min(id), 5 FROM certifications_product",
    )
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [version.pk])
    version.refresh_from_db()
    assert version.lines.get().quantity == 24


def test_a_version_that_is_not_signed_may_still_be_changed(world: World) -> None:
    """Else the refusals above could come from anywhere."""
    version = version_of(world.draft())
    assert DeclarationVersion.objects.filter(pk=version.pk).update(place_address="x") == 1
    assert DeclarationLine.objects.filter(version=version).update(quantity=1) == 1


def test_a_signed_declaration_is_edited_neither_by_the_page_nor_by_the_room(world: World) -> None:
    declaration = world.signed()
    sent = typed(world, declaration.customer, end_use="Something else altogether, 9 samples a month")
    answer = client_of(world.filer).post(step(declaration, "end_use"), sent, follow=True)
    assert "a signed version never changes" in answer.content.decode()
    with pytest.raises(StaleState):
        drafting.edit(declaration=declaration, by=world.filer, data=world.data(declaration.customer))
    assert version_of(declaration).end_use.startswith("Paternity")


def test_a_customer_who_changes_its_name_does_not_change_what_was_signed(world: World) -> None:
    declaration = world.signed()
    before = FrozenText.objects.get().canonical
    data = CustomerData("宁波新名医院", "Ningbo Newname Hospital", "CN", "宁波市别处 1 号", "Hospital", division="330200")
    edit_customer(customer=declaration.customer, by=world.filer, data=data)
    frozen = FrozenText.objects.get()
    assert frozen.canonical == before
    assert "宁波江南医院" in frozen.canonical
    page = client_of(world.signatory).get(f"/d/declarations/{declaration.number}/").content.decode()
    assert frozen.sha256[:8] in page.replace(" ", "")


def test_a_returned_declaration_begins_a_new_version_as_a_copy_of_the_last(world: World) -> None:
    declaration = returned(world)
    answer = client_of(world.filer).post(f"/d/declarations/{declaration.number}/reopen/")
    assert answer.url == f"/d/declarations/{declaration.number}/edit/"
    first, second = declaration.versions.order_by("number")
    assert (first.number, second.number) == (1, 2)
    assert first.end_use == second.end_use
    assert second.lines.get().quantity == first.lines.get().quantity
    assert hasattr(first, "frozen")
    assert not hasattr(second, "frozen")


def test_the_new_version_is_signed_anew_and_the_old_signature_stays(world: World) -> None:
    declaration = returned(world)
    actions.reopen(declaration=declaration, by=world.filer)
    old = FrozenText.objects.get()
    assert sign(world, client_of(world.signatory), declaration).status_code == 302
    assert Signature.objects.count() == 2
    texts = list(FrozenText.objects.order_by("version__number"))
    assert texts[0].canonical == old.canonical
    assert texts[0].sha256 != texts[1].sha256
    assert '"version":2' in texts[1].canonical
    verbs = list(Event.objects.filter(object_id=declaration.pk).order_by("sequence").values_list("verb", flat=True))
    assert verbs.count("declaration.signed") == 2
    assert verbs.index("declaration.returned") < verbs.index("declaration.draft")


@pytest.mark.parametrize("status", ["draft", "signed"])
def test_only_a_returned_declaration_is_reopened(world: World, status: str) -> None:
    declaration = world.draft() if status == "draft" else world.signed()
    client_of(world.filer).post(f"/d/declarations/{declaration.number}/reopen/")
    assert declaration.versions.count() == 1
    with pytest.raises(NotAllowed):
        actions.reopen(declaration=declaration, by=world.filer)


def test_reopening_by_a_link_is_refused(world: World) -> None:
    declaration = returned(world)
    assert client_of(world.filer).get(f"/d/declarations/{declaration.number}/reopen/").status_code == 405
    assert declaration.versions.count() == 1


def test_a_withdrawn_declaration_stays_on_record_and_never_comes_back(world: World) -> None:
    declaration = world.signed()
    address = f"/d/declarations/{declaration.number}/withdraw/"
    assert client_of(world.filer).get(address).status_code == 200
    declaration.refresh_from_db()
    assert declaration.status == "signed"
    assert client_of(world.filer).post(address, {"reason": ""}).status_code == 422
    assert client_of(world.filer).post(address, {"reason": "other", "text": "no"}).status_code == 422
    declaration.refresh_from_db()
    assert declaration.status == "signed"
    client_of(world.filer).post(address, {"reason": "order", "text": "The hospital buys elsewhere."})
    declaration.refresh_from_db()
    assert declaration.status == "withdrawn"
    kept = declaration.withdrawal
    assert (kept.reason, kept.text, kept.by) == ("order", "The hospital buys elsewhere.", world.filer)
    assert "The order was cancelled" in client_of(world.signatory).get(f"/d/declarations/{declaration.number}/").content.decode()
    assert Signature.objects.count() == 1
    with pytest.raises(NotAllowed):
        withdraw_declaration(declaration=declaration, by=world.filer, reason="order")
    assert declaration.TRANSITIONS["withdrawn"] == set()


@pytest.mark.parametrize("who", ["signatory", "stranger", "reviewer"])
def test_nobody_but_a_filer_of_this_distributor_withdraws(world: World, who: str) -> None:
    declaration = world.signed()
    assert client_of(world.people[who]).post(f"/d/declarations/{declaration.number}/withdraw/").status_code == 404
    declaration.refresh_from_db()
    assert declaration.status == "signed"
