"""Celery entry points of the signer: three of them need the key. The other workers' are in tasks.py, which knows these too.

The signer imports this file alone, and what a seal takes when the first one is asked for: the process that has the key
starts without the code that reads other people's files.
"""

import datetime as dt
from collections.abc import Callable

import structlog
from celery import shared_task

from certifications.attestations.sealed import TimestampUnavailable
from certifications.work import actions as work
from certifications.work.reasons import reason_of

log = structlog.get_logger(__name__)
TIMESTAMP_RETRY = dt.timedelta(seconds=5)


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

    `many` does all of them, or the first so many as it says, or raises and has done none: then each is done by itself, so that one that
    cannot be done keeps no other from it. What nobody came to is given back. `is_alone` of a job beside which none is taken.
    """
    held = work.claim(job_id)
    if held is None:
        return
    beside = [] if is_alone(held) else work.claim_beside(held, most - 1)
    if beside:
        try:
            done = many([held, *beside])
        except Exception as error:  # noqa: BLE001 - whose fault it is, each of them says by itself
            log.warning("jobs failed together", kind=held.job.kind, count=1 + len(beside), reason=reason_of(error))
        else:
            work.finish_all([held, *beside][:done])
            work.give_back([held, *beside][done:])
            return
    for one in (held, *beside):
        _do(one, act)


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
