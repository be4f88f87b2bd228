"""Emergency access: asked for, agreed to, looked through; and what the distributor and the auditor read of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from certifications.declarations import emergency
from certifications.declarations.models_emergency import EmergencyAccess
from certifications.flow import emergency as flow
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.factor import factor_of
from certifications.people.factors import FactorRefused, begin, has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import independent, told_to
from portal.limits import searches
from portal.paging import paged

PER_PAGE = 25
reads = requires(Permission.ASK_EMERGENCY, Permission.SEE_CASES, Permission.SEE_OWN_DECLARATIONS)


class AskForm(forms.Form):
    """Which declaration, and why it cannot wait."""

    number = forms.CharField(label=gettext_lazy("Number of the declaration"), max_length=20)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=list(emergency.REASONS.items()))
    explanation = forms.CharField(
        label=gettext_lazy("What happened, and what you must know"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The distributor reads exactly this."),
    )


def _row(access: EmergencyAccess) -> dict[str, Any]:
    words = {"proposed": "asked", "voided": "voided"}
    standing = words.get(access.state) or ("open" if emergency.is_open(access) else "closed")
    if emergency.is_lapsed(access):
        standing = "lapsed"
    return {"access": access, "standing": standing, "reason": emergency.REASONS.get(access.reason, "")}


@reads
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """Every access that concerns the reader, the newest first."""
    user: User = request.user  # type: ignore[assignment]
    found = emergency.visible_to(user).select_related("declaration__organisation", "proposed_by").prefetch_related("looks")
    text = request.GET.get("q", "").strip()[:20]
    if text:
        found = found.filter(declaration__number__iexact=text)
    page = paged(request, found.order_by("-proposed_at", "-pk"), PER_PAGE)
    context = {
        "page": page,
        "rows": [_row(access) for access in page],
        "q": text,
        "may_ask": may(user, Permission.ASK_EMERGENCY),
        "names": not may(user, Permission.SEE_OWN_DECLARATIONS),
    }
    return render(request, "emergency/list.html", context)


@requires(Permission.ASK_EMERGENCY)
def new(request: HttpRequest) -> HttpResponse:
    """Ask."""
    user: User = request.user  # type: ignore[assignment]
    form = AskForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "passkey_next": has_passkey(user)}
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            made = flow.ask(by=user, **words, **factor_of(request))
        except FactorRefused as refusal:
            form.add_error(None, str(refusal))
            declaration = emergency.check_asked(by=user, **words)
            version = emergency.signed_version(declaration)
            said = {"reason": words["reason"], "explanation": words["explanation"]}
            digest = emergency.emergency_digest(declaration=declaration, version=version, **said)
            context["passkey"] = begin(user, digest, request.session)
        except NotAllowed as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Asked. Another person must agree; until then nothing is shown."))
            return redirect("emergency:access", pk=made.pk)
    return render(request, "emergency/new.html", context, status=422 if form.is_bound else 200)


def _one(user: User, pk: str) -> EmergencyAccess:
    found = emergency.visible_to(user).select_related("declaration__organisation", "proposed_by", "agreed_by", "closed_by")
    return get_object_or_404(found, pk=pk)


@reads
@require_GET
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One access: why, until when, every look."""
    user: User = request.user  # type: ignore[assignment]
    return _page(request, _one(user, pk))


def _page(request: HttpRequest, access: EmergencyAccess, status: int = 200, **more: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    is_asked = access.state == EmergencyAccess.State.PROPOSED and not emergency.is_lapsed(access)
    agrees = is_asked and may(user, Permission.AGREE_EMERGENCY) and independent(access.proposed_by, user)
    context = {
        **_row(access),
        "looks": access.looks.order_by("at"),
        "may_agree": agrees,
        "may_void": is_asked and (may(user, Permission.AGREE_EMERGENCY) or access.proposed_by_id == user.pk),
        "may_close": emergency.is_open(access) and (may(user, Permission.AGREE_EMERGENCY) or access.proposed_by_id == user.pk),
        "may_look": access.proposed_by_id == user.pk and emergency.is_open(access),
        "names": not may(user, Permission.SEE_OWN_DECLARATIONS),
        "passkey": begin(user, access.digest, request.session) if agrees else None,
        "events": told_to(user, history(access)),
        **more,
    }
    return render(request, "emergency/access.html", context, status=status)


@requires(Permission.AGREE_EMERGENCY)
@require_POST
def agree(request: HttpRequest, pk: str) -> HttpResponse:
    """A second person agrees; it is open from now."""
    user: User = request.user  # type: ignore[assignment]
    access = _one(user, pk)
    try:
        flow.agree(access=access, by=user, **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        return _page(request, access, status=422, error=str(error))
    messages.success(request, _("Open for four hours. The distributor is told."))
    return redirect("emergency:access", pk=pk)


@requires(Permission.ASK_EMERGENCY, Permission.AGREE_EMERGENCY)
@require_POST
def void(request: HttpRequest, pk: str) -> HttpResponse:
    """Take it back, or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.void(access=_one(user, pk), by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Nothing was shown. That it was asked stays on record."))
    return redirect("emergency:access", pk=pk)


@requires(Permission.ASK_EMERGENCY, Permission.AGREE_EMERGENCY)
@require_POST
def close(request: HttpRequest, pk: str) -> HttpResponse:
    """Close it before its four hours are over."""
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.close(access=_one(user, pk), by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Closed. Every look stays on record."))
    return redirect("emergency:access", pk=pk)


@requires(Permission.ASK_EMERGENCY)
@require_POST
@never_cache
def look(request: HttpRequest, pk: str) -> HttpResponse:
    """Record a look, then show the declared text. A POST: nobody looks by following a link."""
    user: User = request.user  # type: ignore[assignment]
    access = _one(user, pk)
    try:
        text = flow.look(access=access, by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect("emergency:access", pk=pk)
    return render(request, "emergency/look.html", {"access": access, "text": text})
