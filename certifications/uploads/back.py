"""Takes back what an upload wrote, in chunks, the last written first. Knows no kind by name.

Whose right it is was asked when the commit or the taking back was asked for; it goes on if that right ends meanwhile,
so that nothing stays half done.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from certifications.ledger.moves import NotAllowed, move
from certifications.people.models import User

from .bulk import update_rows
from .checks import count, in_every_language
from .jobs import locked, one_at_a_time, tell
from .kinds import CREATE, SKIP, Kind, Made
from .models import Upload, UploadKey, UploadProblem, UploadRow
from .rules import LANGUAGES

Status, State = Upload.Status, UploadRow.State
BACK_THINGS, BACK_MANY = 100, 5_000
KEPT = "kept"
STOOD = ["state", "object_id", "before", "key_before", "stamp", "answer"]


def written(held: Upload, status: str) -> QuerySet[UploadRow]:
    """Rows to be taken back: all that were written, or those of the commit that was stopped."""
    done = held.rows.filter(state=State.DONE)
    return done if status == Status.UNDOING else done.filter(commit=held.commits)


def made_of(rows: Iterable[UploadRow]) -> Made | None:
    """What the rows of one object made of it, over every commit: as it was before the first, as it is since the last."""
    wrote = sorted((row for row in rows if row.outcome != SKIP), key=lambda row: (row.commit, row.number))
    return Made(wrote[0].object_id, wrote[0].outcome, wrote[0].before, wrote[-1].stamp) if wrote else None


def begin_back(held: Upload, to: str, *, by: User | None) -> None:
    """Begin to take back what was written. `held` is locked."""
    UploadProblem.objects.filter(upload=held, code=KEPT).delete()
    total = written(held, to).count()
    move(obj=held, to=to, by=by, also={"total": total, "done": 0, "began_at": timezone.now()})


def take_back(upload: Upload, kind: Kind) -> None:
    """Worker: one chunk. What something depends on by now stays, and says why."""
    with transaction.atomic():
        one_at_a_time(upload, kind)
        held = locked(upload, upload.status)
        if held is None:
            return
        left = written(held, held.status).exclude(problems__code=KEPT)
        first = list(left.order_by("-number")[: BACK_MANY if kind.at_once else kind.in_one_go or BACK_THINGS])
        if not first:
            _finish(held, kind)
            return
        if kind.at_once:
            _take_back_many(held, kind, first)
            return
        # Everything that was done to one object goes together, whatever rows and commits it came from.
        objects = {row.object_id for row in first} - {""}
        rows = left.filter(Q(key__in={row.key for row in first}) | Q(object_id__in=objects)).order_by("-number")
        by_object: dict[str, list[UploadRow]] = {}
        for row in rows:
            by_object.setdefault(row.object_id or str(row.number), []).append(row)
        for own in by_object.values():
            _take_back_one(held, kind, own)
        done = sum(map(len, by_object.values()))
        Upload.objects.filter(pk=held.pk).update(done=min(held.total, held.done + done))


def _take_back_many(held: Upload, kind: Kind, rows: list[UploadRow]) -> None:
    """Rows of a kind that takes back many in one go; each is an object of its own, and few are bound."""
    made = {row.pk: one for row in rows if (one := made_of([row])) is not None}

    def why() -> dict[str, str]:
        return kind.bound(organisation=held.organisation, made=list(made.values()))

    bound = in_every_language(why) if why() else {}
    stays = {pk for pk, one in made.items() if bound and one.object_id in bound[LANGUAGES[0]]}
    for row in rows:
        if row.pk in stays:
            _stay(held, [row], {language: some[made[row.pk].object_id] for language, some in bound.items()})
    kind.take_back_many(organisation=held.organisation, by=held.asked_by, made=[one for pk, one in made.items() if pk not in stays])
    goes = [row for row in rows if row.pk not in stays]
    for row in goes:
        _stand_back(held, row)
    update_rows(goes, STOOD)
    Upload.objects.filter(pk=held.pk).update(done=min(held.total, held.done + len(rows)))


def _stay(held: Upload, rows: Iterable[UploadRow], reason: dict[str, str]) -> None:
    """Say beside the rows why they could not be taken back."""
    UploadProblem.objects.bulk_create(
        UploadProblem(row=row, upload=held, number=row.number, field="", code=KEPT, texts=reason, blocks=False) for row in rows
    )


def _stand_back(held: Upload, row: UploadRow) -> None:
    """The row as it is when nothing is written of it any more."""
    row.state = State.UNDONE if held.status == Status.UNDOING else State.READY
    if row.state == State.READY and row.outcome == CREATE:
        row.object_id = ""
    row.before, row.key_before, row.stamp, row.answer = None, None, "", None


def _take_back_one(held: Upload, kind: Kind, rows: list[UploadRow]) -> None:
    made = made_of(rows)
    if made is not None:

        def why() -> str:
            return kind.bound(organisation=held.organisation, made=[made]).get(made.object_id, "")

        reason = in_every_language(why) if why() else {}
        try:
            if not reason:
                with transaction.atomic():
                    kind.take_back(organisation=held.organisation, by=held.asked_by, made=made)
        except NotAllowed as refusal:
            reason = dict.fromkeys(LANGUAGES, str(refusal))
        if reason:
            _stay(held, rows, reason)
            return
        _give_keys_back(held, rows)
    for row in rows:
        _stand_back(held, row)
    update_rows(rows, STOOD)


def _give_keys_back(held: Upload, rows: list[UploadRow]) -> None:
    """A key means again what it meant before: a file that was sent earlier still changes nothing when it is sent again."""
    for row in sorted((row for row in rows if row.outcome != SKIP), key=lambda row: (row.commit, row.number), reverse=True):
        own = UploadKey.objects.filter(organisation=held.organisation, kind=held.kind, key=row.key, object_id=row.object_id)
        if row.key_before:
            own.update(**row.key_before)
        else:
            own.delete()


def _finish(held: Upload, kind: Kind) -> None:
    kept = written(held, held.status).exclude(outcome=SKIP)
    if held.status == Status.REVERTING:
        # What cannot be taken back stays and is looked at like everything that stays.
        ids = list(kept.order_by("object_id").values_list("object_id", flat=True).distinct())
        kind.finished(organisation=held.organisation, once=f"{held.pk}-{held.commits}", object_ids=ids)
    kind.gone(organisation=held.organisation, upload_id=held.pk)
    counts = count(held, kind)
    stays = held.rows.filter(state=State.DONE).exists()
    to = Status.COMMITTED if stays else Status.UNDONE if held.status == Status.UNDOING else Status.CHECKED
    move(obj=held, to=to, by=held.asked_by, data=counts, also={"counts": counts})
    tell(held)
