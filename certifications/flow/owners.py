"""Owners: stated by a distributor of its customers or found by compliance, screened at once, and followed wherever something rests on them."""

from django.db import transaction

from certifications.declarations.models import Declaration
from certifications.declarations.queries import taking_part
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.mail.actions import send_later
from certifications.parties import owners
from certifications.parties.linked import one_entity
from certifications.parties.models import Customer, Party
from certifications.parties.models_owners import Ownership
from certifications.parties.rules_owners import OwnerData
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import users_with
from certifications.screening.queries import party_states
from certifications.work.actions import enqueue

from . import ownership_acts
from .advance import WAITING, send_round_again
from .identities import look_later


def state_for_customer(*, customer: Customer, of: Party, by: User, data: OwnerData, form_key: str) -> Ownership:
    """A distributor states an owner of its customer, or of an owner that it stated before (`of`). Raises Incomplete."""
    check(by, Permission.EDIT_CUSTOMERS)
    if of.pk not in {customer.party_id, *(row.owner_id for row in owners.tree_of(customer) if row.ended_at is None)}:
        raise NotAllowed("", "of")
    with transaction.atomic():
        made = owners.record_owner(party=of, by=by, data=data, form_key=form_key, organisation=customer.organisation)
        _follow(made)
    return made


def state(*, party: Party, by: User, data: OwnerData, form_key: str, owner: Party | None = None) -> Ownership:
    """Compliance found an owner: a new one by name, or a party on record. Raises Incomplete. No distributor sees it."""
    check(by, Permission.EDIT_OWNERS)
    with transaction.atomic():
        made = owners.record_owner(party=party, by=by, data=data, form_key=form_key, owner=owner)
        _follow(made)
    return made


def end_for_customer(*, ownership: Ownership, by: User, reason: str) -> Ownership:
    """A distributor says that a statement of its own no longer stands.

    While the owner, or anybody above it, is not shown to be clear, the statement counts on until compliance lets it go; the distributor
    reads the same either way.
    """
    check(by, Permission.EDIT_CUSTOMERS)
    with transaction.atomic():
        ended = owners.end_owner(ownership=ownership, by=by, reason=reason, held=_is_held(ownership))
        _follow(ended)
    return ended


def _is_held(ownership: Ownership) -> bool:
    """Whether the owner, whoever is one entity with it, or anybody above it is not shown to be clear."""
    if ownership.owner_id is None:
        return False
    involved = {*one_entity([ownership.owner_id]), *owners.owners_of([ownership.owner_id], civil_today())}
    return any(one.state != "clear" for one in party_states(Party.objects.filter(pk__in=involved)).values())


def end(*, ownership: Ownership, by: User, reason: str) -> Ownership:
    """Compliance says that a statement, whoever made it, no longer stands.

    While the owner, or anybody above it, is not shown to be clear, it counts on until a second person lets it go as well.
    """
    check(by, Permission.EDIT_OWNERS)
    with transaction.atomic():
        ended = owners.end_owner(ownership=ownership, by=by, reason=reason, held=_is_held(ownership), let_go=True)
        _follow(ended)
    return ended


def let_go(*, ownership: Ownership, by: User, reason: str) -> Ownership:
    """Compliance looked at an owner whose statement was ended: the second of two people lets it go. Raises NotAllowed, StaleState."""
    check(by, Permission.EDIT_OWNERS)
    with transaction.atomic():
        gone = owners.let_go(ownership=ownership, by=by, reason=reason)
        _follow(gone)
    return gone


def _follow(row: Ownership) -> None:
    """The owner is screened, and what waits on whomever it owns is looked at again."""
    if row.held:
        for user in users_with(Permission.EDIT_OWNERS):
            if user.pk != row.let_go_by_id:
                send_later(to_user=user, template="owner_to_let_go", context={"party": row.party_id})
    touched = [*one_entity([row.party_id]), *owners.owned_by([row.party_id], civil_today())]
    for declaration in Declaration.objects.filter(taking_part(touched), status__in=WAITING).distinct():
        send_round_again(declaration, f"owner-{row.pk}")
    ownership_acts.follow(touched)
    if row.owner is not None and row.ended_at is None:
        enqueue("rescreen", row.owner.pk, version=f"rev-{row.owner.revision}-{row.pk}")
        look_later(row.owner)
