"""A declaration as compliance reads it before it decides or releases, and the objections that a distributor put to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.declarations import queries
from certifications.declarations.models import Objection
from certifications.declarations.queries_enduser import end_user_word
from certifications.flow import sign as flow
from certifications.flow.policies import least_level
from certifications.ledger.moves import NotAllowed
from certifications.orders.queries import balances_of, entries_of
from certifications.parties.queries import display
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires


def _page(request: HttpRequest, number: str, status: int = 200, **more: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    version = queries.version_of(declaration)
    context = {
        "declaration": declaration,
        "version": version,
        "name": display(declaration.customer.party),
        "lines": version.lines.select_related("product"),
        "digest": queries.frozen_form(version)[1],
        "signature": getattr(version, "signature", None),
        "end_user": end_user_word(declaration),
        "end_user_needed": least_level(declaration, version),
        "objections": declaration.objections.select_related("sent_by", "answered_by", "end_user").order_by("-sent_at"),
        "cases": declaration.cases.order_by("-opened_at"),
        "attestations": declaration.attestations.exclude(status="void").order_by("-released_at"),
        "balances": balances_of(declaration),
        "entries": entries_of(declaration)[:12],
        "may_answer": may(user, Permission.DECIDE_CASES),
        **more,
    }
    return render(request, "compliance/declaration.html", context, status=status)


@requires(Permission.SEE_CASES)
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """What it says, who signed it, its cases and attestations."""
    return _page(request, number)


@requires(Permission.DECIDE_CASES)
@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Answer an objection; the distributor reads it on its own page and is told by mail."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    objection = get_object_or_404(Objection, declaration=declaration, pk=request.POST.get("objection", ""))
    try:
        flow.answer_objection(objection=objection, by=user, text=request.POST.get("answer", "")[:2000])
    except NotAllowed as error:
        return _page(request, number, 422, error=str(error), error_at=objection.pk, typed=request.POST.get("answer", ""))
    messages.success(request, _("Your answer is sent."))
    return redirect("compliance:declaration", number=number)
