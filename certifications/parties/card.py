"""The only writes to what a distributor keeps of a customer: sites, laboratories, contacts, papers. Groups are in grouping.py.

Each act writes its event on the customer, and beside it what changed, in words.
"""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.files.models import Blob
from certifications.ledger.actions import Actor, record
from certifications.ledger.days import newest_day
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import User

from .actions import Incomplete
from .former import keep_names
from .models import Customer, Party, Site
from .models_card import CardChange, Contact, CustomerPaper, Laboratory
from .rules import Problem, clean_name
from .rules_card import (
    MOST_CONTACTS,
    MOST_LABORATORIES,
    MOST_PAPERS,
    MOST_SITES,
    ContactData,
    LaboratoryData,
    PaperData,
    SiteData,
    check_contact,
    check_laboratory,
    check_paper,
    check_site,
    difference,
)


def noted(*, verb: str, customer: Customer, by: Actor | None, rows: list[list[str]], data: dict[str, Any] | None = None) -> None:
    """The event of an act on a customer, and what it changed: [[field, old, new], ...]."""
    event = record(verb=verb, obj=customer, by=by, data=data)
    if rows:
        CardChange.objects.create(event_id=event.pk, rows=rows)


def bump(party_id: str) -> Party:
    """The party counts as unscreened until it is screened by what it is called and where it is now."""
    party = Party.objects.select_for_update().get(pk=party_id)
    party.revision += 1
    party.save(update_fields=["revision"])
    return party


def _check(problems: list[Problem]) -> None:
    if problems:
        raise Incomplete(problems)


def _room(number: int, most: int) -> None:
    if number >= most:
        raise NotAllowed(_("There are %(n)d already; that is the most.") % {"n": most}, "most")


def _stale() -> StaleState:
    return StaleState(_("It was changed by somebody else meanwhile; load it again."))


def registered_site(party_id: str) -> Site | None:
    """The registered address: the party's first site."""
    return Site.objects.filter(party=party_id).order_by("pk").first()


def site_data(site: Site) -> SiteData:
    """The site as it would be typed again."""
    return SiteData(site.native_name, site.latin_name, site.address, site.country, site.division, site.activity)


def _clean_site(data: SiteData) -> dict[str, str]:
    return {
        "native_name": clean_name(data.native_name),
        "latin_name": clean_name(data.latin_name),
        "address": data.address.strip(),
        "country": data.country,
        "division": data.division,
        "activity": data.activity.strip(),
    }


@transaction.atomic
def add_site(*, customer: Customer, by: User, data: SiteData) -> Site:
    """A further site. The party is to be screened again. Raises Incomplete."""
    _check(check_site(data, registered=False))
    party = bump(customer.party_id)
    _room(party.sites.count(), MOST_SITES)
    site = party.sites.create(**_clean_site(data))
    noted(
        verb="customer.site_added", customer=customer, by=by, rows=difference(None, site_data(site)),
        data={"site": site.key, "revision": party.revision},
    )  # fmt: skip
    return site


@transaction.atomic
def change_site(*, customer: Customer, site: Site, by: User, data: SiteData) -> Site:
    """Say something else of a site; of the registered address its names and what is done there alone. Raises Incomplete, StaleState."""
    party = bump(customer.party_id)
    held = party.sites.select_for_update(of=("self",)).get(pk=site.pk)
    first = registered_site(party.pk)
    registered = first is not None and first.pk == held.pk
    _check(check_site(data, registered=registered))
    if not held.is_live:
        raise _stale()
    before = site_data(held)
    for name, value in _clean_site(data).items():
        if not registered or name not in {"address", "country", "division"}:
            setattr(held, name, value)
    held.save()
    keep_names(party, (before.native_name, before.latin_name), (held.native_name, held.latin_name))
    noted(
        verb="customer.site_changed", customer=customer, by=by, rows=difference(before, site_data(held)),
        data={"site": held.key, "revision": party.revision},
    )  # fmt: skip
    return held


@transaction.atomic
def end_site(*, customer: Customer, site: Site, by: User, again: bool = False) -> None:
    """The customer is no longer there; or with `again` it is there after all. Its names stay compared. Raises NotAllowed (first)."""
    party = bump(customer.party_id)
    first = registered_site(party.pk)
    if first is not None and first.pk == site.pk:
        raise NotAllowed(_("This is the registered address. Change it on the customer itself."), "first")
    found = party.sites.filter(pk=site.pk, ended_at__isnull=not again)
    changed = found.update(ended_at=None, ended_by=None) if again else found.update(ended_at=Now(), ended_by=by)
    if changed != 1:
        raise _stale()
    verb = "customer.site_resumed" if again else "customer.site_ended"
    rows = [["site", "", str(site)]] if again else [["site", str(site), ""]]
    noted(verb=verb, customer=customer, by=by, rows=rows, data={"site": site.key, "revision": party.revision})


def laboratory_data(laboratory: Laboratory) -> LaboratoryData:
    """The laboratory as it would be typed again."""
    return LaboratoryData(laboratory.name, laboratory.head, laboratory.accreditation, laboratory.accredited_until)


def _clean_laboratory(data: LaboratoryData) -> dict[str, Any]:
    return {
        "name": clean_name(data.name),
        "head": data.head.strip(),
        "accreditation": data.accreditation.strip(),
        "accredited_until": data.accredited_until,
    }


@transaction.atomic
def put_laboratory(*, customer: Customer, site: Site, by: User, data: LaboratoryData, laboratory: Laboratory | None = None) -> Laboratory:
    """A further laboratory on a site, or other words for one. The party is to be screened again. Raises Incomplete, StaleState."""
    _check(check_laboratory(data))
    party = bump(customer.party_id)
    held = party.sites.get(pk=site.pk)
    if not held.is_live:
        raise _stale()
    before = None
    if laboratory is None:
        _room(held.laboratories.count(), MOST_LABORATORIES)
        made = held.laboratories.create(**_clean_laboratory(data))
    else:
        made = held.laboratories.select_for_update(of=("self",)).get(pk=laboratory.pk)
        if not made.is_live:
            raise _stale()
        before = laboratory_data(made)
        for name, value in _clean_laboratory(data).items():
            setattr(made, name, value)
        made.save()
        keep_names(party, (before.name,), (made.name,))
    verb = "customer.laboratory_changed" if before else "customer.laboratory_added"
    noted(
        verb=verb, customer=customer, by=by, rows=difference(before, laboratory_data(made)),
        data={"laboratory": made.pk, "site": held.key, "revision": party.revision},
    )  # fmt: skip
    return made


@transaction.atomic
def end_laboratory(*, customer: Customer, laboratory: Laboratory, by: User) -> None:
    """It no longer works there. Its name stays compared."""
    party = bump(customer.party_id)
    if Laboratory.objects.filter(pk=laboratory.pk, site__party=party, ended_at__isnull=True).update(ended_at=Now(), ended_by=by) != 1:
        raise _stale()
    rows = [["laboratory", laboratory.name, ""]]
    noted(verb="customer.laboratory_ended", customer=customer, by=by, rows=rows, data={"laboratory": laboratory.pk})


def contact_data(contact: Contact) -> ContactData:
    """The contact as it would be typed again."""
    return ContactData(contact.name, contact.role, contact.phone, contact.email)


@transaction.atomic
def put_contact(*, customer: Customer, by: User, data: ContactData, contact: Contact | None = None) -> Contact:
    """A further contact, or other words for one. The record keeps which fields changed and not what they said. Raises Incomplete."""
    _check(check_contact(data))
    held = Customer.objects.select_for_update().get(pk=customer.pk)
    clean = ContactData(clean_name(data.name), data.role.strip(), data.phone.strip(), data.email.strip())
    before = None
    if contact is None:
        _room(held.contacts.count(), MOST_CONTACTS)
        made = Contact.objects.create(customer=held, **clean.__dict__)
    else:
        found = held.contacts.filter(pk=contact.pk).first()
        if found is None:
            raise _stale()
        made, before = found, contact_data(found)
        for name, value in clean.__dict__.items():
            setattr(made, name, value)
        made.save()
    changed = [field for field, _old, _new in difference(before, clean)]
    verb = "customer.contact_changed" if before else "customer.contact_added"
    noted(verb=verb, customer=held, by=by, rows=[], data={"contact": made.pk, "fields": changed})
    return made


@transaction.atomic
def remove_contact(*, customer: Customer, contact: Contact, by: User) -> None:
    """Forget a contact."""
    if not customer.contacts.filter(pk=contact.pk).delete()[0]:
        raise _stale()
    noted(verb="customer.contact_removed", customer=customer, by=by, rows=[], data={"contact": contact.pk})


def check_file_paper(data: PaperData) -> None:
    """Raise Incomplete with every problem: asked before the file is kept."""
    _check(check_paper(data, newest_day()))


@transaction.atomic
def file_paper(*, customer: Customer, by: User, data: PaperData, blob: Blob, form_key: str) -> CustomerPaper:
    """Keep a paper. The same form twice is one paper. Raises Incomplete, NotAllowed (file) for a file that is there already."""
    held = Customer.objects.select_for_update().get(pk=customer.pk)
    earlier = held.papers.filter(form_key=form_key).first()
    if earlier is not None:
        return earlier
    check_file_paper(data)
    _room(held.papers.count(), MOST_PAPERS)
    same = held.papers.filter(blob__sha256=blob.sha256, withdrawn_at__isnull=True).first()
    if same is not None:
        raise NotAllowed(_("This file is kept already, as %(title)s.") % {"title": same.title}, "file")
    made = CustomerPaper.objects.create(
        customer=held,
        blob=blob,
        kind=data.kind,
        title=data.title.strip(),
        issued_on=data.issued_on,
        good_until=data.good_until,
        form_key=form_key,
        filed_by=by,
    )
    noted(verb="customer.paper_filed", customer=held, by=by, rows=difference(None, data), data={"paper": made.pk, "sha256": blob.sha256})
    return made


@transaction.atomic
def withdraw_paper(*, customer: Customer, paper: CustomerPaper, by: User) -> None:
    """A paper that was filed by mistake or no longer counts. It stays on record and can still be read."""
    if customer.papers.filter(pk=paper.pk, withdrawn_at__isnull=True).update(withdrawn_at=Now(), withdrawn_by=by) != 1:
        raise _stale()
    noted(verb="customer.paper_withdrawn", customer=customer, by=by, rows=[["title", paper.title, ""]], data={"paper": paper.pk})
