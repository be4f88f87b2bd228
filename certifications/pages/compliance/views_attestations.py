"""Attestations as compliance sees them, and changes of their status by two people."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.attestations import queries
from certifications.attestations.actions import change_digest
from certifications.attestations.models import Attestation, StatusChange
from certifications.attestations.rules import STANDINGS, STATUS_REASONS, possible_changes
from certifications.files.actions import read
from certifications.flow import status as flow
from certifications.ledger.actions import opened
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.factor import factor_of
from certifications.people.factors import FactorRefused, begin, has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from portal.downloads import attachment
from portal.limits import searches
from portal.paging import paged

from .forms import ChangeForm

PER_PAGE = 25


@requires(Permission.SEE_ALL_ATTESTATIONS)
@searches
def index(request: HttpRequest) -> HttpResponse:
    """All attestations, by state and search."""
    user: User = request.user  # type: ignore[assignment]
    text, state = request.GET.get("q", "").strip()[:200], request.GET.get("state", "")
    found = queries.search(queries.visible_to(user), text).select_related("declaration__organisation", "declaration__customer__party")
    waiting = queries.awaiting_second(user)
    if state == "proposed":
        found = found.filter(pk__in=waiting.values("attestation"))
    else:
        found = queries.with_standing(found, state)
    page = paged(request, found.order_by("-released_at", "-pk"), PER_PAGE)
    context = {
        "page": page,
        "q": text,
        "state": state,
        "states": STANDINGS,
        "waiting": set(waiting.values_list("attestation_id", flat=True)),
    }
    return render(request, "compliance/attestation_list.html", context)


def _attestation(user: User, number: str) -> Attestation:
    found = queries.visible_to(user).select_related("declaration__organisation", "version", "released_by")
    return get_object_or_404(found, number=number)


@requires(Permission.SEE_ALL_ATTESTATIONS)
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One attestation: what it says, its seal, its history, and a proposed change."""
    user: User = request.user  # type: ignore[assignment]
    attestation = _attestation(user, number)
    opened(what="attestation", obj=attestation, by=user)
    return _page(request, attestation, ChangeForm(status=attestation.status))


def _page(request: HttpRequest, attestation: Attestation, form: ChangeForm, status: int = 200, passkey: Any = None) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    change = attestation.changes.filter(state=StatusChange.State.PROPOSED).select_related("proposed_by").first()
    has_payload = hasattr(attestation, "payload")
    context = {
        "attestation": attestation,
        "view": queries.public_view(attestation) if has_payload else None,
        "change": change,
        "passkey": begin(user, change.digest, request.session) if change and change.proposed_by_id != user.pk else passkey,
        "passkey_next": has_passkey(user),
        "change_reason": STATUS_REASONS[change.reason] if change else "",
        "own_change": bool(change and change.proposed_by_id == user.pk),
        "changes": attestation.changes.exclude(state=StatusChange.State.PROPOSED)
        .select_related("proposed_by", "agreed_by", "voided_by")
        .order_by("-proposed_at"),
        "form": form,
        "may_change": may(user, Permission.CHANGE_STATUS) and bool(possible_changes(attestation.status)),
        "events": told_to(user, history(attestation)),
    }
    return render(request, "compliance/attestation_detail.html", context, status=status)


@requires(Permission.CHANGE_STATUS)
@require_POST
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """Propose suspension, revocation or lifting."""
    user: User = request.user  # type: ignore[assignment]
    attestation = _attestation(user, number)
    form = ChangeForm(request.POST, status=attestation.status)
    passkey = None
    if form.is_valid():
        try:
            flow.propose_change(
                attestation=attestation,
                by=user,
                **form.cleaned_data,
                **factor_of(request),
            )
        except FactorRefused as error:
            form.add_error(None, str(error))
            # The passkey's question over the change as it was just typed.
            passkey = begin(user, change_digest(attestation=attestation, **form.cleaned_data), request.session)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(request, _("Proposed. Another person must agree before anything changes."))
            return redirect("compliance:attestation", number=number)
    return _page(request, attestation, form, status=422, passkey=passkey)


@requires(Permission.CHANGE_STATUS)
@require_POST
def agree(request: HttpRequest, number: str) -> HttpResponse:
    """Another person agrees."""
    user: User = request.user  # type: ignore[assignment]
    attestation = _attestation(user, number)
    change = get_object_or_404(StatusChange, attestation=attestation, pk=request.POST.get("change", ""))
    try:
        changed = flow.agree_change(
            change=change,
            by=user,
            **factor_of(request),
        )
    except (NotAllowed, FactorRefused) as error:
        messages.error(request, str(error))
        return _page(request, attestation, ChangeForm(status=attestation.status), status=422)
    messages.success(request, _("Done: %(n)s shows the new status to everybody now.") % {"n": changed.number})
    return redirect("compliance:attestation", number=number)


@requires(Permission.CHANGE_STATUS)
@require_POST
def void(request: HttpRequest, number: str) -> HttpResponse:
    """Take a proposed change back, or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    attestation = _attestation(user, number)
    change = get_object_or_404(StatusChange, attestation=attestation, pk=request.POST.get("change", ""))
    try:
        flow.void_change(change=change, by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is withdrawn."))
    return redirect("compliance:attestation", number=number)


@requires(Permission.SEE_ALL_ATTESTATIONS)
def pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The sealed PDF."""
    user: User = request.user  # type: ignore[assignment]
    attestation = _attestation(user, number)
    if not hasattr(attestation, "seal"):
        messages.error(request, _("The attestation is not sealed yet."))
        return redirect("compliance:attestation", number=number)
    content = read(attestation.seal.pdf)
    opened(what="pdf", obj=attestation, by=user)
    return attachment(content, name=f"{number}.pdf", media_type="application/pdf")
