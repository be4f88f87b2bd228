"""An upload as a person and the workers take it along."""

from certifications.flow.uploads import KINDS, go_on
from certifications.ledger.ids import new_ulid
from certifications.people.models import User
from certifications.uploads import actions
from certifications.uploads.models import Upload


def sent(by: User, content: bytes, *, kind: str = "customers", name: str = "file.csv", work: bool = True) -> Upload:
    """A file that was received, and read and checked as far as nobody need be asked."""
    upload = actions.receive(by=by, kind=KINDS[kind], content=content, name=name, form_key=new_ulid())
    return worked(upload) if work else now(upload)


def worked(upload: Upload) -> Upload:
    """As far as the workers take it by themselves: a job gives way when it took long, and the next goes on."""
    while now(upload).status in Upload.MOVING:
        go_on(upload.pk)
    return now(upload)


def now(upload: Upload) -> Upload:
    """The upload as it stands."""
    return Upload.objects.select_related("blob", "organisation", "asked_by", "sent_by").get(pk=upload.pk)


def committed(upload: Upload, by: User, mode: str = "all") -> Upload:
    """Committed by the person and written by the workers."""
    actions.commit(upload=upload, kind=KINDS[upload.kind], by=by, mode=mode)
    return worked(upload)


def undone(upload: Upload, by: User) -> Upload:
    """Taken back by the person and the workers."""
    actions.undo(upload=upload, kind=KINDS[upload.kind], by=by)
    return worked(upload)


def problems(upload: Upload) -> list[tuple[int, str, str]]:
    """(row, field, code or sentence) of everything that stands beside the rows."""
    return [(p.number, p.field, p.texts["en"]) for p in upload.problems.order_by("number", "pk")]
