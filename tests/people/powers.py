"""Delegations for tests, by the real actions; the proofs are kept directly."""

import datetime as dt
from decimal import Decimal

from certifications.files.actions import store
from certifications.ledger.days import civil_today
from certifications.people import delegating
from certifications.people.delegating import DelegationData, delegation_digest
from certifications.people.models_delegations import Delegation
from tests.world import World, proof_for

PAPER = b"%PDF-1.7 power of attorney of Qinglan"


def words(world: World, **changes: object) -> DelegationData:
    """A power over everything for a year from today."""
    today = civil_today()
    values: dict[str, object] = {
        "delegate_id": world.signatory.pk,
        "delegator_name": "Zhou Hua",
        "delegator_role": "Legal representative",
        "kinds": ("declarations", "statements", "terms"),
        "lines": (),
        "most": None,
        "valid_from": today,
        "valid_until": today + dt.timedelta(days=365),
        "signed_on": today - dt.timedelta(days=3),
        "reason": "attorney",
    }
    return DelegationData(**{**values, **changes})  # type: ignore[arg-type]


def proposed(world: World, **changes: object) -> Delegation:
    """On record, waiting for the delegate."""
    data = words(world, **changes)
    paper = store(PAPER, name="power.pdf", media_type="application/pdf", by_id=world.distributor_admin.pk)
    digest = delegation_digest(organisation=world.qinglan, data=data, paper_sha256=paper.sha256)
    return delegating.propose(by=world.distributor_admin, data=data, paper=paper, proof=proof_for(world.distributor_admin, digest))


def accepted(world: World, **changes: object) -> Delegation:
    """Waiting for compliance."""
    held = proposed(world, **changes)
    return delegating.accept(held=held, by=held.delegate, proof=proof_for(held.delegate, held.digest))


def delegated(world: World, **changes: object) -> Delegation:
    """Agreed to."""
    held = accepted(world, **changes)
    return delegating.agree(held=held, by=world.reviewer, proof=proof_for(world.reviewer, held.digest))


FEW = Decimal(10)
