"""Changes of the catalogue by the real actions, the factors kept directly."""

from dataclasses import replace
from typing import Any

from django.db import models

from certifications.catalogue import products, proposals
from certifications.catalogue.models import EquivalenceGroup, Product
from certifications.catalogue.models_versions import CatalogueProposal
from certifications.catalogue.rules_products import ProductData
from certifications.ledger.days import civil_today
from certifications.people.models import User
from tests.world import World, proof_for

WHY = "As the product managers agreed in their meeting of May."


def proposed(by: User, kind: str, subject: str, content: dict[str, Any], explanation: str = WHY) -> CatalogueProposal:
    """A proposal."""
    words: dict[str, Any] = {"kind": kind, "subject": subject, "content": content, "explanation": explanation}
    return proposals.propose(by=by, proof=proof_for(by, proposals.proposal_digest(**words), "catalogue"), **words)


def agreed(proposal: CatalogueProposal, by: User) -> models.Model:
    """The second person's agreement."""
    return proposals.agree(proposal=proposal, by=by, proof=proof_for(by, proposal.digest, "catalogue"))


def said(product: Product, **changes: object) -> ProductData:
    """What is said of the product last, with changes, from today on."""
    last = product.versions.first()
    assert last is not None
    return replace(products.data_of(last), **{"from_date": civil_today(), **changes})  # type: ignore[arg-type]


def versioned(world: World, product: Product, **changes: object) -> Product:
    """Two people say something else of the product, from today on unless the changes say another day."""
    data = said(product, **changes)
    made = agreed(proposed(world.lead, "product", product.catalogue_number, data.content()), world.reviewer)
    assert isinstance(made, Product)
    return made


def retired(world: World, product: Product) -> None:
    """The product leaves the catalogue today."""
    versioned(world, product, is_current=False)


def grouped(world: World, name: str = "STR kits", **measures: str) -> EquivalenceGroup:
    """Two people make a group; without `measures` (by catalogue number) the two kits, of which one is worth two of the other."""
    content = {"measures": measures or {"CI-2440-100": "100", "CI-2717-200": "200"}}
    made = agreed(proposed(world.lead, "group", name, content), world.reviewer)
    assert isinstance(made, EquivalenceGroup)
    return made
