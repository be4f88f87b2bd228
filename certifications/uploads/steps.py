"""What a worker does with an upload: read, check, commit, take back. In chunks, each a transaction, so that a killed worker loses little
and the next one goes on where it stopped. Knows no kind by name.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least, Now
from django.utils.translation import override

from certifications.files.actions import Damaged, read
from certifications.ledger.moves import move
from certifications.people.models import User

from .back import begin_back, take_back
from .bulk import copy_in
from .checks import BY_READER, OPEN, count, find_across, find_twice, inspect, lay_out, remarks_of
from .jobs import ask_worker, entitled, locked, one_at_a_time, shared, tell
from .kinds import SKIP, Kind
from .models import Upload, UploadColumns, UploadProblem, UploadRow
from .readers import Unreadable
from .readers.sandbox import Read, read_in_child
from .readers.table import LISTED
from .rules import columns_from_json, fills, propose, vocabulary
from .writing import Stopped, look_at_all, turn_back, write

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
        as_json = table.reading.as_json()
        reading = as_json | {
            "totals": as_json["totals"][:LISTED],
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
    names = ("upload", "number", "cells", "facts", "state", "mended", "filled", "accepted", "changes", "commit", *kept)
    rest = ("{}", "{}", "[]", "[]", 0, *kept.values())

    def rows() -> Iterator[tuple[Any, ...]]:
        for number, cells in table.rows():
            filled = {place for place, cell in enumerate(cells) if cell}
            used.update(filled)
            if len(filled) < len(used):
                gaps.update(used - filled)
            yield (held.pk, number, cells, {}, State.WAITING.value, *rest)
        # Taken for totals, and left out until a person says otherwise.
        for number, some in table.reading.totals:
            yield (held.pk, number, list(some), {BY_READER: "total"}, State.LEFT_OUT.value, *rest)

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
            if held.mode == Upload.Mode.ALL and kind.in_one_go and not held.done:
                look_at_all(held, kind, by)
            write(held, kind, rows, by)
            Upload.objects.filter(pk=held.pk).update(done=min(held.total, held.done + len(rows)))
    except Stopped as stopped:
        _go_back(upload, stopped)


def _go_back(upload: Upload, stopped: Stopped | None = None) -> None:
    """Nothing of this commit shall stay."""
    with transaction.atomic():
        held = locked(upload, Status.COMMITTING)
        if held is None:
            return
        if stopped is not None:
            turn_back(held, stopped.things)
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
