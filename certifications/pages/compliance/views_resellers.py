"""Nominations of resellers as compliance sees them: who accepted what, how the reseller was screened, approve or refuse."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.flow import resellers as flow
from certifications.flow.facts import screening_facts
from certifications.ledger.actions import opened
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.factor import factor_of
from certifications.pages.papers import served
from certifications.pages.rights import compared
from certifications.parties import nominating
from certifications.parties.models_resellers import Nomination
from certifications.parties.queries import display
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to

PER_PAGE = 25


@requires(Permission.SEE_REGISTER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Nominations, those that wait for compliance first."""
    user: User = request.user  # type: ignore[assignment]
    state = request.GET.get("state", "")
    found = flow.visible_to(user).select_related("party", "organisation", "parent__party").prefetch_related("party__names")
    if state in Nomination.Status.values:
        found = found.filter(status=state)
    page = Paginator(found.order_by("status", "-nominated_at"), PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"held": one, "name": display(one.party)} for one in page]
    context = {"page": page, "rows": rows, "state": state, "states": Nomination.Status.values}
    return render(request, "compliance/nominations.html", context)


def _nomination(user: User, number: str) -> Nomination:
    found = flow.visible_to(user).select_related("parent__party", "party", "organisation", "nominated_by", "decided_by", "authorisation")
    return get_object_or_404(found, number=number)


@requires(Permission.SEE_REGISTER)
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One nomination."""
    user: User = request.user  # type: ignore[assignment]
    held = _nomination(user, number)
    opened(what="nomination", obj=held, by=user)
    return _page(request, held)


def _page(request: HttpRequest, held: Nomination, status: int = 200, **more: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    is_open = held.status in {Nomination.Status.OPEN, Nomination.Status.ACCEPTED}
    problem = flow.problem_with(held) if is_open else ""
    decides = may(user, Permission.APPROVE_RESELLERS)
    context = {
        "held": held,
        "name": display(held.party),
        "by": display(held.organisation.party),
        "rows": compared(None, nominating.terms_of(held)),
        "hops": [{"hop": hop, "name": display(hop.party)} for hop in nominating.hops(held)],
        "screening": screening_facts(held.party, "reseller").state,
        "problem": problem,
        "is_open": is_open,
        "may_approve": decides and is_open and not problem,
        "may_refuse": decides and is_open,
        "passkey": begin(user, held.digest, request.session) if decides and is_open and not problem else None,
        "events": told_to(user, history(held)),
        **more,
    }
    return render(request, "compliance/nomination.html", context, status=status)


@requires(Permission.APPROVE_RESELLERS)
@require_POST
def approve(request: HttpRequest, number: str) -> HttpResponse:
    """Approve: the right stands on the register."""
    user: User = request.user  # type: ignore[assignment]
    held = _nomination(user, number)
    try:
        made = flow.approve(
            nomination=held,
            by=user,
            **factor_of(request),
        )
    except (NotAllowed, FactorRefused) as error:
        return _page(request, held, status=422, error=str(error))
    messages.success(request, _("Approved: %(n)s stands on the register from this moment on.") % {"n": made.number})
    return redirect("compliance:right", number=made.number)


@requires(Permission.APPROVE_RESELLERS)
@require_POST
def refuse(request: HttpRequest, number: str) -> HttpResponse:
    """Refuse, with a sentence for the distributor."""
    user: User = request.user  # type: ignore[assignment]
    held = _nomination(user, number)
    reason = request.POST.get("reason", "")[:500]
    try:
        flow.refuse(nomination=held, by=user, reason=reason)
    except NotAllowed as error:
        return _page(request, held, status=422, refuse_error=str(error), typed=reason)
    messages.success(request, _("Refused; the distributor is told."))
    return redirect("compliance:nomination", number=number)


@requires(Permission.SEE_REGISTER)
@require_GET
def paper(request: HttpRequest, number: str, hop: str) -> HttpResponse:
    """The signed paper of a hop, to be saved and never shown as a page."""
    user: User = request.user  # type: ignore[assignment]
    held = _nomination(user, number)
    found = get_object_or_404(
        held.acceptances.filter(paper__isnull=False).select_related("paper"), hop=int(hop) if hop.isdecimal() and len(hop) == 1 else -1
    )
    return served(request, blob=found.paper, obj=found, back=reverse("compliance:nomination", args=[number]))
