"""Lists come in, and what a new version sets in motion: every party that takes part in something is screened again."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from certifications.attestations.models import Attestation
from certifications.declarations.models import Declaration
from certifications.files import actions as files
from certifications.files.models import Blob
from certifications.flags import actions as flags
from certifications.flags.rules.screening import ScreeningHit
from certifications.ledger.days import civil_today
from certifications.ledger.moves import move
from certifications.mail.actions import send_later
from certifications.parties.models import Party
from certifications.parties.queries import display
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, users_with
from certifications.screening import exceptions, imports
from certifications.screening.actions import screen_party
from certifications.screening.importers import Content
from certifications.screening.models import ListException, ListSource, ListVersion
from certifications.screening.queries import key_of, lists_in_force
from certifications.work.actions import enqueue
from certifications.work.models import Job

from .advance import send_round_again
from .facts import screening_facts
from .faults import fault
from .release import problem_with, take_back


def lists_stamp() -> str:
    """A short key of the list versions in force; another version of any of them gives another."""
    return f"lists-{key_of(lists_in_force())[:40]}"


def import_file(*, source: ListSource, content: Content, by: User | None) -> ListVersion:
    """Import a list and have everybody looked at again. Safe to repeat: what was imported is then only confirmed."""
    version = imports.import_list(source=source, content=content, by=by)
    fault("list-imported")
    if version.state == ListVersion.State.ACCEPTED and source.in_force:
        rescreen_all()
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


@transaction.atomic
def put_in_force(*, source: ListSource, by: User) -> None:
    """A list counts from now on, and everybody is screened against it. Raises NotAllowed without a good version."""
    imports.put_in_force(source=source, by=by)
    rescreen_all()


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
        for user in users_with(Permission.ACCEPT_LISTS):
            if user.pk != by.pk:
                send_later(to_user=user, template="list_exception", context={"code": version.source_id, "version": version.pk})
    return made


def agree_exception(*, exception: ListException, by: User, code: str = "", assertion: str = "", session: Any = None) -> ListVersion:
    """Another person agrees: the version counts, and everybody is screened against it."""
    check(by, Permission.ACCEPT_LISTS)
    check_second(proposer=exception.proposed_by, by=by)
    proof = prove(by, digest=exception.digest, purpose="list", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        version = exceptions.agree_exception(exception=exception, by=by, proof=proof)
        if version.source.in_force:
            rescreen_all()
    return version


def void_exception(*, exception: ListException, by: User) -> None:
    """Take a proposal back, or refuse it."""
    check(by, Permission.ACCEPT_LISTS)
    exceptions.void_exception(exception=exception, by=by)


def rescreen_all() -> int:
    """Ask the workers to look at every party again against the lists as they are now; returns how many rows."""
    stamp = lists_stamp()
    parties = Party.objects.filter(customers__declarations__isnull=False).values_list("pk", flat=True).distinct()
    distributors = Party.objects.filter(organisation__declarations__isnull=False).values_list("pk", flat=True).distinct()
    ids = set(parties) | set(distributors)
    for party_id in ids:
        enqueue("rescreen", party_id, version=stamp)
    return len(ids)


def attestations_of(party: Party, *statuses: str) -> QuerySet[Attestation]:
    """Attestations in which the party takes part."""
    found = Attestation.objects.filter(status__in=statuses).select_related(
        "declaration__customer__party", "declaration__organisation__party"
    )
    return (found.filter(declaration__customer__party=party) | found.filter(declaration__organisation__party=party)).distinct()


def rescreen(party_id: str) -> None:
    """Worker: screen one party again; a new finding on an attested declaration's party opens a case. Idempotent."""
    party = Party.objects.get(pk=party_id)
    run = screen_party(party)
    fault("rescreened")
    facts = screening_facts(party, "party")
    waiting = Declaration.objects.filter(status__in=["screening", "review", "ready"])
    waiting = waiting.filter(customer__party=party) | waiting.filter(organisation__party=party)
    for declaration in waiting.distinct():
        send_round_again(declaration, f"run-{run.pk}")
    for pending in attestations_of(party, "pending"):
        # Released and not sealed yet, perhaps for hours while the timestamp authority is away.
        if problem_with(pending.declaration):
            take_back(pending, f"run-{run.pk}")
    if not facts.findings or not attestations_of(party, "valid", "suspended").exists():
        return
    shown = display(party)
    subject = flags.Subject(key=f"party:{party.pk}", name=shown.native or shown.latin)
    rule = ScreeningHit()
    for fired in rule.fire(facts):
        flags.raise_flag(fired=fired, subject=subject, facts_key=str(fired.inputs["finding"]), party=party)


def expire_ready() -> int:
    """Expire ready declarations whose validity is over. Returns how many."""
    today = civil_today()
    count = 0
    for declaration in Declaration.objects.filter(status="ready", versions__valid_until__lte=today).distinct():
        if declaration.versions.get(number=declaration.version_number).valid_until <= today:
            move(obj=declaration, to="expired", by=None)
            count += 1
    return count
