"""What every job of a worker on an upload begins and ends with: whether it may, under which lock, and whom it tells."""

from django.db import connection

from certifications.ledger.turns import take_turns
from certifications.mail.actions import tell_when_long
from certifications.people.models import Organisation
from certifications.people.permissions import may
from certifications.work.actions import enqueue

from .kinds import Kind
from .models import Upload


def ask_worker(upload: Upload) -> None:
    """Have a worker go on with the upload. Inside the transaction that made the work."""
    Upload.objects.filter(pk=upload.pk).update(round=upload.round + 1)
    upload.round += 1
    enqueue("upload", upload.pk, version=str(upload.round))


def entitled(upload: Upload, kind: Kind) -> bool:
    """Whether whoever asked may still do this for this distributor. What a program sent is read and checked while the program is good."""
    by = upload.asked_by
    if upload.status in {Upload.Status.RECEIVED, Upload.Status.CHECKING} and upload.program is not None and not upload.program.revoked_at:
        return True
    return may(by, kind.right) and by.organisation is not None and by.organisation.pk == upload.organisation_id


def locked(upload: Upload, status: str) -> Upload | None:
    """The upload under a lock, while it is still where the worker found it: a person may have stopped it meanwhile."""
    held = Upload.objects.select_for_update().get(pk=upload.pk)
    return held if held.status == status else None


def shared(upload: Upload, status: str) -> Upload | None:
    """As `locked`, for workers that do parts of one step side by side: it stops whoever locks the upload, but neither one another nor the
    counting of what is done.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM certifications_upload WHERE id = %s FOR KEY SHARE", [upload.pk])
    held = Upload.objects.get(pk=upload.pk)
    return held if held.status == status else None


def one_at_a_time(upload: Upload, kind: Kind) -> None:
    """Commits of one distributor's rows of one kind wait for one another: two people with the same file make it once."""
    take_turns(f"uploads:{upload.organisation_id}:{kind.line_up or kind.code}")


def tell(upload: Upload) -> None:
    """A mail to whoever waited long: a number and a link, no name."""
    # The pages of uploads stand below the others of whoever asks.
    side = "d" if upload.organisation.kind == Organisation.Kind.DISTRIBUTOR else "c"
    context = {"number": upload.number, "side": side}
    tell_when_long(to_user=upload.asked_by, began_at=upload.began_at, template="upload_done", context=context)
