"""The only writes to appointments of signatories. What is agreed makes an invitation, by the same act as every other."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState

from .actions import check_invitation, invite
from .models import FactorProof, Invitation, Organisation, User
from .models_appointments import SIGNATORY, Appointment
from .permissions import Permission, may
from .queries import check_second, independent, manageable, shared_inviters, users_with
from .second import check_proof, lock_proposal, take_agreement, void_proposal

LEAST_EXPLAINED = 10


def visible_to(user: User) -> QuerySet[Appointment]:
    """Every one for compliance; a distributor's own for its administrators."""
    if may(user, Permission.SEE_CASES):
        return Appointment.objects.all()
    if user.organisation is not None and may(user, Permission.INVITE_OWN):
        return Appointment.objects.filter(organisation=user.organisation)
    return Appointment.objects.none()


def may_second(user: User, held: Appointment) -> bool:
    """Whether the user may agree to it: compliance, or another administrator of the distributor; never the person itself.

    Nor an administrator whom the same colleague brought in, by whichever way: two of one's own addresses would be two people.
    """
    if not may_void(user, held) or user.email == held.email:
        return False
    proposer = held.proposed_by
    return independent(proposer, user) and (
        may(user, Permission.AGREE_DELEGATIONS) or not shared_inviters(proposer, user, held.organisation)
    )


def may_void(user: User, held: Appointment) -> bool:
    """Whether the user may take the proposal off the table: compliance, or any administrator of the distributor. Nothing is given by it."""
    return may(user, Permission.AGREE_DELEGATIONS) or (
        may(user, Permission.INVITE_OWN) and user.organisation is not None and user.organisation.pk == held.organisation_id
    )


def seconds(held: Appointment) -> list[User]:
    """Everybody who may agree to it."""
    asked = [*users_with(Permission.INVITE_OWN, held.organisation), *users_with(Permission.AGREE_DELEGATIONS)]
    return [user for user in dict.fromkeys(asked) if may_second(user, held)]


def appointment_digest(*, organisation: Organisation, email: str, roles: list[str], language: str, explanation: str) -> str:
    """What both people give their factor for."""
    words = {"organisation": organisation.pk, "email": email.strip().lower(), "roles": sorted(set(roles)), "language": language}
    return sha256_hex(canonical({"appointment": {**words, "explanation": explanation.strip()}}))


def check_appointment(*, by: User, organisation: Organisation, email: str, roles: list[str], language: str, explanation: str) -> str:
    """The address as it is kept. Raises NotAllowed with the field as its code, StaleState; asked before a factor is spent."""
    email = check_invitation(by=by, organisation=organisation, email=email, roles=roles)
    if SIGNATORY not in roles:
        raise NotAllowed(_("Choose at least one role of this organisation."), "roles")
    if email == by.email:
        raise NotAllowed(_("Nobody appoints themselves; another administrator or the manufacturer's compliance does."), "email")
    if len(explanation.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say in a sentence who it is: name and function. Whoever agrees reads it."), "explanation")
    if Appointment.objects.filter(organisation=organisation, email=email, state=Appointment.State.PROPOSED).exists():
        raise StaleState(_("The same is proposed already; agree to it or take it back first."))
    if not seconds(Appointment(organisation=organisation, email=email, proposed_by=by)):
        raise NotAllowed(
            _(
                "Nobody could agree to this: everybody who may was invited by you, or invited you. Ask an administrator of the distributor to propose it."
            ),
            "organisation",
        )
    return email


@transaction.atomic
def propose(
    *, by: User, organisation: Organisation, email: str, roles: list[str], language: str, explanation: str, proof: FactorProof
) -> Appointment:
    """Propose a signatory; nobody is invited until another person agrees."""
    # Two who propose the same at once wait for one another.
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    email = check_appointment(by=by, organisation=organisation, email=email, roles=roles, language=language, explanation=explanation)
    digest = appointment_digest(organisation=organisation, email=email, roles=roles, language=language, explanation=explanation)
    check_proof(proof=proof, by=by, digest=digest, changed=_("The words changed meanwhile. Read them again and confirm again."))
    made = Appointment.objects.create(
        organisation=organisation, email=email, roles=sorted(set(roles)), language=language, reason="appointment",
        explanation=explanation.strip(), proposed_by=by, proposed_proof_id=proof.pk, digest=digest,
    )  # fmt: skip
    record(verb="appointment.proposed", obj=made, by=by, data={"organisation": organisation.pk, "roles": made.roles, "proof": proof.pk})
    return made


def _right_of(proposer: User) -> Permission:
    return Permission.INVITE_ANY if may(proposer, Permission.INVITE_ANY) else Permission.INVITE_OWN


def check_agreement(*, held: Appointment, by: User) -> None:
    """Raise NotAllowed (same_person, not_independent, own, office, proposer) and StaleState unless `by` may agree to it now."""
    if held.state != Appointment.State.PROPOSED:
        raise StaleState(_("The proposal was decided or withdrawn by somebody else; load it again."))
    check_second(proposer=held.proposed_by, by=by, right=_right_of(held.proposed_by))
    if by.email == held.email:
        raise NotAllowed(_("This names you; another person must agree."), "own")
    if not may_second(by, held):
        raise NotAllowed(_("You may not invite people to this organisation."), "office")
    if not manageable(held.proposed_by).filter(pk=held.organisation_id).exists():
        raise NotAllowed(_("Who proposed this may no longer invite people there. Do not agree, and have it proposed anew."), "proposer")


@transaction.atomic
def agree(*, held: Appointment, by: User, proof: FactorProof) -> tuple[Invitation, str]:
    """Another person agrees: the invitation and its token, which is kept nowhere."""
    locked = lock_proposal(held)
    check_agreement(held=locked, by=by)
    digest = appointment_digest(
        organisation=locked.organisation,
        email=locked.email,
        roles=locked.roles,
        language=locked.language,
        explanation=locked.explanation,
    )
    changed = _("The words changed since they were written. Read them again.")
    take_agreement(row=locked, by=by, proof=proof, right=_right_of(locked.proposed_by), digest=digest, changed=changed)
    record(verb="appointment.agreed", obj=locked, by=by, data={"organisation": locked.organisation_id, "proof": proof.pk})
    return invite(
        by=locked.proposed_by,
        organisation=locked.organisation,
        email=locked.email,
        roles=locked.roles,
        language=locked.language,
        appointment=locked,
    )


@transaction.atomic
def void(*, held: Appointment, by: User) -> None:
    """Taken back by who proposed it, or refused by compliance or an administrator of the distributor."""
    if by.pk != held.proposed_by_id and not may_void(by, held):
        raise NotAllowed(_("You may not invite people to this organisation."), "office")
    void_proposal(row=held, by=by)
    record(verb="appointment.voided", obj=held, by=by)
