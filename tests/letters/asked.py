"""Letters for tests: asked for, screened, released and sealed by the real actions, in few words."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from certifications.files.actions import read
from certifications.flow import letters as flow
from certifications.flow.letter_policies import asked_of
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.letters import actions
from certifications.letters.models import Letter, LetterDecision
from certifications.letters.rules import LetterData
from certifications.people.models import User
from tests.attestations.conftest import become
from tests.authority import Authority
from tests.world import World, proof_for

REASONS = {"explanation": "The tender was called off.", "public_reason": "The tender was called off."}


def data(world: World, **changes: Any) -> LetterData:
    """A letter for a hospital in Ningbo."""
    values: dict[str, Any] = {
        "buyer_native": "宁波海曙妇幼保健院",
        "buyer_latin": "",
        "buyer_uscc": "",
        "project_no": "NBHS-2026-0044",
        "goods": (world.kit.pk,),
        "country": "CN",
        "division": "330200",
        "valid_until": civil_today() + dt.timedelta(days=60),
        "language": "both",
    }
    return LetterData(**{**values, **changes})


def asked(world: World, by: str = "filer", **changes: Any) -> Letter:
    """Asked for; nobody is screened yet."""
    return flow.ask(by=world.people[by], data=data(world, **changes), form_key=new_ulid())


def waiting(world: World, **changes: Any) -> Letter:
    """Asked for, and everybody named screened."""
    letter = asked(world, **changes)
    flow.go_on(letter.pk)
    letter.refresh_from_db()
    return letter


def decided(letter: Letter, by: User, outcome: str = "release", *, second: User | None = None) -> LetterDecision:
    """Decided with a proof that is kept directly; the rest is the real action."""
    words = {"outcome": outcome, "explanation": "", "public_reason": "", **(REASONS if outcome != "release" else {})}
    asks = asked_of(letter)
    answered = [policy.number for policy in asks.to_answer] if outcome == "release" else []
    digest = actions.decision_digest(letter=letter, answered=answered, **words)
    needs = outcome == "release" and asks.needs_second
    proof = proof_for(by, digest, "letter")
    made = actions.decide(letter=letter, by=by, needs_second=needs, proof=proof, answered=answered, **words)
    if made.state == "proposed" and second is not None:
        made = actions.agree(decision=made, by=second, proof=proof_for(second, made.digest, "letter"))
    letter.refresh_from_db()
    return made


def released(world: World, **changes: Any) -> Letter:
    """Released and written, not sealed."""
    letter = waiting(world, **changes)
    decided(letter, world.reviewer, second=world.lead)
    flow.go_on(letter.pk)
    return letter


def sealed(world: World, authority: Authority, **changes: Any) -> tuple[Letter, bytes]:
    """In force, sealed as the signer's database role; the bytes of its PDF. For tests with the fixture `roles`."""
    letter = released(world, **changes)
    text = letter.decisions.get(outcome="release").text
    # In a thread: pyHanko starts an event loop, and a browser test has one running already.
    with ThreadPoolExecutor(max_workers=1) as pool:
        done = pool.submit(authority.sealer, read(text.unsealed)).result()
    become("portal_signer")
    actions.write_seal(text=text, sealed=done)
    become("portal_app")
    return Letter.objects.get(pk=letter.pk), done.pdf
