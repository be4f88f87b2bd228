"""The pages of the catalogue: found, sorted, taken away as a file, written by a lead, agreed to by another."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certifications.catalogue.models import EquivalenceGroup, Product
from certifications.catalogue.models_versions import CatalogueProposal, ProductVersion
from certifications.ledger.days import civil_today
from tests.world import World, client_of, code_of

from .changes import WHY, agreed, proposed
from .test_groups import KITS

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "IdentiPrime 24 STR kit", "name_zh": "IdentiPrime 24 人类身份鉴定试剂盒", "line": "kits", "unit": "kit", "unit_zh": "盒",
    "units": "case = 10", "samples_per_unit": "100", "classification": "EAR99", "is_current": "on",
    "explanation": "Stated by regulatory affairs.",
}  # fmt: skip


def page(client: Client, name: str, *args: str, **query: str) -> str:
    answer = client.get(reverse(f"compliance:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_catalogue_is_searched_filtered_and_sorted(world: World) -> None:
    client = client_of(world.auditor)
    text = page(client, "catalogue")
    assert text.index("CI-2440-100") < text.index("CI-3600-A")
    assert "CI-2440-100" not in page(client, "catalogue", q="分析仪")
    assert "CI-3600-A" in page(client, "catalogue", q="分析仪")
    assert "No number fits" in page(client, "catalogue", line="analysers", sold="no")
    by_name = page(client, "catalogue", sort="name")
    assert by_name.index("CI-3600-A") < by_name.index("CI-2440-100")
    assert client.get(reverse("compliance:catalogue"), {"line": "none"}).status_code == 422


def test_the_list_asks_as_often_for_many_numbers_as_for_few(world: World) -> None:
    client = client_of(world.auditor)
    page(client, "catalogue")
    with CaptureQueriesContext(connection) as few:
        page(client, "catalogue")
    for n in range(15):
        Product.objects.create(catalogue_number=f"CI-X-{n}", name="X", name_zh="X", line="kits", unit="kit", unit_zh="盒")
    with CaptureQueriesContext(connection) as many:
        page(client, "catalogue")
    assert len(many) == len(few)


def test_the_file_holds_what_the_page_shows(world: World) -> None:
    answer = client_of(world.auditor).get(reverse("compliance:catalogue-csv"), {"q": "CI-2440"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("catalogue_number,name,name_zh,line,unit")
    assert [line.split(",")[0] for line in lines[1:]] == ["CI-2440-100"]


def proposes(world: World, address: str, sent: dict[str, Any]) -> CatalogueProposal:
    """The lead proposes on the page; not without a factor."""
    assert client_of(world.lead).post(address, sent).status_code == 422
    assert client_of(world.lead).post(address, {**sent, "code": code_of(world.lead)}).status_code == 302
    return CatalogueProposal.objects.get(state="proposed")


def agrees(world: World, proposal: CatalogueProposal) -> None:
    sent = {"code": code_of(world.reviewer)}
    assert client_of(world.reviewer).post(reverse("compliance:catalogue-agree", args=[proposal.pk]), sent).status_code == 302


def test_a_lead_proposes_a_version_another_agrees_and_everybody_reads_both(world: World) -> None:
    lead = client_of(world.lead)
    address, sent = reverse("compliance:product-version", args=[world.kit.pk]), {**TYPED, "from_date": civil_today().isoformat()}
    assert "IdentiPrime 24 STR kit" in lead.get(address).content.decode()
    assert lead.post(address, {**sent, "explanation": ""}).status_code == 422
    assert lead.post(address, {**sent, "units": "case"}).status_code == 422
    proposal = proposes(world, address, sent)
    assert "awaiting a second person" in page(client_of(world.auditor), "product", world.kit.pk)
    told = page(client_of(world.reviewer), "catalogue-proposal", proposal.pk)
    assert "EAR99" in told
    assert "case = 10" in told
    assert "IdentiPrime 24 STR kit" not in told, "what stays is not repeated"
    assert ProductVersion.objects.filter(product=world.kit).count() == 1
    agrees(world, proposal)
    text = page(client_of(world.auditor), "product", world.kit.pk)
    assert "EAR99" in text
    assert "Stated by regulatory affairs." in text
    assert "Version 2" in text
    assert "Version 1" in text
    assert world.reviewer.name in text
    assert client_of(world.reviewer).get(address).status_code == 404


def test_what_declarations_fix_cannot_be_typed_over(world: World) -> None:
    world.draft()
    address = reverse("compliance:product-version", args=[world.kit.pk])
    agrees(world, proposes(world, address, {**TYPED, "unit": "pallet", "from_date": civil_today().isoformat()}))
    assert world.kit.classification == "EAR99"
    assert world.kit.unit == "kit"


def test_a_lead_proposes_a_number_and_another_agrees(world: World) -> None:
    lead, tomorrow = client_of(world.lead), (civil_today() + dt.timedelta(days=1)).isoformat()
    sent: dict[str, Any] = {**TYPED, "catalogue_number": "CI-9000", "from_date": tomorrow}
    answer = lead.post(reverse("compliance:product-new"), {**sent, "catalogue_number": "="})
    assert answer.status_code == 422
    assert "catalogue_number" in answer.context["form"].errors
    proposal = proposes(world, reverse("compliance:product-new"), sent)
    assert not Product.objects.filter(catalogue_number="CI-9000").exists()
    agrees(world, proposal)
    assert "to come" in page(lead, "product", Product.objects.get(catalogue_number="CI-9000").pk)


def test_a_group_is_proposed_on_its_page_and_agreed_to_by_another(world: World) -> None:
    lead, reviewer = client_of(world.lead), client_of(world.reviewer)
    sent = {"name": "STR kits", "measures": "CI-2440-100 = 100\nCI-2717-200 = 200", "explanation": WHY}
    address = reverse("compliance:equivalents")
    assert lead.post(address, sent).status_code == 422, "without a factor"
    assert client_of(world.auditor).post(address, {**sent, "code": "000000"}).status_code == 200
    assert not CatalogueProposal.objects.exists()
    assert lead.post(address, {**sent, "code": code_of(world.lead)}).status_code == 302
    proposal = CatalogueProposal.objects.get()
    assert "STR kits" in page(reviewer, "catalogue")
    assert "another person must agree" in page(lead, "catalogue-proposal", proposal.pk)
    agree = reverse("compliance:catalogue-agree", args=[proposal.pk])
    assert lead.post(agree, {"code": code_of(world.lead)}).status_code == 422
    assert not EquivalenceGroup.objects.exists()
    assert reviewer.post(agree, {"code": code_of(world.reviewer)}).status_code == 302
    assert "CI-2717-200" in page(reviewer, "equivalents")
    assert "In effect" in page(reviewer, "catalogue-proposals")


def test_a_group_is_ended_on_its_page_and_a_proposal_taken_back(world: World) -> None:
    made = agreed(proposed(world.lead, "group", "STR kits", KITS), world.reviewer)
    lead = client_of(world.lead)
    sent = {"end-group": made.pk, "end-explanation": WHY, "code": code_of(world.lead)}
    assert lead.post(reverse("compliance:equivalents"), sent).status_code == 302
    end = CatalogueProposal.objects.get(kind="group_end")
    assert lead.post(reverse("compliance:catalogue-void", args=[end.pk])).status_code == 302
    assert EquivalenceGroup.objects.get().ended_at is None
    assert "Voided" in page(lead, "catalogue-proposals")
