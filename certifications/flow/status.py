"""Suspension, revocation and lifting by two people, and expiry by the calendar."""

from typing import Any

from django.db import transaction

from certifications.attestations import actions as attestations
from certifications.attestations.models import Attestation, StatusChange
from certifications.ledger.days import civil_today
from certifications.machines.actions import tell
from certifications.mail.actions import tell_all
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, recipients

from .advance import tell_distributor


def propose_change(
    *,
    attestation: Attestation,
    by: User,
    to: str,
    reason: str,
    explanation: str,
    public_reason: str,
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> StatusChange:
    """Propose; the factor is bound to exactly these words."""
    check(by, Permission.CHANGE_STATUS)
    words = {"to": to, "reason": reason, "explanation": explanation, "public_reason": public_reason}
    attestations.check_change(attestation=attestation, **words)
    digest = attestations.change_digest(attestation=attestation, **words)
    proof = prove(by, digest=digest, purpose="status", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        change = attestations.propose_change(attestation=attestation, by=by, proof=proof, **words)
        tell_all(recipients(Permission.CHANGE_STATUS), but=by, template="second_person_for_status", context={"number": attestation.number})
    return change


def agree_change(*, change: StatusChange, by: User, code: str = "", assertion: str = "", session: Any = None) -> Attestation:
    """Another person agrees; effective at once."""
    check(by, Permission.CHANGE_STATUS)
    check_second(proposer=change.proposed_by, by=by, right=Permission.CHANGE_STATUS)
    proof = prove(by, digest=change.digest, purpose="status", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        attestation = attestations.agree_change(change=change, by=by, proof=proof)
        tell_distributor(attestation.declaration, "attestation_status")
        # Orders under it are held or free from now on: whoever relies on an answer asks again.
        data = {"declaration": attestation.declaration.number, "attestation": attestation.number}
        tell(organisation_id=attestation.declaration.organisation_id, messages=[(f"attestation.{attestation.status}", data)])
    return attestation


def void_change(*, change: StatusChange, by: User) -> None:
    """Take a proposal back, or refuse it."""
    check(by, Permission.CHANGE_STATUS)
    attestations.void_change(change=change, by=by)


def expire() -> int:
    """Expire attestations whose last day is over. Returns how many."""
    return attestations.expire_due(civil_today())
