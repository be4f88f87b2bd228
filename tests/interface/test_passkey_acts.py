"""Acts by passkey in a real browser: signing, deciding, agreeing, releasing. The passkey signs exactly that text."""

from collections.abc import Callable
from typing import Any

import pytest

from certifications.flags.models import Decision
from certifications.flow import advance
from certifications.people.models import FactorProof
from tests.flags.cases import case_on_evidence
from tests.visits import Visit
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


def by_passkey(page: Any, options: str) -> None:
    """Press the passkey's button of the form and wait for the next page."""
    button = page.locator(f"[data-passkey={options}]")
    button.wait_for(state="visible")
    with page.expect_navigation():
        button.click()


def test_a_signatory_signs_and_a_reviewer_releases_by_passkey(world: World, visits: Callable[[], Visit]) -> None:
    declaration = world.draft()
    signing = visits()
    signing.add_passkey(world.signatory)
    page = signing.open(f"/d/declarations/{declaration.number}/sign/")
    for box in page.locator("input[name=clause]").all():
        box.check()
    page.fill("[name=role_title]", "General Manager")
    by_passkey(page, "sign-options")
    proof = FactorProof.objects.get(user=world.signatory, purpose="sign")
    assert proof.kind == "webauthn"
    assert advance.advance(declaration.pk) == "ready"
    releasing = visits()
    releasing.add_passkey(world.reviewer)
    page = releasing.open("/c/release/")
    page.check(f"input[value={declaration.number}]")
    page.click("text=Go on with the chosen rows")
    by_passkey(page, "release-options")
    declaration.refresh_from_db()
    assert (declaration.status, FactorProof.objects.get(purpose="release").kind) == ("issuing", "webauthn")


def test_two_people_decide_by_passkey_over_exactly_their_words(world: World, visits: Callable[[], Visit]) -> None:
    case = case_on_evidence(world)
    first = visits()
    first.add_passkey(world.reviewer)
    page = first.open(f"/c/?case={case.number}")
    page.check("input[name=outcome][value=confirm]")
    reason = page.locator("#reason optgroup[label=Confirm] option").first.get_attribute("value")
    page.select_option("#reason", reason)
    page.fill("#explanation", "The notice was compared with the register, and nothing explains it.")
    page.click("text=Submit the decision")
    assert page.input_value("#explanation").startswith("The notice was compared")
    by_passkey(page, "decide-options")
    decision = Decision.objects.get(case=case)
    assert decision.state == "proposed"
    assert FactorProof.objects.get(pk=decision.proposed_proof_id).kind == "webauthn"
    second = visits()
    second.add_passkey(world.lead)
    page = second.open(f"/c/?case={case.number}")
    by_passkey(page, "agree-options")
    decision.refresh_from_db()
    assert decision.state == "effective"
    assert FactorProof.objects.get(pk=decision.agreed_proof_id or "").digest == decision.digest
