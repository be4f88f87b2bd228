"""Signatories are appointed by two people; whoever may agree is told, and compliance of every one that was appointed."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from certifications.mail.actions import tell_all
from certifications.people import appointing
from certifications.people.actions import hold_right
from certifications.people.factors import prove
from certifications.people.models import Invitation, Organisation, User
from certifications.people.models_appointments import Appointment
from certifications.people.permissions import Permission, may
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
        tell_all(appointing.seconds(made), template="second_person_for_signatory", context={})
    return made


def agree(
    *,
    held: Appointment,
    by: User,
    send: Callable[[Invitation, str], None],
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> None:
    """Another person agrees. `send` mails the invitation with its token, in the same transaction: the token is kept nowhere, so that none
    could be sent later. Raises NotAllowed, FactorRefused.
    """
    appointing.check_agreement(held=held, by=by)
    proof = prove(by, digest=held.digest, purpose="appoint", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        hold_right(by, Permission.AGREE_DELEGATIONS if may(by, Permission.AGREE_DELEGATIONS) else Permission.INVITE_OWN)
        send(*appointing.agree(held=held, by=by, proof=proof))
        tell_all(recipients(Permission.AGREE_DELEGATIONS), but=by, template="signatory_appointed", context={})


def void(*, held: Appointment, by: User) -> None:
    """Take a proposal back, or refuse it."""
    appointing.void(held=held, by=by)
