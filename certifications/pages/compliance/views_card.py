"""What distributors keep of a party as their customer, and its whole timeline, as compliance reads them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from certifications.flow import timeline
from certifications.ledger.actions import opened
from certifications.pages.cards import card_of, timeline_csv, timeline_page
from certifications.pages.papers import served
from certifications.parties.models import Customer, Party
from certifications.parties.models_card import CustomerPaper
from certifications.parties.queries import display, parties_visible_to
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from portal.limits import exports


def _party(request: HttpRequest, pk: str) -> Party:
    user: User = request.user  # type: ignore[assignment]
    found: Party = get_object_or_404(parties_visible_to(user).prefetch_related("names"), pk=pk)
    return found


def _party_url(customer: Customer) -> str:
    return reverse("compliance:party", args=[customer.party_id])


def _paper_url(paper: CustomerPaper) -> str:
    return reverse("compliance:party-paper", args=[paper.customer.party_id, paper.pk])


def cards(party: Party) -> list[dict[str, Any]]:
    """The card of each distributor that has the party as a customer."""
    found = party.customers.select_related("organisation", "party").prefetch_related("party__names").order_by("-registered_at")
    return [
        card_of(customer, customer_url=_party_url, paper_url=_paper_url, at=f"-{number}" if number else "")
        for number, customer in enumerate(found)
    ]


@requires(Permission.SEE_PARTIES)
@require_GET
def index(request: HttpRequest, pk: str) -> HttpResponse:
    """Everything that happened to a party; of one kind with ?kind=."""
    party = _party(request, pk)
    events = timeline.of_party(party, request.GET.get("kind", ""))
    context = {"party": party, "name": display(party)}
    return timeline_page(request, events, kinds=timeline.OF_PARTY, template="compliance/timeline.html", context=context)


@requires(Permission.SEE_PARTIES)
@require_GET
@exports("party_timeline")
def export(request: HttpRequest, pk: str) -> HttpResponse:
    """The same as CSV."""
    user: User = request.user  # type: ignore[assignment]
    party = _party(request, pk)
    opened(what="export", obj=party, by=user, data={"of": "timeline"})
    return timeline_csv(request, timeline.of_party(party, request.GET.get("kind", "")), "party-timeline")


@requires(Permission.SEE_PARTIES)
@require_GET
def paper(request: HttpRequest, pk: str, key: str) -> HttpResponse:
    """A paper that a distributor keeps of the party, to be saved and never shown as a page."""
    party = _party(request, pk)
    found = get_object_or_404(CustomerPaper.objects.select_related("blob"), customer__party=party, pk=key)
    return served(request, blob=found.blob, obj=found, back=reverse("compliance:party", args=[party.pk]))
