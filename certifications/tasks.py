"""Celery entry points, a few lines each. A message is a hint: the claim on the row decides whether anything is done."""

import time

import structlog
from celery import shared_task

from certifications.flow import advance as flow_advance
from certifications.flow import (
    bulk,
    cards,
    catalogue,
    clearances,
    delegations,
    enduser,
    evidence,
    evidence_folder,
    identities,
    intake,
    letters,
    lists,
    order_acts,
    ownership_acts,
    policies,
    received,
    register,
    release,
    reminding,
    reports,
    rescreening,
    resolution,
    statements,
    status,
    tips,
    uploads,
    without_start,
)
from certifications.machines import actions as machines
from certifications.machines import delivery
from certifications.mail.actions import deliver_due
from certifications.parties import places
from certifications.screening.yente import YenteError
from certifications.work import actions as work

from .tasks_signer import heartbeat, receipt, run, run_together, seal, seal_letter

log = structlog.get_logger(__name__)
__all__ = ["heartbeat", "receipt", "seal", "seal_letter"]


@shared_task(name="advance")
def advance(job_id: str) -> None:
    """Take a declaration on."""
    run(job_id, lambda held: _ignore(flow_advance.advance(held.job.object_id)))


# So many notices or lines are taken at once, of those that wait. A worker reads for so many seconds before it writes what it read, and
# takes a few at a time: a notice may take long, and another worker shall find those that this one does not come to.
TOGETHER, READ_AT_ONCE, READING_SECONDS = 100, 10, 3.0


@shared_task(name="read")
def read(job_id: str) -> None:
    """Read a captured notice, and those that wait beside it."""

    def many(held: list[work.Claim]) -> int:
        def more() -> list[str]:
            fresh = work.claim_beside(held[0], min(READ_AT_ONCE, TOGETHER - len(held)))
            held.extend(fresh)
            return _objects(fresh)

        return evidence.read_many(_objects(held), until=time.monotonic() + READING_SECONDS, more=more)

    run_together(job_id, lambda held: evidence.read(held.job.object_id), many, most=READ_AT_ONCE)


@shared_task(name="match")
def match(job_id: str) -> None:
    """Ask the register about a confirmed line, and about those that wait beside it for the same reason."""

    def many(held: list[work.Claim]) -> int:
        because = held[0].job.version if held[0].job.version != "1" else ""
        evidence.match_lines(_objects(held), because, last=lambda: work.finish_or_undo(held))
        return len(held)

    run_together(job_id, lambda held: _ignore(many([held])), many, most=TOGETHER)


def _objects(held: list[work.Claim]) -> list[str]:
    return [one.job.object_id for one in held]


@shared_task(name="rescreen")
def rescreen(job_id: str) -> None:
    """Screen one party again."""
    run(job_id, lambda held: rescreening.rescreen(held.job.object_id))


@shared_task(name="delta")
def delta(job_id: str) -> None:
    """Find out whom a new list version touches."""
    run(job_id, lambda held: _ignore(rescreening.follow(held.job.object_id)))


@shared_task(name="rescreen_chunk")
def rescreen_chunk(job_id: str) -> None:
    """Screen some parties of a round."""
    run(job_id, lambda held: rescreening.screen_chunk(held.job.object_id))


@shared_task(name="index_parties")
def index_parties(job_id: str) -> None:
    """Build the day's index over parties."""
    run(job_id, lambda held: rescreening.build_party_index())


@shared_task(name="upload")
def upload(job_id: str) -> None:
    """Read, check, commit or take back a file of rows."""
    run(job_id, lambda held: uploads.go_on(held.job.object_id))


@shared_task(name="import_list")
def import_list(job_id: str) -> None:
    """Import an uploaded list, then look at every party again."""
    run(job_id, lambda held: lists.import_uploaded(held.job.object_id))


@shared_task(name="render")
def render(job_id: str) -> None:
    """Render the PDF of a released declaration."""
    run(job_id, lambda held: release.render(held.job.object_id))


@shared_task(name="letter")
def letter(job_id: str) -> None:
    """Screen whom a tender letter names, or write a released one."""
    run(job_id, lambda held: letters.go_on(held.job.object_id))


@shared_task(name="declare")
def declare(job_id: str) -> None:
    """The balances of an attested declaration."""
    run(job_id, lambda held: order_acts.declare(held.job.object_id))


@shared_task(name="uncap")
def uncap(job_id: str) -> None:
    """The release of an amendment was taken back."""
    run(job_id, lambda held: order_acts.uncap(held.job.object_id))


@shared_task(name="policies")
def follow_policies(job_id: str) -> None:
    """Send round again what policies ask something else of now."""
    run(job_id, lambda held: _ignore(policies.follow(held.job.object_id, held.job.version)))


@shared_task(name="ownership")
def follow_ownership(job_id: str) -> None:
    """Weigh everybody who has a listed owner by the rules of today."""
    run(job_id, lambda held: _ignore(ownership_acts.follow_all()))


@shared_task(name="identities")
def look_for_identities(job_id: str) -> None:
    """Find who may be one entity with a party, or with everybody."""
    run(job_id, lambda held: _ignore(identities.look(held.job.object_id, held.job.version)))


@shared_task(name="names")
def look_at_names(job_id: str) -> None:
    """Look what the names in evidence mean, of one party's business or all of them."""
    run(job_id, lambda held: _ignore(resolution.look(held.job.object_id, held.job.version)))


@shared_task(name="received")
def look_at_received(job_id: str) -> None:
    """Ask the register about those who sent what a distributor received."""
    run(job_id, lambda held: _ignore(received.look(held.job.object_id)))


@shared_task(name="weigh")
def weigh(job_id: str) -> None:
    """Work out what the confirmation of what waits would open."""

    def many(held: list[work.Claim]) -> int:
        intake.weigh_these(_objects(held), last=lambda: work.finish_or_undo(held))
        return len(held)

    def is_round(held: work.Claim) -> bool:
        return held.job.object_id.startswith(intake.EVERYTHING)

    def act(held: work.Claim) -> None:
        if is_round(held):
            intake.weigh_waiting(held.job.object_id, held.job.version)
        else:
            many([held])

    run_together(job_id, act, many, most=TOGETHER, is_alone=is_round)


@shared_task(name="bulk")
def bulk_confirmation(job_id: str) -> None:
    """Carry out a confirmation by a sample, or its undoing."""
    run(job_id, lambda held: bulk.go_on(held.job.object_id, held.job.version))


@shared_task(name="intake")
def follow_intake() -> None:
    """Every minute: weigh again what waits where the register or the catalogue changed."""
    intake.follow()


@shared_task(name="webhook")
def webhook(job_id: str) -> None:
    """Tell an address that something changed."""
    run(job_id, lambda held: delivery.deliver(held.job.object_id))


@shared_task(name="statement")
def statement(job_id: str) -> None:
    """Write the statement that an end user signs by hand."""
    run(job_id, lambda held: statements.make(held.job.object_id))


@shared_task(name="evidence_folder")
def look_at_evidence_folder() -> None:
    """Every few seconds: capture what lies in the watched folder."""
    evidence_folder.look()


@shared_task(name="tick")
def tick() -> None:
    """Every few seconds: send what was lost or has become due. Never waits for anybody outside."""
    work.beat("beat")
    work.resend_idle()


@shared_task(name="mail")
def mail() -> None:
    """Every few seconds: deliver mail, for a few seconds at most. Beside the tick, so that a slow mail server holds up no work."""
    deliver_due()


HOURLY = (
    status.expire,
    letters.expire,
    letters.remind,
    order_acts.expire,
    machines.forget_old,
    lists.expire_ready,
    clearances.end,
    clearances.remind,
    register.remind,
    delegations.remind,
    cards.remind,
    catalogue.turn,
    policies.follow_hourly,
    ownership_acts.follow_hourly,
    enduser.remind,
    reminding.remind,
    reports.remind,
    reports.flag_silence,
    without_start.tell,
    rescreening.nightly,
    identities.look_nightly,
    resolution.look_nightly,
    lists.watch_yente,
    tips.tell_readers,
    tips.erase_old,
    places.keep_in_order,
    work.forget_done,
)


@shared_task(name="daily")
def daily() -> None:
    """Every hour: expire what is over; once a day, begin to screen everybody. What fails keeps nothing else from its turn."""
    failed: list[Exception] = []
    for step in HOURLY:
        try:
            step()
        except YenteError as away:
            # The last version counts until it is too old; then everybody waits.
            log.warning("yente away", reason=str(away))
        except Exception as error:
            log.exception("hourly step failed", step=f"{step.__module__}.{step.__name__}")
            failed.append(error)
    if failed:
        raise failed[0]


def _ignore(_: object) -> None:
    """For actions whose answer the queue does not need."""
