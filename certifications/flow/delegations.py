"""Powers to sign: put on record by the administrator, accepted by the delegate, approved by compliance, ended from a day; who is told."""

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.catalogue.queries import product_lines
from certifications.files import actions as files
from certifications.files.models import Blob
from certifications.files.rules import PAPERS, media_type_of
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.mail.actions import send_later, tell_all
from certifications.people import delegating
from certifications.people.delegating import DelegationData
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.models_delegations import Delegation
from certifications.people.permissions import Permission, check, may
from certifications.people.queries import recipients

from .texts import unprintable

DAYS_BEFORE = (30, 7, 0)


def keep_paper(*, by: User, content: bytes, name: str) -> Blob:
    """Keep the paper behind a delegation. Raises NotAllowed (file) for what is no paper."""
    check(by, Permission.MANAGE_DELEGATIONS)
    media_type = media_type_of(content)
    if not media_type:
        raise NotAllowed(_("%(name)s is neither PDF, JPEG nor PNG. Save or scan it as PDF.") % {"name": files.safe_name(name)}, "file")
    return files.store(content, name=name, media_type=media_type, by_id=by.pk)


def kept_paper(by: User, blob_id: str) -> Blob | None:
    """A paper that the same person sent before, when the form came back to them."""
    return Blob.objects.filter(pk=blob_id, stored_by_id=by.pk, media_type__in=PAPERS).first() if blob_id else None


def ready_to_propose(*, by: User, data: DelegationData, paper: Blob) -> tuple[DelegationData, str]:
    """(the words as they would be kept, their digest). Raises NotAllowed with the field as its code; spends no factor."""
    check(by, Permission.MANAGE_DELEGATIONS)
    data = replace(
        data,
        delegator_name=data.delegator_name.strip(),
        delegator_role=data.delegator_role.strip(),
        explanation=data.explanation.strip(),
    )
    organisation = delegating.check_delegation(by=by, data=data)
    if not set(data.lines) <= set(product_lines()):
        raise NotAllowed(_("Choose product lines of the catalogue."), "lines")
    # It is printed on the attestation.
    for field, problem in unprintable({"delegator_name": data.delegator_name, "delegator_role": data.delegator_role}).items():
        raise NotAllowed(problem, field)
    return data, delegating.delegation_digest(organisation=organisation, data=data, paper_sha256=paper.sha256)


def propose(*, by: User, data: DelegationData, paper: Blob, code: str = "", assertion: str = "", session: Any = None) -> Delegation:
    """Put a delegation on record; the delegate is asked. Raises NotAllowed, FactorRefused."""
    data, digest = ready_to_propose(by=by, data=data, paper=paper)
    proof = prove(by, digest=digest, purpose="delegation", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = delegating.propose(by=by, data=data, paper=paper, proof=proof)
        send_later(to_user=made.delegate, template="delegation_to_accept", context={"number": made.number})
    return made


def accept(*, held: Delegation, by: User, code: str = "", assertion: str = "", session: Any = None) -> Delegation:
    """The delegate accepts; compliance is asked. Raises NotAllowed, FactorRefused."""
    check(by, Permission.SIGN_DECLARATIONS)
    delegating.check_accept(held=held, by=by)
    proof = prove(by, digest=held.digest, purpose="delegation", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        done = delegating.accept(held=held, by=by, proof=proof)
        tell_all(recipients(Permission.AGREE_DELEGATIONS), template="delegation_to_approve", context={"number": done.number})
    return done


def agree(*, held: Delegation, by: User, code: str = "", assertion: str = "", session: Any = None) -> Delegation:
    """Compliance compared the paper and approves; the power holds. Raises NotAllowed, FactorRefused."""
    check(by, Permission.AGREE_DELEGATIONS)
    delegating.check_agree(held=held, by=by)
    proof = prove(by, digest=held.digest, purpose="delegation", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        done = delegating.agree(held=held, by=by, proof=proof)
        _tell(done, "delegation_agreed")
    return done


def may_void(held: Delegation, user: User) -> bool:
    """Whether the person may take the proposal back, decline or refuse it."""
    if held.state != Delegation.State.PROPOSED:
        return False
    if may(user, Permission.AGREE_DELEGATIONS) or held.delegate_id == user.pk:
        return True
    return may(user, Permission.MANAGE_DELEGATIONS) and user.organisation is not None and held.organisation_id == user.organisation.pk


def void(*, held: Delegation, by: User) -> None:
    """Taken back by the administrator, declined by the delegate, refused by compliance. Raises NotAllowed, StaleState."""
    if not may_void(held, by):
        raise NotAllowed(_("You may not take this delegation back."), "not_allowed")
    with transaction.atomic():
        delegating.void(held=held, by=by)
        _tell(held, "delegation_voided", but=by)


def may_end(held: Delegation, user: User) -> bool:
    """Whether the person may end it: compliance any, the administrator and the delegate their own."""
    if held.state != Delegation.State.EFFECTIVE or held.valid_until <= civil_today():
        return False
    if may(user, Permission.AGREE_DELEGATIONS) or held.delegate_id == user.pk:
        return True
    return may(user, Permission.MANAGE_DELEGATIONS) and user.organisation is not None and held.organisation_id == user.organisation.pk


def end(*, held: Delegation, by: User, ended_from: dt.date, reason: str) -> Delegation:
    """End it from a day on; from that day nothing is signed under it. Raises NotAllowed, StaleState."""
    if not may_end(held, by):
        raise NotAllowed(_("You may not end this delegation."), "not_allowed")
    with transaction.atomic():
        done = delegating.end(held=held, by=by, ended_from=ended_from, reason=reason)
        _tell(done, "delegation_ended", but=by)
    return done


def remind() -> int:
    """Tell delegates and administrators of delegations that end: 30 and 7 days before and on the day, once each. Returns how many."""
    today, told = civil_today(), 0
    window = (today, today + dt.timedelta(days=DAYS_BEFORE[0]))
    ending = Delegation.objects.filter(state=Delegation.State.EFFECTIVE, ended_from__isnull=True, valid_until__range=window)
    for held in ending.select_related("delegate", "organisation").order_by("pk"):
        left = (held.valid_until - today).days
        with transaction.atomic():
            if delegating.remind_once(held, min(mark for mark in DAYS_BEFORE if mark >= left)):
                _tell(held, "delegation_ends")
                told += 1
    return told


def _tell(held: Delegation, template: str, but: User | None = None) -> None:
    """The delegate and the distributor's administrators, each once."""
    people = {user.pk: user for user in (held.delegate, *recipients(Permission.MANAGE_DELEGATIONS, held.organisation))}
    for user in people.values():
        if but is None or user.pk != but.pk:
            send_later(to_user=user, template=template, context={"number": held.number, "day": held.ended_from or held.valid_until})
