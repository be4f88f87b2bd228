"""Policies: what is asked of which declarations, from when; a dry run over the open ones before two people agree."""

from typing import Any

from django.contrib import messages
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.catalogue.models_policies import Policy
from certifications.catalogue.policies import check_policy, not_ended
from certifications.catalogue.rules_policies import PolicyData
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.rights import put
from certifications.people.factors import has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from portal.limits import tries, tries_asked
from portal.paging import paged

from .dry_runs import dry_run
from .forms_policies import PolicyEndForm, PolicyForm
from .proposing import Said, policy_words, proposed

PER_PAGE = 25
STATES = ("in_force", "to_come", "over")


def said_of(policy: Policy) -> Said:
    """What it asks, line by line."""
    return policy_words(PolicyData.of({**policy.proposal.content, "until": policy.until.isoformat() if policy.until else ""}))


@requires(Permission.SEE_CATALOGUE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every policy: those that hold first, then what is to come, then what is over."""
    user: User = request.user  # type: ignore[assignment]
    today = civil_today()
    place = Case(When(until__lte=today, then=Value(2)), When(from_date__gt=today, then=Value(1)), default=Value(0))
    found = Policy.objects.select_related("proposal").annotate(place=place).order_by("place", "-from_date", "-number")
    page = paged(request, found, PER_PAGE)
    rows = [{"policy": one, "state": STATES[one.place], "said": said_of(one)} for one in page]
    context = {"page": page, "rows": rows, "may_edit": may(user, Permission.EDIT_CATALOGUE)}
    return render(request, "compliance/policies.html", context)


@requires(Permission.EDIT_CATALOGUE)
@tries
def new(request: HttpRequest) -> HttpResponse:
    """A new policy: tried on the open declarations as often as wanted, then proposed."""
    user: User = request.user  # type: ignore[assignment]
    held = list(not_ended(civil_today()))
    form = PolicyForm(request.POST or None, held=held, initial={"from_date": civil_today()})
    context: dict[str, Any] = {"form": form, "passkey_next": has_passkey(user)}
    if form.is_valid():
        data = form.data_given()
        try:
            check_policy(data.title, data.content())
            context |= dry_run(data)
            if "propose" in request.POST and proposed(
                request, form, kind="policy", subject=data.title.strip(), content=data.content(), more=context
            ):
                messages.success(request, _("Proposed. Another person must agree before anything changes."))
                return redirect("compliance:catalogue-proposals")
        except NotAllowed as error:
            put(form, error)
    return render(request, "compliance/policy_new.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_CATALOGUE)
@tries_asked
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One policy, the open declarations that it is about where asked for (`try`), and proposing its end."""
    user: User = request.user  # type: ignore[assignment]
    policy = get_object_or_404(Policy.objects.select_related("proposal__proposed_by", "proposal__agreed_by"), number=number)
    today = civil_today()
    may_end = may(user, Permission.EDIT_CATALOGUE) and (policy.until is None or policy.until > today)
    form = PolicyEndForm(request.POST if request.method == "POST" and may_end else None, initial={"until": today})
    context: dict[str, Any] = {
        "policy": policy,
        "said": said_of(policy),
        "today": today,
        "may_end": may_end,
        "form": form,
        "passkey_next": has_passkey(user),
        "events": told_to(user, history(policy)),
        "may_try": True,
    }
    if request.GET.get("try"):
        context |= dry_run(PolicyData.of(policy.proposal.content))
    if form.is_valid():
        content = {"until": form.cleaned_data["until"].isoformat()}
        if proposed(request, form, kind="policy_end", subject=policy.number, content=content, more=context):
            messages.success(request, _("Proposed. Another person must agree before anything changes."))
            return redirect("compliance:catalogue-proposals")
    return render(request, "compliance/policy.html", context, status=422 if form.errors else 200)
