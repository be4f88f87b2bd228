"""The only writes to exceptions: what the guards refused counts all the same, when two people say so with fresh factors."""

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import FactorProof, User
from certifications.people.permissions import Permission
from certifications.people.queries import check_second
from certifications.people.second import check_proof, lock_proposal, take_agreement, void_proposal

from .models import ListException, ListSource, ListVersion
from .queries import newest_good
from .rules import check_exception


def check_proposal(*, version: ListVersion, reason: str, explanation: str) -> None:
    """Raise NotAllowed with the field as its code. Asked before a factor is spent, and again when it is."""
    _check(version, reason, explanation)
    if version.exceptions.filter(state=ListException.State.PROPOSED).exists():
        raise StaleState(_("Accepting it is proposed already; agree to that or take it back first."))


def _check(version: ListVersion, reason: str, explanation: str) -> None:
    good = newest_good(version.source)
    field, message = check_exception(
        state=version.state,
        why=version.why,
        is_newest=good is None or good.imported_at < version.imported_at,
        reason=reason,
        explanation=explanation,
    )
    if message:
        raise NotAllowed(message, field)


def exception_digest(*, version: ListVersion, reason: str, explanation: str) -> str:
    """What both people give their factor for: these bytes, these entries, against this version, for this reason."""
    good = newest_good(version.source)
    return sha256_hex(
        canonical(
            {
                "version": version.pk,
                "sha256": version.sha256,
                "entries": version.entry_count,
                "refusal": version.refusal,
                "instead_of": good.pk if good else "",
                "reason": reason,
                "explanation": explanation.strip(),
            }
        )
    )


def _locked(pk: str) -> ListVersion:
    """The version, with its list locked: an import that comes in between waits, or is seen."""
    version = ListVersion.objects.get(pk=pk)
    ListSource.objects.select_for_update().get(pk=version.source_id)
    return ListVersion.objects.select_related("source").get(pk=pk)


@transaction.atomic
def propose_exception(*, version: ListVersion, reason: str, explanation: str, by: User, proof: FactorProof) -> ListException:
    """Propose that a refused version counts; nothing changes until another person agrees."""
    held = _locked(version.pk)
    check_proposal(version=held, reason=reason, explanation=explanation)
    digest = exception_digest(version=held, reason=reason, explanation=explanation)
    check_proof(proof=proof, by=by, digest=digest, changed=_("The list changed meanwhile. Read it again and confirm again."))
    made = ListException.objects.create(
        version=held, reason=reason, explanation=explanation.strip(), proposed_by=by, proposed_proof_id=proof.pk, digest=digest
    )
    record(verb="list.exception_proposed", obj=made, by=by, data={"version": held.pk, "reason": reason, "proof": proof.pk})
    return made


@transaction.atomic
def agree_exception(*, exception: ListException, by: User, proof: FactorProof) -> ListVersion:
    """Another person agrees; from now on this version counts. Raises NotAllowed, also when the list changed since."""
    version = _locked(exception.version_id)
    held = lock_proposal(exception)
    check_second(proposer=held.proposed_by, by=by, right=Permission.IMPORT_LISTS)
    _check(version, held.reason, held.explanation)
    digest = exception_digest(version=version, reason=held.reason, explanation=held.explanation)
    changed = _("The list changed since the proposal. Read it again.")
    take_agreement(row=held, by=by, proof=proof, right=Permission.IMPORT_LISTS, digest=digest, changed=changed)
    ListVersion.objects.filter(pk=version.pk).update(state=ListVersion.State.ACCEPTED, excepted_at=held.agreed_at)
    record(verb="list.exception_agreed", obj=held, by=by, data={"version": version.pk, "proof": proof.pk})
    record(verb="list.accepted", obj=version, by=by, data={"source": version.source_id, "exception": held.pk, "why": version.why})
    version.refresh_from_db()
    return version


@transaction.atomic
def void_exception(*, exception: ListException, by: User) -> None:
    """Take back one's own proposal, or refuse another's; the record stays."""
    void_proposal(row=exception, by=by)
    record(verb="list.exception_voided", obj=exception, by=by, data={"version": exception.version_id})
