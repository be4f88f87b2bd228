"""A tender letter from the request to the public page, with the running worker and the signer that has the keys."""

import time
import urllib.request

import pytest

from certifications.files.actions import read
from certifications.flow import letters as flow
from certifications.letters import actions
from certifications.letters.models import Letter
from certifications.letters.queries import standing_of
from tests.letters.asked import asked
from tests.world import proof_for
from verifier import STATEMENTS, TrustAnchors, verify_pdf

from .running import Running
from .test_crashes import cast, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("running")]


def stands(letter: Letter) -> str:
    letter.refresh_from_db()
    return letter.status


def released(letter: Letter, reviewer: object) -> None:
    """Released by the reviewer as the page does; the proof is kept directly."""
    words = {"outcome": "release", "explanation": "", "public_reason": ""}
    proof = proof_for(reviewer, actions.decision_digest(letter=letter, **words), "letter")  # type: ignore[arg-type]
    from django.db import transaction

    with transaction.atomic():
        flow._follow(actions.decide(letter=letter, by=reviewer, needs_second=False, proof=proof, **words))  # type: ignore[arg-type]


def test_from_request_to_verification_by_machine_work_alone(shared: Running, capsys: pytest.CaptureFixture[str]) -> None:
    world = cast()
    begun = time.monotonic()
    letter = asked(world, project_no=f"E2E-{begun:.0f}")
    until(lambda: stands(letter) == "waiting")
    screened = time.monotonic()
    released(letter, world.reviewer)
    until(lambda: stands(letter) == "valid")
    done = time.monotonic()
    with capsys.disabled():
        print(
            f"\ntender letter: screened {screened - begun:.1f} s, written and sealed {done - screened:.1f} s, together {done - begun:.1f} s"
        )
    # The ten minutes that a distributor is promised are for people; the machine's share must not be felt.
    assert done - begun < 60
    verdict = verify_pdf(read(letter.seal.pdf), TrustAnchors.from_folder(shared.folder / "trust"), tuple(STATEMENTS))
    assert (verdict.accepted, verdict.kind) == (True, "letter")
    assert standing_of(letter) == "valid"
    with urllib.request.urlopen(f"{shared.url}/verify/{letter.number}/?code={letter.code}", timeout=20) as answer:  # noqa: S310
        page = answer.read().decode()
    assert "A genuine tender letter that holds, and no attestation" in page


@pytest.mark.parametrize("place", ["letter-rendered-not-queued", "letter-sealed-not-written"])
def test_a_process_killed_between_release_and_seal_leaves_one_letter(shared: Running, place: str) -> None:
    world = cast()
    letter = asked(world, project_no=f"E2E-{place}")
    until(lambda: stands(letter) == "waiting")
    shared.faults.write_text(f"{place}:kill")
    released(letter, world.reviewer)
    until(lambda: stands(letter) == "valid")
    assert not shared.faults.exists(), "the fault was never reached"
    assert letter.decisions.count() == 1
