"""The pages of policies: tried on the open declarations, proposed, agreed to, ended; and what a distributor reads of one."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from certifications.catalogue.models_policies import Policy
from certifications.catalogue.models_versions import CatalogueProposal
from certifications.ledger.days import civil_today
from certifications.pages.compliance import views_policies
from tests.world import World, client_of, code_of

from .asked import ended, held, policy
from .changes import WHY, proposed

pytestmark = pytest.mark.django_db
NEW = "/c/catalogue/policies/new/"


def page(client: Client, name: str, *args: str) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def typed(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "title": "Signed paper for hospitals", "effect": "assurance", "level": "paper", "lines": ["kits"], "countries": ["CN"],
        "classes": ["hospital"], "from_date": civil_today().isoformat(), "until": "", "replaces": "", "explanation": WHY,
    }  # fmt: skip
    return {**values, **changes}


def test_a_policy_is_tried_proposed_and_agreed_to(world: World) -> None:
    declaration = world.draft()
    lead, reviewer = client_of(world.lead), client_of(world.reviewer)
    tried = lead.post(NEW, typed(**{"try": "1", "explanation": ""})).content.decode()
    assert declaration.number in tried
    assert "1 of 1 open declarations" in tried
    assert not CatalogueProposal.objects.exists()
    assert declaration.number not in lead.post(NEW, typed(**{"try": "1", "classes": ["police"]})).content.decode()
    assert lead.post(NEW, typed(propose="1")).status_code == 422, "without a factor"
    assert lead.post(NEW, typed(propose="1", level="", code=code_of(world.lead))).status_code == 422
    assert lead.post(NEW, typed(propose="1", explanation="", code=code_of(world.lead))).status_code == 422
    assert lead.post(NEW, typed(propose="1", code=code_of(world.lead))).status_code == 302
    proposal = CatalogueProposal.objects.get()
    address = reverse("compliance:catalogue-proposal", args=[proposal.pk])
    assert declaration.number not in reviewer.get(address).content.decode(), "two thousand declarations are read only where asked for"
    assert declaration.number in reviewer.get(address, {"try": "1"}).content.decode(), "the second person sees whom it means"
    agree = reverse("compliance:catalogue-agree", args=[proposal.pk])
    assert reviewer.post(agree, {"code": code_of(world.reviewer)}).status_code == 302
    assert "Signed paper for hospitals" in page(client_of(world.auditor), "compliance:policies")
    address = reverse("compliance:policy", args=[Policy.objects.get().number])
    assert declaration.number not in client_of(world.auditor).get(address).content.decode()
    assert declaration.number in client_of(world.auditor).get(address, {"try": "1"}).content.decode()


def test_dry_runs_are_limited_wherever_they_are_asked_for(world: World) -> None:
    one = held(world, policy("confirm"))
    lead, address = client_of(world.lead), reverse("compliance:policy", args=[one.number])
    for _ in range(20):
        assert lead.get(address, {"try": "1"}).status_code == 200
    assert lead.get(address, {"try": "1"}).status_code == 429
    assert lead.post(NEW, typed(**{"try": "1"})).status_code == 429, "one limit for all of them"
    assert lead.get(address).status_code == 200


def test_the_second_person_s_dry_runs_count_too(world: World) -> None:
    data = policy("assurance")
    proposal = proposed(world.lead, "policy", data.title, data.content())
    reviewer, address = client_of(world.reviewer), reverse("compliance:catalogue-proposal", args=[proposal.pk])
    for _n in range(20):
        assert reviewer.get(address, {"try": "1"}).status_code == 200
    assert reviewer.get(address, {"try": "1"}).status_code == 429
    assert reviewer.get(address).status_code == 200, "the proposal itself stays readable"


def test_what_holds_stands_before_what_is_over_on_every_page_and_what_is_to_come_may_be_replaced(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_policies, "PER_PAGE", 1)
    holds = held(world, policy("confirm", title="The one that holds"))
    over = ended(world, held(world, policy("two_people", title="The one that is over")))
    coming = held(world, policy("refuse", title="The one to come", from_date=civil_today() + dt.timedelta(days=1)))
    lead = client_of(world.lead)
    pages = [lead.get(reverse("compliance:policies"), {"page": number}).content.decode() for number in (1, 2, 3)]
    assert [one.number in text for one, text in zip((holds, coming, over), pages, strict=True)] == [True, True, True]
    offered = lead.get(NEW).content.decode()
    assert f'value="{coming.number}"' in offered
    assert f'value="{over.number}"' not in offered


def test_the_distributor_reads_what_is_needed_and_no_rule(world: World) -> None:
    declaration = world.draft()
    held(world, policy("assurance", level="paper", title="Paper for hospitals of the north"))
    for name in ("distributors:declaration", "distributors:end-user"):
        text = page(client_of(world.filer), name, declaration.number)
        assert "The manufacturer needs at least:" in text
        assert "signed paper" in text
        assert "of the north" not in text
        assert "POL-" not in text
    assert "The manufacturer needs at least:" in page(client_of(world.reviewer), "compliance:declaration", declaration.number)


def test_a_policy_is_ended_on_its_page_by_two_people(world: World) -> None:
    one = held(world, policy("confirm"))
    lead, address = client_of(world.lead), reverse("compliance:policy", args=[one.number])
    sent = {"until": civil_today().isoformat(), "explanation": WHY}
    assert client_of(world.reviewer).post(address, {**sent, "code": code_of(world.reviewer)}).status_code == 200
    assert lead.post(address, {**sent, "until": "2020-01-01", "code": code_of(world.lead)}).status_code == 422
    assert lead.post(address, {**sent, "code": code_of(world.lead)}).status_code == 302
    end = CatalogueProposal.objects.get(kind="policy_end")
    one.refresh_from_db()
    assert one.until is None
    agree = reverse("compliance:catalogue-agree", args=[end.pk])
    assert client_of(world.reviewer).post(agree, {"code": code_of(world.reviewer)}).status_code == 302
    one.refresh_from_db()
    assert one.until == civil_today()
    assert "End the policy" not in page(lead, "compliance:policy", one.number)
