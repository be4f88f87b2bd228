"""Owners of a distributor's own customers, as it states them itself; nothing that anybody else stated is ever read here."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.flow import owners as flow
from certifications.ledger.actions import opened
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.pages.checked import check_as_typed
from certifications.pages.owners import HEAD, OwnerForm, cells, choices_of, initial_dates, with_names
from certifications.pages.rights import put
from certifications.parties.models import Customer, Party
from certifications.parties.models_owners import Ownership
from certifications.parties.queries import customers_visible_to, display
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from portal.exports import csv_response
from portal.limits import exports


def _customer(user: User, pk: str) -> Customer:
    found: Customer = get_object_or_404(customers_visible_to(user).select_related("party", "organisation"), pk=pk)
    return found


@requires(Permission.EDIT_CUSTOMERS)
def new(request: HttpRequest, pk: str) -> HttpResponse:
    """State an owner of the customer, or of one of its owners (`of`)."""
    user: User = request.user  # type: ignore[assignment]
    customer = _customer(user, pk)
    initial = {"form_key": new_ulid(), "of": request.GET.get("of") or customer.party_id, **initial_dates()}
    form = OwnerForm(request.POST if request.method == "POST" else None, of=choices_of(customer), initial=initial)
    check_as_typed(form, reverse("distributors:customer-check"))
    if form.is_valid():
        of = Party.objects.get(pk=form.cleaned_data["of"])
        try:
            flow.state_for_customer(customer=customer, of=of, by=user, data=form.data_given(), form_key=form.cleaned_data["form_key"])
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("Kept. The owner is screened like the customer."))
            return redirect("distributors:customer", pk=pk)
    context = {"form": form, "customer": customer, "name": display(customer.party)}
    return render(request, "distributors/owner_form.html", context, status=422 if form.errors else 200)


@requires(Permission.EDIT_CUSTOMERS)
@require_POST
def end(request: HttpRequest, pk: str) -> HttpResponse:
    """One of its own statements no longer stands."""
    user: User = request.user  # type: ignore[assignment]
    customer = _customer(user, pk)
    rows = Ownership.objects.filter(organisation=customer.organisation, party__in=[of for of, _name in choices_of(customer)])
    row = get_object_or_404(rows, pk=request.POST.get("ownership", ""))
    try:
        flow.end_for_customer(ownership=row, by=user, reason=request.POST.get("reason", ""))
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Ended. It stays on record with your reason."))
    return redirect("distributors:customer", pk=pk)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
@exports("owners")
def export(request: HttpRequest) -> HttpResponse:
    """Every owner that the distributor ever stated, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    if user.organisation is None:
        raise Http404
    lines = [cells(row, row.party) for row in with_names(Ownership.objects.filter(organisation=user.organisation))]
    opened(what="export", obj=user.organisation, by=user, data={"of": "owners", "rows": len(lines)})
    return csv_response("owners.csv", HEAD, lines)
