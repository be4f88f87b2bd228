"""Prices are off: nobody sees one until two people switch it on for a role."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.people import prices
from certifications.people.models_prices import PriceSight
from tests.world import World, client_of, code_of, proof_for

pytestmark = pytest.mark.django_db
WHY = "The auditor compares prices with the contracts."


def proposed(world: World, *roles: str) -> PriceSight:
    digest = prices.prices_digest(roles=list(roles), explanation=WHY)
    return prices.propose(by=world.reviewer, roles=list(roles), explanation=WHY, proof=proof_for(world.reviewer, digest))


def agreed(world: World, *roles: str) -> PriceSight:
    held = proposed(world, *roles)
    return prices.agree(held=held, by=world.lead, proof=proof_for(world.lead, held.digest))


@pytest.fixture
def page(world: World) -> str:
    """A confirmed notice with a price."""
    from certifications.evidence.models import EvidenceLine
    from certifications.evidence.rules import LineData
    from certifications.flow import evidence
    from tests.flags.cases import captured

    document = captured(world)
    evidence.read(document.pk)
    document.refresh_from_db()

    line = LineData(
        stage="award", buyer="库尔勒市公安局", seller="西安泓桥生物科技有限公司", happened_on=dt.date.today(), product_id=world.kit.pk,
        amount=Decimal("7654321.00"), unit_price=Decimal("4321.25"),
    )  # fmt: skip
    evidence.confirm(document=document, by=world.reviewer, lines=[line])
    assert EvidenceLine.objects.get().amount
    return f"/c/evidence/{document.number}/"


def shown(world: World, who: str, page: str) -> bool:
    body = client_of(world.people[who]).get(page).content.decode()
    sees = "7654321" in re.sub(r"[^0-9<>]", "", body)
    assert sees is not ("not shown" in body)
    return sees


def test_off_for_everybody_until_two_people_switch_it_on_and_off_again(world: World, page: str) -> None:
    assert not any(shown(world, who, page) for who in ("reviewer", "lead", "auditor"))
    held = proposed(world, "auditor")
    assert not shown(world, "auditor", page)
    prices.agree(held=held, by=world.lead, proof=proof_for(world.lead, held.digest))
    assert [shown(world, who, page) for who in ("auditor", "reviewer", "lead")] == [True, False, False]
    agreed(world)
    assert not shown(world, "auditor", page)


def test_switched_on_by_two_people_on_the_page(world: World) -> None:
    reviewer = client_of(world.reviewer)
    assert "nobody" in reviewer.get("/c/prices/").content.decode()
    sent = {"roles": ["auditor"], "explanation": WHY, "code": code_of(world.reviewer)}
    assert reviewer.post("/c/prices/", {**sent, "explanation": "x"}).status_code == 422
    assert reviewer.post("/c/prices/", sent).status_code == 302
    held = PriceSight.objects.get()
    own = reviewer.post(f"/c/prices/{held.pk}/agree/", {"code": "000000"})
    assert own.status_code == 422
    assert "another person must agree" in own.content.decode()
    assert client_of(world.auditor).post(f"/c/prices/{held.pk}/agree/").status_code == 404
    assert client_of(world.lead).post(f"/c/prices/{held.pk}/agree/", {"code": code_of(world.lead)}).status_code == 302
    held.refresh_from_db()
    assert (held.state, held.agreed_by) == ("effective", world.lead)


def test_no_policy_gives_prices_to_a_role_without_evidence(world: World) -> None:
    from certifications.ledger.moves import NotAllowed

    with pytest.raises(NotAllowed) as refusal:
        prices.check_proposal(roles=["sales"], explanation=WHY)
    assert refusal.value.code == "roles"


def test_postgresql_switches_nothing_on_by_one_person(world: World) -> None:
    proposed(world, "auditor")
    row = "UPDATE certifications_pricesight SET"
    for change in (
        "state = 'effective', agreed_by_id = proposed_by_id, agreed_at = now(), agreed_proof_id = 'A'",
        "state = 'effective'",
        "roles = '{sales}'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{row} {change}")
