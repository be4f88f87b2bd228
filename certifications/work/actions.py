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
from certifications.ledger.ids import new_ulid

from .models import Heartbeat, Job

log = structlog.get_logger(__name__)

MAX_FAILURES = 5
ENDED = "the process that did it ended each time"
# Kinds that the calendar asks for anew each hour; what is done of them says nothing after a while.
BY_THE_HOUR, KEPT_DAYS = ("policies", "ownership"), 30
# Kinds that come by the thousand and wait behind one another.
IN_ROUNDS = ("rescreen_chunk",)

# One statement each, by hand: the ORM gives back no row that it updated, and every piece of work passes here.
_TABLE = Job._meta.db_table
_ENQUEUE = f"""
    INSERT INTO "{_TABLE}" (id, kind, object_id, version, state, attempts, failures, due_at, sent_at, last_error)
    VALUES (%s, %s, %s, %s, 'waiting', 0, 0, %s, %s, '') ON CONFLICT (kind, object_id, version) DO NOTHING RETURNING *"""  # noqa: S608
# What took its process down again and again is handed to a person instead.
_CLAIM = f"""
    UPDATE "{_TABLE}" SET
        state = CASE WHEN failures < %(most)s THEN state ELSE 'needs_person' END,
        last_error = CASE WHEN failures < %(most)s THEN last_error ELSE %(ended)s END,
        lease_until = CASE WHEN failures < %(most)s THEN statement_timestamp() + %(lease)s END,
        attempts = attempts + CASE WHEN failures < %(most)s THEN 1 ELSE 0 END,
        failures = failures + CASE WHEN failures < %(most)s THEN 1 ELSE 0 END
    WHERE id = %(id)s AND state = 'waiting' AND due_at <= statement_timestamp()
        AND (lease_until IS NULL OR lease_until < statement_timestamp())
    RETURNING *"""  # noqa: S608
# Who waits for a row that another worker just takes would only find it taken.
_CLAIM_BESIDE = f"""
    WITH beside AS MATERIALIZED (
        SELECT id FROM "{_TABLE}" WHERE state = 'waiting' AND kind = %s AND version = %s AND failures = 0 AND lease_until IS NULL
            AND due_at <= statement_timestamp() ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
    UPDATE "{_TABLE}" job SET lease_until = statement_timestamp() + %s, attempts = job.attempts + 1, failures = 1
    FROM beside WHERE job.id = beside.id RETURNING job.*"""  # noqa: S608
_ENQUEUE_TOGETHER = f"""
    INSERT INTO "{_TABLE}" (id, kind, object_id, version, state, attempts, failures, due_at, sent_at, last_error)
    SELECT id, %s, object_id, '1', 'waiting', 0, 0, %s, %s, '' FROM unnest(%s::text[], %s::text[]) AS asked (id, object_id)
    ON CONFLICT (kind, object_id, version) DO NOTHING RETURNING id"""  # noqa: S608
_GIVE_BACK = f"""
    UPDATE "{_TABLE}" job SET lease_until = NULL, due_at = statement_timestamp(), sent_at = statement_timestamp(), last_error = '',
        failures = greatest(job.failures - 1, 0)
    FROM unnest(%s::text[], %s::int[]) AS held (id, attempt)
    WHERE job.id = held.id AND job.attempts = held.attempt AND job.state = 'waiting' RETURNING job.id"""  # noqa: S608
_FINISH_ALL = f"""
    UPDATE "{_TABLE}" job SET state = 'done', finished_at = statement_timestamp(), lease_until = NULL, last_error = ''
    FROM unnest(%s::text[], %s::int[]) AS held (id, attempt)
    WHERE job.id = held.id AND job.attempts = held.attempt AND job.state = 'waiting'"""  # noqa: S608


class Later(Exception):
    """Something outside is away (a list, a timestamp server): the job is tried again after `delay`, and did not fail."""

    def __init__(self, reason: str, delay: dt.timedelta = dt.timedelta(seconds=60)) -> None:
        super().__init__(reason)
        self.delay = delay


class Lost(Exception):
    """Somebody else holds a job by now, since its lease ran out: what was done of it is not written."""


_sender: Callable[[str, str], None] | None = None


def set_sender(sender: Callable[[str, str], None]) -> None:
    """The shell says how a row (kind, job id) becomes a message."""
    global _sender  # noqa: PLW0603 - one hook, set once when the shell starts
    _sender = sender


def _left(job_id: str, kind: str) -> bool:
    """Whether the message left."""
    if _sender is not None:
        try:
            _sender(kind, job_id)
        except Exception as error:  # noqa: BLE001 - the broker may be gone; the row stays and is sent again by beat
            log.warning("job not sent", job=job_id, kind=kind, error=type(error).__name__)
            return False
    return True


def _send(job_id: str, kind: str) -> None:
    """After the commit that made the row, which says already that it was sent."""
    if not _left(job_id, kind):
        Job.objects.filter(pk=job_id).update(sent_at=None)


def _send_again(job_id: str, kind: str) -> None:
    if _left(job_id, kind):
        Job.objects.filter(pk=job_id).update(sent_at=Now())


def enqueue(kind: str, object_id: str, *, version: str = "1", delay: dt.timedelta | None = None) -> Job:
    """Make sure that `kind` happens to `object_id`; the message leaves when the transaction commits.

    Asking again for finished work of the same version changes nothing; ask with a new version. The row says from the first that its
    message was sent: a process that ends between commit and message leaves what an idle row is, sent again by beat.
    """
    now = timezone.now()
    given = [new_ulid(), kind, object_id, version, now + (delay or dt.timedelta()), now if delay is None else None]
    made = list(Job.objects.raw(_ENQUEUE, given))
    if not made:
        return Job.objects.get(kind=kind, object_id=object_id, version=version)
    if delay is None:
        transaction.on_commit(lambda: _send(made[0].pk, kind), robust=True)
    return made[0]


def enqueue_many(kind: str, object_ids: Sequence[str]) -> None:
    """`enqueue` for the objects of a round, which wait behind one another: two statements however many they are."""
    jobs = [Job(kind=kind, object_id=object_id, due_at=timezone.now()) for object_id in object_ids]
    Job.objects.bulk_create(jobs, ignore_conflicts=True)
    transaction.on_commit(lambda: _send_many(kind, [job.pk for job in jobs]), robust=True)


def enqueue_together(kind: str, object_ids: Sequence[str]) -> None:
    """`enqueue` for objects of which one worker does many together (`claim_beside`): a row each, and one message for all of them.

    Whoever takes that message takes the others along; what it leaves is sent again by beat like any idle row.
    """
    if not object_ids:
        return
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE_TOGETHER, [kind, now, now, [new_ulid() for _ in object_ids], list(object_ids)])
        made = [row[0] for row in cursor.fetchall()]
    if made:
        transaction.on_commit(lambda: _send_one_of(made, kind), robust=True)


def _send_one_of(job_ids: Sequence[str], kind: str) -> None:
    """One message for rows which all say already that it was sent."""
    if not _left(job_ids[0], kind):
        Job.objects.filter(pk__in=job_ids).update(sent_at=None)


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
        state=Job.State.NEEDS_PERSON, lease_until=None, last_error=ENDED
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
        _send_again(job.pk, job.kind)
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
    given = {"id": job_id, "lease": _lease(), "most": MAX_FAILURES, "ended": ENDED}
    taken = [job for job in Job.objects.raw(_CLAIM, given) if job.state == Job.State.WAITING]
    return Claim(taken[0], taken[0].attempts) if taken else None


def _lease() -> dt.timedelta:
    return dt.timedelta(seconds=settings.WORK_LEASE_SECONDS)


def claim_beside(held: Claim, most: int) -> list[Claim]:
    """Take up to `most` other jobs of the same kind and version that wait, to be done together with one that is held; the oldest first.

    Nothing that failed before or took its process down: that is done alone, so that it harms no other again. Nothing beside one
    that did.
    """
    if held.job.failures > 1:
        return []
    rows = Job.objects.raw(_CLAIM_BESIDE, [held.job.kind, held.job.version, most, _lease()])
    return sorted((Claim(job, job.attempts) for job in rows), key=lambda one: (one.job.due_at, one.job.pk))


def finish(held: Claim) -> None:
    """Mark the job done, if it is still ours."""
    Job.objects.filter(pk=held.job.pk, attempts=held.attempt, state=Job.State.WAITING).update(
        state=Job.State.DONE, finished_at=Now(), lease_until=None, last_error=""
    )


def finish_all(held: Sequence[Claim]) -> int:
    """`finish` for many, in one statement. Returns how many were still ours: in the transaction of what was done, fewer means undo it."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH_ALL, [[one.job.pk for one in held], [one.attempt for one in held]])
        return int(cursor.rowcount)


def finish_or_undo(held: Sequence[Claim]) -> None:
    """The last step of the transaction in which the jobs were done. Raises Lost where somebody else holds one by now, which undoes it."""
    if finish_all(held) < len(held):
        raise Lost


def still_ours(held: Sequence[Claim]) -> list[Claim]:
    """Those that nobody else holds and nobody finished."""
    found = Job.objects.filter(pk__in=[one.job.pk for one in held], state=Job.State.WAITING)
    ours = dict(found.values_list("pk", "attempts"))
    return [one for one in held if ours.get(one.job.pk) == one.attempt]


def give_back(held: Sequence[Claim]) -> None:
    """Let go of jobs of one kind that nobody began, so that the next worker takes them; it is no failure. One message goes for all of them."""
    if not held:
        return
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [[one.job.pk for one in held], [one.attempt for one in held]])
        left = [row[0] for row in cursor.fetchall()]
    if left:
        transaction.on_commit(lambda: _send_one_of(left, held[0].job.kind), robust=True)


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
    transaction.on_commit(lambda: _send_again(job.pk, job.kind), robust=True)
    return True


def beat(name: str) -> None:
    """Stamp a sign of life with the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{Heartbeat._meta.db_table}" (name, at) VALUES (%s, now()) '  # noqa: S608 - own table name
            "ON CONFLICT (name) DO UPDATE SET at = excluded.at",
            [name],
        )
