"""Changes of the catalogue that need two people: the groups of equivalents, what is proposed, and the second person's answer."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.catalogue.models import EquivalenceGroup
from certifications.catalogue.models_versions import CatalogueProposal
from certifications.catalogue.rules_ownership import RuleData
from certifications.catalogue.rules_policies import PolicyData
from certifications.flow import catalogue as flow
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.people.factors import FactorRefused, begin, has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.limits import tries_asked
from portal.paging import paged

from .dry_runs import dry_run
from .forms_catalogue import GroupEndForm, GroupForm
from .proposing import changes_by, measures_of, proposed, said_by, title_of
from .views_ownership import tried

PER_PAGE = 25
State = CatalogueProposal.State


def awaiting(user: User) -> list[dict[str, Any]]:
    """What is proposed and not decided, the oldest first; whoever may only look sees it too."""
    found = CatalogueProposal.objects.filter(state=State.PROPOSED).select_related("proposed_by").order_by("proposed_at")
    return [{"proposal": one, "title": title_of(one), "own": one.proposed_by_id == user.pk} for one in found]


@requires(Permission.SEE_CATALOGUE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Everything that was proposed for the catalogue: what waits, then what became of the rest."""
    user: User = request.user  # type: ignore[assignment]
    past = CatalogueProposal.objects.exclude(state=State.PROPOSED).select_related("proposed_by", "agreed_by", "voided_by")
    page = paged(request, past.order_by("-proposed_at", "-pk"), PER_PAGE)
    context = {"waiting": awaiting(user), "page": page, "rows": [{"proposal": one, "title": title_of(one)} for one in page]}
    return render(request, "compliance/catalogue_proposals.html", context)


def _proposal(pk: str) -> CatalogueProposal:
    found: CatalogueProposal = get_object_or_404(CatalogueProposal.objects.select_related("proposed_by", "agreed_by", "voided_by"), pk=pk)
    return found


@requires(Permission.SEE_CATALOGUE)
@require_GET
@tries_asked
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One proposal, word for word."""
    return _page(request, _proposal(pk))


def _page(request: HttpRequest, proposal: CatalogueProposal, status: int = 200) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    is_open = proposal.state == State.PROPOSED
    own = proposal.proposed_by_id == user.pk
    may_agree = may(user, Permission.AGREE_CATALOGUE) and is_open
    context: dict[str, Any] = {
        "proposal": proposal,
        "title": title_of(proposal),
        "said": said_by(proposal),
        "changes": changes_by(proposal),
        "own": own,
        "may_agree": may_agree,
        "passkey": begin(user, proposal.digest, request.session) if may_agree and not own else None,
    }
    context["may_try"] = proposal.kind in {"policy", "owners"} and is_open
    if context["may_try"] and request.GET.get("try"):
        if proposal.kind == "owners":
            context |= tried(RuleData.of(proposal.content))
        else:
            context |= dry_run(PolicyData.of(proposal.content))
    return render(request, "compliance/catalogue_proposal.html", context, status=status)


@requires(Permission.AGREE_CATALOGUE)
@require_POST
def agree(request: HttpRequest, pk: str) -> HttpResponse:
    """Another person agrees, and it takes effect."""
    user: User = request.user  # type: ignore[assignment]
    proposal = _proposal(pk)
    try:
        flow.agree(proposal=proposal, by=user, **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        messages.error(request, str(error))
        return _page(request, _proposal(pk), status=422)
    messages.success(request, _("Done: two people agreed, and it is on record."))
    return redirect("compliance:catalogue-proposal", pk=pk)


@requires(Permission.AGREE_CATALOGUE)
@require_POST
def void(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a proposal back, or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.void(proposal=_proposal(pk), by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is withdrawn."))
    return redirect("compliance:catalogue-proposals")


def _groups_page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    groups = EquivalenceGroup.objects.prefetch_related("members__product").order_by("ended_at", "name")
    live = [group for group in groups if group.ended_at is None]
    context = {
        "rows": [
            {"group": group, "measures": measures_of({m.product.catalogue_number: m.measure for m in group.members.all()})}
            for group in live
        ],
        "ended": [group for group in groups if group.ended_at is not None],
        "may_edit": may(user, Permission.EDIT_CATALOGUE),
        "form": GroupForm(),
        "end_form": GroupEndForm(prefix="end", choices=_choices(live)) if live else None,
        "passkey_next": has_passkey(user),
        **more,
    }
    return render(request, "compliance/equivalents.html", context, status=status)


def _choices(live: list[EquivalenceGroup]) -> list[tuple[str, str]]:
    return [(group.pk, group.name) for group in live]


@requires(Permission.SEE_CATALOGUE)
def groups(request: HttpRequest) -> HttpResponse:
    """The groups of equivalents; a lead proposes one, or the end of one."""
    user: User = request.user  # type: ignore[assignment]
    if request.method != "POST" or not may(user, Permission.EDIT_CATALOGUE):
        return _groups_page(request)
    more: dict[str, Any] = {}
    live = list(EquivalenceGroup.objects.filter(ended_at__isnull=True).order_by("name"))
    if "end-group" in request.POST:
        end = GroupEndForm(request.POST, prefix="end", choices=_choices(live))
        more["end_form"] = end
        if end.is_valid():
            name = dict(_choices(live))[end.cleaned_data["group"]]
            content = {"group": end.cleaned_data["group"]}
            if proposed(request, end, kind="group_end", subject=name, content=content, more=more):
                return _sent(request)
    else:
        form = GroupForm(request.POST)
        more["form"] = form
        if form.is_valid():
            content = {"measures": {number: str(measure) for number, measure in form.cleaned_data["measures"].items()}}
            if proposed(request, form, kind="group", subject=form.cleaned_data["name"].strip(), content=content, more=more):
                return _sent(request)
    return _groups_page(request, status=422, **more)


def _sent(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Proposed. Another person must agree before anything changes."))
    return redirect("compliance:catalogue-proposals")
