"""Reads of people."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.days import civil_today
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed

from .models import Invitation, Membership, Organisation, RegulatorScope, User
from .models_leave import Substitution, Succession
from .models_tips import TIP_READER
from .permissions import ROLES, Permission, may, permissions_of


def live() -> QuerySet[Membership]:
    """Roles that hold today, of people whose account is switched on."""
    today = timezone.now().date()
    over = Q(expires_on__isnull=False, expires_on__lte=today)
    return Membership.objects.filter(ended_at__isnull=True, user__is_active=True).exclude(over)


def users_with(permission: Permission, organisation: Organisation | None = None) -> list[User]:
    """Active people who hold the right now, in one organisation or in any."""
    codes = [role.code for role in ROLES.values() if permission in role.rights]
    held = live().filter(role__in=codes)
    if organisation is not None:
        held = held.filter(organisation=organisation)
    users = list(User.objects.filter(memberships__in=held).distinct().order_by("pk"))
    _remember_roles(users)
    return [user for user in users if may(user, permission)]


def _remember_roles(users: Sequence[User]) -> None:
    """Read the roles of many at once."""
    rows: defaultdict[str, list[Membership]] = defaultdict(list)
    for membership in live().filter(user__in=users).select_related("organisation"):
        rows[membership.user_id].append(membership)
    for user in users:
        user.remember(rows[user.pk])


def holders(role: str, organisation: Organisation) -> list[User]:
    """Active people of the organisation who hold the role, or others that give all of its rights."""
    wanted = ROLES[role].rights
    people = list(User.objects.filter(memberships__in=live().filter(organisation=organisation)).distinct().order_by("name", "pk"))
    _remember_roles(people)
    return [user for user in people if wanted <= permissions_of(user)]


def _standing(permission: Permission) -> QuerySet[Substitution]:
    """Substitutions of today in a role that gives the right."""
    today, codes = civil_today(), [role.code for role in ROLES.values() if permission in role.rights]
    return Substitution.objects.filter(ended_at__isnull=True, starts_on__lte=today, ends_on__gt=today, role__in=codes)


def away_for(user: User, permission: Permission) -> list[str]:
    """Ids of the people for whom the user stands in today in what the right is about."""
    return list(_standing(permission).filter(substitute=user).values_list("person_id", flat=True))


def recipients(permission: Permission, organisation: Organisation | None = None) -> list[User]:
    """Whom to tell of what the right is about: everybody who holds it, and the substitute of who is away; each once."""
    able = {user.pk: user for user in users_with(permission, organisation)}
    if not able:
        return []
    instead = dict(_standing(permission).filter(person__in=able).values_list("person_id", "substitute_id"))
    return list({reached.pk: reached for user in able.values() if (reached := able.get(instead.get(user.pk, ""), user))}.values())


def in_place_of(user: User, permission: Permission, organisation: Organisation | None = None) -> list[User]:
    """Who goes on with what the person had in hand.

    The person while it holds the right, or its substitute while it is away; then its successor; else everybody who holds it.
    """
    able = {one.pk: one for one in users_with(permission, organisation)}
    wanted = user.pk
    if user.pk not in able:
        last = Succession.objects.filter(person=user, kind=permission.value).order_by("-at", "-pk").first()
        wanted = last.successor_id if last is not None else ""
    stands_in = _standing(permission).filter(person=wanted).values_list("substitute_id", flat=True).first()
    found = able.get(stands_in or "") or able.get(wanted)
    return [found] if found is not None else list(able.values())


def scopes_of(user: User) -> QuerySet[RegulatorScope]:
    """The live scopes of a regulator's organisation."""
    if user.organisation is None:
        return RegulatorScope.objects.none()
    return RegulatorScope.objects.filter(organisation=user.organisation, expires_on__gt=timezone.now().date())


def manageable(user: User) -> QuerySet[Organisation]:
    """Organisations whose people the user may invite and remove."""
    if may(user, Permission.INVITE_ANY):
        return Organisation.objects.order_by("kind", "name")
    if may(user, Permission.INVITE_OWN) and user.organisation is not None:
        return Organisation.objects.filter(pk=user.organisation.pk)
    return Organisation.objects.none()


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Invitations that can still be accepted."""
    return Invitation.objects.filter(
        organisation=organisation, accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now()
    ).order_by("-sent_at")


def check_second(*, proposer: User, by: User, right: Permission | None) -> None:
    """Raise NotAllowed when `by` may not agree to what `proposer` proposed: the same person, or one that the other brought in; or when
    the proposer has not the `right` to propose it any more: the word of somebody who was removed is no first word. None where a
    paper speaks for itself, whoever brought it.
    """
    if proposer.pk == by.pk:
        raise NotAllowed(_("You proposed this yourself; another person must agree."), "same_person")
    if not independent(proposer, by):
        raise NotAllowed(_("One of you invited the other to this portal; somebody independent of both must agree."), "not_independent")
    if right is not None and not may(proposer, right):
        raise NotAllowed(_("Whoever proposed this may not do so any more. Do not agree; have it proposed anew."), "proposer")


def independent(one: User, other: User) -> bool:
    """Whether neither of the two brought the other in, directly or by way of others.

    Two accounts are two people only as far as somebody else vouches for it: whoever could invite a second address of
    their own must not be able to agree with themselves by it.
    """
    return one.pk != other.pk and one.pk not in _vouching_for(other) and other.pk not in _vouching_for(one)


def shared_inviters(one: User, other: User, organisation: Organisation) -> set[str]:
    """Ids of people of the organisation, also of those who left it, that stand in both chains of invitations."""
    both = _vouching_for(one) & _vouching_for(other)
    return set(Membership.objects.filter(user_id__in=both, organisation=organisation).values_list("user_id", flat=True))


def _vouching_for(user: User) -> set[str]:
    """Ids of everybody in the chain of invitations that ends with the user's live roles.

    Who is named to read tips is somebody of compliance already, and two people name them: nobody brings anybody in by that.
    """
    seen: set[str] = set()
    wanted = {user.pk}
    while wanted:
        found = (
            Membership.objects.filter(user_id__in=wanted)
            .exclude(created_by_id="")
            .exclude(role=TIP_READER)
            .values_list("created_by_id", flat=True)
        )
        wanted = set(found) - seen - {user.pk}
        seen |= wanted
    return seen


# Nobody with an account did these: the end user did, behind its one-time link.
BY_END_USER = frozenset({"enduserrequest.confirmed", "enduserrequest.declined", "enduserrequest.questioned"})


@dataclass(frozen=True)
class Told:
    """An event as one person may read it, with who did it in words."""

    event: Event
    by: str


def told_to(user: User, events: Iterable[Event]) -> list[Told]:
    """The events with who did what. Of the other side a distributor reads the office, never the person's name."""
    rows = list(events)
    people = User.objects.in_bulk({event.actor_id for event in rows if event.actor_id})
    sees_names = may(user, Permission.SEE_CASES)
    own = user.organisation.pk if user.organisation else ""

    def by(event: Event) -> str:
        if event.verb in BY_END_USER:
            return _("by the end user")
        if not event.actor_id:
            return _("by the portal")
        person = people.get(event.actor_id)
        if person is not None and (sees_names or event.organisation_id == own):
            return person.name
        return _("by compliance") if not sees_names else _("by a person whose account is gone")

    return [Told(event, by(event)) for event in rows]
