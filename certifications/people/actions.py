"""The only writes to people: invitations, acceptance, the end of a membership. Sessions end in the same transaction."""

import datetime as dt
import hashlib
import secrets
import zoneinfo
from contextlib import suppress

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.moves import NotAllowed

from .models import Invitation, Membership, Organisation, RegulatorScope, User
from .models_appointments import SIGNATORY, Appointment
from .permissions import ROLES, Permission
from .queries import live, manageable

LIFETIME = dt.timedelta(days=14)


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def roles_for(organisation: Organisation) -> list[str]:
    """Roles of the organisation's side that an invitation may give."""
    return [role.code for role in ROLES.values() if role.side == organisation.kind and not role.by_name]


def check_invitation(*, by: User, organisation: Organisation, email: str, roles: list[str]) -> str:
    """The address as it is kept. Raises NotAllowed (codes: organisation, email, roles)."""
    if not manageable(by).filter(pk=organisation.pk).exists():
        raise NotAllowed(_("You may not invite people to this organisation."), "organisation")
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise NotAllowed(_("This is no e-mail address; check for a missing part."), "email") from None
    if not roles or not set(roles) <= set(roles_for(organisation)):
        raise NotAllowed(_("Choose at least one role of this organisation."), "roles")
    return email


@transaction.atomic
def invite(
    *, by: User, organisation: Organisation, email: str, roles: list[str], language: str, appointment: Appointment | None = None
) -> tuple[Invitation, str]:
    """An invitation and its token, which is kept nowhere. Raises NotAllowed (codes: organisation, email, roles).

    A signatory is invited by what two people agreed to alone (appointing.py).
    """
    email = check_invitation(by=by, organisation=organisation, email=email, roles=roles)
    if SIGNATORY in roles and appointment is None:
        raise NotAllowed(_("A signatory is appointed by two people; propose it and another person agrees."), "roles")
    token = secrets.token_urlsafe(32)
    Invitation.objects.filter(organisation=organisation, email=email, accepted_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=timezone.now(), revoked_by=by
    )
    made = Invitation.objects.create(
        organisation=organisation,
        email=email,
        roles=sorted(set(roles)),
        language=language,
        token_hash=token_hash(token),
        sent_by=by,
        expires_at=timezone.now() + LIFETIME,
        appointment=appointment,
    )
    record(verb="invitation.sent", obj=made, by=by, data={"organisation": organisation.pk, "roles": made.roles})
    return made, token


@transaction.atomic
def revoke(*, by: User, invitation: Invitation) -> None:
    """Take an invitation back."""
    changed = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=timezone.now(), revoked_by=by
    )
    if changed != 1:
        raise NotAllowed(_("The invitation was accepted or taken back already."), "stale_state")
    record(verb="invitation.revoked", obj=invitation, by=by)


def open_invitation(token: str) -> Invitation | None:
    """The invitation that a link opens; None alike for unknown, used, revoked and expired ones."""
    return (
        Invitation.objects.select_related("organisation")
        .filter(token_hash=token_hash(token), accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now())
        .first()
    )


def _is_open(invitation: Invitation) -> bool:
    return invitation.accepted_at is None and invitation.revoked_at is None and invitation.expires_at > timezone.now()


@transaction.atomic
def accept(*, token: str, name: str, password: str) -> User:
    """Make the account, or add the roles to the one that has this address. Consumed by this call alone."""
    found = open_invitation(token)
    # Read anew under its lock: it may be taken back in this very moment, or who sent it lose the right to.
    invitation = Invitation.objects.select_for_update().get(pk=found.pk) if found else None
    if invitation is None or not _is_open(invitation) or not manageable(invitation.sent_by).filter(pk=invitation.organisation_id).exists():
        raise NotAllowed(_("This link has run out or was used. Ask for a new invitation."), "expired")
    user = User.objects.filter(email=invitation.email).first()
    if user is None:
        user = User.objects.create_user(
            invitation.email, password, name=name.strip(), language=invitation.language, time_zone=invitation.organisation.time_zone
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    elif user.live_memberships().exclude(organisation=invitation.organisation).exists():
        # Nobody holds roles on two sides; nobody acts for two organisations.
        raise NotAllowed(_("This address already acts for another organisation."), "two_sides")
    for role in invitation.roles:
        Membership.objects.get_or_create(
            user=user,
            organisation=invitation.organisation,
            role=role,
            ended_at=None,
            defaults={"created_by_id": invitation.sent_by_id},
        )
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now(), accepted_by=user)
    record(verb="invitation.accepted", obj=invitation, by=user, data={"roles": invitation.roles})
    return user


def end_sessions(user: User) -> int:
    """End every session of the user now. Returns how many."""
    keys = [s.pk for s in Session.objects.filter(expire_date__gt=timezone.now()) if s.get_decoded().get("_auth_user_id") == user.pk]
    return Session.objects.filter(pk__in=keys).delete()[0]


def hold_right(user: User, permission: Permission) -> None:
    """Keep the right that `permission` names from ending until the transaction is over. Raises PermissionDenied when it has ended.

    A page's own question was asked when its request began; whoever was removed since must not act any more.
    """
    codes = [role.code for role in ROLES.values() if permission in role.rights]
    held = user.live_memberships().filter(role__in=codes, user__is_active=True).order_by("pk")
    if not held.select_for_update(of=("self",), no_key=True).exists():
        raise PermissionDenied


@transaction.atomic
def end_membership(*, membership: Membership, by: User) -> None:
    """End a role and the person's sessions, and take back the invitations it leaves open. The last signatory and the last administrator stay (code: last)."""
    # With its organisation: two whose roles end in the same moment wait for one another, and one of them is the last. Not for update: who
    # accepts an invitation in this moment refers to the organisation, and holds the invitation that is taken back below.
    locked = (
        Membership.objects.select_for_update(of=("self", "organisation"), no_key=True)
        .select_related("user", "organisation")
        .get(pk=membership.pk)
    )
    if not manageable(by).filter(pk=locked.organisation_id).exists():
        raise NotAllowed(_("You may not change this organisation's people."), "organisation")
    if locked.ended_at is not None:
        raise NotAllowed(_("This role has ended already."), "stale_state")
    others = live().filter(organisation=locked.organisation, role=locked.role).exclude(user=locked.user)
    if locked.role in {"signatory", "distributor_admin", "lead"} and not others.exists():
        raise NotAllowed(_("This is the last person in that role. Give the role to somebody else first."), "last")
    Membership.objects.filter(pk=locked.pk).update(ended_at=timezone.now(), ended_by_id=by.pk)
    record(verb="membership.ended", obj=locked, by=by, data={"user": locked.user_id, "role": locked.role})
    _end_invitations(locked, by)
    end_sessions(locked.user)


def _end_invitations(ended: Membership, by: User) -> None:
    """Take back every open invitation that would bring the person in again: to its own address, and those it sent and may send no more."""
    its = Q(sent_by=ended.user) & ~Q(organisation__in=manageable(ended.user))
    if not ended.user.live_memberships().exists():
        its |= Q(email=ended.user.email, organisation=ended.organisation)
    for invitation in Invitation.objects.filter(its, accepted_at__isnull=True, revoked_at__isnull=True).order_by("pk"):
        with suppress(NotAllowed):  # accepted in this moment: the role it gave is on the page
            revoke(by=by, invitation=invitation)


@transaction.atomic
def add_organisation(*, kind: str, name: str, native: str = "", country: str, time_zone: str, by: User | None = None) -> Organisation:
    """Enter an organisation. Raises NotAllowed (kind, name, country, time_zone), and `exists` for the same kind and name."""
    if kind not in Organisation.Kind.values:
        raise NotAllowed(_("The kind is manufacturer, distributor or regulator."), "kind")
    if not name.strip():
        raise NotAllowed(_("Enter the organisation's name."), "name")
    if len(country) != 2 or not country.isascii() or not country.isupper():  # noqa: PLR2004 - ISO 3166
        raise NotAllowed(_("The country is two capitals of ISO 3166, such as CN."), "country")
    if time_zone not in zoneinfo.available_timezones():
        raise NotAllowed(_("The time zone is a name such as Asia/Shanghai."), "time_zone")
    if Organisation.objects.filter(kind=kind, name=name.strip()).exists():
        raise NotAllowed(_("There is an organisation of this kind and name already."), "exists")
    made = Organisation.objects.create(kind=kind, name=name.strip(), name_native=native.strip(), country=country, time_zone=time_zone)
    record(verb="organisation.added", obj=made, by=by, data={"kind": kind})
    return made


@transaction.atomic
def first_lead(*, organisation: Organisation, email: str, name: str) -> tuple[User, str]:
    """The first person of an installation, with a password to be changed; everybody else comes by invitation.

    Raises NotAllowed: `organisation` (not the manufacturer), `exists` (there is a lead: that one invites), `email`.
    """
    if organisation.kind != Organisation.Kind.MANUFACTURER:
        raise NotAllowed(_("The first lead works for the manufacturer."), "organisation")
    if Membership.objects.filter(role="lead", ended_at__isnull=True).exists():
        raise NotAllowed(_("There is a lead already, who invites the others."), "exists")
    try:
        validate_email(email)
    except ValidationError:
        raise NotAllowed(_("This is no e-mail address; check for a missing part."), "email") from None
    password = secrets.token_urlsafe(18)
    user = User.objects.create_user(email, password, name=name.strip(), time_zone=organisation.time_zone)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(user=user, organisation=organisation, role="lead")
    record(verb="lead.first", obj=user, by=None, data={"organisation": organisation.pk})
    return user, password


@transaction.atomic
def grant_scope(
    *,
    organisation: Organisation,
    basis: str,
    countries: list[str],
    divisions: list[str],
    legal_basis: str,
    expires_on: dt.date,
    by: User | None = None,
) -> RegulatorScope:
    """What a regulator may see, by which law and until when. Raises NotAllowed."""
    if organisation.kind != Organisation.Kind.REGULATOR:
        raise NotAllowed(_("A scope is for a regulator."), "organisation")
    if basis not in RegulatorScope.Basis.values or not countries or not legal_basis.strip():
        raise NotAllowed(_("A scope needs a basis (exporter, destination, place_of_use), a country and the law it rests on."), "basis")
    if basis == RegulatorScope.Basis.EXPORTER and divisions:
        raise NotAllowed(_("An exporter's division is not on record; narrow another basis by it."), "divisions")
    if expires_on <= timezone.now().date():
        raise NotAllowed(_("The scope would be over already; choose a later day."), "expires_on")
    made = RegulatorScope.objects.create(
        organisation=organisation,
        basis=basis,
        countries=countries,
        division_prefixes=divisions,
        legal_basis=legal_basis.strip(),
        expires_on=expires_on,
    )
    record(verb="scope.granted", obj=made, by=by, data={"organisation": organisation.pk, "basis": basis, "until": expires_on})
    return made
