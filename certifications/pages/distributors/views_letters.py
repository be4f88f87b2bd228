"""Tender letters of one distributor: asked for in one form, followed, downloaded, withdrawn."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.flow import letters as flow
from certifications.flow.letter_policies import least_level
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.letters import queries
from certifications.letters.models import Letter, LetterDecision
from certifications.pages.letters import letters_csv, letters_page, sealed_pdf
from certifications.pages.rights import put
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from portal.limits import exports, searches

from .forms_letters import PROPOSED_DAYS, LetterForm

OPEN = (Letter.Status.SCREENING, Letter.Status.WAITING)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """The distributor's letters, searched, narrowed and sorted."""
    user: User = request.user  # type: ignore[assignment]
    context = letters_page(user, request) | {"may_ask": may(user, Permission.ASK_LETTERS)}
    return render(request, "distributors/letters.html", context)


@requires(Permission.SEE_OWN_DECLARATIONS)
@exports("letters")
def export(request: HttpRequest) -> HttpResponse:
    """One's own letters as the list shows them, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    return letters_csv(user, request)


@requires(Permission.ASK_LETTERS)
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a letter."""
    user: User = request.user  # type: ignore[assignment]
    proposed = civil_today() + dt.timedelta(days=PROPOSED_DAYS)
    first: dict[str, Any] = {"form_key": new_ulid(), "country": "CN", "valid_until": proposed, "language": "both"}
    form = LetterForm(request.POST or None, initial=first)
    if form.is_valid():
        try:
            letter = flow.ask(by=user, data=form.data_given(), form_key=form.cleaned_data["form_key"])
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("Asked for. Everybody named is screened now; you are told by mail when it is decided."))
            return redirect("distributors:letter", number=letter.number)
    return render(request, "distributors/letter_form.html", {"form": form}, status=422 if form.is_bound else 200)


def _letter(user: User, number: str) -> Letter:
    return get_object_or_404(queries.visible_to(user).select_related("organisation__party", "asked_by"), number=number)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One letter: what was asked for, where it stands, the PDF. Of awards only one that names the distributor itself."""
    user: User = request.user  # type: ignore[assignment]
    letter = _letter(user, number)
    ended = letter.decisions.filter(outcome__in=["refuse", "revoke"], state=LetterDecision.State.EFFECTIVE).order_by("-proposed_at").first()
    context = {
        "letter": letter,
        "word": queries.standing_of(letter),
        "needed": least_level(letter) if letter.status in OPEN else "",
        "seal": getattr(letter, "seal", None),
        "told": ended.public_reason if ended else "",
        "won": [award for award in queries.awards_of(letter) if award.winner == "holder"],
        "may_withdraw": may(user, Permission.ASK_LETTERS) and letter.status in OPEN,
        "may_ask": may(user, Permission.ASK_LETTERS),
        "events": told_to(user, history(letter)),
    }
    return render(request, "distributors/letter.html", context)


@requires(Permission.ASK_LETTERS)
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take a request back before it is decided."""
    user: User = request.user  # type: ignore[assignment]
    letter = _letter(user, number)
    if request.method == "POST":
        try:
            flow.withdraw(letter=letter, by=user)
        except NotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The request is withdrawn."))
        return redirect("distributors:letter", number=number)
    context = {
        "title": _("Withdraw the request"),
        "text": _("%(n)s is not looked at any further. You can ask for another letter at any time.") % {"n": number},
        "action": _("Withdraw the request"),
        "back_url": reverse("distributors:letter", args=[number]),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The sealed PDF of one's own letter."""
    user: User = request.user  # type: ignore[assignment]
    return sealed_pdf(request, _letter(user, number), page="distributors:letter")
