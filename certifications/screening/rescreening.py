"""The only writes to deltas and rounds of rescreening. What follows for declarations and cases is flow's business."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.moves import StaleState
from certifications.mail.actions import tell_when_long
from certifications.people.models import User
from certifications.work.actions import enqueue_many

from . import delta as working_out
from .actions import screening_lock
from .coverage import runs_on_edge
from .models import ListVersion, ScreeningRun
from .models_rescreening import DeltaReach, ListDelta, Rescreening, RescreeningChunk
from .queries import engine, key_of, lists_in_force

CHUNK = 250  # parties; a few seconds of work, so that a killed worker loses little and a declaration waits little
LEAST_CHUNK, SPREAD = 40, 8  # a small round, which somebody may be waiting for, is cut so that every worker has a part of it
BATCH = 5_000


@dataclass(frozen=True)
class Counts:
    """What came of a chunk: parties screened, of those with a finding, and parties that could not be screened."""

    done: int
    hits: int
    failed: int


def versions_under(key: str) -> list[ListVersion]:
    """The list versions of a key, as a delta that led to it or a finished run kept them; none where neither did."""
    made = ListDelta.objects.filter(to_key=key).first()
    run = ScreeningRun.objects.filter(lists_key=key, state=ScreeningRun.State.DONE).first() if made is None else None
    ids = made.to_versions if made is not None else [row["version"] for row in run.lists] if run is not None else []
    return list(ListVersion.objects.filter(pk__in=ids).select_related("source"))


def make_delta(*, from_key: str, in_flight: Iterable[str]) -> ListDelta:
    """Compare the lists of `from_key` with those in force and record whom that can touch; the same again is the same delta.

    `in_flight` are parties that something is about to rest on: they are screened in any case. Raises TooMuch where the lists
    of `from_key` are not known or the change is one for a full rescreening. Speaks for runs of this engine alone.
    """
    lists = lists_in_force()
    key = key_of(lists)
    known = ListDelta.objects.filter(from_key=from_key, to_key=key, engine=engine()).first()
    if known is not None:
        return known
    old = versions_under(from_key)
    new = [held.version for held in lists if held.version is not None]
    if not old or len(new) < len(lists):
        raise working_out.TooMuch("a list is missing")
    with transaction.atomic(), connection.cursor() as cursor:
        # Whoever is writing runs now is let finish; whoever writes later finds a later time, and is not spoken for.
        screening_lock(alone=True)
        cursor.execute("SELECT clock_timestamp()")
        started_at: dt.datetime = cursor.fetchone()[0]
    runs = runs_on_edge()
    change = working_out.change_between(old, new)
    drift = working_out.drift_of(change, old=old, new=new)
    found = working_out.reached(change, drift, from_key=from_key, old=old, new=new, runs=runs)
    for party in in_flight:
        found.setdefault(party, DeltaReach.Why.IN_FLIGHT)
    with transaction.atomic():
        made = ListDelta.objects.create(
            from_key=from_key,
            to_key=key,
            engine=engine(),
            from_versions=sorted(version.pk for version in old),
            to_versions=sorted(version.pk for version in new),
            added=len(change.added),
            removed=len(change.removed),
            changed=len(change.changed),
            reached=len(found),
            drift=drift.as_json(),
            started_at=started_at,
        )
        rows = [DeltaReach(delta=made, party_id=party, why=why) for party, why in found.items()]
        DeltaReach.objects.bulk_create(rows, batch_size=BATCH)
        counts = {"added": made.added, "removed": made.removed, "changed": made.changed, "reached": made.reached}
        record(verb="delta.made", obj=made, by=None, data={"from": from_key, "to": key, **counts})
    return made


@transaction.atomic
def start(
    *, cause: str, once: str, parties: Sequence[str], by: User | None = None, delta: ListDelta | None = None, anew: bool = False
) -> Rescreening:
    """Cut the parties into chunks and give them to the workers. The same `once` is the same round, whoever asks."""
    made, created = Rescreening.objects.get_or_create(
        once=once, defaults={"cause": cause, "started_by": by, "delta": delta, "anew": anew, "total": len(parties)}
    )
    if not created:
        return made
    record(verb="rescreening.started", obj=made, by=by, data={"cause": cause, "parties": len(parties)})
    size = min(CHUNK, max(LEAST_CHUNK, len(parties) // SPREAD))
    cuts = [list(parties[at : at + size]) for at in range(0, len(parties), size)]
    chunks = [RescreeningChunk(rescreening=made, number=number, parties=cut) for number, cut in enumerate(cuts)]
    RescreeningChunk.objects.bulk_create(chunks)
    enqueue_many("rescreen_chunk", [str(chunk) for chunk in chunks])
    if not chunks:
        _finish_when_done(made)
    return made


@transaction.atomic
def finish_chunk(chunk: RescreeningChunk, counts: Counts) -> bool:
    """Write a chunk's counts, once; the round is over with its last chunk. False when somebody did so first."""
    written = RescreeningChunk.objects.filter(pk=chunk.pk, finished_at__isnull=True).update(
        done=counts.done, hits=counts.hits, failed=counts.failed, finished_at=Now()
    )
    if written:
        _finish_when_done(chunk.rescreening)
    return bool(written)


def _finish_when_done(held: Rescreening) -> None:
    locked = Rescreening.objects.select_for_update().get(pk=held.pk)
    if locked.state == "running" and not locked.chunks.filter(finished_at__isnull=True).exists():
        Rescreening.objects.filter(pk=locked.pk).update(finished_at=Now())
        record(verb="rescreening.finished", obj=locked, by=None, data={"parties": locked.total})
        if locked.started_by is not None:
            tell_when_long(to_user=locked.started_by, began_at=locked.started_at, template="rescreening_done", context={})


@transaction.atomic
def cancel(*, rescreening: Rescreening, by: User) -> None:
    """Stop a round: chunks that are not begun are left. What was not screened stays waiting, and blocks as it did."""
    stopped = Rescreening.objects.filter(pk=rescreening.pk, finished_at__isnull=True, cancelled_at__isnull=True).update(
        cancelled_at=Now(), cancelled_by=by
    )
    if not stopped:
        raise StaleState(_("This rescreening is over already; nothing was changed."))
    record(verb="rescreening.cancelled", obj=rescreening, by=by, data={"left": rescreening.chunks.filter(finished_at__isnull=True).count()})
