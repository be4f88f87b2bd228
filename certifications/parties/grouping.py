"""The only writes to groups: which customer belongs under which, and which of its sites declarations for the head cover."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.ledger.moves import NotAllowed, StaleState
from certifications.ledger.turns import take_turns
from certifications.people.models import User

from .card import bump, noted
from .models import Customer, Party, Site
from .models_card import CoveredSite, GroupLink
from .queries import display
from .rules_card import below


def live_links(organisation_id: str) -> list[tuple[str, str]]:
    """(member, head) of every link of a distributor that holds now."""
    held = GroupLink.objects.filter(member__organisation=organisation_id, ended_at__isnull=True)
    return list(held.values_list("member_id", "head_id"))


def link_of(customer: Customer) -> GroupLink | None:
    """What the customer belongs to now."""
    return customer.links_up.filter(ended_at__isnull=True).select_related("head__party").first()


def _lock(organisation_id: str) -> None:
    # Two links that are harmless one by one may close a circle; PostgreSQL's trigger takes the same lock.
    take_turns(f"group {organisation_id}")


@transaction.atomic
def join(*, member: Customer, head: Customer, by: User, covered: Iterable[Site]) -> list[Party]:
    """Put a customer under another, in place of where it was; declarations for the head cover the sites given.

    Returns the parties that are to be screened again.

    Raises NotAllowed: `head` for a circle or another's customer, `covered` for a site that is not the member's or ended.
    """
    _lock(member.organisation_id)
    if head.organisation_id != member.organisation_id:
        raise NotAllowed(_("Choose one of your customers."), "head")
    if head.pk in below(live_links(member.organisation_id), member.pk):
        text = _("%(head)s is under this customer itself; a group has one head and no circle.")
        raise NotAllowed(text % {"head": display(head.party).title}, "head")
    sites = list(covered)
    if any(site.party_id != member.party_id or not site.is_live for site in sites):
        raise NotAllowed(_("A site was ended meanwhile. Look at the list again."), "covered")
    earlier = link_of(member)
    held = {site.pk for site in earlier.covered.all()} if earlier else set()
    if earlier is not None and earlier.head_id == head.pk and held == {site.pk for site in sites}:
        return []
    if earlier is not None:
        _end(earlier, by)
    made = GroupLink.objects.create(member=member, head=head, joined_by=by)
    CoveredSite.objects.bulk_create(CoveredSite(link=made, site=site) for site in sites)
    touched = _compare_again(earlier, made)
    rows = [["above", display(earlier.head.party).title if earlier else "", display(head.party).title]]
    rows.append(["covered", "; ".join(str(site) for site in earlier.covered.all()) if earlier else "", "; ".join(map(str, sites))])
    verb = "customer.group_changed" if earlier else "customer.group_joined"
    noted(
        verb=verb, customer=member, by=by, rows=[row for row in rows if row[1] != row[2]],
        data={"link": made.pk, "head": head.pk, "covered": [site.key for site in sites]},
    )  # fmt: skip
    return touched


@transaction.atomic
def leave(*, member: Customer, by: User) -> list[Party]:
    """The customer stands alone again. Raises StaleState when it belongs to no group. Returns as `join`."""
    _lock(member.organisation_id)
    earlier = link_of(member)
    if earlier is None:
        raise StaleState(_("It belongs to no group any more; load it again."))
    _end(earlier, by)
    touched = _compare_again(earlier)
    rows = [["above", display(earlier.head.party).title, ""]]
    noted(verb="customer.group_left", customer=member, by=by, rows=rows, data={"link": earlier.pk, "head": earlier.head_id})
    return touched


def _end(link: GroupLink, by: User) -> None:
    GroupLink.objects.filter(pk=link.pk, ended_at__isnull=True).update(ended_at=Now(), ended_by=by)


def _compare_again(*links: GroupLink | None) -> list[Party]:
    """Heads are compared by the names of the members whose sites they cover: those names came or went."""
    return [bump(party) for party in sorted({link.head.party_id for link in links if link is not None and link.covers.exists()})]


def covering_heads(party_id: str) -> list[Customer]:
    """The heads whose declarations cover a site of this party: whatever it is called is compared for them too."""
    links = GroupLink.objects.filter(member__party=party_id, ended_at__isnull=True, covers__isnull=False)
    return list(Customer.objects.filter(pk__in=links.values("head")).select_related("party").order_by("pk"))
