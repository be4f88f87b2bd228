"""The timeline of one's own customer, and the same as CSV."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from certifications.flow import timeline
from certifications.ledger.actions import opened
from certifications.pages.cards import timeline_csv, timeline_page
from certifications.parties.queries import display
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from portal.limits import exports

from .carding import own_customer


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def index(request: HttpRequest, pk: str) -> HttpResponse:
    """Who changed what of a customer, and when; of one kind with ?kind=."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    events = timeline.of_customer(customer, user, request.GET.get("kind", ""))
    context = {"customer": customer, "name": display(customer.party)}
    return timeline_page(request, events, kinds=timeline.OF_CUSTOMER, template="distributors/timeline.html", context=context)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
@exports("customer_timeline")
def export(request: HttpRequest, pk: str) -> HttpResponse:
    """The same as CSV."""
    user: User = request.user  # type: ignore[assignment]
    customer = own_customer(request, pk)
    events = timeline.of_customer(customer, user, request.GET.get("kind", ""))
    opened(what="export", obj=customer, by=user, data={"of": "timeline"})
    return timeline_csv(request, events, "customer-timeline")
