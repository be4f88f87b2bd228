"""Distributors that sell a product line without a first day on record: their sales are counted and never flagged, so people are told."""

from django.db import transaction

from certifications.attestations.models import Attestation
from certifications.ledger.actions import record
from certifications.ledger.days import civil_today
from certifications.ledger.models import Event
from certifications.mail.actions import tell_all
from certifications.parties import register
from certifications.parties.models import Party
from certifications.people.models import Organisation
from certifications.people.permissions import Permission
from certifications.people.queries import users_with
from certifications.programme.models import ProgrammeStart
from certifications.programme.queries import distributors

VERB = "programme.start_missing"


def pairs() -> list[tuple[Organisation, str]]:
    """Each distributor and line with a right or an attestation in force, and neither a first day nor a proposal of one."""
    named = {organisation.pk: organisation for organisation in distributors()}
    holders = dict(Party.objects.filter(organisation__in=named).values_list("pk", "organisation_id"))
    found = {
        (str(holders[entry.authorisation.party_id]), line)
        for entry in register.as_of(civil_today()).of(list(holders))
        if entry.standing == "authorised"
        for line in entry.terms.lines
    }
    attested = Attestation.objects.filter(status__in=("valid", "suspended"))
    found |= set(attested.values_list("declaration__organisation_id", "version__lines__product__line").distinct())
    said = ProgrammeStart.objects.exclude(state=ProgrammeStart.State.VOIDED)
    found -= set(said.values_list("organisation_id", "line"))
    return sorted(((named[pk], line) for pk, line in found if pk in named and line), key=lambda one: (one[0].name, one[1]))


def tell() -> int:
    """Mail whoever may propose a first day, once for each distributor and line. Returns how many are new."""
    told = set(Event.objects.filter(verb=VERB).values_list("object_id", "data__line"))
    with transaction.atomic():
        new = [(organisation, line) for organisation, line in pairs() if (organisation.pk, line) not in told]
        for organisation, line in new:
            record(verb=VERB, obj=organisation, by=None, data={"line": line})
        if new:
            tell_all(users_with(Permission.EDIT_REGISTER), template="first_day_missing", context={})
    return len(new)
