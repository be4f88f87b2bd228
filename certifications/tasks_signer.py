"""Celery entry points of the signer: three of them need the key. The other workers' are in tasks.py, which knows these too.

The signer imports this file alone, and what a seal takes when the first one is asked for: the process that has the key
starts without the code that reads other people's files.
"""

import datetime as dt
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from celery import shared_task
from django.db import InterfaceError, OperationalError, connection

from certifications.attestations.sealed import TimestampUnavailable
from certifications.work import actions as work
from certifications.work.reasons import reason_of

log = structlog.get_logger(__name__)
Told = TypeVar("Told")
TIMESTAMP_RETRY = dt.timedelta(seconds=5)
# What failed together is done one by one for so long, and nothing is begun so late that the task's own limits (240 s) would strike it.
EACH_SECONDS, BEGUN_WITHIN_SECONDS = 60.0, 180.0
# A database that is away for a moment is waited for: else all that is held waits until its lease runs out.
AWAY_TRIES, AWAY_SECONDS = 5, 2.0


def run(job_id: str, act: Callable[[work.Claim], None]) -> None:
    """Claim, act, finish; postpone what is away, fail what broke. A killed process leaves the lease to run out."""
    held = work.claim(job_id)
    if held is not None:
        _do(held, act)


def _do(held: work.Claim, act: Callable[[work.Claim], None]) -> None:
    try:
        act(held)
    except work.Later as later:
        work.postpone(held, str(later), later.delay)
    except work.Lost:
        log.warning("job lost", job=held.job.pk, kind=held.job.kind)
    except Exception as error:
        log.exception("job failed", job=held.job.pk, kind=held.job.kind, object=held.job.object_id)
        work.fail(held, reason_of(error))
    else:
        work.finish(held)


def run_together(
    job_id: str,
    act: Callable[[work.Claim], None],
    many: Callable[[list[work.Claim]], int],
    *,
    most: int,
    is_alone: Callable[[work.Claim], bool] = lambda _held: False,
) -> None:
    """The same for kinds of which many are done together in little more than the time of one: this job, and those that wait beside it.

    `many` does all of them, or the first so many as it says, or raises and has done none; it may claim more and add them to its list.
    Where it raises, each is done by itself, so that one that cannot be done keeps no other from it. What nobody came to is given back.
    `is_alone` of a job beside which none is taken.
    """
    began = time.monotonic()
    first = work.claim(job_id)
    if first is None:
        return
    held = [first]
    try:
        if not is_alone(first):
            held += work.claim_beside(first, most - 1)
        done = many(held) if len(held) > 1 else 0
    except Exception as error:  # noqa: BLE001 - whose fault it is, each of them says by itself
        log.warning("jobs failed together", kind=first.job.kind, count=len(held), reason=reason_of(error))
        ours = _when_back(lambda: work.still_ours(held))
        _each(ours, act, until=min(time.monotonic() + EACH_SECONDS, began + BEGUN_WITHIN_SECONDS))
    else:
        if done:
            try:
                work.finish_all(held[:done])
            finally:
                _when_back(lambda: work.give_back(held[done:]))
        else:
            _do(first, act)


def _each(held: list[work.Claim], act: Callable[[work.Claim], None], *, until: float) -> None:
    """Do each by itself until the clock (monotonic seconds) says so, and one at least; the rest is given back."""
    left = list(held)
    try:
        while left:
            one = left.pop(0)
            if time.monotonic() > until:
                # Before the last one is begun: what ends this process then takes no other with it.
                rest, left = left, []
                work.give_back(rest)
            _do(one, act)
    finally:
        if left:
            _when_back(lambda: work.give_back(left))


def _when_back(ask: Callable[[], Told]) -> Told:
    """Ask the database after something failed, by a new connection where the old one is of no use any more."""
    for _ in range(AWAY_TRIES):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        try:
            return ask()
        except (InterfaceError, OperationalError):
            time.sleep(AWAY_SECONDS)
    return ask()


def _away(job_id: str) -> work.Later:
    log.warning("timestamp authority away", job=job_id)
    return work.Later("timestamp authority away", TIMESTAMP_RETRY)


@shared_task(name="seal")
def seal(job_id: str) -> None:
    """Seal a rendered PDF."""

    def act(held: work.Claim) -> None:
        from certifications.attestations.seal import sealer_from_settings
        from certifications.flow import release

        try:
            release.seal(held.job.object_id, sealer_from_settings())
        except TimestampUnavailable as away:
            release.waits_for_timestamp(held.job.object_id)
            raise _away(job_id) from away

    run(job_id, act)


@shared_task(name="receipt")
def receipt(job_id: str) -> None:
    """Seal the distributor's receipt."""

    def act(held: work.Claim) -> None:
        from certifications.attestations.seal import sealer_from_settings
        from certifications.flow import receipts

        try:
            receipts.make(held.job.object_id, int(held.job.version), sealer_from_settings())
        except TimestampUnavailable as away:
            raise _away(job_id) from away

    run(job_id, act)


@shared_task(name="seal_letter")
def seal_letter(job_id: str) -> None:
    """Seal a released tender letter."""

    def act(held: work.Claim) -> None:
        from certifications.attestations.seal import sealer_from_settings
        from certifications.flow import letters

        try:
            letters.seal(held.job.object_id, sealer_from_settings())
        except TimestampUnavailable as away:
            raise _away(job_id) from away

    run(job_id, act)


@shared_task(name="heartbeat")
def heartbeat(name: str) -> None:
    """A sign of life through the queue it came by."""
    work.beat(name)
