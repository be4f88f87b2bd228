"""Who sees unit prices, amounts and values. Off for everybody until two people switch it on for named roles, and off again the same way."""

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState

from .models import FactorProof, User
from .models_prices import PriceSight
from .permissions import ROLES, Permission
from .second import check_proof, lock_proposal, take_agreement, void_proposal

# Prices stand in evidence; whoever may not see that sees no price by any policy.
MAY_BE_GIVEN = tuple(code for code, role in ROLES.items() if Permission.SEE_EVIDENCE in role.rights)
LEAST_EXPLAINED = 10


def in_force() -> PriceSight | None:
    """What two people agreed to last; None: nobody sees prices."""
    return PriceSight.objects.filter(state=PriceSight.State.EFFECTIVE).order_by("-agreed_at", "-pk").first()


def sees_prices(user: User) -> bool:
    """Whether one of the user's roles sees prices now."""
    now = in_force()
    return now is not None and bool(user.roles & set(now.roles) & set(MAY_BE_GIVEN))


def prices_digest(*, roles: list[str], explanation: str) -> str:
    """What both people give their factor for."""
    return sha256_hex(canonical({"prices": sorted(roles), "explanation": explanation.strip()}))


def check_proposal(*, roles: list[str], explanation: str) -> None:
    """Raise NotAllowed (roles, explanation) and StaleState. No role at all switches prices off."""
    if not set(roles) <= set(MAY_BE_GIVEN):
        raise NotAllowed(_("Choose among the roles that see evidence."), "roles")
    now = in_force()
    if set(roles) == set(now.roles if now is not None else ()):
        raise NotAllowed(_("This is how it is already."), "roles")
    if len(explanation.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say in a sentence why."), "explanation")
    if PriceSight.objects.filter(state=PriceSight.State.PROPOSED).exists():
        raise StaleState(_("A change is proposed already; agree to it or take it back first."))


@transaction.atomic
def propose(*, by: User, roles: list[str], explanation: str, proof: FactorProof) -> PriceSight:
    """Propose who sees prices; nothing changes until another person agrees."""
    check_proposal(roles=roles, explanation=explanation)
    digest = prices_digest(roles=roles, explanation=explanation)
    check_proof(proof=proof, by=by, digest=digest, changed=_("The words changed meanwhile. Read them again and confirm again."))
    made = PriceSight.objects.create(
        roles=sorted(roles), reason="prices", explanation=explanation.strip(), proposed_by=by, proposed_proof_id=proof.pk, digest=digest
    )
    record(verb="pricesight.proposed", obj=made, by=by, data={"roles": made.roles, "proof": proof.pk})
    return made


@transaction.atomic
def agree(*, held: PriceSight, by: User, proof: FactorProof) -> PriceSight:
    """Another person agrees; it counts from this moment on."""
    locked = lock_proposal(held)
    digest = prices_digest(roles=locked.roles, explanation=locked.explanation)
    changed = _("The words changed since they were written. Read them again.")
    take_agreement(row=locked, by=by, proof=proof, right=Permission.AGREE_PRICES, digest=digest, changed=changed)
    record(verb="pricesight.agreed", obj=locked, by=by, data={"roles": locked.roles, "proof": proof.pk})
    return locked


@transaction.atomic
def void(*, held: PriceSight, by: User) -> None:
    """Taken back or refused."""
    void_proposal(row=held, by=by)
    record(verb="pricesight.voided", obj=held, by=by)
