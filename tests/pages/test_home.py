"""The distributor's first page asks little, and says all that waits; where one is signed in is noted without asking on every page."""

from decimal import Decimal
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certifications.catalogue.rules_clauses import ScopeData
from certifications.declarations.data import LineData
from certifications.declarations.models import Declaration
from certifications.flow.advance import advance
from certifications.ledger.together import counted
from certifications.parties.models import Customer
from tests.catalogue.asked import held, policy
from tests.declarations.end_users import asked, link, said_yes
from tests.flow.steps import dated_list
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
MOST_QUERIES = 8


def test_the_first_page_asks_little(world: World) -> None:
    world.draft(world.customer(), lines=(LineData(world.kit.pk, Decimal(2)),))
    client = client_of(world.signatory)
    client.get("/d/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/d/")
    assert len(queries) <= MOST_QUERIES, [query["sql"][:90] for query in queries]


def test_an_old_draft_waits_however_many_came_after_it(world: World) -> None:
    customer = world.customer()
    first = world.draft(customer, lines=(LineData(world.kit.pk, Decimal(2)),))
    for _ in range(7):
        world.draft(customer, lines=(LineData(world.kit.pk, Decimal(2)),))
    page = client_of(world.signatory).get("/d/")
    assert first.number in [item["what"].split()[-1] for item in page.context["todo"]]
    assert len(page.context["rows"]) == 6
    assert first.number not in [row.declaration.number for row in page.context["rows"]]


def todo_of(client: Client) -> list[dict[str, Any]]:
    """What the first page asks for besides the sales reports, which a programme that began long ago owes."""
    return [item for item in client.get("/d/").context["todo"] if item["url"] != "/d/reports/"]


def test_a_declaration_that_waits_for_the_end_user_s_word_alone_stands_there_until_it_is_heard(world: World) -> None:
    dated_list()
    declaration = world.signed()
    assert advance(declaration.pk) == "ready"
    client = client_of(world.filer)
    assert not todo_of(client)
    held(world, policy("assurance", level="link"))
    with CaptureQueriesContext(connection) as queries:
        todo = todo_of(client)
    assert len(queries) <= MOST_QUERIES
    assert [item["url"] for item in todo] == [f"/d/declarations/{declaration.number}/end-user/"]
    assert not todo_of(client_of(world.distributor_admin)), "who may not ask has nothing to do"
    asked(world, declaration)
    assert said_yes(link()).status_code in {200, 302}
    assert not todo_of(client)


def test_a_policy_about_who_is_on_the_way_is_seen_in_as_many_statements(world: World) -> None:
    dated_list()
    way = [world.customer(native_name=name, division="310000", address="上海市浦东新区港路 1 号") for name in ("上海港仓储", "上海货运")]
    declaration = world.signed(world.draft(consignee_ids=tuple(one.pk for one in way)))
    assert advance(declaration.pk) == "ready"
    held(world, policy("assurance", level="link", classes=(), scope=ScopeData(("kits",), ("CN",), ("310000",))))
    client = client_of(world.filer)
    todo_of(client)
    with CaptureQueriesContext(connection) as queries:
        todo = todo_of(client)
    assert [item["url"] for item in todo] == [f"/d/declarations/{declaration.number}/end-user/"]
    assert len(queries) <= MOST_QUERIES, [query["sql"][:90] for query in queries]


def test_several_counts_are_one_statement(world: World) -> None:
    world.draft(world.customer(), lines=(LineData(world.kit.pk, Decimal(2)),))
    with CaptureQueriesContext(connection) as queries:
        found = counted(
            Declaration.objects.filter(status="draft"),
            Customer.objects.none(),
            Customer.objects.all(),
            Declaration.objects.filter(status="x"),
        )
    assert (found, len(queries)) == ([1, 0, 1, 0], 1)


def test_where_one_is_signed_in_is_noted_once_a_minute_and_at_once_from_elsewhere(world: World) -> None:
    client = client_of(world.filer)
    client.get("/d/", headers={"user-agent": "One"})
    noted = UserSession.objects.get(user=world.filer)
    with CaptureQueriesContext(connection) as queries:
        client.get("/d/", headers={"user-agent": "One"})
    assert not any("usersession" in query["sql"] for query in queries)
    client.get("/d/", headers={"user-agent": "Another"})
    again = UserSession.objects.get(user=world.filer)
    assert (noted.user_agent, again.user_agent) == ("One", "Another")
    assert again.last_seen_at > noted.last_seen_at
    client.get("/d/", headers={"user-agent": "Another"}, REMOTE_ADDR="192.0.2.7")
    assert UserSession.objects.get(user=world.filer).ip == "192.0.2.7"
