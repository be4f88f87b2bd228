"""Transitions as data: one way in which any status changes (architecture.md, rule 2).

A model that moves has `status`, and a class attribute TRANSITIONS: {from: {to, ...}}.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from .actions import Actor, record, record_many


class NotAllowed(Exception):
    """The object may not go there from where it is. `code` names the reason for pages and tests."""

    def __init__(self, message: str, code: str = "not_allowed") -> None:
        super().__init__(message)
        self.code = code


class StaleState(NotAllowed):
    """Somebody else moved the object first."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "stale_state")


def may_move(obj: models.Model, to: str) -> bool:
    """Whether the table of transitions knows the step; rights and conditions are asked elsewhere."""
    transitions: dict[str, set[str]] = type(obj).TRANSITIONS  # type: ignore[attr-defined]
    return to in transitions.get(obj.status, set())  # type: ignore[attr-defined]


def move(*, obj: models.Model, to: str, by: Actor | None, data: dict[str, Any] | None = None, also: dict[str, Any] | None = None) -> None:
    """Move `obj` to status `to`, set the fields `also`, and write the event, all or nothing.

    Raises NotAllowed when the table has no such step and StaleState when the row is no longer where `obj` says.
    """
    start: str = obj.status  # type: ignore[attr-defined]
    if not may_move(obj, to):
        raise NotAllowed(_("This cannot be done with it as it stands now; load it again."))
    fields = also or {}
    # Without a savepoint: who comes too late has written nothing.
    with transaction.atomic(savepoint=False):
        changed = type(obj)._default_manager.filter(pk=obj.pk, status=start).update(status=to, **fields)
        if changed == 1:
            record(verb=f"{type(obj).__name__.lower()}.{to}", obj=obj, by=by, data={"from": start, "to": to, **(data or {})})
    if changed != 1:
        raise StaleState(_("It was changed by somebody else meanwhile; load it again."))
    obj.status = to  # type: ignore[attr-defined]
    for name, value in fields.items():
        setattr(obj, name, value)


def move_many(*, rows: Sequence[tuple[models.Model, dict[str, Any]]], to: str, by: Actor | None) -> None:
    """`move` for objects of one kind that all stand in one status, each with its event's data, all or none.

    Raises as `move`.
    """
    if not rows:
        return
    model, start = type(rows[0][0]), rows[0][0].status  # type: ignore[attr-defined]
    if any(obj.status != start or not may_move(obj, to) for obj, _data in rows):  # type: ignore[attr-defined]
        raise NotAllowed(_("This cannot be done with it as it stands now; load it again."))
    with transaction.atomic():
        changed = model._default_manager.filter(pk__in=[obj.pk for obj, _data in rows], status=start).update(status=to)
        if changed != len(rows):
            raise StaleState(_("It was changed by somebody else meanwhile; load it again."))
        told = [(obj, {"from": start, "to": to, **data}) for obj, data in rows]
        record_many(verb=f"{model.__name__.lower()}.{to}", rows=told, by=by)
    for obj, _data in rows:
        obj.status = to  # type: ignore[attr-defined]
