"""Reads of what a distributor keeps of a customer. A distributor reads its own customers' rows; compliance reads all."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .models import Customer, Site
from .models_card import Contact, CustomerPaper, GroupLink
from .queries import PartyDisplay, customers_visible_to, display
from .rules_card import is_free_mail


def cards_visible_to(user: User) -> QuerySet[Customer]:
    """Customers whose sites, contacts, papers and groups the user may read."""
    return Customer.objects.all() if may(user, Permission.SEE_PARTIES) else customers_visible_to(user)


@dataclass(frozen=True)
class SiteChoice:
    """A place where goods declared for a customer may be used. `covered`: it is a member's of its group, and covered by the link.

    `owner` is the customer whose site it is; `registered` says that it is that customer's registered address.
    """

    site: Site
    owner: Customer
    name: PartyDisplay
    covered: bool
    registered: bool


def sites_of(customer: Customer, user: User) -> list[SiteChoice]:
    """Where goods for the customer may be used: its own live sites, the registered address first, then those of members that a
    link covers. Empty when the customer is not the user's to see. A handful of queries, however many sites.
    """
    if not cards_visible_to(user).filter(pk=customer.pk).exists():
        return []
    links = GroupLink.objects.filter(head=customer, ended_at__isnull=True).select_related("member__party")
    found = links.prefetch_related("covered", "member__party__names", "member__party__sites").order_by("pk")
    own = Site.objects.filter(party=customer.party_id, ended_at__isnull=True)
    name = display(customer.party)
    choices = [SiteChoice(site, customer, name, covered=False, registered=number == 0) for number, site in enumerate(own)]
    for link in found:
        first = next(iter(link.member.party.sites.all()), None)
        choices += [
            SiteChoice(site, link.member, display(link.member.party), covered=True, registered=first is not None and site.pk == first.pk)
            for site in link.covered.all()
            if site.is_live
        ]
    return choices


@dataclass(frozen=True)
class ContactRow:
    """A contact, and whether its mail address is one that anybody gets."""

    contact: Contact
    free_mail: bool


def contacts_of(customer: Customer) -> list[ContactRow]:
    """Contacts in the order in which they came."""
    return [ContactRow(contact, is_free_mail(contact.email)) for contact in customer.contacts.all()]


def ending_papers(until: dt.date) -> QuerySet[CustomerPaper]:
    """Papers that count and end until the day, the first to end first, where no later one of the same kind goes on."""
    later = CustomerPaper.objects.filter(
        Q(good_until__isnull=True) | Q(good_until__gt=OuterRef("good_until")),
        customer=OuterRef("customer"),
        kind=OuterRef("kind"),
        withdrawn_at__isnull=True,
    ).exclude(pk=OuterRef("pk"))
    found = CustomerPaper.objects.filter(withdrawn_at__isnull=True, good_until__lte=until).filter(~Exists(later))
    return found.select_related("customer__party").order_by("good_until", "pk")


@dataclass(frozen=True)
class Member:
    """One customer in a group; `covered` are its sites that declarations for the head above it cover."""

    customer: Customer
    name: PartyDisplay
    covered: tuple[Site, ...]
    below: tuple["Member", ...]


def group_of(customer: Customer) -> Member | None:
    """The whole group that the customer belongs to, from its topmost head down; None when it stands alone. Three queries or so."""
    held = GroupLink.objects.filter(member__organisation=customer.organisation_id, ended_at__isnull=True)
    links = list(
        held.select_related("member__party", "head__party").prefetch_related("covered", "member__party__names", "head__party__names")
    )
    up = {link.member_id: link for link in links}
    down: dict[str, list[GroupLink]] = {}
    for link in links:
        down.setdefault(link.head_id, []).append(link)
    top = customer
    while top.pk in up:
        top = up[top.pk].head
    if top.pk not in down:
        return None
    return _member(top, (), down)


def _member(customer: Customer, covered: tuple[Site, ...], down: dict[str, list[GroupLink]]) -> Member:
    rows = sorted(down.get(customer.pk, ()), key=lambda link: link.joined_at)
    below = tuple(_member(link.member, tuple(link.covered.all()), down) for link in rows)
    return Member(customer, display(customer.party), covered, below)


def with_something_kept(customer_ids: Iterable[str]) -> set[str]:
    """Those of the customers for which somebody has kept more than the form asks: sites, contacts, papers or a group."""
    ids = list(customer_ids)
    found = Customer.objects.filter(pk__in=ids).order_by()
    further = Site.objects.filter(party=OuterRef("party")).exclude(pk=_first_site())
    kept = (
        Exists(further),
        Exists(Contact.objects.filter(customer=OuterRef("pk"))),
        Exists(CustomerPaper.objects.filter(customer=OuterRef("pk"))),
        Exists(GroupLink.objects.filter(Q(member=OuterRef("pk")) | Q(head=OuterRef("pk")))),
    )
    return set(found.filter(kept[0] | kept[1] | kept[2] | kept[3]).values_list("pk", flat=True))


def _first_site() -> QuerySet[Site, int]:
    return Site.objects.filter(party=OuterRef("party")).order_by("pk").values_list("pk", flat=True)[:1]
