"""Migrations that mend what was kept of declarations: whose question it was, and where further parties of a signed one were."""

import dataclasses
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection

from certifications.declarations import drafting
from certifications.declarations.models_enduser import EndUserRequest, PrintedStatement
from certifications.declarations.models_parts import DeclarationParty
from tests.flow.test_at_once import committed
from tests.world import World

from .end_users import asked, level, link, printed, said_no, said_yes
from .test_kinds import begun, other, several
from .test_own_words import LU, users

__all__ = ["committed"]
BEFORE, AFTER = "0049_certificates_by_file", "0050_own_words"


@pytest.fixture
def owned(committed: World, django_db_blocker: Any) -> Iterator[World]:
    """The cast in a database that this process may change the tables of; the application's role may not."""
    admin, before = urlsplit(os.environ["DATABASE_ADMIN_URL"]), dict(connection.settings_dict)
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict |= {"USER": admin.username or "", "PASSWORD": admin.password or ""}
        yield committed
        connection.close()
        connection.settings_dict |= {"USER": before["USER"], "PASSWORD": before["PASSWORD"]}


def to(name: str) -> None:
    call_command("migrate", "certifications", name, verbosity=0)


def rows(table: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row_to_json(t) FROM (SELECT * FROM certifications_{table} ORDER BY id) t")
        return [row[0] for row in cursor.fetchall()]


def test_there_and_back_nothing_that_was_asked_changes(owned: World) -> None:
    declaration = owned.signed()
    held = asked(owned, declaration)
    said_yes(link())
    paper = printed(owned, declaration)
    before = rows("enduserrequest") + rows("printedstatement")
    to(BEFORE)
    assert "customer_id" not in rows("enduserrequest")[0]
    to(AFTER)
    assert rows("enduserrequest") + rows("printedstatement") == before
    assert EndUserRequest.objects.get().customer_id == PrintedStatement.objects.get().customer_id == declaration.customer_id
    assert level(declaration).level == "link"
    assert (held.sha256, paper.sha256) == (declaration.versions.get().frozen.sha256,) * 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O' AND NOT tgisinternal")
        assert cursor.fetchone() == (0,), "every guard that was put aside is back"


def test_a_question_is_of_whom_its_own_text_names_and_of_nobody_where_that_cannot_be_told(owned: World) -> None:
    """A draft's end user was exchanged after it was asked: its word is not put into the mouth of the one that stands there today."""
    data = owned.data(owned.customer())
    kept, draft = begun(owned, data), begun(owned, data)
    for one in (kept, draft):
        asked(owned, one)
        printed(owned, one)
    said_no(link())
    drafting.edit(declaration=draft, by=owned.filer, data=dataclasses.replace(data, customer_id=other(owned, "绍兴会稽医院").pk))
    with connection.cursor() as cursor:
        for table in ("enduserrequest", "printedstatement"):
            cursor.execute(f"ALTER TABLE certifications_{table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE certifications_{table} SET customer_id = NULL")
            cursor.execute(f"ALTER TABLE certifications_{table} ENABLE TRIGGER USER")
    to(BEFORE)
    to(AFTER)
    for model in (EndUserRequest, PrintedStatement):
        assert model.objects.get(declaration=kept).customer_id == kept.customer_id
        assert model.objects.get(declaration=draft).customer_id is None


def test_it_does_not_go_back_over_the_no_of_a_further_end_user(owned: World) -> None:
    declaration = owned.signed(begun(owned, several(owned)))
    asked(owned, declaration, end_user=users(declaration)[1], **LU)
    said_no(link(LU["email"]))
    with pytest.raises(IntegrityError, match="would not hear it"):
        to(BEFORE)
    # What came after went back before it was refused.
    call_command("migrate", "certifications", verbosity=0)
    assert level(declaration).against == "declined", "and loses nothing of it"


def test_further_parties_of_what_was_signed_in_a_sitting_are_found_by_their_place(owned: World) -> None:
    """From the signed text; a division is taken where the party is still in that country, and no guard stays aside."""
    moved = owned.customer(native_name="Almaty Lab", latin_name="Almaty Laboratory", country="KZ", division="")
    data = dataclasses.replace(several(owned), final_consignee_id=moved.pk)
    declaration = owned.signed(begun(owned, data))
    draft = begun(owned, data)
    before = rows("declarationparty")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE certifications_declarationparty DISABLE TRIGGER USER")
        cursor.execute("UPDATE certifications_declarationparty SET country = '', division = ''")
        cursor.execute("ALTER TABLE certifications_declarationparty ENABLE TRIGGER USER")
        cursor.execute("UPDATE certifications_party SET country = 'CN', division = '310000' WHERE id = %s", [moved.party_id])
    to("0056_orders_by_file")
    to("0057_places_of_further_parties")
    assert rows("declarationparty") == before
    kept = DeclarationParty.objects.filter(version__declaration=declaration).values_list("role", "country", "division")
    assert set(kept) == {("end_user", "CN", "330100"), ("final", "KZ", "")}
    assert set(DeclarationParty.objects.filter(version__declaration=draft).values_list("country", flat=True)) == {""}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O' AND NOT tgisinternal")
        assert cursor.fetchone() == (0,)
