"""Nominations of resellers as compliance sees them: who accepted what, how the reseller was screened, approve or refuse."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.flow import resellers as flow
from certifications.flow.facts import screening_facts
from certifications.ledger.actions import opened
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.factor import factor_of
from certifications.pages.papers import served
from certifications.pages.places import line_words, reach_words
from certifications.pages.rights import compared
from certifications.parties import nominating
from certifications.parties.models_resellers import Nomination
from certifications.parties.queries import display
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from portal.exports import csv_response, first_of
from portal.limits import exports, searches
from portal.lists import between, page_of
from portal.words import word_for

from .forms_lists import NominationsForm

MOST_ROWS = 10_000


def _listed(user: User, request: HttpRequest) -> tuple[NominationsForm, QuerySet[Nomination]]:
    form = NominationsForm(request.GET)
    found = nominating.search(flow.visible_to(user), form.get("q"))
    if form.get("state"):
        found = found.filter(status=form.get("state"))
    return form, between(found, "nominated_at", form).select_related("party", "organisation", "parent")


@requires(Permission.SEE_REGISTER)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """Nominations, those that wait for compliance first unless another order is asked for."""
    user: User = request.user  # type: ignore[assignment]
    form, found = _listed(user, request)
    listed = page_of(request, form, visible=flow.visible_to(user), found=found)
    prefetch_related_objects(listed.rows, "party__names")
    rows = [{"held": one, "name": display(one.party)} for one in listed.rows]
    return render(request, "compliance/nominations.html", {"listed": listed, "rows": rows})


@requires(Permission.SEE_REGISTER)
@require_GET
@exports("nominations")
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed and sorted, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    form, wanted = _listed(user, request)
    found, is_cut = first_of(form.ordered(wanted), MOST_ROWS)
    prefetch_related_objects(found, "party__names")
    head = [
        _("Number"), _("Reseller"), _("Latin name"), _("State"), _("Nominated by"), _("Below"), _("Product lines"), _("Where"), _("First day"),
        _("First day after it"), _("Nominated"),
    ]  # fmt: skip
    rows = []
    for one in found:
        name = display(one.party)
        rows.append(
            [
                one.number,
                name.native,
                name.latin,
                word_for("nomination", one.status).text,
                one.organisation.name,
                one.parent.number,
                line_words(one.lines),
                reach_words(one),
                one.valid_from,
                one.valid_until,
                timezone.localtime(one.nominated_at).date().isoformat(),
            ]
        )
    return csv_response("nominations.csv", head, rows, is_cut=is_cut)


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
