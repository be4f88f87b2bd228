"""Celery entry points, a few lines each. A message is a hint: the claim on the row decides whether anything is done."""

from collections.abc import Callable

import structlog
from celery import shared_task

from certifications.attestations.seal import TimestampUnavailable, sealer_from_settings
from certifications.flow import advance as flow_advance
from certifications.flow import clearances, evidence, lists, receipts, register, release, rescreening, status
from certifications.mail.actions import deliver_due
from certifications.screening.yente import YenteError
from certifications.work import actions as work
from certifications.work.reasons import reason_of

log = structlog.get_logger(__name__)


def _run(job_id: str, act: Callable[[work.Claim], None]) -> None:
    """Claim, act, finish; postpone what is away, fail what broke. A killed process leaves the lease to run out."""
    held = work.claim(job_id)
    if held is None:
        return
    try:
        act(held)
    except flow_advance.NotYet as later:
        work.postpone(held, str(later), later.delay)
    except TimestampUnavailable:
        log.warning("timestamp authority away", job=job_id)
        work.postpone(held, "timestamp authority away", release.TIMESTAMP_RETRY)
    except Exception as error:
        log.exception("job failed", job=job_id, kind=held.job.kind, object=held.job.object_id)
        work.fail(held, reason_of(error))
    else:
        work.finish(held)


@shared_task(name="advance")
def advance(job_id: str) -> None:
    """Take a declaration on."""
    _run(job_id, lambda held: _ignore(flow_advance.advance(held.job.object_id)))


@shared_task(name="read")
def read(job_id: str) -> None:
    """Read a captured notice."""
    _run(job_id, lambda held: evidence.read(held.job.object_id))


@shared_task(name="match")
def match(job_id: str) -> None:
    """Ask the register about a confirmed line."""
    _run(job_id, lambda held: evidence.match_line(held.job.object_id))


@shared_task(name="rescreen")
def rescreen(job_id: str) -> None:
    """Screen one party again."""
    _run(job_id, lambda held: rescreening.rescreen(held.job.object_id))


@shared_task(name="delta")
def delta(job_id: str) -> None:
    """Find out whom a new list version touches."""
    _run(job_id, lambda held: _ignore(rescreening.follow(held.job.object_id)))


@shared_task(name="rescreen_chunk")
def rescreen_chunk(job_id: str) -> None:
    """Screen some parties of a round."""
    _run(job_id, lambda held: rescreening.screen_chunk(held.job.object_id))


@shared_task(name="index_parties")
def index_parties(job_id: str) -> None:
    """Build the day's index over parties."""
    _run(job_id, lambda held: rescreening.build_party_index())


@shared_task(name="import_list")
def import_list(job_id: str) -> None:
    """Import an uploaded list, then look at every party again."""
    _run(job_id, lambda held: lists.import_uploaded(held.job.object_id))


@shared_task(name="render")
def render(job_id: str) -> None:
    """Render the PDF of a released declaration."""
    _run(job_id, lambda held: release.render(held.job.object_id))


@shared_task(name="seal")
def seal(job_id: str) -> None:
    """Signer: seal a rendered PDF."""

    def act(held: work.Claim) -> None:
        try:
            release.seal(held.job.object_id, sealer_from_settings())
        except TimestampUnavailable:
            release.waits_for_timestamp(held.job.object_id)
            raise

    _run(job_id, act)


@shared_task(name="receipt")
def receipt(job_id: str) -> None:
    """Signer: seal the distributor's receipt."""
    _run(job_id, lambda held: receipts.make(held.job.object_id, int(held.job.version), sealer_from_settings()))


@shared_task(name="heartbeat")
def heartbeat(name: str) -> None:
    """A sign of life through the queue it came by."""
    work.beat(name)


@shared_task(name="tick")
def tick() -> None:
    """Every few seconds: send what was lost or has become due. Never waits for anybody outside."""
    work.beat("beat")
    work.resend_idle()


@shared_task(name="mail")
def mail() -> None:
    """Every few seconds: deliver mail, for a few seconds at most. Beside the tick, so that a slow mail server holds up no work."""
    deliver_due()


@shared_task(name="daily")
def daily() -> None:
    """Every hour: expire what is over; once a day, begin to screen everybody."""
    status.expire()
    lists.expire_ready()
    clearances.end()
    clearances.remind()
    register.remind()
    rescreening.nightly()
    try:
        lists.watch_yente()
    except YenteError as away:
        # The last version counts until it is too old; then everybody waits.
        log.warning("yente away", reason=str(away))


def _ignore(_: object) -> None:
    """For actions whose answer the queue does not need."""
