"""Substitutes while somebody is away: who is named, for which role and days. No right moves, so no rule of two people is touched.

A substitute acts as itself: what it proposes it never agrees to, and it is one of two people as anybody is.
"""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed, StaleState

from .models import Membership, Organisation, User
from .models_leave import Substitution
from .permissions import ROLES
from .queries import holders, live, manageable

MOST_DAYS = 180


def visible_to(user: User) -> QuerySet[Substitution]:
    """Those of the people whom one looks after, one's own absences, and those in which one stands in."""
    own = Substitution.objects.filter(person=user) | Substitution.objects.filter(substitute=user)
    return own | Substitution.objects.filter(organisation__in=manageable(user))


def roles_held(user: User) -> list[Membership]:
    """One's live roles."""
    return list(live().filter(user=user).select_related("organisation").order_by("role"))


def candidates(person: User) -> list[User]:
    """Who may stand in for the person in at least one role."""
    found = {one.pk: one for held in roles_held(person) for one in holders(held.role, held.organisation)}
    return sorted((one for one in found.values() if one.pk != person.pk), key=lambda one: one.name)


def check_named(*, person: User, substitute: User, role: str, starts_on: dt.date, ends_on: dt.date, by: User) -> Organisation:
    """Raise NotAllowed with the field as its code unless this may be named."""
    held = live().filter(user=person, role=role).select_related("organisation").first()
    if held is None:
        raise NotAllowed(_("The person does not hold this role."), "role")
    if by.pk != person.pk and not manageable(by).filter(pk=held.organisation_id).exists():
        raise NotAllowed(_("You name a substitute for yourself alone."), "person")
    if substitute.pk == person.pk or substitute.pk not in {one.pk for one in holders(role, held.organisation)}:
        told = {"role": ROLES[role].word}
        raise NotAllowed(_("The substitute must be somebody else who holds the role %(role)s, or all of its rights.") % told, "substitute")
    today = civil_today()
    if starts_on < today:
        raise NotAllowed(_("An absence is named from today on."), "starts_on")
    if ends_on <= starts_on:
        raise NotAllowed(_("The first day back comes after the first day away."), "ends_on")
    if (ends_on - starts_on).days > MOST_DAYS:
        raise NotAllowed(_("A substitute stands in for at most half a year; end the role instead."), "ends_on")
    open_ = Substitution.objects.filter(ended_at__isnull=True, role=role, starts_on__lt=ends_on, ends_on__gt=starts_on)
    if open_.filter(person=person).exists():
        raise NotAllowed(_("Somebody is named for these days already. End that first."), "starts_on")
    # Work must not travel on to a third person, nor in a circle.
    if open_.filter(person=substitute).exists() or open_.filter(substitute=person).exists():
        raise NotAllowed(_("One of the two is away or stands in for somebody in these days; choose another person."), "substitute")
    return held.organisation


@transaction.atomic
def name_substitute(*, person: User, substitute: User, role: str, starts_on: dt.date, ends_on: dt.date, by: User) -> Substitution:
    """Name a substitute for one role and some days. Raises NotAllowed."""
    list(User.objects.select_for_update().filter(pk__in=[person.pk, substitute.pk]).order_by("pk"))
    organisation = check_named(person=person, substitute=substitute, role=role, starts_on=starts_on, ends_on=ends_on, by=by)
    made = Substitution.objects.create(
        organisation=organisation, person=person, substitute=substitute, role=role, starts_on=starts_on, ends_on=ends_on, named_by=by
    )
    record(verb="substitution.named", obj=made, by=by, data={"person": person.pk, "substitute": substitute.pk, "role": role})
    return made


@transaction.atomic
def end_substitution(*, held: Substitution, by: User) -> None:
    """End it at once: back early, or named in error. Raises NotAllowed, StaleState."""
    if by.pk not in {held.person_id, held.substitute_id} and not manageable(by).filter(pk=held.organisation_id).exists():
        raise NotAllowed(_("You may not end this."), "not_allowed")
    changed = Substitution.objects.filter(pk=held.pk, ended_at__isnull=True, ends_on__gt=civil_today()).update(
        ended_at=timezone.now(), ended_by=by
    )
    if changed != 1:
        raise StaleState(_("It is over already."))
    record(verb="substitution.ended", obj=held, by=by)
