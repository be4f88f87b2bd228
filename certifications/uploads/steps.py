"""What a worker does with an upload: read, check, commit, take back. In chunks, each a transaction, so that a killed worker loses little
and the next one goes on where it stopped. Knows no kind by name.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least, Now
from django.utils.translation import gettext as _
from django.utils.translation import override

from certifications.files.actions import Damaged, read
from certifications.ledger.moves import NotAllowed, move
from certifications.people.models import User

from .back import begin_back, take_back
from .bulk import copy_in, update_rows
from .checks import (
    OPEN,
    SAME_ROW,
    add_problems,
    count,
    examine,
    find_across,
    find_twice,
    form_key,
    in_every_language,
    inspect,
    lay_out,
    lines_of,
    remarks_of,
    things_of,
)
from .jobs import ask_worker, entitled, locked, one_at_a_time, shared, tell
from .kinds import SKIP, Desk, Kind, Seen, Thing, Written
from .models import Upload, UploadColumns, UploadKey, UploadProblem, UploadRow
from .readers import Unreadable
from .readers.sandbox import Read, read_in_child
from .rules import LANGUAGES, columns_from_json, fills, propose, vocabulary

Status, State = Upload.Status, UploadRow.State
# Rows of one step, and of a kind that is written many at a time.
CHECK_ROWS, WRITE_THINGS, CHECK_MANY, WRITE_MANY = 500, 100, 4_000, 4_000
# A job gives way after so long, so that other work is not held up behind a large file; the next job goes on.
BUDGET_SECONDS = 20.0


def go_on(upload_id: str, kinds: dict[str, Kind], fault: Callable[[str], None] = lambda _name: None) -> None:
    """Worker: take the upload as far as it goes by itself, or until the time is up. Safe to repeat after any crash."""
    end = time.monotonic() + BUDGET_SECONDS
    while True:
        upload = Upload.objects.select_related("organisation", "blob", "asked_by", "sent_by").get(pk=upload_id)
        kind = kinds[upload.kind]
        with override(upload.asked_by.language):
            match upload.status:
                case Status.RECEIVED:
                    _read(upload, kind)
                case Status.CHECKING:
                    _check(upload, kind)
                case Status.COMMITTING:
                    _commit(upload, kind)
                case Status.REVERTING | Status.UNDOING:
                    take_back(upload, kind)
                case _:
                    return
        fault(f"upload-{upload.status}")
        if time.monotonic() > end:
            with transaction.atomic():
                ask_worker(Upload.objects.select_for_update().get(pk=upload_id))
            return


# Reading


def _read(upload: Upload, kind: Kind) -> None:
    held = UploadColumns.objects.filter(organisation=upload.organisation, kind=upload.kind).first()
    said: dict[str, Any] = held.said if held else {}
    fields = kind.fields()
    try:
        table = read_in_child(
            read(upload.blob),
            upload.form,
            vocabulary=vocabulary(fields, said.get("columns", {})),
            sheet=upload.sheet,
            header_row=upload.header_row,
        )
        _keep_rows(upload, kind, table, said)
    except Unreadable as problem:
        _unreadable(upload, problem.code, problem.params)
    except Damaged:
        _unreadable(upload, "damaged", {})


def _unreadable(upload: Upload, code: str, params: dict[str, str]) -> None:
    with transaction.atomic():
        held = locked(upload, Status.RECEIVED)
        if held is not None:
            move(obj=held, to=Status.UNREADABLE, by=None, data={"code": code}, also={"problem": {"code": code, "params": params}})


def _keep_rows(upload: Upload, kind: Kind, table: Read, said: dict[str, Any]) -> None:
    """Rows into the database, and columns to fields; a person is asked only where something is not known."""
    if table.reading.count > kind.max_rows:
        raise Unreadable("too_many_rows", rows=f"{kind.max_rows:,}")
    with transaction.atomic():
        held = locked(upload, Status.RECEIVED)
        if held is None:
            return
        UploadProblem.objects.filter(upload=held).delete()
        held.rows.all().delete()
        used, gaps = _copy_rows(held, table)
        width = max(used, default=-1) + 1
        header = [*table.reading.header, *[""] * max(0, width - len(table.reading.header))]
        proposal = propose(header, kind.fields(), said, used, ignored=kind.ignored)
        reading = table.reading.as_json() | {
            "header": header,
            "unknown": proposal.unknown,
            "missing": proposal.missing,
            "gaps": sorted(gaps),
        }
        also = {"reading": reading, "columns": proposal.mapping.as_json(), "laid_out": False, "total": table.reading.count, "done": 0}
        lost = lost_fields(reading, kind, set(proposal.mapping.columns.values()))
        to = Status.CHECKING if proposal.sure and not lost else Status.COLUMNS
        move(obj=held, to=to, by=None, data={"rows": table.reading.count}, also=also)


def _copy_rows(held: Upload, table: Read) -> tuple[set[int], set[int]]:
    """Rows into the database. (Columns that hold anything, those with a blank below something)."""
    used: set[int] = set()
    gaps: set[int] = set()
    kept = {"key": "", "outcome": "", "title": "", "digest": "", "object_id": "", "stamp": ""}
    names = ("upload", "number", "cells", "mended", "filled", "accepted", "changes", "state", "commit", *kept)
    rest = ("{}", "{}", "[]", "[]", State.WAITING.value, 0, *kept.values())

    def rows() -> Iterator[tuple[Any, ...]]:
        for number, cells in table.rows():
            filled = {place for place, cell in enumerate(cells) if cell}
            used.update(filled)
            if len(filled) < len(used):
                gaps.update(used - filled)
            yield (held.pk, number, cells, *rest)

    copy_in(UploadRow, names, rows())
    return used, gaps


def lost_fields(reading: dict[str, Any], kind: Kind, mapped: set[str]) -> list[str]:
    """Fields that a workbook of ours had when it left and has no more; none of a file that somebody else made."""
    origin = reading.get("origin") or {}
    known = [f.code for f in kind.fields()]
    return [code for code in origin.get("fields", []) if code in known and code not in mapped] if origin.get("kind") == kind.code else []


# Checking


def _check(upload: Upload, kind: Kind) -> None:
    if upload.laid_out and kind.side_by_side and _check_some(upload, kind):
        return
    with transaction.atomic():
        held = locked(upload, Status.CHECKING)
        if held is None:
            return
        if not entitled(upload, kind):
            move(obj=held, to=Status.CANCELLED, by=None, data={"why": "rights"})
            return
        if not held.laid_out:
            _begin_check(held, kind)
            return
        waiting = held.rows.filter(state=State.WAITING).order_by("number")
        if kind.side_by_side:
            if waiting.exists():  # what another worker gave up
                return
        elif rows := list(waiting[: CHECK_MANY if kind.at_once else CHECK_ROWS]):
            if kind.groups:
                rows = list(waiting.filter(key__in={row.key for row in rows}))
            inspect(held, kind, rows, by=held.asked_by)
            Upload.objects.filter(pk=held.pk).update(done=held.done + len(rows))
            return
        find_twice(held, kind, by=held.asked_by)
        find_across(held, kind, by=held.asked_by)
        counts = count(held, kind)
        # Rows that were mended after the others had been committed.
        to = Status.COMMITTED if counts[State.DONE] else Status.CHECKED
        also = {"counts": counts, "remarks": remarks_of(held, kind), "done": held.total}
        move(obj=held, to=to, by=None, data=counts, also=also)
        tell(held)


def _check_some(upload: Upload, kind: Kind) -> int:
    """Rows of a kind whose rows stand each for itself, that no other worker has in hand: several workers may look at one file. How many.

    The upload is shared, not locked: whoever stops it waits until these rows are done, and nobody looks at more.
    """
    with transaction.atomic():
        held = shared(upload, Status.CHECKING)
        if held is None or not held.laid_out or not entitled(upload, kind):
            return 0
        free = held.rows.select_for_update(skip_locked=True).filter(state=State.WAITING)
        rows = list(free.order_by("number")[:CHECK_MANY])
        if not rows:
            return 0
        inspect(held, kind, rows, by=held.asked_by)
    # Behind the transaction: within it each would hold the other up until its rows are written.
    Upload.objects.filter(pk=upload.pk, status=Status.CHECKING).update(done=Least(F("done") + len(rows), F("total")))
    return len(rows)


def _begin_check(held: Upload, kind: Kind) -> None:
    """Everything that is not decided waits again."""
    if kind.groups or fills(columns_from_json(held.columns), held.reading):
        lay_out(held, kind)
    held.rows.filter(state__in=OPEN).update(state=State.WAITING)
    total = held.rows.filter(state=State.WAITING).count()
    Upload.objects.filter(pk=held.pk).update(laid_out=True, total=total, done=0, began_at=Now())
    if kind.side_by_side and total > CHECK_MANY:
        ask_worker(held)  # a second one, where one is idle


# Committing


class _Stopped(Exception):
    """All or nothing, and one thing cannot be done any more."""

    def __init__(self, things: list[tuple[Thing, list[UploadProblem]]]) -> None:
        super().__init__("stopped")
        self.things = things


def _commit(upload: Upload, kind: Kind) -> None:
    by = upload.asked_by
    if not entitled(upload, kind):
        _go_back(upload)
        return
    try:
        with transaction.atomic():
            one_at_a_time(upload, kind)
            held = locked(upload, Status.COMMITTING)
            if held is None:
                return
            most = WRITE_MANY if kind.at_once else kind.in_one_go or WRITE_THINGS
            rows = list(held.rows.filter(state=State.READY).order_by("number")[:most])
            if not rows:
                _finish(held, kind, by)
                return
            if not kind.at_once:
                rows = list(held.rows.filter(state=State.READY, key__in={row.key for row in rows}).order_by("number"))
            _write(held, kind, rows, by)
            Upload.objects.filter(pk=held.pk).update(done=min(held.total, held.done + len(rows)))
    except _Stopped as stopped:
        _go_back(upload, stopped.things)


def _write(held: Upload, kind: Kind, rows: list[UploadRow], by: User) -> None:
    """Look at the rows once more, now that nobody else can change what is there, and write those that are good."""
    by_number = {row.number: row for row in rows}
    columns = columns_from_json(held.columns)

    def rows_of(thing: Thing) -> list[UploadRow]:
        return [by_number[line.number] for line in thing.lines]

    def again(thing: Thing) -> Thing:
        return Thing(thing.key, lines_of(rows_of(thing), kind, columns), thing.known)

    things = things_of(rows, lines_of(rows, kind, columns), kind, held)
    desk = kind.desk(by=by, things=things)
    desk.beside(held)
    repeated = set(UploadProblem.objects.filter(row__in=rows, code=SAME_ROW).values_list("row", flat=True))
    stopped: list[tuple[Thing, list[UploadProblem]]] = []
    good: list[tuple[Thing, Seen]] = []
    done: list[UploadRow] = []
    for thing, (seen, problems) in zip(things, examine(things, desk=desk, again=again), strict=True):
        own = rows_of(thing)
        accepted = {code for row in own for code in row.accepted}
        wrong = [item for item in problems if item.problem.blocks and not (item.problem.accept and item.problem.code in accepted)]
        if wrong:
            stopped.append((thing, [item.row_of(by_number[item.number]) for item in wrong]))
        elif seen.outcome == SKIP or own[0].pk in repeated:
            done += _done(held, own, seen, SKIP)
        elif _moved(own, seen):
            stopped.append((thing, [_stop(own[0], "moved", in_every_language(_moved_words))]))
        else:
            good.append((thing, seen))
    keys = []
    for thing, seen, written in _written(held, kind, desk, good):
        own = rows_of(thing)
        if isinstance(written, NotAllowed):
            stopped.append((thing, [_stop(own[0], "refused", dict.fromkeys(LANGUAGES, str(written)))]))
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
        raise _Stopped(stopped)
    _turn_back(held, stopped)


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
        else:
            yield thing, seen, one


def _moved(rows: Sequence[UploadRow], seen: Seen) -> bool:
    """Whether something else would be written than what a person looked at before committing."""
    changes = [list(change) for change in seen.changes]
    return any((row.outcome, row.changes) != (seen.outcome, changes) for row in rows)


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


def _turn_back(held: Upload, things: Sequence[tuple[Thing, list[UploadProblem]]]) -> None:
    """Rows that were good when they were checked and are not any more."""
    numbers = [line.number for thing, _kept in things for line in thing.lines]
    UploadProblem.objects.filter(upload=held, number__in=numbers).delete()
    add_problems(problem for _thing, kept in things for problem in kept)
    held.rows.filter(number__in=numbers).update(state=State.ATTENTION)


def _go_back(upload: Upload, things: Sequence[tuple[Thing, list[UploadProblem]]] = ()) -> None:
    """Nothing of this commit shall stay."""
    with transaction.atomic():
        held = locked(upload, Status.COMMITTING)
        if held is None:
            return
        _turn_back(held, things)
        begin_back(held, Status.REVERTING, by=None)


def _finish(held: Upload, kind: Kind, by: User) -> None:
    counts = count(held, kind)
    done = held.rows.filter(state=State.DONE).exclude(outcome=SKIP).order_by("object_id")
    kind.finished(
        organisation=held.organisation,
        once=f"{held.pk}-{held.commits}",
        object_ids=list(done.values_list("object_id", flat=True).distinct()),
    )
    move(obj=held, to=Status.COMMITTED, by=by, data=counts, also={"counts": counts})
    tell(held)
