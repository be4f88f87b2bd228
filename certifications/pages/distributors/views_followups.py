"""What becomes of a declaration in its distributor's hands: copied, amended, renewed, read by what changed, withdrawn, reopened."""

import datetime as dt
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.declarations import actions, queries
from certifications.declarations.changes import changes
from certifications.declarations.data import DeclarationData
from certifications.flow import sign as flow
from certifications.flow.following import ways_on
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.parties.queries import display
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires

from .forms import WithdrawForm


def _days(how: str, earlier: DeclarationData) -> tuple[dt.date, dt.date]:
    """From when until when: a renewal goes on where the earlier one ends, a copy begins today, each for as long."""
    if how == "amend":
        return earlier.valid_from, earlier.valid_until
    first = max(earlier.valid_until, civil_today()) if how == "renew" else civil_today()
    begun, ends = earlier.valid_from, earlier.valid_until
    years = ends.year - begun.year
    # A year is a year, whether or not the 29th of February lies in it.
    if years and (begun.month, begun.day) == (ends.month, ends.day) and (first.month, first.day) != (2, 29):
        return first, first.replace(year=first.year + years)
    return first, first + (ends - begun)


@requires(Permission.EDIT_DECLARATIONS)
def follow(request: HttpRequest, number: str, how: str) -> HttpResponse:
    """Ask, then begin a draft that is filled in from the declaration that it copies, amends or renews."""
    user: User = request.user  # type: ignore[assignment]
    earlier = queries.get_visible(user, number)
    if request.method != "POST" and how not in ways_on(earlier):
        messages.error(request, _("%(n)s cannot be followed this way as it stands now.") % {"n": number})
        return redirect("distributors:declaration", number=number)
    data = queries.data_of(queries.version_of(earlier))
    first, last = _days(how, data)
    if request.method == "POST":
        begun = replace(data, valid_from=first, valid_until=last)
        try:
            made = flow.draft(by=user, data=begun, form_key=request.POST.get("form_key", "")[:26], follows=earlier, how=how)
        except NotAllowed as error:
            messages.error(request, str(error))
            return redirect("distributors:declaration", number=number)
        return redirect("distributors:declaration-step", number=made.number, group="parties" if how == "copy" else "goods")
    context = {
        "earlier": earlier,
        "how": how,
        "form_key": new_ulid(),
        "first": first,
        "last": last,
        "name": display(earlier.customer.party),
    }
    return render(request, "distributors/follow.html", context)


@requires(Permission.SEE_OWN_DECLARATIONS)
def changed(request: HttpRequest, number: str) -> HttpResponse:
    """Only what differs from the version before, or from the declaration that this one amends or renews."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    before = queries.text_before(declaration)
    if before is None:
        return redirect("distributors:declaration", number=number)
    version = queries.version_of(declaration)
    context = {
        "declaration": declaration,
        "version": version,
        "before": before,
        "changes": changes(before, queries.shown_text(version)),
        "can_edit": declaration.status == "draft" and may(user, Permission.EDIT_DECLARATIONS),
        "can_sign": declaration.status == "draft" and may(user, Permission.SIGN_DECLARATIONS),
    }
    return render(request, "distributors/changes.html", context)


@requires(Permission.EDIT_DECLARATIONS)
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Ask why, then take a declaration back."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            flow.withdraw_declaration(declaration=declaration, by=user, **form.cleaned_data)
        except NotAllowed as error:
            if error.code in form.fields:
                form.add_error(error.code, str(error))
            else:
                messages.error(request, str(error))
                return redirect("distributors:declaration", number=number)
        else:
            messages.success(request, _("%(n)s is withdrawn; it stays on record.") % {"n": number})
            return redirect("distributors:declaration", number=number)
    context = {"declaration": declaration, "form": form}
    return render(request, "distributors/withdraw.html", context, status=422 if form.is_bound else 200)


@requires(Permission.EDIT_DECLARATIONS)
@require_POST
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """Begin a new version of a returned declaration."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    try:
        actions.reopen(declaration=declaration, by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect("distributors:declaration", number=number)
    return redirect("distributors:declaration-edit", number=number)
