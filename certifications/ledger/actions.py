"""Writes events. Always inside the transaction of the act that they record; nobody else writes the table."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.db import connection, models, transaction
from django.db.models import Max

from .canonical import plain
from .models import READ, Event


class Actor(Protocol):
    """Whoever acts: a user. None stands for the system itself."""

    @property
    def pk(self) -> Any: ...


def opened(*, what: str, obj: models.Model, by: Actor, data: dict[str, Any] | None = None) -> None:
    """A read that matters: who opened or took which object. Not part of the object's own story (queries.history)."""
    with transaction.atomic():
        record(verb=f"{READ}{what}", obj=obj, by=by, data=data)


def record(*, verb: str, obj: models.Model, by: Actor | None = None, data: dict[str, Any] | None = None) -> Event:
    """Append one event about `obj`. Must run inside a transaction (raises RuntimeError outside one).

    `data` holds ids, digests, codes and counts, never names or text: those live in payload tables that can be erased.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event is written in the transaction of the act it records")
    made = _event(verb, obj, by, data)
    made.sequence = _last_in_turn(made.object_type, made.object_id) + 1
    made.save(force_insert=True)
    return made


def _event(verb: str, obj: models.Model, by: Actor | None, data: dict[str, Any] | None) -> Event:
    organisation = getattr(by, "organisation", None)
    return Event(
        verb=verb,
        object_type=type(obj).__name__,
        object_id=str(obj.pk),
        sequence=1,
        actor_id=str(by.pk) if by is not None else "",
        organisation_id=str(organisation.pk) if organisation is not None else "",
        data=plain(data or {}),
    )


def _last_in_turn(object_type: str, object_id: str) -> int:
    """The object's last number, 0 before its first event. Serialises writers per object, so that the sequence has no gap and no double."""
    with connection.cursor() as cursor:
        # Sent as one message; each statement has a view of its own, so that the second one sees what the lock waited for.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0));"
            f'SELECT max(sequence) FROM "{Event._meta.db_table}" WHERE object_type = %s AND object_id = %s',  # noqa: S608 - own table name
            [f"{object_type}:{object_id}", object_type, object_id],
        )
        cursor.nextset()
        return int(cursor.fetchone()[0] or 0)


def record_first(*, verb: str, obj: models.Model, by: Actor | None = None, data: dict[str, Any] | None = None) -> Event:
    """`record` for an object that this transaction has just made: nobody else can write of it yet, so one statement does."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event is written in the transaction of the act it records")
    made = _event(verb, obj, by, data)
    made.save(force_insert=True)
    return made


def record_first_of_many(*, verb: str, rows: Sequence[tuple[models.Model, dict[str, Any]]], by: Actor | None = None) -> None:
    """`record_first` for the same verb on many objects that this transaction has just made, in one statement."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event is written in the transaction of the act it records")
    Event.objects.bulk_create(_event(verb, obj, by, data) for obj, data in rows)


def record_many(*, verb: str, rows: Sequence[tuple[models.Model, dict[str, Any]]], by: Actor | None = None) -> None:
    """`record` for the same verb on many objects of one kind, each once, in four statements. Locks are taken in one order for everybody."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event is written in the transaction of the act it records")
    if not rows:
        return
    object_type = type(rows[0][0]).__name__
    ids = sorted(str(obj.pk) for obj, _data in rows)
    with transaction.atomic(), connection.cursor() as cursor:
        keys = [f"{object_type}:{pk}" for pk in ids]
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) AS key", [keys])
        held = Event.objects.filter(object_type=object_type, object_id__in=ids).order_by()
        last = dict(held.values_list("object_id").annotate(n=Max("sequence")))
        made = [_event(verb, obj, by, data) for obj, data in rows]
        for event in made:
            event.sequence = last.get(event.object_id, 0) + 1
        Event.objects.bulk_create(made)
