"""Rows that a person said are to be written: looked at once more, and written where they would be what was looked at. Knows no kind by name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import DataError, transaction
from django.utils.translation import gettext as _

from certifications.ledger.moves import NotAllowed
from certifications.people.models import User

from .bulk import update_rows
from .checks import SAME_ROW, add_problems, examine, form_key, in_every_language, lines_of, things_of
from .kinds import SKIP, Desk, Kind, Seen, Thing, Written
from .models import Upload, UploadKey, UploadProblem, UploadRow
from .rules import LANGUAGES, columns_from_json

State = UploadRow.State
LOOK_ROWS = 500


class Stopped(Exception):
    """All or nothing, and one thing cannot be done any more."""

    def __init__(self, things: list[tuple[Thing, list[UploadProblem]]]) -> None:
        super().__init__("stopped")
        self.things = things


@dataclass(frozen=True)
class _Looked:
    """Rows at hand, looked at once more: what is good, what would change nothing, and what cannot be done any more."""

    desk: Desk
    rows: dict[int, UploadRow]
    good: list[tuple[Thing, Seen]]
    skipped: list[tuple[Thing, Seen]]
    stopped: list[tuple[Thing, list[UploadProblem]]]

    def rows_of(self, thing: Thing) -> list[UploadRow]:
        """The rows of one of the things."""
        return [self.rows[line.number] for line in thing.lines]


def _look(held: Upload, kind: Kind, rows: Sequence[UploadRow], by: User) -> _Looked:
    columns = columns_from_json(held.columns)
    things = things_of(rows, lines_of(rows, kind, columns), kind, held)
    desk = kind.desk(by=by, things=things)
    desk.beside(held)
    looked = _Looked(desk, {row.number: row for row in rows}, [], [], [])

    def again(thing: Thing) -> Thing:
        return Thing(thing.key, lines_of(looked.rows_of(thing), kind, columns), thing.known)

    repeated = set(UploadProblem.objects.filter(row__in=rows, code=SAME_ROW).values_list("row", flat=True))
    for thing, (seen, problems) in zip(things, examine(things, desk=desk, again=again), strict=True):
        own = looked.rows_of(thing)
        accepted = {code for row in own for code in row.accepted}
        wrong = [item for item in problems if item.problem.blocks and not (item.problem.accept and item.problem.code in accepted)]
        if wrong:
            looked.stopped.append((thing, [item.row_of(looked.rows[item.number]) for item in wrong]))
        elif seen.outcome == SKIP or own[0].pk in repeated:
            looked.skipped.append((thing, seen))
        elif _moved(own, seen, kind):
            looked.stopped.append((thing, [_stop(own[0], "moved", in_every_language(_moved_words))]))
        else:
            looked.good.append((thing, seen))
    return looked


def look_at_all(held: Upload, kind: Kind, by: User) -> None:
    """All or nothing: look at every row before the first is written, so that whoever sent them learns of all that changed at once.

    Raises Stopped. Writes nothing.
    """
    stopped: list[tuple[Thing, list[UploadProblem]]] = []
    rows = list(held.rows.filter(state=State.READY).order_by("number"))
    for at in range(0, len(rows), LOOK_ROWS):
        stopped += _look(held, kind, rows[at : at + LOOK_ROWS], by).stopped
    if stopped:
        raise Stopped(stopped)


def write(held: Upload, kind: Kind, rows: list[UploadRow], by: User) -> None:
    """Look at the rows once more, now that nobody else can change what is there, and write those that are good."""
    looked = _look(held, kind, rows, by)
    rows_of, stopped = looked.rows_of, looked.stopped
    done: list[UploadRow] = []
    for thing, seen in looked.skipped:
        done += _done(held, rows_of(thing), seen, SKIP)
    keys = []
    for thing, seen, written in _written(held, kind, looked.desk, looked.good):
        own = rows_of(thing)
        if isinstance(written, NotAllowed):
            texts = in_every_language(_unkept_words) if isinstance(written, _Unkept) else dict.fromkeys(LANGUAGES, str(written))
            stopped.append((thing, [_stop(own[0], "refused", texts)]))
            continue
        done += _done(held, own, seen, seen.outcome, written, key_before=_key_before(thing))
        if not kind.at_once:
            key = {"organisation": held.organisation, "kind": held.kind, "key": thing.key, "upload": held}
            keys.append(UploadKey(**key, digest=seen.digest, object_id=written.object_id))
    update_rows(done, ["state", "outcome", "commit", "object_id", "before", "key_before", "stamp", "answer"])
    if keys:
        once, told = ["organisation", "kind", "key"], ["digest", "object_id", "upload"]
        UploadKey.objects.bulk_create(keys, update_conflicts=True, unique_fields=once, update_fields=told)
    if stopped and held.mode == Upload.Mode.ALL:
        raise Stopped(stopped)
    turn_back(held, stopped)


def _written(
    held: Upload, kind: Kind, desk: Desk, good: Sequence[tuple[Thing, Seen]]
) -> Iterator[tuple[Thing, Seen, Written | NotAllowed]]:
    """What was written of each, or why it could not be: one by one, or all in one go."""
    if kind.at_once:
        try:
            with transaction.atomic():
                written: Sequence[Written | NotAllowed] = desk.write_many(good, held)
        except NotAllowed as refusal:
            written = [refusal] * len(good)
        yield from ((thing, seen, one) for (thing, seen), one in zip(good, written, strict=True))
        return
    for thing, seen in good:
        try:
            with transaction.atomic():
                one = desk.write(thing, seen, form_key(held, thing.key))
        except NotAllowed as refusal:
            yield thing, seen, refusal
        except DataError:
            yield thing, seen, _Unkept("unkept")
        else:
            yield thing, seen, one


class _Unkept(NotAllowed):
    """PostgreSQL cannot hold what one row says: that row's error, and nobody else's."""


def _unkept_words() -> str:
    return _("The portal cannot keep what this row says. Look for a value that is too long, and for characters that are none.")


def _moved(rows: Sequence[UploadRow], seen: Seen, kind: Kind) -> bool:
    """Whether something else would be written than what a person looked at before committing; what asks something would ask the same."""
    changes = [list(change) for change in seen.changes]
    otherwise = any((row.outcome, row.changes) != (seen.outcome, changes) for row in rows)
    return otherwise or (kind.asks and any(row.digest != seen.digest for row in rows))


def _moved_words() -> str:
    return _("What this row would do has changed since you looked at it.")


def _stop(row: UploadRow, code: str, texts: dict[str, str]) -> UploadProblem:
    """Why a row could not be written after all; a person has it looked at again."""
    again = in_every_language(lambda: _("Look at it again"))
    return UploadProblem(row=row, upload_id=row.upload_id, number=row.number, field="", code=code, texts=texts, accept=again)


def _key_before(thing: Thing) -> dict[str, str] | None:
    known = thing.known
    return {"object_id": known.object_id, "digest": known.digest, "upload_id": known.upload_id} if known else None


def _done(
    held: Upload,
    rows: Sequence[UploadRow],
    seen: Seen,
    outcome: str,
    written: Written | None = None,
    *,
    key_before: dict[str, str] | None = None,
) -> Sequence[UploadRow]:
    """The rows with what was done, not saved yet."""
    for row in rows:
        row.state, row.outcome, row.commit = State.DONE, outcome, held.commits
        row.object_id = written.object_id if written else seen.object_id or row.object_id
        row.before, row.stamp, row.answer = (written.before, written.stamp, written.answer) if written else (None, "", None)
        row.key_before = key_before
    return rows


def turn_back(held: Upload, things: Sequence[tuple[Thing, list[UploadProblem]]]) -> None:
    """Rows that were good when they were checked and are not any more."""
    numbers = [line.number for thing, _kept in things for line in thing.lines]
    UploadProblem.objects.filter(upload=held, number__in=numbers).delete()
    add_problems(problem for _thing, kept in things for problem in kept)
    held.rows.filter(number__in=numbers).update(state=State.ATTENTION)
