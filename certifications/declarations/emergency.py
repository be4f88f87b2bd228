"""The only writes to emergency access: asked for, agreed to by a second person for some hours, each look recorded before it is given."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import FactorProof, User
from certifications.people.permissions import Permission, may
from certifications.people.second import check_proof, lock_proposal, take_agreement, void_proposal

from .models import Declaration
from .models_emergency import EmergencyAccess, EmergencyLook

OPEN_HOURS = 4
# An ask that nobody agreed to for so long is over: what was urgent then is asked for anew.
ASKED_HOURS = 24
LEAST_EXPLAINED = 20
REASONS: dict[str, Any] = {
    "danger": gettext_lazy("Danger to people"),
    "recall": gettext_lazy("Recall or stop of a shipment on its way"),
    "authority": gettext_lazy("An authority asks and nobody of compliance can be reached"),
    "other": gettext_lazy("Another emergency, as explained"),
}


def visible_to(user: User) -> QuerySet[EmergencyAccess]:
    """One's own; every one for compliance; for a distributor those to its declarations that two people agreed to."""
    if may(user, Permission.SEE_CASES):
        return EmergencyAccess.objects.all()
    mine = Q(proposed_by=user)
    if may(user, Permission.SEE_OWN_DECLARATIONS) and user.organisation is not None:
        mine = Q(declaration__organisation=user.organisation, state=EmergencyAccess.State.EFFECTIVE)
    return EmergencyAccess.objects.filter(mine)


def is_open(access: EmergencyAccess) -> bool:
    """Whether it gives a look now."""
    return access.open_until is not None and access.closed_at is None and timezone.now() < access.open_until


def _lapse() -> dt.datetime:
    """Whatever was asked for before this moment is over."""
    return timezone.now() - dt.timedelta(hours=ASKED_HOURS)


def is_lapsed(access: EmergencyAccess) -> bool:
    """Whether nobody agreed in time."""
    return access.state == EmergencyAccess.State.PROPOSED and access.proposed_at <= _lapse()


def signed_version(declaration: Declaration) -> int | None:
    """The number of the last version that was signed; None when none ever was."""
    numbers = declaration.versions.filter(signature__isnull=False).order_by("-number").values_list("number", flat=True)
    return numbers.first()


def emergency_digest(*, declaration: Declaration, version: int | None, reason: str, explanation: str) -> str:
    """What both people give their factor for."""
    said = {"declaration": declaration.pk, "reason": reason, "explanation": explanation.strip(), "hours": OPEN_HOURS}
    return sha256_hex(canonical(said if version is None else {**said, "version": version}))


def check_asked(*, by: User, number: str, reason: str, explanation: str) -> Declaration:
    """The declaration that is asked for. Raises NotAllowed with the field as its code.

    A number that is none, or of a draft that was never signed, says no more than that.
    """
    declaration = Declaration.objects.filter(number=number.strip().upper()).first()
    if declaration is None or signed_version(declaration) is None:
        raise NotAllowed(_("There is no declaration of this number."), "number")
    if reason not in REASONS:
        raise NotAllowed(_("Choose a reason."), "reason")
    if len(explanation.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say in a sentence what happened and what you must know; the distributor reads exactly this."), "explanation")
    asked = EmergencyAccess.objects.filter(declaration=declaration, proposed_by=by)
    waits = Q(state=EmergencyAccess.State.PROPOSED, proposed_at__gt=_lapse())
    if asked.filter(waits | Q(open_until__gt=timezone.now(), closed_at__isnull=True)).exists():
        raise NotAllowed(_("You asked for this declaration already."), "number")
    return declaration


@transaction.atomic
def ask(*, by: User, number: str, reason: str, explanation: str, proof: FactorProof) -> EmergencyAccess:
    """Ask for a look; nothing is shown until another person agrees."""
    declaration = check_asked(by=by, number=number, reason=reason, explanation=explanation)
    version = signed_version(declaration)
    digest = emergency_digest(declaration=declaration, version=version, reason=reason, explanation=explanation)
    check_proof(proof=proof, by=by, digest=digest, changed=_("The words changed meanwhile. Read them again and confirm again."))
    made = EmergencyAccess.objects.create(
        declaration=declaration,
        version=version,
        reason=reason,
        explanation=explanation.strip(),
        proposed_by=by,
        proposed_proof_id=proof.pk,
        digest=digest,
    )
    record(verb="emergencyaccess.asked", obj=made, by=by, data={"declaration": declaration.pk, "proof": proof.pk})
    return made


def check_agree(access: EmergencyAccess) -> None:
    """Raise StaleState for an ask that lapsed. Asked before a factor is spent, and again when it is."""
    if is_lapsed(access):
        raise StaleState(_("Nobody agreed within a day, so this ask is over. Whoever still needs it asks again."))


@transaction.atomic
def agree(*, access: EmergencyAccess, by: User, proof: FactorProof) -> EmergencyAccess:
    """Another person agrees: it is open for some hours from now. Raises NotAllowed, StaleState."""
    locked = lock_proposal(access)
    check_agree(locked)
    digest = emergency_digest(declaration=locked.declaration, version=locked.version, reason=locked.reason, explanation=locked.explanation)
    locked.open_until = timezone.now() + dt.timedelta(hours=OPEN_HOURS)
    changed = _("The words changed since they were written. Read them again.")
    take_agreement(row=locked, by=by, proof=proof, right=Permission.ASK_EMERGENCY, digest=digest, changed=changed, also=["open_until"])
    record(verb="emergencyaccess.agreed", obj=locked, by=by, data={"until": locked.open_until, "proof": proof.pk})
    return locked


@transaction.atomic
def void(*, access: EmergencyAccess, by: User) -> None:
    """Taken back by who asked, or refused. Raises StaleState."""
    void_proposal(row=access, by=by)
    record(verb="emergencyaccess.voided", obj=access, by=by)


@transaction.atomic
def close(*, access: EmergencyAccess, by: User) -> None:
    """Close an open access before its time. Raises StaleState."""
    locked = EmergencyAccess.objects.select_for_update().get(pk=access.pk)
    if not is_open(locked):
        raise StaleState(_("This access is closed already."))
    locked.closed_at, locked.closed_by = timezone.now(), by
    locked.save(update_fields=["closed_at", "closed_by"])
    record(verb="emergencyaccess.closed", obj=locked, by=by)


@transaction.atomic
def look(*, access: EmergencyAccess, by: User) -> None:
    """Record a look, before anything is shown. Raises NotAllowed (person), StaleState when it is closed."""
    if access.proposed_by_id != by.pk:
        raise NotAllowed(_("Only the person who asked may look."), "person")
    locked = EmergencyAccess.objects.select_for_update().get(pk=access.pk)
    if not is_open(locked):
        raise StaleState(_("This access is closed. Ask again if the emergency lasts."))
    made = EmergencyLook.objects.create(access=locked, by=by)
    record(verb="emergencyaccess.looked", obj=locked, by=by, data={"look": made.pk})
