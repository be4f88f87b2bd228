"""Lists of our own: made by a lead, reviewed on a day, and downloaded as they are, row by row."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certifications.flow import lists as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from certifications.screening.importers import private
from certifications.screening.queries import rows_of
from portal.exports import csv_response
from portal.limits import exports

from .forms import PrivateListForm, ReviewForm
from .views_lists import source_for


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_LISTS)
def new(request: HttpRequest) -> HttpResponse:
    """Make a private list; its rows come by upload afterwards."""
    user: User = request.user  # type: ignore[assignment]
    form = PrivateListForm(request.POST or None, initial={"form_key": new_ulid()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            source = flow.make_private_list(
                code=form.code(),
                title=data["title"],
                basis=data["basis"],
                fresh_hours=data["fresh_hours"],
                review_on=data["review_on"],
                by=user,
            )
        except NotAllowed as problem:
            form.add_error(problem.code if problem.code in form.fields else None, str(problem))
        else:
            messages.success(request, _("The list was made. Import its rows as a CSV file now."))
            return redirect("operators:list-import", code=source.pk)
    return render(request, "operators/list_new.html", {"form": form}, status=422 if form.is_bound else 200)


@requires(Permission.IMPORT_LISTS)
@require_POST
def review(request: HttpRequest, code: str) -> HttpResponse:
    """A lead looked through the list; it is good until another day."""
    user: User = request.user  # type: ignore[assignment]
    source = source_for(user, code)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the day of the next review."))
        return redirect("operators:list", code=code)
    try:
        flow.review(source=source, review_on=form.cleaned_data["review_on"], by=user)
    except NotAllowed as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Reviewed; the list is good until that day."))
    return redirect("operators:list", code=code)


@require_GET
@requires(Permission.SEE_CASES)
@exports("own list")
def download(request: HttpRequest, code: str) -> HttpResponse:
    """Every row of the version that counts, in the form in which a private list is uploaded."""
    user: User = request.user  # type: ignore[assignment]
    source = source_for(user, code)
    return csv_response(f"{source.pk}.csv", private.COLUMNS, rows_of(source))
