"""Cases under decision, and the pages of a decision as a browser sends them."""

from typing import Any

from django.urls import reverse

from certifications.flags import actions
from certifications.flags.actions import decision_digest
from certifications.flags.models import Case, Decision
from certifications.flow.advance import advance
from certifications.ledger.ids import new_ulid
from certifications.people.models import User
from tests.world import World, client_of, proof_for
from tests.world import code_of as code

WORDS = {
    "outcome": "clear",
    "reason": "class_misread",
    "explanation": "The licence of 2024 shows a clinic for the bureau's staff, run by the city hospital.",
}
TOLD = "State the address where the kits will be used."
CONFIRMED = {
    "outcome": "confirm",
    "reason": "restricted_end_user",
    "explanation": "The seal on the order is that of the public security bureau itself.",
}


def police_case(world: World, **changes: Any) -> Case:
    """A declaration for a public security bureau outside the controlled regions: one flag, B01, critical."""
    customer = world.customer(
        **{"native_name": "绍兴市公安局", "latin_name": "Shaoxing Public Security Bureau", "division": "330600", **changes}
    )
    declaration = world.signed(world.draft(customer, place_division=customer.party.division))
    assert advance(declaration.pk) == "review"
    return Case.objects.get(declaration=declaration)


def proposed(world: World, case: Case, by: str = "reviewer", **changes: str) -> Decision:
    """A proposal by the room's own action."""
    words = {**WORDS, **changes}
    person = world.people[by]
    proof = proof_for(person, decision_digest(case=case, **words), "decide")
    return actions.propose(case=case, by=person, proof=proof, form_key=new_ulid(), **words)


def judged(case: Case, outcome: str, reason: str, first: User, second: User) -> Decision:
    """Two people decide by the rooms' own actions, each with a factor for exactly this; what follows elsewhere happens."""
    from certifications.flow.decide import _consequences

    words = {"outcome": outcome, "reason": reason, "explanation": WORDS["explanation"], "message": TOLD if outcome == "return" else ""}
    digest = decision_digest(case=case, **words)
    decision = actions.propose(case=case, by=first, proof=proof_for(first, digest), form_key=new_ulid(), **words)
    if decision.state == "proposed":
        decision = actions.agree(decision=decision, by=second, proof=proof_for(second, digest))
    _consequences(decision, second)
    case.refresh_from_db()
    return decision


def decide(case: Case, by: User, **changes: Any) -> Any:
    """Send a decision with a fresh code."""
    sent = {**WORDS, "form_key": new_ulid(), **changes}
    if "code" not in sent:
        sent["code"] = code(by)
    return client_of(by).post(reverse("compliance:decide", args=[case.number]), sent)


def agree(decision: Decision, by: User, **changes: Any) -> Any:
    """Send an agreement with a fresh code."""
    sent = {"decision": decision.pk, **changes}
    if "code" not in sent:
        sent["code"] = code(by)
    return client_of(by).post(reverse("compliance:agree", args=[decision.case.number]), sent)
