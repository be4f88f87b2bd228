"""A declaration as compliance reads it before it decides or releases, and the objections that a distributor put to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.declarations import queries
from certifications.declarations.changes import changes
from certifications.declarations.models import Declaration, Objection
from certifications.declarations.queries_enduser import end_user_words, objections_with
from certifications.flow import sign as flow
from certifications.flow.facts import least_level
from certifications.ledger.moves import NotAllowed, may_move
from certifications.orders.queries import balances_of, entries_of
from certifications.pages.declared import FIELDS
from certifications.pages.papers import served
from certifications.parties.queries import display
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.prices import sees_prices

from .forms import ReturnForm


def _page(request: HttpRequest, number: str, status: int = 200, **more: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    version = queries.version_of(declaration)
    words = end_user_words(declaration)
    context = {
        "declaration": declaration,
        "version": version,
        "name": display(declaration.customer.party),
        "text": queries.shown_text(version),
        "sees_value": sees_prices(user),
        "documents": version.documents.select_related("blob"),
        "fields": FIELDS,
        "digest": queries.frozen_form(version)[1],
        "signature": getattr(version, "signature", None),
        "end_user": words,
        "end_user_needed": least_level(declaration, version),
        "objections": objections_with(declaration, words),
        "cases": declaration.cases.order_by("-opened_at"),
        "attestations": declaration.attestations.exclude(status="void").order_by("-released_at"),
        "balances": balances_of(declaration),
        "entries": entries_of(declaration)[:12],
        "may_answer": may(user, Permission.DECIDE_CASES),
        "before": (before := queries.text_before(declaration)),
        "changes": changes(before, queries.shown_text(version)) if before is not None else [],
        "withdrawal": getattr(declaration, "withdrawal", None),
        "followers": declaration.followers.order_by("created_at"),
        "may_return": may(user, Permission.DECIDE_CASES) and may_move(declaration, "returned") and not _open_case(declaration),
        **more,
    }
    return render(request, "compliance/declaration.html", context, status=status)


@requires(Permission.SEE_CASES)
def document(request: HttpRequest, number: str, pk: str) -> HttpResponse:
    """A document of the version in play, to be saved and read."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    found = queries.document_of(queries.version_of(declaration), pk)
    return served(request, blob=found.blob, obj=declaration, back=reverse("compliance:declaration", args=[number]))


@requires(Permission.SEE_CASES)
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """What it says, who signed it, its cases and attestations."""
    return _page(request, number)


def _open_case(declaration: Declaration) -> bool:
    return declaration.cases.exclude(status="closed").exists()


@requires(Permission.DECIDE_CASES)
def send_back(request: HttpRequest, number: str) -> HttpResponse:
    """Return a declaration that waits for release, with what its distributor must mend."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    form = ReturnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            flow.return_declaration(declaration=declaration, by=user, fields=form.cleaned_data["mend"], text=form.cleaned_data["text"])
        except NotAllowed as error:
            if error.code in form.fields:
                form.add_error(error.code, str(error))
            else:
                messages.error(request, str(error))
                return redirect("compliance:declaration", number=number)
        else:
            messages.success(request, _("Returned. Whoever filed it is told by mail and reads what you wrote."))
            return redirect("compliance:declaration", number=number)
    context = {"declaration": declaration, "form": form}
    return render(request, "compliance/return.html", context, status=422 if form.is_bound else 200)


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
