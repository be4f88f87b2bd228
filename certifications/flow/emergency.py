"""Emergency access to a declaration: who is asked, who is told. The distributor is told when it opens and of every look."""

from typing import Any

from django.db import transaction

from certifications.declarations import emergency
from certifications.declarations.models_emergency import EmergencyAccess
from certifications.declarations.queries import shown_text
from certifications.mail.actions import send_later, tell_all
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, recipients


def ask(
    *, by: User, number: str, reason: str, explanation: str, code: str = "", assertion: str = "", session: Any = None
) -> EmergencyAccess:
    """Ask for a look at a declaration that one may not see. Raises NotAllowed, FactorRefused."""
    check(by, Permission.ASK_EMERGENCY)
    words = {"number": number, "reason": reason, "explanation": explanation}
    declaration = emergency.check_asked(by=by, **words)
    version = emergency.signed_version(declaration)
    digest = emergency.emergency_digest(declaration=declaration, version=version, reason=reason, explanation=explanation)
    proof = prove(by, digest=digest, purpose="emergency", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = emergency.ask(by=by, proof=proof, **words)
        tell_all(recipients(Permission.AGREE_EMERGENCY), template="emergency_asked", context={"number": declaration.number, "pk": made.pk})
    return made


def agree(*, access: EmergencyAccess, by: User, code: str = "", assertion: str = "", session: Any = None) -> EmergencyAccess:
    """A second person agrees; who asked and the distributor are told. Raises NotAllowed, FactorRefused."""
    check(by, Permission.AGREE_EMERGENCY)
    check_second(proposer=access.proposed_by, by=by, right=Permission.ASK_EMERGENCY)
    emergency.check_agree(access)
    proof = prove(by, digest=access.digest, purpose="emergency", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        done = emergency.agree(access=access, by=by, proof=proof)
        send_later(to_user=done.proposed_by, template="emergency_open", context={"number": done.declaration.number, "pk": done.pk})
        _tell_distributor(done, "emergency_opened")
    return done


def void(*, access: EmergencyAccess, by: User) -> None:
    """Take one's own back, or refuse another's. Raises StaleState."""
    if access.proposed_by_id != by.pk:
        check(by, Permission.AGREE_EMERGENCY)
    emergency.void(access=access, by=by)


def close(*, access: EmergencyAccess, by: User) -> None:
    """Close one's own before its time, or another's as who may agree. Raises StaleState."""
    if access.proposed_by_id != by.pk:
        check(by, Permission.AGREE_EMERGENCY)
    emergency.close(access=access, by=by)


def look(*, access: EmergencyAccess, by: User) -> dict[str, Any]:
    """The text of the version that was asked for, once the look is on record. Raises NotAllowed, StaleState."""
    check(by, Permission.ASK_EMERGENCY)
    with transaction.atomic():
        emergency.look(access=access, by=by)
        _tell_distributor(access, "emergency_looked")
    version = access.version or emergency.signed_version(access.declaration)
    return shown_text(access.declaration.versions.select_related("clause_set").get(number=version))


def _tell_distributor(access: EmergencyAccess, template: str) -> None:
    tell_all(
        recipients(Permission.SEE_OWN_DECLARATIONS, access.declaration.organisation),
        template=template,
        context={"number": access.declaration.number, "pk": access.pk},
    )
