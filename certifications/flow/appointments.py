"""Signatories are appointed by two people; whoever may agree is told, and compliance of every one that was appointed."""

from typing import Any

from django.db import transaction

from certifications.mail.actions import send_later
from certifications.people import appointing
from certifications.people.factors import prove
from certifications.people.models import Invitation, Organisation, User
from certifications.people.models_appointments import Appointment
from certifications.people.permissions import Permission
from certifications.people.queries import recipients


def propose(
    *,
    by: User,
    organisation: Organisation,
    email: str,
    roles: list[str],
    language: str,
    explanation: str,
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> Appointment:
    """Propose a signatory; the factor is bound to exactly these words. Raises NotAllowed, FactorRefused."""
    words: dict[str, Any] = {"organisation": organisation, "email": email, "roles": roles, "language": language, "explanation": explanation}
    appointing.check_appointment(by=by, **words)
    digest = appointing.appointment_digest(**words)
    proof = prove(by, digest=digest, purpose="appoint", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = appointing.propose(by=by, proof=proof, **words)
        for user in appointing.seconds(made):
            send_later(to_user=user, template="second_person_for_signatory", context={})
    return made


def agree(*, held: Appointment, by: User, code: str = "", assertion: str = "", session: Any = None) -> tuple[Invitation, str]:
    """Another person agrees. Returns the invitation and its token, to be mailed by the caller. Raises NotAllowed, FactorRefused."""
    appointing.check_agreement(held=held, by=by)
    proof = prove(by, digest=held.digest, purpose="appoint", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = appointing.agree(held=held, by=by, proof=proof)
        for user in recipients(Permission.AGREE_DELEGATIONS):
            if user.pk != by.pk:
                send_later(to_user=user, template="signatory_appointed", context={})
    return made


def void(*, held: Appointment, by: User) -> None:
    """Take a proposal back, or refuse it."""
    appointing.void(held=held, by=by)
