"""A distributor's attestations: the list, and the same as CSV."""

import datetime as dt

from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from certifications.attestations.models import Attestation
from certifications.attestations.queries import search, visible_to, with_standing
from certifications.ledger.actions import opened
from certifications.ledger.days import civil_today
from certifications.parties.queries import display
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from portal.exports import csv_response, first_of
from portal.limits import exports, searches
from portal.lists import page_of
from portal.words import word_for

from .filing import RENEW_DAYS
from .forms_lists import AttestationsForm

MOST_ROWS = 10_000
NAMES = "declaration__customer__party__names"


def _listed(user: User, request: HttpRequest) -> tuple[AttestationsForm, QuerySet[Attestation]]:
    form = AttestationsForm(request.GET)
    found = with_standing(search(visible_to(user), form.get("q")), form.get("status"))
    if form.get("soon"):
        found = found.filter(valid_until__lte=civil_today() + dt.timedelta(days=RENEW_DAYS))
    return form, found.select_related("declaration__customer__party")


@requires(Permission.SEE_OWN_DECLARATIONS)
@searches
def index(request: HttpRequest) -> HttpResponse:
    """The distributor's attestations."""
    user: User = request.user  # type: ignore[assignment]
    form, found = _listed(user, request)
    listed = page_of(request, form, visible=visible_to(user), found=found)
    prefetch_related_objects(listed.rows, NAMES)
    rows = [{"attestation": one, "name": display(one.declaration.customer.party)} for one in listed.rows]
    return render(request, "distributors/attestations.html", {"listed": listed, "rows": rows})


@requires(Permission.SEE_OWN_DECLARATIONS)
@exports("attestations")
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed and sorted, as CSV. Codes stay on the documents."""
    user: User = request.user  # type: ignore[assignment]
    form, wanted = _listed(user, request)
    found, is_cut = first_of(form.ordered(wanted), MOST_ROWS)
    prefetch_related_objects(found, NAMES)
    head = [_("Number"), _("Declaration"), _("End user"), _("Latin name"), _("Status"), _("Valid from"), _("Valid until")]
    rows = []
    for one in found:
        name = display(one.declaration.customer.party)
        word = word_for("attestation", one.standing.word).text
        rows.append([one.number, one.declaration.number, name.native, name.latin, word, one.valid_from, one.valid_until])
    if user.organisation is not None:
        opened(what="export", obj=user.organisation, by=user, data={"of": "attestations", "rows": len(rows)})
    return csv_response("attestations.csv", head, rows, is_cut=is_cut)
