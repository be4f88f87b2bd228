"""Lists come in, are put in force, accepted and reviewed; whom a new version touches is found out in rescreening.py."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction

from certifications.declarations.models import Declaration
from certifications.files import actions as files
from certifications.files.models import Blob
from certifications.ledger.days import civil_today
from certifications.ledger.moves import move
from certifications.mail.actions import tell_all
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, recipients
from certifications.screening import exceptions, imports, yente
from certifications.screening.importers import Content
from certifications.screening.models import ListException, ListSource, ListVersion
from certifications.screening.queries import key_of, lists_in_force
from certifications.work.actions import enqueue
from certifications.work.models import Job

from .faults import fault
from .rescreening import follow_later


def import_file(*, source: ListSource, content: Content, by: User | None) -> ListVersion:
    """Import a list and have looked at whom it touches, both or neither. Safe to repeat: what was imported is then only confirmed."""
    with transaction.atomic():
        before = key_of(lists_in_force())
        version = imports.import_list(source=source, content=content, by=by)
        fault("list-imported")
        if version.state == ListVersion.State.ACCEPTED and source.in_force:
            follow_later(before)
    return version


@transaction.atomic
def upload(*, source: ListSource, content: bytes, name: str, by: User, form_key: str) -> Job:
    """Keep an uploaded list and let a worker import it. A form sent twice is one import."""
    sent = Job.objects.filter(kind="import_list", object_id__startswith=f"{source.pk}:", version=form_key).first()
    if sent is not None:
        return sent
    blob = files.store(content, name=name, media_type="application/octet-stream", by_id=by.pk)
    return enqueue("import_list", f"{source.pk}:{blob.pk}", version=form_key)


def import_uploaded(key: str) -> None:
    """Worker: import an uploaded list; `key` is "source:blob". Raises Damaged where the stored file is not what it was."""
    code, _colon, blob_id = key.partition(":")
    blob = Blob.objects.get(pk=blob_id)
    by = User.objects.filter(pk=blob.stored_by_id).first()
    import_file(source=ListSource.objects.get(pk=code), content=files.read(blob), by=by)


def watch_yente() -> ListVersion | None:
    """Hourly: the version that the yente server holds counts as soon as its catalogue says so; everybody is screened against it."""
    if not settings.YENTE_URL:
        return None
    dataset = yente.catalogue()
    with transaction.atomic():
        before = key_of(lists_in_force())
        version = imports.note_dataset(dataset)
        follow_later(before)
    return version


@transaction.atomic
def put_in_force(*, source: ListSource, by: User) -> None:
    """A list counts from now on, and everybody is screened against it. Raises NotAllowed without a good version."""
    before = key_of(lists_in_force())
    imports.put_in_force(source=source, by=by)
    follow_later(before)


def make_private_list(*, code: str, title: str, basis: str, fresh_hours: int | None, review_on: dt.date | None, by: User) -> ListSource:
    """A list of our own; it counts once a file is imported and a lead puts it in force."""
    check(by, Permission.IMPORT_LISTS)
    today = civil_today()
    return imports.make_private_list(code=code, title=title, basis=basis, fresh_hours=fresh_hours, review_on=review_on, by=by, today=today)


def review(*, source: ListSource, review_on: dt.date, by: User) -> None:
    """A lead looked through a list of our own; it is good until another day."""
    check(by, Permission.IMPORT_LISTS)
    imports.review(source=source, review_on=review_on, by=by, today=civil_today())


def propose_exception(
    *, version: ListVersion, reason: str, explanation: str, by: User, code: str = "", assertion: str = "", session: Any = None
) -> ListException:
    """Propose that a refused version counts; the factor is bound to exactly these bytes and words."""
    check(by, Permission.IMPORT_LISTS)
    exceptions.check_proposal(version=version, reason=reason, explanation=explanation)
    digest = exceptions.exception_digest(version=version, reason=reason, explanation=explanation)
    proof = prove(by, digest=digest, purpose="list", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = exceptions.propose_exception(version=version, reason=reason, explanation=explanation, by=by, proof=proof)
        tell_all(
            recipients(Permission.ACCEPT_LISTS),
            but=by,
            template="list_exception",
            context={"code": version.source_id, "version": version.pk},
        )
    return made


def agree_exception(*, exception: ListException, by: User, code: str = "", assertion: str = "", session: Any = None) -> ListVersion:
    """Another person agrees: the version counts, and everybody is screened against it."""
    check(by, Permission.ACCEPT_LISTS)
    check_second(proposer=exception.proposed_by, by=by, right=Permission.IMPORT_LISTS)
    proof = prove(by, digest=exception.digest, purpose="list", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        before = key_of(lists_in_force())
        version = exceptions.agree_exception(exception=exception, by=by, proof=proof)
        if version.source.in_force:
            follow_later(before)
    return version


def void_exception(*, exception: ListException, by: User) -> None:
    """Take a proposal back, or refuse it."""
    check(by, Permission.ACCEPT_LISTS)
    exceptions.void_exception(exception=exception, by=by)


def expire_ready() -> int:
    """Expire ready declarations whose validity is over. Returns how many."""
    today = civil_today()
    count = 0
    for declaration in Declaration.objects.filter(status="ready", versions__valid_until__lte=today).distinct():
        if declaration.versions.get(number=declaration.version_number).valid_until <= today:
            move(obj=declaration, to="expired", by=None)
            count += 1
    return count
