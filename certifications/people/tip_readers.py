"""Who reads tips: proposed by one person of compliance, agreed to by another who is not the reader. Anybody who manages people ends it."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState

from .models import FactorProof, Membership, User
from .models_tips import TIP_READER, TipReader
from .permissions import Permission
from .queries import live, users_with
from .second import check_proof, lock_proposal, take_agreement, void_proposal

LEAST_EXPLAINED = 10


def readers() -> QuerySet[Membership]:
    """Who reads tips now."""
    return live().filter(role=TIP_READER).select_related("user").order_by("user__name", "pk")


def candidates() -> list[User]:
    """Who may be named: people of compliance who capture evidence and do not read tips yet."""
    named = set(readers().values_list("user_id", flat=True))
    return sorted((user for user in users_with(Permission.CAPTURE_EVIDENCE) if user.pk not in named), key=lambda user: user.name)


def reader_digest(*, reader: str, explanation: str) -> str:
    """What both people give their factor for."""
    return sha256_hex(canonical({"tip_reader": reader, "explanation": explanation.strip()}))


def check_proposal(*, by: User, reader: str, explanation: str) -> User:
    """The person named. Raises NotAllowed (reader, explanation) and StaleState."""
    if reader == by.pk:
        raise NotAllowed(_("Nobody names themselves; two others do."), "reader")
    found = next((user for user in candidates() if user.pk == reader), None)
    if found is None:
        raise NotAllowed(_("Choose somebody of compliance who does not read tips yet."), "reader")
    if len(explanation.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say in a sentence why."), "explanation")
    if TipReader.objects.filter(reader=found, state=TipReader.State.PROPOSED).exists():
        raise StaleState(_("The same is proposed already; agree to it or take it back first."))
    return found


@transaction.atomic
def propose(*, by: User, reader: str, explanation: str, proof: FactorProof) -> TipReader:
    """Propose that somebody reads tips; nothing changes until another person agrees."""
    found = check_proposal(by=by, reader=reader, explanation=explanation)
    digest = reader_digest(reader=reader, explanation=explanation)
    check_proof(proof=proof, by=by, digest=digest, changed=_("The words changed meanwhile. Read them again and confirm again."))
    made = TipReader.objects.create(
        reader=found, reason="tips", explanation=explanation.strip(), proposed_by=by, proposed_proof_id=proof.pk, digest=digest
    )
    record(verb="tipreader.proposed", obj=made, by=by, data={"reader": found.pk, "proof": proof.pk})
    return made


def check_agreement(*, held: TipReader, by: User) -> None:
    """Raise NotAllowed (own) where somebody would open the tips to themselves."""
    if held.reader_id == held.proposed_by_id:
        raise NotAllowed(_("Nobody names themselves; two others do."), "own")
    if held.reader_id == by.pk:
        raise NotAllowed(_("This names you; another person must agree."), "own")


@transaction.atomic
def agree(*, held: TipReader, by: User, proof: FactorProof) -> TipReader:
    """Another person agrees; the person reads tips from this moment on."""
    locked = lock_proposal(held)
    check_agreement(held=locked, by=by)
    if locked.reader_id not in {user.pk for user in candidates()}:
        raise NotAllowed(_("Choose somebody of compliance who does not read tips yet."), "reader")
    digest = reader_digest(reader=locked.reader_id, explanation=locked.explanation)
    changed = _("The words changed since they were written. Read them again.")
    take_agreement(row=locked, by=by, proof=proof, right=Permission.NAME_TIP_READERS, digest=digest, changed=changed)
    organisation = locked.reader.organisation
    Membership.objects.create(user=locked.reader, organisation=organisation, role=TIP_READER, created_by_id=by.pk)
    record(verb="tipreader.agreed", obj=locked, by=by, data={"reader": locked.reader_id, "proof": proof.pk})
    return locked


@transaction.atomic
def void(*, held: TipReader, by: User) -> None:
    """Taken back or refused."""
    void_proposal(row=held, by=by)
    record(verb="tipreader.voided", obj=held, by=by)
