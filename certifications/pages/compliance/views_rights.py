"""Recording, renewing and correcting authorisations, their papers and trainings, and changes of their standing by two people."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.files.rules import MAX_PAPER_MB
from certifications.flow import register as flow
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.pages.rights import compared, put
from certifications.parties import authorising, changes
from certifications.parties.models import Party
from certifications.parties.models_register import Authorisation, AuthorisationChange
from certifications.parties.queries import display
from certifications.parties.register import today
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from portal.bodies import takes
from portal.templatetags.kit import main_name

from .forms_register import PaperForm, RightForm, StandingForm, TrainingForm
from .views_register import detail_page, right


def _holders() -> list[tuple[str, str]]:
    """Distributors that are parties, by name."""
    found = Party.objects.filter(organisation__kind="distributor").prefetch_related("names")
    return sorted(((party.pk, main_name(display(party))) for party in found), key=lambda row: row[1])


@requires(Permission.EDIT_REGISTER)
def new(request: HttpRequest) -> HttpResponse:
    """Record an authorisation, or with ?renews= what follows an old one: proposed from it, and only what changes is asked."""
    user: User = request.user  # type: ignore[assignment]
    number = request.GET.get("renews", "")
    old = right(user, number) if number else None
    if old is not None:
        try:
            authorising.check_renews(old, None)
        except NotAllowed as error:
            messages.error(request, str(error))
            return redirect("compliance:right", number=number)
    entry = today().one(old) if old else None
    initial = RightForm.initial_of(authorising.renewal_of(entry.terms)) if entry else {}
    form = RightForm(request.POST or None, risks=authorising.risk_sets(), holders=None if old else _holders(), initial=initial)
    context: dict[str, Any] = {"form": form, "renews": old, "name": display(old.party) if old else None}
    if form.is_valid() and request.POST.get("step") != "edit":
        party = old.party if old else Party.objects.get(pk=form.cleaned_data["party"])
        data = form.data_given()

        def act() -> Authorisation:
            return flow.record(party=party, by=user, data=data, renews=old, **factor_of(request))

        digest = authorising.digest_of(data=data, about=party.pk)
        context["holder"] = display(party)
        try:
            authorising.check(party=party, parent=None, data=data)
        except NotAllowed as error:
            put(form, error)
        else:
            return _confirm(request, context, act, digest, compared(entry.terms if entry else None, data))
    return render(request, "compliance/right_form.html", context, status=422 if form.errors else 200)


@requires(Permission.EDIT_REGISTER)
def correct(request: HttpRequest, number: str) -> HttpResponse:
    """Record other terms in place of those that count now; what was known until then stays."""
    user: User = request.user  # type: ignore[assignment]
    held = right(user, number)
    entry = today().one(held)
    if entry is None or entry.standing == "revoked":
        messages.error(request, _("A revoked authorisation is not corrected; record a new one."))
        return redirect("compliance:right", number=number)
    initial = RightForm.initial_of(authorising.data_of(entry.terms))
    form = RightForm(request.POST or None, risks=authorising.risk_sets(), correcting=True, initial=initial)
    context: dict[str, Any] = {"form": form, "corrects": held, "name": display(held.party), "holder": display(held.party)}
    if form.is_valid() and request.POST.get("step") != "edit":
        data, reason = form.data_given(), form.cleaned_data["reason"]

        def act() -> Authorisation:
            flow.correct(authorisation=held, by=user, data=data, reason=reason, **factor_of(request))
            return held

        digest = authorising.digest_of(data=data, about=held.pk, reason=reason)
        try:
            authorising.check_correction(authorisation=held, data=data, reason=reason)
        except NotAllowed as error:
            put(form, error)
        else:
            context["reason"] = reason
            return _confirm(request, context, act, digest, compared(entry.terms, data))
    return render(request, "compliance/right_form.html", context, status=422 if form.errors else 200)


def _confirm(request: HttpRequest, context: dict[str, Any], act: Any, digest: str, rows: list[dict[str, Any]]) -> HttpResponse:
    """Show what would be recorded, word for word; with a factor for exactly that, record it."""
    user: User = request.user  # type: ignore[assignment]
    status = 200
    if request.POST.get("step") == "record":
        try:
            made = act()
        except (NotAllowed, FactorRefused) as error:
            context["error"], status = str(error), 422
        else:
            messages.success(request, _("Recorded. It is known from this moment on."))
            return redirect("compliance:right", number=made.number)
    context |= {"rows": rows, "passkey": begin(user, digest, request.session)}
    return render(request, "compliance/right_confirm.html", context, status=status)


@takes(MAX_PAPER_MB)
@requires(Permission.EDIT_REGISTER)
@require_POST
def add_paper(request: HttpRequest, number: str) -> HttpResponse:
    """Put a contract or letter behind a right."""
    user: User = request.user  # type: ignore[assignment]
    held = right(user, number)
    form = PaperForm(request.POST, request.FILES, prefix="paper")
    if form.is_valid():
        given = form.cleaned_data
        file = given.pop("file")
        try:
            flow.add_document(authorisation=held, by=user, content=file.read(), name=file.name, **given)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else "file", str(error))
        else:
            messages.success(request, _("The paper is kept."))
            return redirect("compliance:right", number=number)
    return detail_page(request, held, status=422, paper_form=form)


@requires(Permission.EDIT_REGISTER)
@require_POST
def add_training(request: HttpRequest, number: str) -> HttpResponse:
    """Record a training of the holder's people."""
    user: User = request.user  # type: ignore[assignment]
    held = right(user, number)
    form = TrainingForm(request.POST, prefix="training")
    if form.is_valid():
        try:
            flow.add_training(authorisation=held, by=user, **form.cleaned_data)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(request, _("The training is recorded."))
            return redirect("compliance:right", number=number)
    return detail_page(request, held, status=422, training_form=form)


@requires(Permission.CHANGE_AUTHORISATIONS)
@require_POST
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """Propose suspension, revocation or lifting from a day."""
    user: User = request.user  # type: ignore[assignment]
    held = right(user, number)
    last = changes.last_change(held)
    form = StandingForm(request.POST, last=last.to if last else "")
    more: dict[str, Any] = {}
    if form.is_valid():
        try:
            flow.propose_change(authorisation=held, by=user, **factor_of(request), **form.cleaned_data)
        except FactorRefused as error:
            form.add_error(None, str(error))
            # The passkey's question over the change as it was just typed.
            more["passkey"] = begin(user, changes.change_digest(authorisation=held, **form.cleaned_data), request.session)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(request, _("Proposed. Another person must agree before anything changes."))
            return redirect("compliance:right", number=number)
    return detail_page(request, held, status=422, form=form, **more)


@requires(Permission.CHANGE_AUTHORISATIONS)
@require_POST
def agree(request: HttpRequest, number: str) -> HttpResponse:
    """Another person agrees."""
    user: User = request.user  # type: ignore[assignment]
    held = right(user, number)
    change = get_object_or_404(AuthorisationChange, authorisation=held, pk=request.POST.get("change", ""))
    try:
        flow.agree_change(change=change, by=user, **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        messages.error(request, str(error))
        return detail_page(request, held, status=422)
    messages.success(request, _("Done: it counts from its day on, and is known from this moment on."))
    return redirect("compliance:right", number=number)


@requires(Permission.CHANGE_AUTHORISATIONS)
@require_POST
def void(request: HttpRequest, number: str) -> HttpResponse:
    """Take a proposed change back, or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    held = right(user, number)
    change = get_object_or_404(AuthorisationChange, authorisation=held, pk=request.POST.get("change", ""))
    try:
        flow.void_change(change=change, by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is withdrawn."))
    return redirect("compliance:right", number=number)
