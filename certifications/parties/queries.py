"""Reads of parties and customers; the register is asked in register.py."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from certifications.matching import compare
from certifications.matching.identifiers import compact
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may

from .models import Customer, Identifier, Party, PartyName
from .models_aliases import in_force
from .rules import CustomerData

SAME = Decimal("0.90")


@dataclass(frozen=True)
class PartyDisplay:
    """A party as shown: the name in its own script, the Latin one, and all names."""

    native: str
    latin: str
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        """The name that decides: the native one where there is one."""
        return self.native or self.latin


def display(party: Party) -> PartyDisplay:
    """Names of a party, first of each script first. Uses prefetched names."""
    names = list(party.names.all())
    latin = next((n.text for n in names if n.script == "Latn"), "")
    native = next((n.text for n in names if n.script not in {"Latn", "Zyyy"}), "")
    return PartyDisplay(native, latin, tuple(n.text for n in names))


def data_of(customer: Customer) -> CustomerData:
    """The customer as it would be typed again. Uses prefetched names, identifiers and sites."""
    party = customer.party
    names = list(party.names.all())
    codes = {i.scheme: i.value for i in party.identifiers.all()}
    site = next(iter(party.sites.all()), None)
    return CustomerData(
        native_name=next((n.text for n in names if n.kind == "official"), ""),
        latin_name=next((n.text for n in names if n.kind == "english"), ""),
        other_names=tuple(n.text for n in names if n.kind == "alias"),
        kind=party.kind,
        uscc=codes.get("uscc", ""),
        lei=codes.get("lei", ""),
        address=site.address if site else "",
        country=party.country,
        division=party.division,
        line_of_business=party.line_of_business,
        note=customer.note,
    )


def customers_visible_to(user: User) -> QuerySet[Customer]:
    """A distributor's own customers; nobody else's, not itself (actions.own_customer), and none for anybody without the right."""
    if may(user, Permission.SEE_OWN_DECLARATIONS) and user.organisation is not None:
        itself = Q(party__organisation=user.organisation)
        return Customer.objects.filter(organisation=user.organisation).exclude(itself)
    return Customer.objects.none()


def own_customers(organisation: Organisation) -> QuerySet[Customer]:
    """The row by which a distributor declares for its own stock (actions.own_customer); none before it did."""
    return Customer.objects.filter(organisation=organisation, party__organisation=organisation)


def parties_visible_to(user: User) -> QuerySet[Party]:
    """Party identity is compliance's alone."""
    return Party.objects.all() if may(user, Permission.SEE_PARTIES) else Party.objects.none()


def search_parties(parties: QuerySet[Party], text: str) -> QuerySet[Party]:
    """By any name, an agreed alias among them, or by identifier."""
    text = text.strip()
    if not text:
        return parties
    named = PartyName.objects.filter(party=OuterRef("pk"), text__icontains=text)
    coded = Identifier.objects.filter(party=OuterRef("pk"), value__iexact=compact(text))
    known = in_force().filter(party=OuterRef("pk"), text__icontains=text)
    return parties.filter(Exists(named) | Exists(coded) | Exists(known))


def search_customers(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """By any name or identifier."""
    text = text.strip()
    if not text:
        return customers
    named = PartyName.objects.filter(party=OuterRef("party"), text__icontains=text)
    coded = Identifier.objects.filter(party=OuterRef("party"), value__iexact=compact(text))
    return customers.filter(Exists(named) | Exists(coded))


def likely_duplicates(user: User, names: Iterable[str], uscc: str) -> list[Customer]:
    """The user's own customers that look like this one. Never looks at another distributor's."""
    own = customers_visible_to(user).select_related("party").prefetch_related("party__names", "party__identifiers")
    wanted = [name for name in names if name]
    found = []
    for customer in own:
        same_code = uscc and any(i.value == compact(uscc) for i in customer.party.identifiers.all())
        alike = any(compare(name, known.text, "register").score >= float(SAME) for name in wanted for known in customer.party.names.all())
        if same_code or alike:
            found.append(customer)
    return found[:5]
