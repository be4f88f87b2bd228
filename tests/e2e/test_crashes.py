"""Worker and signer killed at each step: the story ends with exactly one attestation, one receipt, one of each event."""

import time
from collections import Counter
from collections.abc import Callable

import pytest
from django.db.models import Sum
from django.utils import timezone

from certifications.attestations.models import Attestation, Seal
from certifications.declarations.models import Declaration, Receipt
from certifications.declarations.queries import version_of
from certifications.evidence.actions import capture
from certifications.flags.models import Flag
from certifications.flow import evidence as flow_evidence
from certifications.flow import release
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.people.models import User
from certifications.screening import rescreening as rounds
from certifications.screening.models import ScreeningRun
from certifications.screening.models_rescreening import Rescreening
from certifications.screening.queries import party_state
from certifications.work.actions import enqueue
from certifications.work.models import Job
from tests.flags.cases import NOTICE
from tests.screening.samples import party
from tests.world import World, proof_for

from .running import Running

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("running")]
BEFORE_RELEASE = ("before-screening", "screened-one-party", "flagged-not-moved", "receipt-sealed-not-written")
AFTER_RELEASE = (
    "before-rendering", "rendered-not-queued", "before-sealing", "sealed-not-written", "written-not-moved", "moved-not-finished",
)  # fmt: skip


def until(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait for what the workers do."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, (
            f"never happened; {list(Declaration.objects.values_list('number', 'status'))}; jobs: {list(Job.objects.exclude(state='done').values('kind', 'attempts', 'last_error'))}"
        )
        time.sleep(0.2)


def cast() -> World:
    """The people that load_demo made in the running database."""
    keys = {
        "filer": "lin.yue",
        "signatory": "tang.mei",
        "reviewer": "daniel",
        "second_reviewer": "lena",
        "lead": "ingrid",
        "distributor_admin": "he.rong",
    }
    return World({key: User.objects.get(email__startswith=start) for key, start in keys.items()})


def signed(world: World) -> Declaration:
    """A signed declaration with the workers asked, as flow.sign does after the factor."""
    from django.db import transaction

    from certifications.flow.advance import enqueue_advance

    with transaction.atomic():
        declaration = world.signed()
        enqueue_advance(declaration, "signed-1")
        enqueue("receipt", declaration.pk, version="1")
    return declaration


def released(world: World, declaration: Declaration) -> None:
    """Released by the reviewer; the proof is kept directly."""
    proof = proof_for(world.reviewer, release.release_digest([declaration]), "release")
    release.release_with(declarations=[declaration], by=world.reviewer, proof=proof)


def status(declaration: Declaration) -> str:
    declaration.refresh_from_db()
    return declaration.status


@pytest.mark.parametrize("place", [*BEFORE_RELEASE, *AFTER_RELEASE])
def test_a_process_killed_at_any_step_leaves_exactly_one_of_everything(shared: Running, place: str) -> None:
    world = cast()
    if place in BEFORE_RELEASE:
        shared.faults.write_text(f"{place}:kill")
    declaration = signed(world)
    until(lambda: status(declaration) == "ready")
    until(lambda: Receipt.objects.filter(version__declaration=declaration).exists())
    if place in AFTER_RELEASE:
        shared.faults.write_text(f"{place}:kill")
    released(world, declaration)
    until(lambda: status(declaration) == "attested")
    until(
        lambda: (
            not Job.objects.filter(
                state="waiting", object_id__in=[declaration.pk, Attestation.objects.get(declaration=declaration).pk]
            ).exists()
        )
    )
    assert not shared.faults.exists(), "the fault was never reached"
    attestation = Attestation.objects.get(declaration=declaration)
    assert attestation.status == "valid"
    assert Seal.objects.filter(attestation=attestation).count() == 1
    assert Receipt.objects.filter(version=version_of(declaration)).count() == 1
    verbs = Counter(Event.objects.filter(object_id=declaration.pk).values_list("verb", flat=True))
    assert verbs["declaration.attested"] == verbs["declaration.issuing"] == verbs["receipt.made"] == 1
    sequence = list(Event.objects.filter(object_id=declaration.pk).order_by("sequence").values_list("sequence", flat=True))
    assert sequence == list(range(1, len(sequence) + 1))


@pytest.mark.parametrize("place", ["before-reading", "before-flagging", "flagged-not-finished"])
def test_a_worker_killed_over_evidence_raises_each_flag_once(shared: Running, place: str) -> None:
    from django.db import transaction

    from certifications.evidence.rules import LineData

    world = cast()
    shared.faults.write_text(f"{place}:kill")
    with transaction.atomic():
        document = capture(by=world.reviewer, content=f"{NOTICE}{place}\n".encode(), name="n.txt", origin="paste", form_key=new_ulid())
        enqueue("read", document.pk)
    until(lambda: (document.refresh_from_db() or document.status) == "read")
    line = flow_evidence.confirm(
        document=document,
        by=world.reviewer,
        lines=[
            LineData(
                stage="award",
                buyer="库尔勒市公安局",
                seller="西安泓桥生物科技有限公司",
                happened_on=timezone.now().date(),
                product_id=world.kit.pk,
            )
        ],
    )[0]
    until(lambda: not Job.objects.filter(kind="match", object_id=line.pk, state="waiting").exists())
    assert not shared.faults.exists(), "the fault was never reached"
    rules = Counter(Flag.objects.filter(line=line).values_list("rule", flat=True))
    assert rules == {"S01": 1, "B01": 1, "B02": 1, "B03": 1}


@pytest.mark.parametrize("whole", [False, True])
def test_a_worker_killed_in_the_middle_of_a_round_resumes_it_with_exact_counts(
    shared: Running, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """Killed between the runs of a chunk and its counts; or every process of the worker at once, and started again."""
    monkeypatch.setattr(rounds, "CHUNK", 3)
    # Where the whole worker is stopped, so many that it can't have finished before.
    parties = [party(f"Windrush Instruments {number}", "喀什地区公安局") for number in range(119 if whole else 19)]
    nameless = party()
    if not whole:
        shared.faults.write_text("chunk-screened:kill")
    once = f"crash-{new_ulid()}"
    held = rounds.start(cause="lists", once=once, parties=[one.pk for one in (*parties, nameless)])
    if whole:
        until(lambda: held.chunks.exclude(finished_at=None).exists())
        shared.stop_process("worker", kill=True)
        assert not Rescreening.objects.get(pk=held.pk).finished_at
        shared.start_process("worker")
    until(lambda: Rescreening.objects.get(pk=held.pk).state == "done", 120)
    assert not shared.faults.exists(), "the fault was never reached"
    counts = held.chunks.aggregate(done=Sum("done"), hits=Sum("hits"), failed=Sum("failed"))
    assert (held.chunks.count(), counts) == (40 if whole else 7, {"done": len(parties) + 1, "hits": len(parties), "failed": 1})
    assert Event.objects.filter(verb="rescreening.finished", object_id=held.pk).count() == 1
    runs = ScreeningRun.objects.filter(party__in=[*parties, nameless])
    assert Counter(runs.values_list("party", flat=True)).most_common(1)[0][1] == 1
    assert (runs.count(), Event.objects.filter(verb="party.screened", object_id__in=[one.pk for one in parties]).count()) == (
        len(parties) + 1,
        len(parties),
    )
    assert {party_state(one).state for one in parties} == {"hit"}
    assert party_state(nameless).state == "failed"


def test_a_timestamp_authority_that_is_away_makes_it_wait_and_nothing_is_issued_without(shared: Running) -> None:
    world = cast()
    declaration = signed(world)
    until(lambda: status(declaration) == "ready")
    until(lambda: Receipt.objects.filter(version__declaration=declaration).exists())
    shared.stop_process("timestamps", kill=True)
    released(world, declaration)
    until(lambda: status(declaration) == "pending_timestamp")
    assert not Seal.objects.filter(attestation__declaration=declaration).exists()
    shared.start_process("timestamps")
    until(lambda: status(declaration) == "attested")
    assert Job.objects.get(kind="seal", object_id=Attestation.objects.get(declaration=declaration).pk).attempts >= 1


def test_the_whole_worker_killed_and_started_again_goes_on(shared: Running) -> None:
    world = cast()
    shared.stop_process("worker", kill=True)
    declaration = signed(world)
    time.sleep(1)
    assert status(declaration) == "signed"
    shared.start_process("worker")
    until(lambda: status(declaration) == "ready")
