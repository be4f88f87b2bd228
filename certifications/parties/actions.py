"""The only writes to parties and customers."""

from contextlib import suppress

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.matching import spelled
from certifications.people.models import Organisation, User

from .former import keep_gone, keys_now
from .models import Customer, Party
from .models_card import CardChange
from .queries import data_of, display
from .rules import MAX_NAME, CustomerData, Problem, check_customer, clean_name, compact, script_of, warnings_of
from .rules_card import difference


class Incomplete(NotAllowed):
    """The data lacks something; `problems` names each field."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].message, "incomplete")
        self.problems = problems


def write_names(party: Party, native: str, latin: str, others: tuple[str, ...] = ()) -> None:
    """Names in their order, each once."""
    named = [(native, "official"), (latin, "english"), *((n, "alias") for n in others)]
    seen: set[str] = set()
    for position, (raw, kind) in enumerate(named):
        text = clean_name(raw)
        if text and text not in seen:
            seen.add(text)
            party.names.create(text=text, script=script_of(text), kind=kind, position=position)


def place_of(party: Party) -> tuple[str, str]:
    """Where a customer stands by the name that a Chinese, and by the one that an English page shows. Uses prefetched names."""
    names = display(party)
    return spelled(names.native or names.latin)[:MAX_NAME], spelled(names.latin or names.native)[:MAX_NAME]


def put_in_order(party: Party) -> None:
    """Give whoever has the party as a customer its place in lists by name. Called wherever its names were written."""
    native, latin = place_of(Party.objects.prefetch_related("names").get(pk=party.pk))
    Customer.objects.filter(party=party).update(native_order=native, latin_order=latin)


def _write(party: Party, data: CustomerData) -> None:
    party.names.all().delete()
    write_names(party, data.native_name, data.latin_name, data.other_names)
    party.identifiers.all().delete()
    warned = {problem.field for problem in warnings_of(data)}
    for scheme, value in (("uscc", data.uscc), ("lei", data.lei)):
        if value:
            party.identifiers.create(scheme=scheme, value=compact(value), warning="checksum" if scheme in warned else "")
    # The registered address is the first site; whatever else is said of it, and the further ones, are not this form's.
    place = {"address": data.address.strip(), "country": data.country, "division": data.division}
    first = party.sites.order_by("pk").first()
    if first is None and place["address"]:
        party.sites.create(**place)
    elif first is not None:
        party.sites.filter(pk=first.pk).update(**place)


@transaction.atomic
def register_customer(*, by: User, data: CustomerData, form_key: str) -> Customer:
    """Register a party as customer of the user's distributor. The same form twice returns the first.

    Each registration makes a party of its own: that two distributors know the same one is for compliance to say.
    Raises Incomplete with every problem.
    """
    if by.organisation is None:
        raise NotAllowed(_("You act for no distributor."), "no_organisation")
    earlier = Customer.objects.filter(form_key=form_key, organisation=by.organisation).first()
    if earlier is not None:
        return earlier
    problems = check_customer(data)
    if problems:
        raise Incomplete(problems)
    try:
        with transaction.atomic():
            party = Party.objects.create(
                kind=data.kind, country=data.country, division=data.division, line_of_business=data.line_of_business.strip()
            )
            _write(party, data)
            customer = Customer.objects.create(
                organisation=by.organisation, party=party, note=data.note.strip(), registered_by=by, form_key=form_key
            )
            put_in_order(party)
    except IntegrityError:
        # The form was sent twice in the same instant; the other one was first.
        first = Customer.objects.filter(form_key=form_key, organisation=by.organisation).first()
        if first is None:
            raise NotAllowed(_("This page is out of date. Load it again; what you typed is still here."), "form") from None
        return first
    record(verb="customer.registered", obj=customer, by=by, data={"party": party.pk})
    return customer


@transaction.atomic
def own_customer(*, by: User) -> Customer:
    """The distributor as its own customer: whom a declaration for stock, and an order for it, is about. Made once.

    It is none of the customers that its pages list or change (queries.customers_visible_to): what it is called stands on the register.
    """
    party = Party.objects.filter(organisation=by.organisation).first() if by.organisation is not None else None
    if party is None or by.organisation is None:
        raise NotAllowed(_("Your firm is not on the register yet. Ask the manufacturer."), "no_organisation")
    made, is_new = Customer.objects.get_or_create(
        organisation=by.organisation, party=party, defaults={"registered_by": by, "form_key": new_ulid()}
    )
    if is_new:
        put_in_order(party)
    return made


@transaction.atomic
def edit_customer(*, customer: Customer, by: User, data: CustomerData) -> Customer:
    """Change a customer; the party's revision grows, so that it counts as unscreened until it is screened again."""
    problems = check_customer(data)
    if problems:
        raise Incomplete(problems)
    party = Party.objects.select_for_update().get(pk=customer.party_id)
    before = data_of(Customer.objects.select_related("party").get(pk=customer.pk))
    keys = keys_now(party)
    _write(party, data)
    put_in_order(party)
    keep_gone(party, keys)
    party.kind, party.country, party.division = data.kind, data.country, data.division
    party.line_of_business = data.line_of_business.strip()
    party.revision += 1
    party.save()
    Customer.objects.filter(pk=customer.pk).update(note=data.note.strip())
    event = record(verb="customer.edited", obj=customer, by=by, data={"party": party.pk, "revision": party.revision})
    customer.refresh_from_db()
    rows = difference(before, data_of(customer))
    if rows:
        CardChange.objects.create(event_id=event.pk, rows=rows)
    return customer


@transaction.atomic
def remove_customer(*, customer: Customer, by: User) -> None:
    """Take a registration back that nothing rests on yet. What was screened stays as a party: a run is never lost.

    Raises NotAllowed (in_use) when a declaration names the customer, or a paper or a group rests on it.
    """
    record(verb="customer.removed", obj=customer, by=by, data={"party": customer.party_id})
    party = Party.objects.select_for_update().get(pk=customer.party_id)
    try:
        Customer.objects.get(pk=customer.pk).delete()
    except ProtectedError:
        raise NotAllowed(_("A declaration, a paper, an answer or a group rests on this customer."), "in_use") from None
    # Something else speaks of the party: it stays.
    with suppress(ProtectedError), transaction.atomic():
        party.delete()


@transaction.atomic
def register_organisation(*, organisation: Organisation, data: CustomerData, by: User | None) -> Party:
    """The party that a distributor's organisation is, with its names and numbers. Raises Incomplete with every problem."""
    problems = check_customer(data)
    if problems:
        raise Incomplete(problems)
    party = Party.objects.create(
        kind="distributor",
        organisation=organisation,
        country=data.country,
        division=data.division,
        line_of_business=data.line_of_business.strip(),
    )
    _write(party, data)
    record(verb="party.registered", obj=party, by=by, data={"organisation": organisation.pk})
    return party


@transaction.atomic
def register_named(*, native: str, latin: str, uscc: str, country: str, division: str, by: User) -> Party:
    """A party that a document names and that is nobody's customer: it is screened as everybody is."""
    party = Party.objects.create(kind=Party.Kind.END_USER, country=country, division=division)
    _write(party, CustomerData(native, latin, country, address="", line_of_business="", uscc=uscc, division=division))
    record(verb="party.registered", obj=party, by=by, data={"named": True})
    return party
