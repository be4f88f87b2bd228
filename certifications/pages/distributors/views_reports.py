"""A distributor's sales reports: which months it owes, by when; that nothing was sold; and what it reported."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.custody import queries
from certifications.custody.rules import Month
from certifications.flow import reports as flow
from certifications.ledger.actions import opened
from certifications.ledger.moves import NotAllowed
from certifications.pages.movements import movements_csv, movements_page
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.exports import csv_response
from portal.limits import exports, searches
from portal.words import word_for


def month_words(period: dt.date) -> str:
    """A month as a person says it."""
    return date_format(period, "YEAR_MONTH_FORMAT")


def reports_todo(months: list[Month], today: dt.date, left: Callable[[int], str]) -> list[dict[str, Any]]:
    """Months that are owed, for the list of what must be done: what is late in one row, however much it is. `left`: days in words."""
    late = [one for one in months if one.word == "overdue"]
    items = []
    for some in (late, *([one] for one in months if one.word != "overdue")):
        if not some:
            continue
        words = {"month": month_words(some[0].period), "n": len(some)}
        what = _("Report the sales of %(month)s") if len(some) == 1 else _("Report the sales of %(n)d months, from %(month)s on")
        items.append(
            {"at": some[0].due_on, "day": date_format(some[0].due_on, "MONTH_DAY_FORMAT"), "left": left((some[0].due_on - today).days),
             "late": some is late, "what": what % words, "detail": _("Upload the file, or state that nothing was sold"),
             "url": reverse("distributors:reports"), "action": _("Open")}
        )  # fmt: skip
    return items


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every month that is owed, the newest first."""
    user: User = request.user  # type: ignore[assignment]
    calendar = queries.calendars([user.organisation])[0] if user.organisation is not None else None
    context = {
        "calendar": calendar,
        "months": list(reversed(calendar.months)) if calendar else [],
        "may_report": may(user, Permission.REPORT_SALES),
    }
    return render(request, "distributors/reports.html", context)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
@exports("sales reports")
def calendar_csv(request: HttpRequest) -> HttpResponse:
    """The months with their days and how each stands, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    if user.organisation is None:
        raise Http404
    months = list(reversed(queries.calendars([user.organisation])[0].months))
    opened(what="export", obj=user.organisation, by=user, data={"of": "sales reports", "rows": len(months)})
    rows = [[f"{one.period:%Y-%m}", word_for("salesreport", one.word).text, one.due_on.isoformat()] for one in months]
    return csv_response("sales-reports.csv", [_("Month"), _("Status"), _("Due")], rows)


@requires(Permission.REPORT_SALES)
def nothing(request: HttpRequest, period: str) -> HttpResponse:
    """Ask, then state that nothing was sold in the month."""
    user: User = request.user  # type: ignore[assignment]
    try:
        month = dt.date.fromisoformat(f"{period}-01")
    except ValueError:
        raise Http404 from None
    words = month_words(month)
    if request.method == "POST":
        try:
            flow.state_nothing(by=user, period=month)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Recorded: nothing was sold in %(month)s.") % {"month": words})
        return redirect("distributors:reports")
    context = {
        "title": _("Nothing sold in %(month)s?") % {"month": words},
        "text": _(
            "You state for your organisation that in this month nothing was sold, returned, lent, given or sent back. It stays on record with your name. A report that comes later is taken all the same."
        ),
        "action": _("State that nothing was sold"),
        "back_url": reverse("distributors:reports"),
    }
    return render(request, "components/confirm.html", context)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
@searches
def movements(request: HttpRequest) -> HttpResponse:
    """What the distributor reported."""
    user: User = request.user  # type: ignore[assignment]
    links = {"csv": reverse("distributors:movements-csv"), "back": reverse("distributors:reports")}
    return render(request, "custody/movements.html", {**movements_page(user, request), "links": links, "own": True})


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
@exports("movements")
def export(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    user: User = request.user  # type: ignore[assignment]
    if user.organisation is None:
        raise Http404
    return movements_csv(user, request, user.organisation)
