"""What happened to a customer or a party, newest first: who, when, what, and what it was before. Built from the record alone.

A distributor reads its own acts and what it was told of its declarations; of screening, cases and aliases it reads nothing here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from certifications.declarations.models import Declaration
from certifications.declarations.queries import naming
from certifications.ledger.models import Event
from certifications.ledger.queries import told_of
from certifications.parties.models import Customer, Party
from certifications.parties.models_card import CardChange
from certifications.parties.owners import tree_of
from certifications.people.models import User
from certifications.people.permissions import Permission, may
from certifications.people.queries import told_to

# Of a declaration a distributor is told these; everything between them is compliance's work.
TOLD = ("declaration.returned", "declaration.attested", "declaration.refused", "declaration.expired", "declaration.superseded")
OWNERS = "party.owner_"
_STARTS: dict[str, tuple[str, ...]] = {
    "facts": ("customer.registered", "customer.edited", "customer.removed"),
    "sites": ("customer.site_", "customer.laboratory_"),
    "contacts": ("customer.contact_",),
    "papers": ("customer.paper_",),
    "group": ("customer.group_",),
    "owners": (OWNERS,),
    "questions": ("customer.answered",),
    "declarations": ("declaration.",),
    "names": ("party.alias_",),
    "screening": ("party.screen",),
}
OF_CUSTOMER = ("facts", "sites", "contacts", "papers", "group", "owners", "questions", "declarations")
OF_PARTY = tuple(_STARTS)


@dataclass(frozen=True)
class Happened:
    """One event in words. `number`: the declaration it is about, if any; `rows`: (field, old, new) of what it changed."""

    event: Event
    by: str
    number: str
    rows: tuple[tuple[str, str, str], ...]


def of_customer(customer: Customer, user: User, kind: str = "") -> QuerySet[Event]:
    """Events of one's own customer, newest first; of one kind of OF_CUSTOMER where it is named."""
    ids = {"Customer": [customer.pk], "Declaration": _numbers([customer]), "Party": _owned_by(customer)}
    found = told_of(ids).filter(~Q(object_type="Party") | Q(verb__startswith=OWNERS))
    if not may(user, Permission.SEE_PARTIES):
        # What compliance or another distributor states of an owner is theirs alone; an act of nobody's organisation is no own act.
        own = Q(organisation_id=user.organisation.pk) if user.organisation is not None else Q(pk__in=[])
        found = found.filter(Q(object_type="Customer") | own | Q(object_type="Declaration", verb__in=TOLD))
    return _of_kind(found, kind if kind in OF_CUSTOMER else "")


def of_party(party: Party, kind: str = "") -> QuerySet[Event]:
    """Events of a party and of everybody who has it as a customer, newest first; of one kind of OF_PARTY where it is named."""
    customers = list(party.customers.all())
    ids = {"Party": [party.pk], "Customer": [one.pk for one in customers], "Declaration": _numbers(customers)}
    return _of_kind(told_of(ids), kind if kind in OF_PARTY else "")


def _numbers(customers: Iterable[Customer]) -> list[str]:
    """Declarations that name one of them, first or in any other role."""
    return list(Declaration.objects.filter(naming([one.pk for one in customers])).values_list("pk", flat=True))


def _owned_by(customer: Customer) -> list[str]:
    """The customer's party and whatever its distributor stated as owners, in turn: statements of owners are about each of these."""
    return sorted({customer.party_id, *(row.owner_id for row in tree_of(customer) if row.owner_id)})


def _of_kind(found: QuerySet[Event], kind: str) -> QuerySet[Event]:
    wanted = Q()
    for start in _STARTS.get(kind, ()):
        wanted |= Q(verb__startswith=start)
    return found.filter(wanted).order_by("-at", "-pk")


def told(events: Sequence[Event], user: User) -> list[Happened]:
    """The events as this person may read them: three queries, however many."""
    rows = list(events)
    changes = dict(CardChange.objects.filter(pk__in=[event.pk for event in rows]).values_list("pk", "rows"))
    about = [event.object_id for event in rows if event.object_type == "Declaration"]
    numbers = dict(Declaration.objects.filter(pk__in=about).values_list("pk", "number"))

    def changed(event: Event) -> tuple[tuple[str, str, str], ...]:
        # Of a contact only the fields are kept, never what they said.
        fields = [("fields", "", field) for field in event.data.get("fields", ()) if event.verb.startswith("customer.contact_")]
        return tuple(tuple(row) for row in (*changes.get(event.pk, ()), *fields))  # type: ignore[misc]

    return [Happened(one.event, one.by, numbers.get(one.event.object_id, ""), changed(one.event)) for one in told_to(user, rows)]
