"""What people do with an upload: send it, say what its columns are, mend it, commit it, take it back. The only writes beside steps.py."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.files.actions import store
from certifications.ledger.actions import record
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.machines.models import ApiClient
from certifications.people.models import Organisation, User
from certifications.people.permissions import check

from . import many
from .back import begin_back, made_of
from .bulk import update_rows
from .checks import OPEN, REPEAT, count, find_across, find_twice, inspect, lay_out
from .jobs import ask_worker
from .kinds import SKIP, Kind
from .models import Upload, UploadColumns, UploadProblem, UploadRow
from .readers import MEDIA_TYPES, Unreadable, keys_of, sniff
from .readers.sniffing import JSON
from .readers.types import MAX_CELL
from .rules import LEFT_OUT, Columns, check_mapping, columns_from_json, fills, scaled_fields, texts_of

Status, State = Upload.Status, UploadRow.State
MENDABLE = (Status.CHECKED, Status.COMMITTED)
MOST_OPEN = 50
# More rows than this are looked at again by a worker, so that no page waits for them.
AT_ONCE = 100
# And of a larger file whose rows hang together, every row is.
AT_ONCE_ROWS = 2_000


@transaction.atomic
def receive(*, by: User, kind: Kind, content: bytes, name: str, form_key: str) -> Upload:
    """Keep a file and have a worker read it. The same form twice is one upload.

    Raises Unreadable for what can be no table, NotAllowed when too many wait already; nothing is kept then.
    """
    check(by, kind.right)
    if by.organisation is None:
        raise NotAllowed(_("You act for no distributor."), "no_organisation")
    return _keep(by.organisation, kind, content, name, form_key, sent_by=by, asked_by=by)


@transaction.atomic
def receive_from(*, program: ApiClient, looked_at_by: User, kind: Kind, content: bytes, name: str, form_key: str) -> Upload:
    """The same from a program: it is read and checked, and waits for a person. `looked_at_by` is told of it. Raises as `receive`."""
    return _keep(program.organisation, kind, content, name, form_key, sent_by=program.made_by, asked_by=looked_at_by, program=program)


def _keep(organisation: Organisation, kind: Kind, content: bytes, name: str, form_key: str, **who: Any) -> Upload:
    earlier = Upload.objects.filter(form_key=form_key, organisation=organisation).first()
    if earlier is not None:
        return earlier
    form = sniff(content, name)
    if form == JSON and not kind.events:
        raise Unreadable("not_here")
    # Apart from one another: what a program sent and nobody has looked at must not lock people out.
    if open_uploads(organisation).filter(program__isnull="program" not in who).count() >= MOST_OPEN:
        raise NotAllowed(_("%(n)d uploads are open already. Commit or cancel some of them first.") % {"n": MOST_OPEN}, "too_many")
    program: ApiClient | None = who.get("program")
    blob = store(content, name=name, media_type=MEDIA_TYPES[form], by_id=program.pk if program else who["sent_by"].pk)
    values = {
        "number": new_number("UPL", timezone.now().year),
        "kind": kind.code,
        "organisation": organisation,
        "form": form,
        "form_key": form_key,
    }
    try:
        with transaction.atomic():
            upload = Upload.objects.create(**values, blob=blob, sha256=blob.sha256, **who)
    except IntegrityError:
        # The form was sent twice in the same instant; the other one was first.
        first = Upload.objects.filter(form_key=form_key, organisation=organisation).first()
        if first is None:
            raise NotAllowed(_("This page is out of date. Load it again, and choose the file once more."), "form") from None
        return first
    told = {"kind": kind.code, "sha256": blob.sha256, "size": blob.size, "form": form, "program": program.pk if program else ""}
    record(verb="upload.received", obj=upload, by=None if program else who["sent_by"], data=told)
    ask_worker(upload)
    return upload


def open_uploads(organisation: Organisation) -> QuerySet[Upload]:
    """Those that wait for a worker or a person."""
    over = [Status.UNREADABLE, Status.COMMITTED, Status.UNDONE, Status.CANCELLED]
    return Upload.objects.filter(organisation=organisation).exclude(status__in=over)


def _held(upload: Upload, kind: Kind, by: User, *statuses: str) -> Upload:
    """The upload under a lock. Raises PermissionDenied, and StaleState when it went on meanwhile."""
    check(by, kind.right)
    held = Upload.objects.select_for_update().get(pk=upload.pk)
    if by.organisation is None or held.organisation_id != by.organisation.pk or (statuses and held.status not in statuses):
        raise StaleState(_("The upload went on meanwhile; load it again."))
    return held


def _ask(held: Upload, to: str, by: User, **also: Any) -> None:
    move(obj=held, to=to, by=by, also={"asked_by": by, "began_at": timezone.now(), "done": 0, **also})
    ask_worker(held)


# Columns


@transaction.atomic
def choose_table(*, upload: Upload, kind: Kind, by: User, sheet: str, header_row: int | None) -> None:
    """Read it again from another sheet, or with the headings in another row (0: it has none). What was mended is gone then."""
    held = _held(upload, kind, by, Status.COLUMNS, Status.CHECKED, Status.UNREADABLE)
    _ask(held, Status.RECEIVED, by, sheet=sheet[:200], header_row=header_row, problem={})


@transaction.atomic
def map_columns(*, upload: Upload, kind: Kind, by: User, columns: Columns) -> None:
    """Say which column is which field; remembered for the next file. Raises NotAllowed (columns) with what is wrong."""
    held = _held(upload, kind, by, Status.COLUMNS, Status.CHECKED)
    fields = kind.fields()
    codes = {f.code for f in fields}
    choices = {f.code: {value for value, _label in f.choices()} for f in fields if f.choices}
    chosen = {place: code if code in codes else LEFT_OUT for place, code in columns.columns.items()}
    kept = Columns(
        chosen,
        {code: value for code, value in columns.constants.items() if value in choices.get(code, ())},
        frozenset(columns.above & codes),
        scaled_fields(held.reading.get("header", []), chosen, fields),
    )
    problems = check_mapping(kept, fields)
    if problems:
        raise NotAllowed(" ".join(problems), "columns")
    _remember(held, kind, by, kept)
    _ask(held, Status.CHECKING, by, columns=kept.as_json(), laid_out=False)


def _remember(held: Upload, kind: Kind, by: User, columns: Columns) -> None:
    """What was said of these headings, added to what was said before."""
    header: list[str] = held.reading.get("header", [])
    row, _made = UploadColumns.objects.select_for_update().get_or_create(
        organisation=held.organisation, kind=kind.code, defaults={"changed_by": by}
    )
    said = {"columns": {}, "headings": {}, **row.said}
    for place, code in columns.columns.items():
        keys = keys_of(header[place]) if place < len(header) else ()
        if keys:
            said["columns"][keys[0]] = code
            said["headings"][keys[0]] = header[place][:120]
    said |= {"constants": {**said.get("constants", {}), **columns.constants}, "above": sorted(columns.above)}
    UploadColumns.objects.filter(pk=row.pk).update(said=said, changed_at=timezone.now(), changed_by=by)


@transaction.atomic
def change_columns(*, by: User, kind: Kind, columns: dict[str, str]) -> None:
    """Change what is remembered: key of a heading to a field, LEFT_OUT, or "" to forget it."""
    check(by, kind.right)
    row = UploadColumns.objects.select_for_update().filter(organisation=by.organisation, kind=kind.code).first()
    if row is None:
        return
    codes = {f.code for f in kind.fields()} | {LEFT_OUT}
    said = {"columns": {}, "headings": {}, **row.said}
    for key, code in columns.items():
        if key not in said["columns"]:
            continue
        if code in codes:
            said["columns"][key] = code
        elif not code:
            del said["columns"][key]
            said["headings"].pop(key, None)
    UploadColumns.objects.filter(pk=row.pk).update(said=said, changed_at=timezone.now(), changed_by=by)
    record(verb="uploadcolumns.changed", obj=row, by=by, data={"kind": kind.code, "columns": len(said["columns"])})


# Mending


@transaction.atomic
def mend(*, upload: Upload, kind: Kind, by: User, number: int, field: str, value: str, everywhere: bool = False) -> int:
    """Put a value in the place of a cell, and look at the row again; `everywhere`: in all rows that say the same there.

    Returns how many rows were changed. Raises NotAllowed.
    """
    held = _held(upload, kind, by, *MENDABLE)
    if field not in {f.code for f in kind.fields()}:
        raise NotAllowed(_("There is no such column; load the page again."), "field")
    value = value.strip()
    if len(value) > MAX_CELL:
        raise NotAllowed(_("At most %(n)d characters fit in a cell.") % {"n": MAX_CELL}, "too_long")
    rows = list(held.rows.filter(number=number, state__in=OPEN))
    if not rows:
        raise StaleState(_("This row is not open any more; load the page again."))
    columns = columns_from_json(held.columns)
    old = texts_of(rows[0].cells, rows[0].mended, rows[0].filled, columns).get(field, "")
    if everywhere:
        same = many.saying(held, columns, field, old, AT_ONCE + 1)
        if len(same) > AT_ONCE:
            return _of_all(
                held, by, "upload.mended", lambda: many.mend_all(held, columns, field, old, number=number, value=value), field=field
            )
        rows += held.rows.filter(pk__in=same).exclude(number=number)
    for row in rows:
        row.mended = row.mended | {field: value}
    update_rows(rows, ["mended"])
    record(verb="upload.mended", obj=held, by=by, data={"rows": len(rows), "field": field})
    _look_again(held, kind, by, rows)
    return len(rows)


@transaction.atomic
def accept(*, upload: Upload, kind: Kind, by: User, field: str, code: str, number: int | None = None) -> int:
    """Say of a row, or of every row with this problem, that it is right as it is. Only where the problem allows that."""
    held = _held(upload, kind, by, *MENDABLE)
    problems = UploadProblem.objects.filter(upload=held, field=field, code=code).exclude(accept={})
    if number is None and problems.count() > AT_ONCE:
        return _of_all(held, by, "upload.accepted", lambda: many.accept_all(held, field, code), field=field, code=code)
    if number is not None:
        problems = problems.filter(number=number)
    rows = list(held.rows.filter(pk__in=problems.values("row"), state__in=OPEN))
    for row in rows:
        row.accepted = sorted({*row.accepted, code})
    update_rows(rows, ["accepted"])
    record(verb="upload.accepted", obj=held, by=by, data={"rows": len(rows), "code": code})
    _look_again(held, kind, by, rows)
    return len(rows)


@transaction.atomic
def take_proposals(*, upload: Upload, kind: Kind, by: User, field: str, code: str) -> int:
    """Put the only proposal of each row with this problem into its cell; rows with none or several are left. Returns how many."""
    held = _held(upload, kind, by, *MENDABLE)
    if UploadProblem.objects.filter(upload=held, field=field, code=code).count() > AT_ONCE:
        return _of_all(held, by, "upload.mended", lambda: many.take_all(held, field, code), field=field, code=code)
    rows = {row.pk: row for row in held.rows.filter(state__in=OPEN, problems__field=field, problems__code=code).distinct()}
    changed = []
    for problem in UploadProblem.objects.filter(upload=held, field=field, code=code, row__in=list(rows)):
        if len(problem.fixes) == 1:
            row = rows[problem.row_id]
            row.mended = row.mended | {problem.fixes[0]["field"]: problem.fixes[0]["value"]}
            changed.append(row)
    update_rows(changed, ["mended"])
    record(verb="upload.mended", obj=held, by=by, data={"rows": len(changed), "field": field})
    _look_again(held, kind, by, changed)
    return len(changed)


@transaction.atomic
def leave_out(
    *, upload: Upload, kind: Kind, by: User, number: int | None = None, field: str = "", code: str = "", back: bool = False
) -> int:
    """Leave a row out, or every row with a problem; `back` takes them in again. Returns how many."""
    held = _held(upload, kind, by, *MENDABLE)
    if number is None and not back and UploadProblem.objects.filter(upload=held, field=field, code=code).count() > AT_ONCE:
        return _of_all(held, by, "upload.left_out", lambda: many.leave_all(held, field, code), field=field, code=code)
    rows = held.rows.filter(state=State.LEFT_OUT) if back else held.rows.filter(state__in=OPEN)
    if number is not None:
        rows = rows.filter(number=number)
    elif not back:
        rows = rows.filter(pk__in=UploadProblem.objects.filter(upload=held, field=field, code=code).values("row"))
    chosen = list(rows)
    same = _of_keys(kind, {row.key for row in chosen}) | Q(object_id__in={row.object_id for row in chosen} - {""})
    UploadProblem.objects.filter(row__in=chosen).delete()
    UploadRow.objects.filter(pk__in=[row.pk for row in chosen]).update(state=State.WAITING if back else State.LEFT_OUT)
    record(verb="upload.taken_in" if back else "upload.left_out", obj=held, by=by, data={"rows": len(chosen)})
    # Rows of the same thing are others without it.
    _look_again(held, kind, by, list(held.rows.filter(same, state__in=OPEN)))
    return len(chosen)


def _of_all(held: Upload, by: User, verb: str, act: Callable[[], int], **about: str) -> int:
    """Do it to every row that it is about in one statement, and have a worker look at them again."""
    changed = act()
    record(verb=verb, obj=held, by=by, data={"rows": changed, **about})
    _ask(held, Status.CHECKING, by, laid_out=False)
    return changed


def _of_keys(kind: Kind, keys: set[str]) -> Q:
    """Rows of these keys, and those that repeat them."""
    found = Q(key__in=keys)
    for base in sorted({key.partition(REPEAT)[0] for key in keys})[:AT_ONCE] if kind.repeats else ():
        found |= Q(key=base) | Q(key__startswith=f"{base}{REPEAT}")
    return found


def _look_again(held: Upload, kind: Kind, by: User, rows: list[UploadRow]) -> None:
    """Check the rows anew, and those that hang together with them: at once when they are few, else by a worker."""
    columns = columns_from_json(held.columns)
    ids, keys, objects = {row.pk for row in rows}, {row.key for row in rows}, {row.object_id for row in rows}
    if kind.groups or fills(columns, held.reading):
        if held.reading.get("count", 0) > AT_ONCE_ROWS:
            _ask(held, Status.CHECKING, by, laid_out=False)
            return
        ids |= lay_out(held, kind)
        keys |= set(held.rows.filter(pk__in=ids).values_list("key", flat=True))
    near = Q(pk__in=ids) | _of_keys(kind, keys - {""}) | Q(object_id__in=objects - {""})
    wanted = held.rows.filter(near, state__in=OPEN)
    if wanted.count() > AT_ONCE:
        _ask(held, Status.CHECKING, by, laid_out=False)
        return
    chosen = list(wanted.order_by("number"))
    if chosen:
        inspect(held, kind, chosen, by=by)
        numbers = frozenset(row.number for row in chosen)
        find_twice(held, kind, keys | {row.key for row in chosen}, by=by)
        find_across(held, kind, by=by, focus=numbers)
    counts = count(held, kind)
    Upload.objects.filter(pk=held.pk).update(counts=counts)


# Committing and taking back


def check_commit(upload: Upload, mode: str) -> None:
    """Raise NotAllowed when it cannot be committed in this way. Codes: mode, stale_state, not_ready, nothing."""
    if mode not in Upload.Mode.values:
        raise NotAllowed(_("Choose what to commit: everything or nothing, or the rows that are ready."), "mode")
    if upload.status not in MENDABLE:
        raise StaleState(_("The upload went on meanwhile; load it again."))
    attention, ready = upload.counts.get("attention", 0), upload.counts.get("ready", 0)
    if mode == Upload.Mode.ALL and attention:
        raise NotAllowed(
            ngettext(
                "%(n)d row still needs attention. Mend it, leave it out, or commit the ready rows only.",
                "%(n)d rows still need attention. Mend them, leave them out, or commit the ready rows only.",
                attention,
            )
            % {"n": attention},
            "not_ready",
        )
    if not ready:
        raise NotAllowed(_("No row is ready to be committed."), "nothing")


@transaction.atomic
def commit(*, upload: Upload, kind: Kind, by: User, mode: str) -> None:
    """Have a worker write the rows. Raises as check_commit."""
    held = _held(upload, kind, by, *MENDABLE)
    held.counts = count(held, kind)
    check_commit(held, mode)
    _ask(
        held,
        Status.COMMITTING,
        by,
        mode=mode,
        commits=held.commits + 1,
        total=held.rows.filter(state=State.READY).count(),
        counts=held.counts,
    )


@transaction.atomic
def cancel(*, upload: Upload, kind: Kind, by: User) -> None:
    """Give it up; nothing was written. While it is being committed: stop, and take back what was written so far."""
    held = _held(upload, kind, by)
    if held.status == Status.COMMITTING:
        Upload.objects.filter(pk=held.pk).update(asked_by=by)
        begin_back(held, Status.REVERTING, by=by)
        ask_worker(held)
        return
    if held.rows.filter(state=State.DONE).exists():
        raise NotAllowed(_("Rows of this upload are committed. Take the whole upload back instead."), "committed")
    move(obj=held, to=Status.CANCELLED, by=by)


def undo_reasons(*, upload: Upload, kind: Kind) -> list[tuple[UploadRow, str]]:
    """Rows that something depends on by now, each with the reason; empty when the whole upload can be taken back."""
    rows = upload.rows.filter(state=State.DONE).exclude(outcome=SKIP).only("number", "outcome", "commit", "object_id", "before", "stamp")
    by_object: dict[str, list[UploadRow]] = defaultdict(list)
    for row in rows.iterator():
        by_object[row.object_id].append(row)
    reasons = kind.bound(organisation=upload.organisation, made=[made for own in by_object.values() if (made := made_of(own))])
    rows = upload.rows.filter(state=State.DONE, object_id__in=list(reasons)).order_by("number")
    return [(row, reasons[row.object_id]) for row in rows]


@transaction.atomic
def undo(*, upload: Upload, kind: Kind, by: User) -> None:
    """Have a worker take the whole upload back. Raises NotAllowed (bound) while something depends on it."""
    held = _held(upload, kind, by, Status.COMMITTED)
    reasons = undo_reasons(upload=held, kind=kind)
    if reasons:
        row, reason = reasons[0]
        raise NotAllowed(_("Row %(n)d: %(why)s") % {"n": row.number, "why": reason}, "bound")
    Upload.objects.filter(pk=held.pk).update(asked_by=by)
    held.asked_by = by
    begin_back(held, Status.UNDOING, by=by)
    ask_worker(held)
