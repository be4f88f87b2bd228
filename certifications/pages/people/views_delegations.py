"""Powers to sign: the list, one on record, and what each side does with it."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.files.actions import Damaged, read
from certifications.flow import delegations as flow
from certifications.ledger.actions import opened
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.factor import factor_of
from certifications.pages.places import line_words
from certifications.people.delegating import PAPERS, signatories
from certifications.people.factors import FactorRefused, begin, has_passkey
from certifications.people.models import User
from certifications.people.models_delegations import Delegation
from certifications.people.permissions import Permission, may, requires
from certifications.people.powers import KINDS, of_standing, standing, visible_to
from certifications.people.queries import independent, told_to
from portal.downloads import attachment
from portal.exports import csv_response
from portal.limits import exports, searches
from portal.paging import paged
from portal.words import word_for

from .forms_delegations import DelegationForm, EndForm, FilterForm

PER_PAGE = 25
sees_delegations = requires(Permission.MANAGE_DELEGATIONS, Permission.SIGN_DECLARATIONS, Permission.SEE_CASES)


def _found(request: HttpRequest, form: FilterForm) -> QuerySet[Delegation]:
    user: User = request.user  # type: ignore[assignment]
    found = visible_to(user).select_related("delegate", "organisation").order_by("-proposed_at", "-pk")
    if not form.is_valid():
        return found
    text = form.cleaned_data["q"].strip()
    if text:
        found = found.filter(
            Q(number__iexact=text)
            | Q(delegate__name__icontains=text)
            | Q(delegator_name__icontains=text)
            | Q(organisation__name__icontains=text)
        )
    return of_standing(found, form.cleaned_data["standing"], civil_today())


def _row(held: Delegation) -> dict[str, Any]:
    return {
        "held": held,
        "standing": standing(held, civil_today()),
        "lines": line_words(held.lines),
        "kinds": [KINDS[kind] for kind in held.kinds if kind in KINDS],
    }


@sees_delegations
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """Delegations, the newest first; for an administrator also who signs by office."""
    user: User = request.user  # type: ignore[assignment]
    form = FilterForm(request.GET or None)
    page = paged(request, _found(request, form), PER_PAGE)
    manages = may(user, Permission.MANAGE_DELEGATIONS)
    given = set(Delegation.objects.filter(organisation=user.organisation, state="effective").values_list("delegate_id", flat=True))
    context = {
        "page": page,
        "rows": [_row(held) for held in page],
        "form": form,
        "query": request.GET.urlencode(),
        "manages": manages,
        "is_compliance": may(user, Permission.SEE_CASES),
        "by_office": [one for one in signatories(user.organisation) if one.pk not in given] if manages else [],
    }
    return render(request, "people/delegations.html", context)


@sees_delegations
@require_GET
@exports("delegations")
def export(request: HttpRequest) -> HttpResponse:
    """The same list as CSV."""
    head = [_("Number"), _("Standing"), _("Distributor"), _("Who signs"), _("Given by"), _("Function"), _("Acts"), _("Product lines"),
            _("Most units"), _("First day"), _("First day after it"), _("Dated"), _("Ended from")]  # fmt: skip
    rows = []
    for held in _found(request, FilterForm(request.GET or None)):
        row = _row(held)
        rows.append(
            [held.number, word_for("power", row["standing"]).text, held.organisation.name, held.delegate.name, held.delegator_name,
             held.delegator_role, "; ".join(str(kind) for kind in row["kinds"]), row["lines"], held.most, held.valid_from, held.valid_until,
             held.signed_on, held.ended_from]
        )  # fmt: skip
    return csv_response("delegations.csv", head, rows)


@requires(Permission.MANAGE_DELEGATIONS)
def new(request: HttpRequest) -> HttpResponse:
    """Put a delegation on record. A paper that was sent once stays sent when the form comes back."""
    user: User = request.user  # type: ignore[assignment]
    people = [one for one in signatories(user.organisation) if one.pk != user.pk]
    form = DelegationForm(request.POST or None, request.FILES or None, signatories=people)
    context: dict[str, Any] = {"form": form, "passkey_next": has_passkey(user), "people": people}
    if request.method == "POST" and form.is_valid():
        try:
            made = _proposed(request, user, form, context)
        except FactorRefused as refusal:
            form.add_error(None, str(refusal))
        except NotAllowed as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, str(refusal))
        else:
            messages.success(request, _("On record. The person accepts it, then compliance approves it; until then it gives no power."))
            return redirect("people:delegation", number=made.number)
    return render(request, "people/delegation_new.html", context, status=422 if form.is_bound else 200)


def _proposed(request: HttpRequest, user: User, form: DelegationForm, context: dict[str, Any]) -> Delegation:
    file = form.cleaned_data["file"]
    if file is not None:
        paper = flow.keep_paper(by=user, content=file.read(), name=file.name)
    else:
        found = flow.kept_paper(user, form.cleaned_data["paper"])
        if found is None:
            raise NotAllowed(_("Choose the file of the paper."), "file")
        paper = found
    form.data = form.data.copy()
    form.data["paper"] = paper.pk
    context["paper"] = paper
    data, digest = flow.ready_to_propose(by=user, data=form.data_given(), paper=paper)
    try:
        return flow.propose(by=user, data=data, paper=paper, **factor_of(request))
    except FactorRefused:
        # The passkey's question over exactly what was just typed.
        context["passkey"] = begin(user, digest, request.session)
        raise


def _one(user: User, number: str) -> Delegation:
    found = visible_to(user).select_related("delegate", "organisation", "paper", "proposed_by", "agreed_by", "voided_by", "ended_by")
    return get_object_or_404(found, number=number)


@sees_delegations
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One delegation: its words, its paper, how it stands, what this person may do with it."""
    user: User = request.user  # type: ignore[assignment]
    return _page(request, _one(user, number))


def _page(request: HttpRequest, held: Delegation, status: int = 200, **more: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    row = _row(held)
    accepts = row["standing"] == "waiting" and held.delegate_id == user.pk
    agrees = row["standing"] == "approval" and may(user, Permission.AGREE_DELEGATIONS) and independent(held.proposed_by, user)
    context = {
        **row,
        "paper_kind": PAPERS.get(held.reason, ""),
        "may_accept": accepts,
        "may_agree": agrees,
        "may_void": flow.may_void(held, user),
        "may_end": flow.may_end(held, user),
        "end_form": EndForm(),
        "passkey": begin(user, held.digest, request.session) if accepts or agrees else None,
        "events": told_to(user, history(held)),
        **more,
    }
    return render(request, "people/delegation.html", context, status=status)


@requires(Permission.SIGN_DECLARATIONS)
@require_POST
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """The delegate accepts."""
    user: User = request.user  # type: ignore[assignment]
    held = _one(user, number)
    try:
        flow.accept(held=held, by=user, **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        return _page(request, held, status=422, error=str(error))
    messages.success(request, _("Accepted. Compliance compares it with the paper now."))
    return redirect("people:delegation", number=number)


@requires(Permission.AGREE_DELEGATIONS)
@require_POST
def agree(request: HttpRequest, number: str) -> HttpResponse:
    """Compliance approves."""
    user: User = request.user  # type: ignore[assignment]
    held = _one(user, number)
    try:
        flow.agree(held=held, by=user, **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        return _page(request, held, status=422, error=str(error))
    messages.success(request, _("Approved. It holds from its first day on; from now on the person signs within it alone."))
    return redirect("people:delegation", number=number)


@sees_delegations
@require_POST
def void(request: HttpRequest, number: str) -> HttpResponse:
    """Take it back, decline or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.void(held=_one(user, number), by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back. It gives no power, and stays on record."))
    return redirect("people:delegation", number=number)


@sees_delegations
@require_POST
def end(request: HttpRequest, number: str) -> HttpResponse:
    """End it from a day on."""
    user: User = request.user  # type: ignore[assignment]
    held = _one(user, number)
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            flow.end(held=held, by=user, ended_from=form.cleaned_data["ended_from"], reason=form.cleaned_data["reason"])
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(request, _("Ended. From that day on nothing is signed under it."))
            return redirect("people:delegation", number=number)
    return _page(request, held, status=422, end_form=form)


@sees_delegations
@require_GET
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """The paper behind it, to be saved and never shown as a page."""
    user: User = request.user  # type: ignore[assignment]
    held = _one(user, number)
    try:
        content = read(held.paper)
    except Damaged as problem:
        messages.error(request, str(problem))
        return redirect("people:delegation", number=number)
    opened(what="paper", obj=held, by=user)
    return attachment(content, name=held.paper.name, media_type=held.paper.media_type)
