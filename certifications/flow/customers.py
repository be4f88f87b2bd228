"""A distributor's customers: registered, changed, and looked at by the workers at once."""

from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.declarations.models import Declaration
from certifications.declarations.queries import naming
from certifications.ledger.moves import NotAllowed
from certifications.parties import actions as parties
from certifications.parties.card import bump
from certifications.parties.grouping import covering_heads
from certifications.parties.models import Customer, Party
from certifications.parties.rules import CustomerData, Problem
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.work.actions import enqueue

from . import resolution
from .identities import look_later, screen_after_later
from .texts import unprintable

PRINTED = ("native_name", "latin_name", "other_names", "address", "line_of_business")


def unprintable_in(data: CustomerData) -> list[Problem]:
    """What of a customer could not be printed on a document."""
    given = asdict(data)
    problems = unprintable({name: list(given[name]) if name == "other_names" else given[name] for name in PRINTED})
    return [Problem(field, message) for field, message in problems.items()]


def _check(data: CustomerData) -> None:
    problems = unprintable_in(data)
    if problems:
        raise parties.Incomplete(problems)


def register_customer(*, by: User, data: CustomerData, form_key: str, screen: bool = True) -> Customer:
    """Register a customer and have it screened. The same form twice is one customer. Raises Incomplete.

    Without `screen` the caller has the party screened, with many others, in one round.
    """
    check(by, Permission.EDIT_CUSTOMERS)
    _check(data)
    with transaction.atomic():
        customer = parties.register_customer(by=by, data=data, form_key=form_key)
        screen_after_later(customer.party)
        if screen:
            screen_again(customer.party)
            look_later(customer.party)
            resolution.look_later(customer.party)
    return customer


def in_flight(declaration: Declaration) -> NotAllowed:
    """Why a customer cannot be changed while this declaration of it is being decided."""
    return NotAllowed(
        _("%(n)s names this customer and is being decided. Withdraw it first, or wait until it is decided.") % {"n": declaration.number},
        "in_flight",
    )


def edit_customer(*, customer: Customer, by: User, data: CustomerData, screen: bool = True) -> Customer:
    """Change a customer and have it screened again, or leave that to the caller. Raises Incomplete.

    Refused while a signed declaration of it is being decided (code: in_flight): what was signed is what is screened,
    printed and attested; otherwise a name could change between the decision and the seal.
    """
    check(by, Permission.EDIT_CUSTOMERS)
    _check(data)
    return _change(customer, by, data, screen)


def put_back(*, customer: Customer, by: User, data: CustomerData) -> Customer:
    """Make a customer again what it was before an upload. The right was asked when that was asked for, and may have ended since."""
    return _change(customer, by, data, screen=True)


def lock_idle(customer: Customer) -> Customer:
    """The customer, locked. Raises NotAllowed (in_flight) while a signed declaration that names it is being decided."""
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    waiting = Declaration.objects.filter(naming([locked.pk]), status__in=Declaration.IN_FLIGHT).order_by("created_at").first()
    if waiting is not None:
        raise in_flight(waiting)
    return locked


def screen_again(party: Party) -> None:
    """Have the party screened by what it says now."""
    enqueue("rescreen", party.pk, version=f"rev-{party.revision}")


def screen_heads_of(party: Party) -> None:
    """Heads of groups whose declarations cover a site of this party are compared by its names too, which may have changed."""
    for head in covering_heads(party.pk):
        renamed(bump(head.party_id))


def renamed(party: Party) -> None:
    """Have the party screened by what it is called now, and whoever is screened by its names too."""
    screen_again(party)
    screen_after_later(party)


def _change(customer: Customer, by: User, data: CustomerData, screen: bool) -> Customer:
    with transaction.atomic():
        changed = parties.edit_customer(customer=lock_idle(customer), by=by, data=data)
        screen_after_later(changed.party)
        if screen:
            screen_again(changed.party)
            look_later(changed.party)
            resolution.look_later(changed.party)
        screen_heads_of(changed.party)
    return changed
