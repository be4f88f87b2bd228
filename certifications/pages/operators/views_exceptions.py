"""One version of a list; and what the guards refused, accepted by two people or by nobody."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.flow import lists as flow
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.factor import factor_of
from certifications.people.factors import FactorRefused
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from certifications.screening.models import ListException, ListVersion
from certifications.screening.queries import described, lost_entries, newest_good
from certifications.screening.rules import EXCEPTION_REASONS

from .forms import ExceptionForm
from .views_lists import source_for

MOST = 50


def _version(user: User, code: str, pk: str) -> ListVersion:
    return get_object_or_404(source_for(user, code).versions.select_related("source"), pk=pk)


@require_GET
@requires(Permission.SEE_LISTS)
def version(request: HttpRequest, code: str, pk: str) -> HttpResponse:
    """What the file said of itself, why it was refused, what it no longer holds, and what two people may do."""
    user: User = request.user  # type: ignore[assignment]
    return _page(request, _version(user, code, pk), ExceptionForm())


def _page(request: HttpRequest, held: ListVersion, form: ExceptionForm, status: int = 200) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    proposed = held.exceptions.filter(state=ListException.State.PROPOSED).select_related("proposed_by").first()
    good = newest_good(held.source)
    open_ = (
        held.state == ListVersion.State.REFUSED
        and held.why in {ListVersion.Why.SHRUNK, ListVersion.Why.SHAPE}
        and (good is None or good.imported_at < held.imported_at)
    )
    count, gone = lost_entries(held, MOST) if open_ else (0, [])
    context = {
        "version": held,
        "source": held.source,
        "good": good,
        "says": described(held) if held.entry_count else "",
        "is_open": open_,
        "lost_count": count,
        # Operators see no customers and no names of a list of our own.
        "lost": gone if may(user, Permission.SEE_CASES) or not held.source.is_private else [],
        "proposed": proposed,
        "own": bool(proposed and proposed.proposed_by_id == user.pk),
        "reason": EXCEPTION_REASONS.get(proposed.reason, "") if proposed else "",
        "earlier": held.exceptions.exclude(state=ListException.State.PROPOSED)
        .select_related("proposed_by", "agreed_by")
        .order_by("-proposed_at"),
        "form": form,
        "may_propose": open_ and proposed is None and may(user, Permission.IMPORT_LISTS),
        "may_agree": open_ and proposed is not None and may(user, Permission.ACCEPT_LISTS),
        "events": told_to(user, history(held)),
    }
    return render(request, "operators/list_version.html", context, status=status)


@requires(Permission.IMPORT_LISTS)
@require_POST
def propose(request: HttpRequest, code: str, pk: str) -> HttpResponse:
    """Propose that the refused version counts."""
    user: User = request.user  # type: ignore[assignment]
    held = _version(user, code, pk)
    form = ExceptionForm(request.POST)
    if form.is_valid():
        try:
            flow.propose_exception(
                version=held,
                by=user,
                **form.cleaned_data,
                **factor_of(request),
            )
        except (NotAllowed, FactorRefused) as error:
            field = getattr(error, "code", "")
            form.add_error(field if field in form.fields else None, str(error))
        else:
            messages.success(request, _("Proposed. Another person must agree before anything changes."))
            return redirect("operators:list-version", code=code, pk=pk)
    return _page(request, held, form, status=422)


@requires(Permission.ACCEPT_LISTS)
@require_POST
def agree(request: HttpRequest, code: str, pk: str) -> HttpResponse:
    """Another person agrees."""
    user: User = request.user  # type: ignore[assignment]
    held = _version(user, code, pk)
    exception = get_object_or_404(ListException, version=held, pk=request.POST.get("exception", ""))
    try:
        flow.agree_exception(
            exception=exception,
            by=user,
            **factor_of(request),
        )
    except (NotAllowed, FactorRefused) as error:
        messages.error(request, str(error))
        return _page(request, held, ExceptionForm(), status=422)
    messages.success(request, _("Accepted: this version counts now."))
    return redirect("operators:list", code=code)


@requires(Permission.ACCEPT_LISTS)
@require_POST
def void(request: HttpRequest, code: str, pk: str) -> HttpResponse:
    """Take the proposal back, or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    held = _version(user, code, pk)
    exception = get_object_or_404(ListException, version=held, pk=request.POST.get("exception", ""))
    try:
        flow.void_exception(exception=exception, by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is withdrawn."))
    return redirect("operators:list-version", code=code, pk=pk)
