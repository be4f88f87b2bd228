"""A person's role ends: what only that person held goes on at once to whom was chosen, else to everybody who may go on with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.declarations.models import Declaration
from certifications.declarations.models_enduser import EndUserRequest
from certifications.flags.actions import assign
from certifications.flags.models import Case, Question
from certifications.ledger.actions import record
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.letters.models import Letter
from certifications.mail.actions import send_later
from certifications.people import actions as people
from certifications.people import delegating
from certifications.people.leave import end_substitution
from certifications.people.models import Membership, User
from certifications.people.models_delegations import Delegation
from certifications.people.models_leave import Substitution, Succession
from certifications.people.permissions import ROLES, Permission, permissions_of
from certifications.people.queries import users_with

# Kinds of open work by the right that whoever goes on with it must hold, and where more than the title changes hands.
KINDS: dict[Permission, Any] = {
    Permission.DECIDE_CASES: gettext_lazy("Open cases, and questions that wait for an answer"),
    Permission.EDIT_DECLARATIONS: gettext_lazy("Declarations on their way"),
    Permission.ASK_LETTERS: gettext_lazy("Tender letters on their way"),
    Permission.ASK_END_USER: gettext_lazy("End users who were asked and have not answered"),
}


LETTERS_OPEN = (Letter.Status.SCREENING, Letter.Status.WAITING, Letter.Status.ISSUING)


@dataclass(frozen=True)
class Work:
    """One kind of open work of somebody who leaves: how much, and who may go on with it."""

    permission: Permission
    count: int
    candidates: tuple[User, ...]

    @property
    def title(self) -> Any:
        return KINDS[self.permission]


def _open(permission: Permission, person_id: str) -> list[QuerySet[Any]]:
    match permission:
        case Permission.DECIDE_CASES:
            questions = Question.objects.filter(asked_by=person_id, answered_at__isnull=True, withdrawn_at__isnull=True)
            return [Case.objects.filter(owner=person_id).exclude(status=Case.Status.CLOSED), questions]
        case Permission.EDIT_DECLARATIONS:
            return [Declaration.objects.filter(created_by=person_id, status__in=Declaration.OPEN)]
        case Permission.ASK_LETTERS:
            return [Letter.objects.filter(asked_by=person_id, status__in=LETTERS_OPEN)]
        case _:
            return [EndUserRequest.objects.filter(asked_by=person_id, closed_at__isnull=True)]


def _lost(membership: Membership) -> frozenset[Permission]:
    """Rights that the person has by this role alone."""
    others = membership.user.live_memberships().exclude(pk=membership.pk).values_list("role", flat=True)
    kept = {right for code in others if code in ROLES for right in ROLES[code].rights}
    return ROLES[membership.role].rights - kept


def open_work(membership: Membership) -> list[Work]:
    """What is open and would be in nobody's hands; kinds without anything open are left out."""
    lost, found = _lost(membership), []
    for permission in KINDS:
        count = sum(rows.count() for rows in _open(permission, membership.user_id)) if permission in lost else 0
        if count:
            able = users_with(permission, membership.organisation)
            found.append(Work(permission, count, tuple(one for one in able if one.pk != membership.user_id)))
    return found


def powers_that_end(membership: Membership) -> list[Delegation]:
    """Delegations that end with the role: nobody signs without it."""
    if Permission.SIGN_DECLARATIONS not in _lost(membership):
        return []
    held = Delegation.objects.filter(delegate=membership.user, valid_until__gt=civil_today()).exclude(state=Delegation.State.VOIDED)
    return [one for one in held.order_by("pk") if one.ended_from is None or one.ended_from > civil_today()]


def end_role(*, membership: Membership, by: User, successors: Mapping[str, str] | None = None) -> int:
    """End the role and the person's sessions, and hand on what was open, in one act. Returns how many cases went back to the queue.

    `successors`: by permission the id of whoever goes on; what has none goes to everybody who may. Raises NotAllowed
    (organisation, stale_state, last, successor).
    """
    with transaction.atomic():
        # Whoever leaves opens nothing more while it is counted.
        membership = Membership.objects.select_for_update(of=("self",)).select_related("user", "organisation").get(pk=membership.pk)
        work, powers = open_work(membership), powers_that_end(membership)
        people.end_membership(membership=membership, by=by)
        went_back = 0
        for one in work:
            successor = _successor(one, (successors or {}).get(one.permission.value, ""))
            if one.permission == Permission.DECIDE_CASES:
                went_back += _hand_cases(membership.user_id, by, successor)
            if successor is not None:
                _succeed(membership, one, successor, by)
        for power in powers:
            _end_power(power, by)
        for held in Substitution.objects.filter(ended_at__isnull=True, ends_on__gt=civil_today(), role=membership.role):
            if membership.user_id in {held.person_id, held.substitute_id}:
                end_substitution(held=held, by=by)
        return went_back


def _successor(work: Work, chosen: str) -> User | None:
    if not chosen:
        return None
    found = next((one for one in work.candidates if one.pk == chosen), None)
    if found is None or work.permission not in permissions_of(found):
        raise NotAllowed(_("Somebody whom you chose can no longer go on with this work. Choose again."), "successor")
    return found


def _hand_cases(person_id: str, by: User, successor: User | None) -> int:
    held = list(Case.objects.select_for_update().filter(owner=person_id).exclude(status=Case.Status.CLOSED).order_by("pk"))
    for case in held:
        assign(case=case, by=by, to=successor)
    return 0 if successor is not None else len(held)


def _succeed(membership: Membership, work: Work, successor: User, by: User) -> None:
    made = Succession.objects.create(
        organisation=membership.organisation,
        person=membership.user,
        successor=successor,
        kind=work.permission.value,
        moved=work.count,
        by=by,
    )
    record(
        verb="succession.named",
        obj=made,
        by=by,
        data={"person": membership.user_id, "successor": successor.pk, "kind": work.permission.value, "moved": work.count},
    )
    side = "d" if membership.organisation.kind == "distributor" else "c"
    context = {"name": membership.user.name, "count": work.count, "kind": work.permission.value, "side": side}
    send_later(to_user=successor, template="work_taken_over", context=context)


def _end_power(power: Delegation, by: User) -> None:
    if power.state == Delegation.State.PROPOSED:
        delegating.void(held=power, by=by)
    else:
        delegating.end(held=power, by=by, ended_from=civil_today(), reason=str(_("The role of signatory ended.")))
