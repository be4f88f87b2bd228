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
    if held is None:
        return
    try:
        act(held)
    except work.Later as later:
        work.postpone(held, str(later), later.delay)
    except Exception as error:
        log.exception("job failed", job=job_id, kind=held.job.kind, object=held.job.object_id)
        work.fail(held, reason_of(error))
    else:
        work.finish(held)


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
