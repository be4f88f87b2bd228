"""Two distributors share one customer. Whatever one of them does, every answer is the same whether or not the other
holds that customer (architecture.md, rule 6): two worlds, one journey, compared byte for byte but for ids and times.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certifications.flow.demo import CUSTOMERS
from certifications.ledger.ids import new_ulid
from certifications.parties.models import Customer
from certifications.screening.actions import screen_party
from tests.flow.steps import work
from tests.world import World, client_of, make_world

pytestmark = pytest.mark.django_db
CODE, LEI = "12330200MA2GX00010", "9695NBJN00HOSPITAL02"
SHARED = {
    "native_name": CUSTOMERS[0].native_name, "latin_name": CUSTOMERS[0].latin_name, "other_names": "", "kind": "end_user",
    "uscc": CODE, "lei": LEI, "address": CUSTOMERS[0].address, "country": "CN", "division": "330200",
    "line_of_business": CUSTOMERS[0].line_of_business, "note": "",
}  # fmt: skip
# What differs between any two runs and tells nothing: ids, keys, tokens, random numbers, the time of day.
CHANGING = (
    (re.compile(r"[0-9A-HJKMNP-TV-Z]{26}"), "<id>"),
    (re.compile(r"(EUD|EUC|EV|C)-20\d\d-[0-9A-Z]{6}"), "<number>"),
    (re.compile(r"\b[A-Za-z0-9]{64}\b"), "<token>"),
    (re.compile(r"\d\d:\d\d(:\d\d)?"), "<time>"),
)
Step = tuple[str, int, str, int]


def plain(text: str) -> str:
    """The text without what differs between any two runs."""
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return text


class Journey:
    """Answers of one person, in order: what was asked, the status, the body, the number of queries."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.steps: list[Step] = []

    def ask(self, label: str, url: str, typed: dict[str, Any] | None = None) -> Any:
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.get(url) if typed is None else self.client.post(url, typed)
        body = answer.content.decode() + str(sorted((k, v) for k, v in answer.headers.items() if k not in {"Content-Length"}))
        self.steps.append((label, answer.status_code, plain(body), len(queries)))
        return answer


def of_a_filer(world: World) -> list[Step]:
    """A filer registers the shared customer, meets its own duplicate, searches, exports, declares, changes."""
    one = Journey(client_of(world.filer))
    new = reverse("distributors:customer-new")
    typed = SHARED | {"form_key": new_ulid()}
    one.ask("search before", "/d/customers/?q=" + CODE)
    made = one.ask("register", new, typed)
    one.ask("the customer", made.url)
    screen_party(Customer.objects.get(organisation=world.qinglan).party)
    one.ask("the customer, screened", made.url)
    one.ask("the same form again", new, typed)
    one.ask("the same customer in another form", new, SHARED | {"form_key": new_ulid()})
    one.ask("a name alike", new, SHARED | {"form_key": new_ulid(), "uscc": "", "lei": "", "native_name": "宁波市江南医院"})
    one.ask(
        "the same number under another name", new, SHARED | {"form_key": new_ulid(), "native_name": "另一医院", "latin_name": "Another"}
    )
    one.ask("it is another one", new, SHARED | {"form_key": new_ulid(), "not_a_duplicate": "1"})
    for text in ("", CODE, LEI, "江南", "Jiangnan"):
        one.ask(f"search {text}", f"/d/customers/?q={text}")
    one.ask("export", "/d/customers/export/")
    one.ask("change to the shared number", made.url + "edit/", SHARED | {"form_key": new_ulid(), "note": "seen"})
    one.ask("the form of a declaration", "/d/declarations/new/")
    world.signed(world.draft(Customer.objects.filter(organisation=world.qinglan).earliest("registered_at")))
    work("advance")
    one.ask("declarations", "/d/declarations/?q=江南")
    one.ask("declarations as a file", "/d/declarations/export/")
    one.ask("the first page", "/d/")
    one.ask("attestations", "/d/attestations/")
    return one.steps


def with_rival(world: World) -> None:
    """The other distributor holds the same party: same names, same numbers, screened, and declared twice."""
    Journey(client_of(world.stranger)).ask("register", reverse("distributors:customer-new"), SHARED | {"form_key": new_ulid()})
    theirs = Customer.objects.get(organisation=world.stranger.organisation)
    world.signed(world.draft(theirs, by="stranger", place_division="320100"), by="stranger")
    world.draft(theirs, by="stranger")
    work("advance")


def alone(world: World) -> None:
    """The other distributor holds other customers: as many of them, so that the installation is as large."""
    theirs = world.customer(by="stranger", native_name="成都岷江妇产医院", latin_name="Chengdu Minjiang Maternity Hospital")
    world.signed(world.draft(theirs, by="stranger", place_division="320100"), by="stranger")
    world.draft(theirs, by="stranger")
    work("advance")


def lived(before: Callable[[World], None], journey: Callable[[World], list[Step]] = of_a_filer) -> list[Step]:
    """The journey's answers in a world that began with `before`; nothing of it is left."""
    cache.clear()
    with transaction.atomic():
        world = make_world()
        before(world)
        steps = journey(world)
        transaction.set_rollback(True)
    return steps


def test_no_answer_tells_whether_a_rival_holds_the_same_customer(db: None) -> None:
    without, with_it = lived(alone), lived(with_rival)
    assert [s[:2] for s in with_it] == [s[:2] for s in without]
    for here, there in zip(with_it, without, strict=True):
        assert here[2] == there[2], here[0]
    # Work done tells as much as words: the same number of questions to the database for each answer.
    assert [(s[0], s[3]) for s in with_it] == [(s[0], s[3]) for s in without]


def test_the_journey_meets_what_it_is_about(db: None) -> None:
    """Were the duplicates or the search never reached, the comparison above would prove nothing."""
    steps = {label: (status, body) for label, status, body, _queries in lived(with_rival)}
    assert steps["register"][0] == 302
    assert "No customer" in steps["search before"][1] or "江南" not in steps["search before"][1].split("<main")[1]
    assert "You have a customer like this already." in steps["the same customer in another form"][1]
    assert "You have a customer like this already." in steps["the same number under another name"][1]
    assert "宁波江南医院" in steps[f"search {CODE}"][1]
    assert steps["export"][1].count("宁波江南医院") == 2


def test_what_is_anothers_answers_like_what_does_not_exist(world: World) -> None:
    with_rival(world)
    theirs = Customer.objects.get(organisation=world.stranger.organisation)
    client = client_of(world.filer)
    for address in ("/d/customers/{}/", "/d/customers/{}/edit/"):
        foreign, nowhere = client.get(address.format(theirs.pk)), client.get(address.format(new_ulid()))
        assert foreign.status_code == nowhere.status_code == 404
        assert plain(foreign.content.decode()) == plain(nowhere.content.decode())
    declaration = theirs.declarations.first()
    assert declaration is not None
    foreign, nowhere = client.get(f"/d/declarations/{declaration.number}/"), client.get("/d/declarations/EUD-2026-000000/")
    assert (foreign.status_code, plain(foreign.content.decode())) == (404, plain(nowhere.content.decode()))


def test_a_declaration_for_anothers_customer_is_refused_like_one_for_nobody(world: World) -> None:
    with_rival(world)
    theirs = Customer.objects.get(organisation=world.stranger.organisation)
    client, bodies = client_of(world.filer), []
    for customer in (theirs.pk, new_ulid()):
        typed = {"form_key": "0" * 26, "customer": customer, "end_use": "", "place_country": "CN", "valid_from": "2026-01-01"}
        answer = client.post("/d/declarations/new/", typed)
        bodies.append((answer.status_code, plain(answer.content.decode())))
    assert bodies[0] == bodies[1]
    assert bodies[0][0] == 422


def test_numbers_are_not_counted_up(world: World) -> None:
    """A counter would tell one distributor how much the others file."""
    first, _theirs, last = world.draft(), world.draft(by="stranger"), world.draft()
    tails = [d.number.rsplit("-", maxsplit=1)[1] for d in (first, last)]
    assert abs(int(tails[0], 36) - int(tails[1], 36)) > 2
