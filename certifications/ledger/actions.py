"""Writes events. Always inside the transaction of the act that they record; nobody else writes the table."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.db import connection, models, transaction
from django.db.models import Max

from .canonical import plain
from .models import READ, Event
from .turns import take_turns


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
    object_type, object_id = type(obj).__name__, str(obj.pk)
    with transaction.atomic():
        # Serialises writers per object, so that the sequence has no gap and no double.
        take_turns(f"{object_type}:{object_id}")
        last = Event.objects.filter(object_type=object_type, object_id=object_id).aggregate(n=Max("sequence"))["n"]
        organisation = getattr(by, "organisation", None)
        return Event.objects.create(
            verb=verb,
            object_type=object_type,
            object_id=object_id,
            sequence=(last or 0) + 1,
            actor_id=str(by.pk) if by is not None else "",
            organisation_id=str(organisation.pk) if organisation is not None else "",
            data=plain(data or {}),
        )


def record_first(*, verb: str, obj: models.Model, by: Actor | None = None, data: dict[str, Any] | None = None) -> Event:
    """`record` for an object that this transaction has just made: nobody else can write of it yet, so one statement does."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event is written in the transaction of the act it records")
    organisation = getattr(by, "organisation", None)
    return Event.objects.create(
        verb=verb,
        object_type=type(obj).__name__,
        object_id=str(obj.pk),
        sequence=1,
        actor_id=str(by.pk) if by is not None else "",
        organisation_id=str(organisation.pk) if organisation is not None else "",
        data=plain(data or {}),
    )


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
        organisation = getattr(by, "organisation", None)
        Event.objects.bulk_create(
            Event(
                verb=verb,
                object_type=object_type,
                object_id=str(obj.pk),
                sequence=last.get(str(obj.pk), 0) + 1,
                actor_id=str(by.pk) if by is not None else "",
                organisation_id=str(organisation.pk) if organisation is not None else "",
                data=plain(data),
            )
            for obj, data in rows
        )
