"""Queues work as rows and hands each row to one worker at a time.

Knows no Celery: the shell wires `set_sender`, which turns a row into a message after commit.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from certifications.ledger.actions import Actor, record

from .models import Heartbeat, Job

log = structlog.get_logger(__name__)

MAX_FAILURES = 5
# Kinds that the calendar asks for anew each hour; what is done of them says nothing after a while.
BY_THE_HOUR, KEPT_DAYS = ("policies", "ownership"), 30
# Kinds that come by the thousand and wait behind one another.
IN_ROUNDS = ("rescreen_chunk",)


class Later(Exception):
    """Something outside is away (a list, a timestamp server): the job is tried again after `delay`, and did not fail."""

    def __init__(self, reason: str, delay: dt.timedelta = dt.timedelta(seconds=60)) -> None:
        super().__init__(reason)
        self.delay = delay


_sender: Callable[[str, str], None] | None = None


def set_sender(sender: Callable[[str, str], None]) -> None:
    """The shell says how a row (kind, job id) becomes a message."""
    global _sender  # noqa: PLW0603 - one hook, set once when the shell starts
    _sender = sender


def _send(job_id: str, kind: str) -> None:
    if _sender is None:
        return
    try:
        _sender(kind, job_id)
    except Exception as error:  # noqa: BLE001 - the broker may be gone; the row stays and is sent again by beat
        log.warning("job not sent", job=job_id, kind=kind, error=type(error).__name__)
        return
    Job.objects.filter(pk=job_id).update(sent_at=Now())


def enqueue(kind: str, object_id: str, *, version: str = "1", delay: dt.timedelta | None = None) -> Job:
    """Make sure that `kind` happens to `object_id`; the message leaves when the transaction commits.

    Asking again for finished work of the same version changes nothing; ask with a new version.
    """
    due = timezone.now() + (delay or dt.timedelta())
    job, created = Job.objects.get_or_create(kind=kind, object_id=object_id, version=version, defaults={"due_at": due})
    if created and delay is None:
        transaction.on_commit(lambda: _send(job.pk, kind), robust=True)
    return job


def enqueue_many(kind: str, object_ids: Sequence[str]) -> None:
    """`enqueue` for the objects of a round, which wait behind one another: two statements however many they are."""
    jobs = [Job(kind=kind, object_id=object_id, due_at=timezone.now()) for object_id in object_ids]
    Job.objects.bulk_create(jobs, ignore_conflicts=True)
    transaction.on_commit(lambda: _send_many(kind, [job.pk for job in jobs]), robust=True)


def _send_many(kind: str, job_ids: list[str]) -> None:
    """What the broker did not take is sent again by beat."""
    sent = []
    try:
        for job_id in job_ids:
            if _sender is not None:
                _sender(kind, job_id)
                sent.append(job_id)
    except Exception as error:  # noqa: BLE001 - as in _send
        log.warning("jobs not sent", kind=kind, left=len(job_ids) - len(sent), error=type(error).__name__)
    Job.objects.filter(pk__in=sent).update(sent_at=Now())


def give_up() -> int:
    """Hand to a person what took its process down again and again. Returns how many."""
    return Job.objects.filter(state=Job.State.WAITING, failures__gte=MAX_FAILURES, lease_until__lt=Now()).update(
        state=Job.State.NEEDS_PERSON, lease_until=None, last_error="the process that did it ended each time"
    )


def resend_idle() -> int:
    """Send again what is due and has been idle: a lost message, a dead worker. Returns how many."""
    give_up()
    idle = timezone.now() - dt.timedelta(seconds=settings.WORK_RESEND_SECONDS)
    # A piece of a round that waits is not idle while another of its kind is being done: it waits its turn, and thousands of
    # messages sent twice every half a minute would stand in the way of the round.
    moving = Job.objects.filter(kind__in=IN_ROUNDS, state=Job.State.WAITING, lease_until__gt=Now())
    waiting = (
        Job.objects.exclude(Q(sent_at__isnull=False), kind__in=moving.values("kind"))
        .filter(
            Q(sent_at__isnull=True) | Q(sent_at__lt=idle),
            Q(lease_until__isnull=True) | Q(lease_until__lt=Now()),
            state=Job.State.WAITING,
            due_at__lte=Now(),
        )
        .order_by("due_at")[:500]
    )
    jobs = list(waiting)
    for job in jobs:
        _send(job.pk, job.kind)
    return len(jobs)


def forget_done() -> int:
    """Remove the rows of hourly work that was done long ago and is never asked for again. Returns how many."""
    old = timezone.now() - dt.timedelta(days=KEPT_DAYS)
    removed, _by_model = Job.objects.filter(kind__in=BY_THE_HOUR, state=Job.State.DONE, finished_at__lt=old).delete()
    return removed


@dataclass(frozen=True)
class Claim:
    """The right to do one job now. `attempt` fences: a worker that wakes up late finds another number and stops."""

    job: Job
    attempt: int


def claim(job_id: str) -> Claim | None:
    """Take the lease, committed before any work. None when there is nothing to do or somebody else is at it.

    Counted as a failure until something better is known: a job that kills its process must not kill every worker in turn.
    """
    give_up()
    taken = Job.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=Now()),
        pk=job_id,
        state=Job.State.WAITING,
        due_at__lte=Now(),
    ).update(lease_until=Now() + dt.timedelta(seconds=settings.WORK_LEASE_SECONDS), attempts=F("attempts") + 1, failures=F("failures") + 1)
    if not taken:
        return None
    job = Job.objects.get(pk=job_id)
    return Claim(job, job.attempts)


def finish(held: Claim) -> None:
    """Mark the job done, if it is still ours."""
    Job.objects.filter(pk=held.job.pk, attempts=held.attempt, state=Job.State.WAITING).update(
        state=Job.State.DONE, finished_at=Now(), lease_until=None, last_error=""
    )


def postpone(held: Claim, reason: str, delay: dt.timedelta) -> None:
    """Give the job back to be tried later without counting it as a failure (an outside service is away)."""
    Job.objects.filter(pk=held.job.pk, attempts=held.attempt).update(
        lease_until=None, due_at=Now() + delay, sent_at=None, last_error=reason[:300], failures=F("failures") - 1
    )


def fail(held: Claim, reason: str) -> None:
    """Give the job back with a doubling pause; after MAX_FAILURES it waits for a person, on the health page."""
    if held.job.failures >= MAX_FAILURES:
        Job.objects.filter(pk=held.job.pk, attempts=held.attempt).update(
            state=Job.State.NEEDS_PERSON, lease_until=None, last_error=reason[:300]
        )
        return
    pause = min(dt.timedelta(seconds=5 * 2**held.job.failures), dt.timedelta(minutes=10))
    Job.objects.filter(pk=held.job.pk, attempts=held.attempt).update(
        lease_until=None, due_at=Now() + pause, sent_at=None, last_error=reason[:300]
    )


@transaction.atomic
def retry(*, job: Job, by: Actor | None) -> bool:
    """A person sends a job that had given up back to the workers. False when somebody else did so first."""
    sent = Job.objects.filter(pk=job.pk, state=Job.State.NEEDS_PERSON).update(
        state=Job.State.WAITING, failures=0, due_at=Now(), sent_at=None
    )
    if not sent:
        return False
    record(verb="job.retried", obj=job, by=by, data={"kind": job.kind})
    transaction.on_commit(lambda: _send(job.pk, job.kind), robust=True)
    return True


def beat(name: str) -> None:
    """Stamp a sign of life with the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{Heartbeat._meta.db_table}" (name, at) VALUES (%s, now()) '  # noqa: S608 - own table name
            "ON CONFLICT (name) DO UPDATE SET at = excluded.at",
            [name],
        )
