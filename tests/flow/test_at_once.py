"""Two people, or one person twice, in the same moment: one effect, and whoever came second is told so.

The threads commit, so each test has a database of its own.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from certifications.attestations.models import Attestation
from certifications.declarations import actions as declarations
from certifications.declarations import drafting
from certifications.declarations.models import Declaration, Signature
from certifications.declarations.queries import frozen_form, version_of
from certifications.flags import actions as flags
from certifications.flags.models import Decision
from certifications.flow import release as flow
from certifications.flow.advance import advance
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.people.actions import end_membership
from certifications.people.models import FactorProof, Membership, User
from certifications.work.actions import claim, enqueue
from certifications.work.models import Job
from tests.conftest import CAST, DATABASE, WORKER, fresh_database, point_at
from tests.flags.decisions import CONFIRMED, WORDS, police_case, proposed
from tests.world import World, code_of, make_world, proof_for


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The cast in a database that threads share."""
    name = f"at_once_{WORKER}"
    with django_db_blocker.unblock():
        fresh_database(name, like=CAST)
        point_at(name)
        yield make_world()
        point_at(DATABASE)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned or raised; all begin together."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def failed(answers: list[Any]) -> list[str]:
    """Names of what was raised."""
    return [type(a).__name__ for a in answers if isinstance(a, Exception)]


def test_two_who_agree_at_once_make_one_effective_decision(committed: World) -> None:
    case = police_case(committed)
    decision = proposed(committed, case, by="lead")

    def agree(user: User) -> Callable[[], Any]:
        proof = proof_for(user, decision.digest, "agree")
        return lambda: flags.agree(decision=decision, by=user, proof=proof)

    answers = at_once(agree(committed.reviewer), agree(committed.second_reviewer))
    assert failed(answers) == ["StaleState"]
    kept = Decision.objects.get()
    assert kept.state == "effective"
    assert kept.agreed_by_id in {committed.reviewer.pk, committed.second_reviewer.pk}
    assert Event.objects.filter(verb="decision.agreed").count() == Event.objects.filter(verb="case.closed").count() == 1


def test_two_who_propose_at_once_make_one_proposal(committed: World) -> None:
    case = police_case(committed)

    def propose(user: User, words: dict[str, str]) -> Callable[[], Any]:
        proof = proof_for(user, flags.decision_digest(case=case, **words), "decide")
        return lambda: flags.propose(case=case, by=user, proof=proof, form_key=new_ulid(), **words)

    answers = at_once(propose(committed.reviewer, WORDS), propose(committed.second_reviewer, CONFIRMED))
    assert failed(answers) == ["StaleState"]
    assert Decision.objects.get().state == "proposed"


def test_one_agrees_and_the_proposer_takes_it_back_at_once_and_one_of_them_is_late(committed: World) -> None:
    decision = proposed(committed, police_case(committed))
    proof = proof_for(committed.lead, decision.digest, "agree")
    answers = at_once(
        lambda: flags.agree(decision=decision, by=committed.lead, proof=proof),
        lambda: flags.void(decision=decision, by=committed.reviewer, reason="I read the wrong licence."),
    )
    assert failed(answers) == ["StaleState"]
    decision.refresh_from_db()
    assert decision.state in {"effective", "voided"}


def test_two_signatures_at_once_are_one(committed: World) -> None:
    declaration = committed.draft()
    digest, signer = frozen_form(version_of(declaration))[1], committed.signatory

    def sign() -> Any:
        proof = proof_for(signer, digest, "sign")
        mine = Declaration.objects.get(pk=declaration.pk)
        return declarations.sign(
            declaration=mine, by=signer, sha256=digest, accepted={1, 2, 3, 4, 5, 6}, role_title="General Manager", proof=proof
        )

    answers = at_once(sign, sign)
    assert failed(answers) == ["StaleState"]
    assert Signature.objects.count() == Event.objects.filter(verb="declaration.signed").count() == 1


def test_a_text_is_edited_and_signed_at_once_and_what_is_signed_is_what_was_shown(committed: World) -> None:
    declaration = committed.draft()
    digest, signer = frozen_form(version_of(declaration))[1], committed.signatory
    proof = proof_for(signer, digest, "sign")
    changed = committed.data(declaration.customer, place_address="宁波市另一处 1 号")
    at_once(
        lambda: declarations.sign(
            declaration=declaration, by=signer, sha256=digest, accepted={1, 2, 3, 4, 5, 6}, role_title="General Manager", proof=proof
        ),
        lambda: drafting.edit(declaration=Declaration.objects.get(pk=declaration.pk), by=committed.filer, data=changed),
    )
    signature = Signature.objects.first()
    assert signature is None or signature.sha256 == digest


def test_one_code_sent_twice_at_once_is_one_proof(committed: World) -> None:
    from certifications.people.factors import prove

    digits, user = code_of(committed.reviewer), committed.reviewer
    answers = at_once(*(lambda: prove(user, digest="0" * 64, purpose="test", code=digits) for _twice in range(2)))
    assert failed(answers) == ["FactorRefused"]
    assert FactorProof.objects.filter(purpose="test").count() == 1


def test_two_releases_at_once_make_one_attestation(committed: World) -> None:
    declaration = committed.signed()
    assert advance(declaration.pk) == "ready"
    declaration.refresh_from_db()
    digest = flow.release_digest([declaration])

    def release(user: User) -> Callable[[], Any]:
        proof = proof_for(user, digest, "release")
        return lambda: flow.release_with(declarations=[Declaration.objects.get(pk=declaration.pk)], by=user, proof=proof)

    answers = at_once(release(committed.reviewer), release(committed.lead))
    assert failed(answers) == ["StaleState"]
    assert Attestation.objects.count() == Job.objects.filter(kind="render").count() == 1


def test_eight_workers_at_one_row_and_one_holds_it(committed: World) -> None:
    job = enqueue("rescreen", "0" * 26)
    held = [c for c in at_once(*([lambda: claim(job.pk)] * 8)) if c is not None]
    assert len(held) == 1
    assert Job.objects.get(pk=job.pk).attempts == 1


def test_two_workers_at_one_declaration_leave_one_of_everything(committed: World) -> None:
    declaration = committed.signed()
    answers = at_once(*([lambda: advance(declaration.pk)] * 2))
    assert failed(answers) == []
    declaration.refresh_from_db()
    assert declaration.status == "ready"
    assert Event.objects.filter(object_id=declaration.pk, verb="declaration.ready").count() == 1


@pytest.mark.parametrize("_run", range(3))
def test_of_two_last_signatories_who_are_removed_at_once_one_stays(committed: World, _run: int) -> None:
    Membership.objects.create(user=committed.filer, organisation=committed.qinglan, role="signatory")
    held = Membership.objects.filter(organisation=committed.qinglan, role="signatory", ended_at=None)
    acts = [partial(end_membership, membership=one, by=committed.distributor_admin) for one in held]
    assert failed(at_once(*acts)) == ["NotAllowed"]
    assert held.all().count() == 1
