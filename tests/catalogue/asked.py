"""Policies by the real actions."""

from typing import Any

from certifications.catalogue.models_policies import Policy
from certifications.catalogue.rules_clauses import ScopeData
from certifications.catalogue.rules_policies import PolicyData
from certifications.flow import policies
from certifications.ledger.days import civil_today
from tests.world import World

from .changes import agreed, proposed


def policy(effect: str, **changes: Any) -> PolicyData:
    """A policy about kits for hospitals in China, from today on."""
    values: dict[str, Any] = {
        "title": "Kits for hospitals",
        "scope": ScopeData(("kits",), ("CN",)),
        "classes": ("hospital",),
        "effect": effect,
        "from_date": civil_today(),
        "level": "link" if effect == "assurance" else "",
    }
    return PolicyData(**{**values, **changes})


def held(world: World, data: PolicyData) -> Policy:
    """Two people agreed to it, and what waits goes round again."""
    made = agreed(proposed(world.lead, "policy", data.title, data.content()), world.reviewer)
    assert isinstance(made, Policy)
    policies.follow(policies.FIRST, made.pk)
    return made


def ended(world: World, one: Policy) -> Policy:
    """Two people agreed that it no longer holds from today on."""
    made = agreed(proposed(world.lead, "policy_end", one.number, {"until": civil_today().isoformat()}), world.reviewer)
    assert isinstance(made, Policy)
    policies.follow(policies.FIRST, made.pk)
    return made
