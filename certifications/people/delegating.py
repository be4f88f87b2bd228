"""The only writes to delegations: put on record, accepted, approved or refused, ended. Three people, one digest."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.files.models import Blob
from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today, newest_day
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState

from .models import FactorProof, Organisation, User
from .models_delegations import Delegation, DelegationReminder
from .permissions import Permission, may
from .powers import KINDS
from .queries import check_second
from .second import check_proof, lock_proposal, take_agreement, void_proposal

PAPERS: dict[str, Any] = {
    "attorney": gettext_lazy("Power of attorney"),
    "resolution": gettext_lazy("Resolution of the board"),
    "register": gettext_lazy("Extract from a public register"),
    "other": gettext_lazy("Another paper, as explained"),
}
MOST_YEARS = 5
CHANGED = gettext_lazy("The delegation changed meanwhile. Read it again and confirm again.")


@dataclass(frozen=True)
class DelegationData:
    """A delegation as typed."""

    delegate_id: str
    delegator_name: str
    delegator_role: str
    kinds: tuple[str, ...]
    lines: tuple[str, ...]
    most: Decimal | None
    valid_from: dt.date
    valid_until: dt.date
    signed_on: dt.date
    reason: str
    explanation: str = ""


def delegation_digest(*, organisation: Organisation, data: DelegationData, paper_sha256: str) -> str:
    """What all three give their factor for: the powers and the paper."""
    words = {
        **data.__dict__,
        "kinds": sorted(data.kinds),
        "lines": sorted(data.lines),
        "most": data.most.quantize(Decimal("0.01")) if data.most is not None else None,
        "organisation": organisation.pk,
        "paper": paper_sha256,
    }
    return sha256_hex(canonical(words))


def data_of(held: Delegation) -> DelegationData:
    """The row as it was typed."""
    return DelegationData(
        delegate_id=held.delegate_id,
        delegator_name=held.delegator_name,
        delegator_role=held.delegator_role,
        kinds=tuple(held.kinds),
        lines=tuple(held.lines),
        most=held.most,
        valid_from=held.valid_from,
        valid_until=held.valid_until,
        signed_on=held.signed_on,
        reason=held.reason,
        explanation=held.explanation,
    )


def signatories(organisation: Organisation | None) -> list[User]:
    """Whom a power to sign can be given to."""
    found = User.objects.filter(memberships__organisation=organisation, memberships__ended_at__isnull=True).distinct().order_by("name")
    return [user for user in found if may(user, Permission.SIGN_DECLARATIONS)]


def check_delegation(*, by: User, data: DelegationData) -> Organisation:
    """The organisation of whoever proposes. Raises NotAllowed with the field as its code; asked before a factor is spent."""
    if by.organisation is None or by.organisation.kind != Organisation.Kind.DISTRIBUTOR:
        raise NotAllowed(_("You act for no distributor."), "organisation")
    if data.delegate_id not in {user.pk for user in signatories(by.organisation)}:
        raise NotAllowed(_("Choose one of your signatories. Whoever is to sign needs that role first."), "delegate")
    if data.delegate_id == by.pk:
        raise NotAllowed(_("Nobody puts a power of their own on record; ask another administrator."), "delegate")
    for field in ("delegator_name", "delegator_role"):
        if len(getattr(data, field).strip()) < 2:  # noqa: PLR2004
            raise NotAllowed(_("Enter who gives the power, and in which function, as on the paper."), field)
    if not data.kinds or not set(data.kinds) <= set(KINDS):
        raise NotAllowed(_("Choose at least one kind of act."), "kinds")
    if data.most is not None and data.most <= 0:
        raise NotAllowed(_("A limit is more than zero; leave it empty for any quantity."), "most")
    if data.reason not in PAPERS:
        raise NotAllowed(_("Choose the kind of paper."), "reason")
    if data.reason == "other" and len(data.explanation.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence what the paper is."), "explanation")
    today = civil_today()
    if data.signed_on > newest_day():
        raise NotAllowed(_("The paper is dated in the future; correct the date."), "signed_on")
    if data.valid_until <= data.valid_from:
        raise NotAllowed(_("The delegation ends before it begins; correct one of the dates."), "valid_until")
    if data.valid_until <= today:
        raise NotAllowed(_("The delegation is over already; choose a later day."), "valid_until")
    if data.valid_until.year - data.valid_from.year > MOST_YEARS:
        raise NotAllowed(_("A delegation lasts at most five years; choose an earlier day."), "valid_until")
    # A power never reaches back before its paper was signed.
    if data.valid_from < data.signed_on:
        raise NotAllowed(_("The delegation begins before the day on the paper; correct one of the dates."), "valid_from")
    return by.organisation


@transaction.atomic
def propose(*, by: User, data: DelegationData, paper: Blob, proof: FactorProof) -> Delegation:
    """Put a delegation on record; it gives no power until the delegate accepted it and compliance approved it."""
    organisation = check_delegation(by=by, data=data)
    digest = delegation_digest(organisation=organisation, data=data, paper_sha256=paper.sha256)
    check_proof(proof=proof, by=by, digest=digest, changed=str(CHANGED))
    made = None
    while made is None:
        number = new_number("DEL", timezone.now().year)
        try:
            with transaction.atomic():
                made = Delegation.objects.create(
                    number=number,
                    organisation=organisation,
                    paper=paper,
                    proposed_by=by,
                    proposed_proof_id=proof.pk,
                    digest=digest,
                    **{**data.__dict__, "kinds": sorted(data.kinds), "lines": sorted(data.lines)},
                )
        except IntegrityError:
            if not Delegation.objects.filter(number=number).exists():
                raise
    record(verb="delegation.proposed", obj=made, by=by, data={"delegate": data.delegate_id, "proof": proof.pk})
    return made


def check_accept(*, held: Delegation, by: User) -> None:
    """Raise NotAllowed or StaleState unless `by` is the delegate and has not answered yet."""
    if held.delegate_id != by.pk:
        raise NotAllowed(_("Only the person who is to sign accepts a delegation."), "delegate")
    if held.state != Delegation.State.PROPOSED or held.accepted_at is not None:
        raise StaleState(_("The delegation was accepted or taken back meanwhile; load it again."))


@transaction.atomic
def accept(*, held: Delegation, by: User, proof: FactorProof) -> Delegation:
    """The delegate accepts exactly these powers."""
    locked = lock_proposal(held)
    check_accept(held=locked, by=by)
    check_proof(proof=proof, by=by, digest=locked.digest, changed=str(CHANGED))
    locked.accepted_at, locked.accepted_proof_id = timezone.now(), proof.pk
    locked.save(update_fields=["accepted_at", "accepted_proof_id"])
    record(verb="delegation.accepted", obj=locked, by=by, data={"proof": proof.pk})
    return locked


def check_agree(*, held: Delegation, by: User) -> None:
    """Raise NotAllowed (same_person, not_independent, stale_state) unless `by` may approve it now."""
    if held.accepted_at is None:
        raise StaleState(_("The delegate has not accepted it yet."))
    if held.delegate_id == by.pk:
        raise NotAllowed(_("Nobody approves their own delegation."), "same_person")
    check_second(proposer=held.proposed_by, by=by, right=Permission.MANAGE_DELEGATIONS)


@transaction.atomic
def agree(*, held: Delegation, by: User, proof: FactorProof) -> Delegation:
    """Compliance compared the paper with the record; the power holds from its first day on."""
    locked = lock_proposal(held)
    check_agree(held=locked, by=by)
    digest = delegation_digest(organisation=locked.organisation, data=data_of(locked), paper_sha256=locked.paper.sha256)
    take_agreement(row=locked, by=by, proof=proof, right=Permission.MANAGE_DELEGATIONS, digest=digest, changed=str(CHANGED))
    record(verb="delegation.agreed", obj=locked, by=by, data={"proof": proof.pk})
    return locked


@transaction.atomic
def void(*, held: Delegation, by: User) -> None:
    """The administrator takes a proposal back, the delegate declines, or compliance refuses; the record stays."""
    void_proposal(row=held, by=by)
    record(verb="delegation.voided", obj=held, by=by)


def check_end(*, held: Delegation, ended_from: dt.date, reason: str) -> None:
    """Raise NotAllowed (ended_from, reason) and StaleState."""
    if held.state != Delegation.State.EFFECTIVE or held.valid_until <= civil_today():
        raise StaleState(_("The delegation is not in force; load it again."))
    if held.ended_from is not None and held.ended_from <= ended_from:
        raise StaleState(_("It ends earlier already; load it again."))
    # What was signed under it stays signed: an end never reaches back.
    if ended_from < civil_today():
        raise NotAllowed(_("An end never reaches back. Choose today or a later day."), "ended_from")
    if ended_from >= held.valid_until:
        raise NotAllowed(_("It is over by then anyway; choose an earlier day."), "ended_from")
    if len(reason.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence why it ends; it stays on record."), "reason")


@transaction.atomic
def end(*, held: Delegation, by: User, ended_from: dt.date, reason: str) -> Delegation:
    """End a delegation from a day on. Whoever is signing with it this moment is waited for."""
    locked = Delegation.objects.select_for_update().get(pk=held.pk)
    check_end(held=locked, ended_from=ended_from, reason=reason)
    locked.ended_from, locked.ended_at, locked.ended_by, locked.ended_reason = ended_from, timezone.now(), by, reason.strip()
    locked.save(update_fields=["ended_from", "ended_at", "ended_by", "ended_reason"])
    record(verb="delegation.ended", obj=locked, by=by, data={"from": ended_from.isoformat()})
    return locked


def remind_once(held: Delegation, days: int) -> bool:
    """True the first time that people are to be told, so many days before it ends."""
    return DelegationReminder.objects.get_or_create(delegation=held, ends_on=held.valid_until, days=days)[1]
