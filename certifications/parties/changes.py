"""The only writes to the standing of an authorisation: suspended, revoked or lifted from a day, by two people."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import FactorProof, User
from certifications.people.permissions import Permission
from certifications.people.second import check_proof, lock_proposal, take_agreement, void_proposal

from .models_register import Authorisation, AuthorisationChange
from .rules_register import check_change as rule


def last_change(authorisation: Authorisation) -> AuthorisationChange | None:
    """The change that was agreed last, whenever its day comes."""
    effective = authorisation.changes.filter(state=AuthorisationChange.State.EFFECTIVE)
    return effective.order_by("-agreed_at", "-pk").first()


def _last(authorisation: Authorisation) -> str:
    change = last_change(authorisation)
    return change.to if change else ""


def change_digest(*, authorisation: Authorisation, to: str, holds_from: dt.date, reason: str, explanation: str, public_reason: str) -> str:
    """What both people give their factor for."""
    before = last_change(authorisation)
    return sha256_hex(
        canonical(
            {
                "authorisation": authorisation.pk,
                "after": before.pk if before else "",
                "to": to,
                "holds_from": holds_from.isoformat(),
                "reason": reason,
                "explanation": explanation.strip(),
                "public_reason": public_reason.strip(),
            }
        )
    )


def check_change(*, authorisation: Authorisation, to: str, holds_from: dt.date, reason: str, explanation: str, public_reason: str) -> None:
    """Raise NotAllowed with the field as its code. Asked before a factor is spent, and again when it is."""
    problem = rule(last=_last(authorisation), to=to, reason=reason, explanation=explanation, public_reason=public_reason)
    if problem is not None:
        raise NotAllowed(problem.message, problem.field)
    first = authorisation.terms.order_by("valid_from").first()
    if first is None or holds_from < first.valid_from:
        raise NotAllowed(_("The authorisation had not begun on that day; choose a later one."), "holds_from")
    if authorisation.changes.filter(state=AuthorisationChange.State.PROPOSED).exists():
        raise StaleState(_("A change is proposed already; agree to it or take it back first."))


@transaction.atomic
def propose_change(
    *,
    authorisation: Authorisation,
    by: User,
    to: str,
    holds_from: dt.date,
    reason: str,
    explanation: str,
    public_reason: str,
    proof: FactorProof,
) -> AuthorisationChange:
    """Propose suspension, revocation or lifting from a day; nothing changes until another person agrees."""
    check_change(
        authorisation=authorisation, to=to, holds_from=holds_from, reason=reason, explanation=explanation, public_reason=public_reason
    )
    digest = change_digest(
        authorisation=authorisation, to=to, holds_from=holds_from, reason=reason, explanation=explanation, public_reason=public_reason
    )
    check_proof(proof=proof, by=by, digest=digest, changed=_("The authorisation changed meanwhile. Read it again and confirm again."))
    change = AuthorisationChange.objects.create(
        authorisation=authorisation,
        to=to,
        holds_from=holds_from,
        reason=reason,
        explanation=explanation.strip(),
        public_reason=public_reason.strip(),
        proposed_by=by,
        proposed_proof_id=proof.pk,
        digest=digest,
    )
    data = {"authorisation": authorisation.pk, "to": to, "from": holds_from, "reason": reason, "proof": proof.pk}
    record(verb="authorisation.change_proposed", obj=change, by=by, data=data)
    return change


@transaction.atomic
def agree_change(*, change: AuthorisationChange, by: User, proof: FactorProof) -> Authorisation:
    """Another person agrees; it counts from its day on, and is known from now on."""
    held = lock_proposal(change)
    digest = change_digest(
        authorisation=held.authorisation,
        to=held.to,
        holds_from=held.holds_from,
        reason=held.reason,
        explanation=held.explanation,
        public_reason=held.public_reason,
    )
    changed = _("The authorisation changed since the proposal. Read it again.")
    take_agreement(row=held, by=by, proof=proof, right=Permission.CHANGE_AUTHORISATIONS, digest=digest, changed=changed)
    record(verb="authorisation.change_agreed", obj=held, by=by, data={"authorisation": held.authorisation_id, "proof": proof.pk})
    verb = {"suspended": "authorisation.suspended", "revoked": "authorisation.revoked", "authorised": "authorisation.lifted"}[held.to]
    record(verb=verb, obj=held.authorisation, by=by, data={"change": held.pk, "from": held.holds_from, "reason": held.reason})
    return held.authorisation


@transaction.atomic
def void_change(*, change: AuthorisationChange, by: User) -> None:
    """Take back one's own proposal, or refuse another's; the record stays."""
    void_proposal(row=change, by=by)
    record(verb="authorisation.change_voided", obj=change, by=by, data={"authorisation": change.authorisation_id})
