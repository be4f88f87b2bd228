"""What a distributor's people do to a customer's card, and what follows: the party is screened again, people are told of what ends."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from certifications.files import actions as files
from certifications.ledger.days import civil_today
from certifications.mail.actions import tell_all
from certifications.parties import card, grouping
from certifications.parties.actions import Incomplete
from certifications.parties.models import Customer, Party, Site
from certifications.parties.models_card import Contact, CustomerPaper, Laboratory, PaperReminder
from certifications.parties.queries_card import ending_papers
from certifications.parties.rules import Problem
from certifications.parties.rules_card import ContactData, LaboratoryData, PaperData, SiteData
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import users_with

from .customers import lock_idle, renamed, screen_heads_of
from .register import DAYS_BEFORE, LATE
from .texts import unprintable


def _check_printable(**texts: str) -> None:
    found = unprintable(texts)
    if found:
        raise Incomplete([Problem(field, message) for field, message in found.items()])


def _check_site(by: User, data: SiteData) -> None:
    check(by, Permission.EDIT_CUSTOMERS)
    _check_printable(native_name=data.native_name, latin_name=data.latin_name, address=data.address, activity=data.activity)


def _screen(customer: Customer) -> None:
    party = Party.objects.get(pk=customer.party_id)
    renamed(party)
    screen_heads_of(party)


def add_site(*, customer: Customer, by: User, data: SiteData) -> Site:
    """A further site; its names are screened at once. Raises Incomplete, and NotAllowed (in_flight) as a change of the customer does."""
    _check_site(by, data)
    with transaction.atomic():
        site = card.add_site(customer=lock_idle(customer), by=by, data=data)
        _screen(customer)
    return site


def change_site(*, customer: Customer, site: Site, by: User, data: SiteData) -> None:
    """Say something else of a site. Raises as add_site, and StaleState."""
    _check_site(by, data)
    with transaction.atomic():
        card.change_site(customer=lock_idle(customer), site=site, by=by, data=data)
        _screen(customer)


def end_site(*, customer: Customer, site: Site, by: User, again: bool = False) -> None:
    """The customer is no longer there, or with `again` is after all. Raises NotAllowed (in_flight, first), StaleState."""
    check(by, Permission.EDIT_CUSTOMERS)
    with transaction.atomic():
        card.end_site(customer=lock_idle(customer), site=site, by=by, again=again)
        _screen(customer)


def put_laboratory(*, customer: Customer, site: Site, by: User, data: LaboratoryData, laboratory: Laboratory | None = None) -> None:
    """A further laboratory, or other words for one; its name is screened at once. Raises as add_site."""
    check(by, Permission.EDIT_CUSTOMERS)
    _check_printable(name=data.name, head=data.head, accreditation=data.accreditation)
    with transaction.atomic():
        card.put_laboratory(customer=lock_idle(customer), site=site, by=by, data=data, laboratory=laboratory)
        _screen(customer)


def end_laboratory(*, customer: Customer, laboratory: Laboratory, by: User) -> None:
    """It no longer works there. Raises as end_site."""
    check(by, Permission.EDIT_CUSTOMERS)
    with transaction.atomic():
        card.end_laboratory(customer=lock_idle(customer), laboratory=laboratory, by=by)
        _screen(customer)


def put_contact(*, customer: Customer, by: User, data: ContactData, contact: Contact | None = None) -> None:
    """A further contact, or other words for one. Raises Incomplete, StaleState."""
    check(by, Permission.EDIT_CUSTOMERS)
    card.put_contact(customer=customer, by=by, data=data, contact=contact)


def remove_contact(*, customer: Customer, contact: Contact, by: User) -> None:
    """Forget a contact. Raises StaleState."""
    check(by, Permission.EDIT_CUSTOMERS)
    card.remove_contact(customer=customer, contact=contact, by=by)


def file_paper(*, customer: Customer, by: User, data: PaperData, content: bytes, name: str, form_key: str) -> CustomerPaper:
    """Keep a paper whole. Raises Incomplete, NotAllowed (file); then nothing is kept."""
    check(by, Permission.EDIT_CUSTOMERS)
    card.check_file_paper(data)
    with transaction.atomic():
        blob = files.store_paper(content, name=name, by_id=by.pk)
        return card.file_paper(customer=customer, by=by, data=data, blob=blob, form_key=form_key)


def withdraw_paper(*, customer: Customer, paper: CustomerPaper, by: User) -> None:
    """A paper that no longer counts; it stays readable. Raises StaleState."""
    check(by, Permission.EDIT_CUSTOMERS)
    card.withdraw_paper(customer=customer, paper=paper, by=by)


def join_group(*, member: Customer, head: Customer, by: User, covered: Iterable[Site]) -> None:
    """Put a customer under another. The head is compared by the names of what it covers. Raises NotAllowed (head, covered)."""
    check(by, Permission.EDIT_CUSTOMERS)
    with transaction.atomic():
        for party in grouping.join(member=member, head=head, by=by, covered=covered):
            renamed(party)


def leave_group(*, member: Customer, by: User) -> None:
    """The customer stands alone again. Raises StaleState."""
    check(by, Permission.EDIT_CUSTOMERS)
    with transaction.atomic():
        for party in grouping.leave(member=member, by=by):
            renamed(party)


def remind() -> int:
    """Tell the distributor's filers of papers that end: 60, 30 and 7 days before and on the day, once each. Returns how many."""
    today = civil_today()
    return sum(
        _remind(paper, today) for paper in ending_papers(today + dt.timedelta(days=DAYS_BEFORE[0])).filter(good_until__gte=today - LATE)
    )


@transaction.atomic
def _remind(paper: CustomerPaper, today: dt.date) -> int:
    assert paper.good_until is not None, "only what ends is asked for"
    left = max((paper.good_until - today).days, 0)
    days = min(mark for mark in DAYS_BEFORE if mark >= left)
    _row, first = PaperReminder.objects.get_or_create(paper=paper, days=days)
    if not first:
        return 0
    tell_all(
        users_with(Permission.EDIT_CUSTOMERS, paper.customer.organisation),
        template="customer_paper_ends",
        context={"customer": paper.customer_id, "day": paper.good_until},
    )
    return 1
