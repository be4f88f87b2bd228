"""Sales reports and movements for compliance: who owes which month, on which day they are due, and what was reported."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from certifications.custody import queries
from certifications.custody.models import LAST_SAFE_DAY
from certifications.custody.queries import Calendar
from certifications.custody.rules import DUE_DAY, WORDS, month_of
from certifications.flow import reports as flow
from certifications.flow.halves import halves
from certifications.ledger.actions import opened
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.pages.movements import movements_csv, movements_page
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may, requires
from certifications.programme.queries import distributors
from portal.exports import csv_response
from portal.limits import exports, searches
from portal.paging import paged
from portal.words import word_for

SHOWN = 6  # months
PER_PAGE = 50


class DueForm(forms.Form):
    """On which day of the month after it a report is due."""

    organisation = forms.ChoiceField(label=gettext_lazy("For whom"), required=False)
    day = forms.IntegerField(
        label=gettext_lazy("Day of the month after"),
        min_value=1,
        max_value=LAST_SAFE_DAY,
        help_text=gettext_lazy("From 1 to 28. Months that are open now are held to it too."),
    )
    explanation = forms.CharField(label=gettext_lazy("Why"), min_length=10, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = [("", _("Everybody"))]
        self.fields["organisation"].choices = [*everybody, *((one.pk, one.name) for one in distributors())]  # type: ignore[attr-defined]


def _months(today: dt.date) -> list[dt.date]:
    """The last months that are over, the newest first."""
    found, period = [], month_of(today)
    for _n in range(SHOWN):
        period = month_of(period - dt.timedelta(days=1))
        found.append(period)
    return found


def _row(organisation: Organisation, calendar: Calendar, months: list[dt.date]) -> dict[str, Any]:
    held = {one.period: one for one in calendar.months}
    cells = [{"period": period, "month": held.get(period)} for period in months]
    return {"organisation": organisation, "calendar": calendar, "cells": cells, "late": len(calendar.late)}


def _page(request: HttpRequest, form: DueForm | None = None, status: int = 200) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    text, word, today = request.GET.get("q", "").strip()[:60], request.GET.get("status", ""), civil_today()
    found = distributors().filter(name__icontains=text) if text else distributors()
    organisations = list(found)
    pairs = list(zip(organisations, queries.calendars(organisations), strict=True))
    if word in WORDS:
        pairs = [(one, calendar) for one, calendar in pairs if any(month.word == word for month in calendar.months)]
    page = paged(request, pairs, PER_PAGE)
    months = _months(today)
    days = list(queries.due_days().select_related("organisation", "set_by")[:PER_PAGE])
    context = {
        "page": page,
        "rows": [_row(organisation, calendar, months) for organisation, calendar in page],
        "months": months,
        "q": text,
        "status": word,
        "words": WORDS,
        "days": days,
        "usual": next((row.day for row in days if row.organisation_id is None), DUE_DAY),
        "form": form or (DueForm() if may(user, Permission.EDIT_REGISTER) else None),
    }
    return render(request, "compliance/reports.html", context, status=status)


@requires(Permission.SEE_MOVEMENTS)
@searches
def reports(request: HttpRequest) -> HttpResponse:
    """Every distributor's months; POST sets the day on which reports are due."""
    user: User = request.user  # type: ignore[assignment]
    if request.method != "POST" or not may(user, Permission.EDIT_REGISTER):
        return _page(request)
    form = DueForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        organisation = distributors().filter(pk=data["organisation"]).first() if data["organisation"] else None
        try:
            flow.set_due(by=user, day=data["day"], organisation=organisation, explanation=data["explanation"])
        except NotAllowed as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The day is set."))
            return redirect("compliance:reports")
    return _page(request, form, 422)


@requires(Permission.SEE_MOVEMENTS)
@require_GET
@exports("reports")
def reports_export(request: HttpRequest) -> HttpResponse:
    """Every month of every distributor, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    organisations = list(distributors())
    names = {one.pk: one.name for one in organisations}
    rows = [
        [names[calendar.organisation_id], f"{one.period:%Y-%m}", one.due_on.isoformat(), word_for("salesreport", one.word).text]
        for calendar in queries.calendars(organisations)
        for one in calendar.months
    ]
    if user.organisation is not None:
        opened(what="export", obj=user.organisation, by=user, data={"of": "sales reports", "rows": len(rows)})
    return csv_response("sales-reports.csv", [_("Distributor"), _("Month"), _("Due"), _("Status")], rows)


@requires(Permission.SEE_MOVEMENTS)
@require_GET
@searches
def movements(request: HttpRequest) -> HttpResponse:
    """What distributors reported."""
    user: User = request.user  # type: ignore[assignment]
    links = {"csv": reverse("compliance:movements-csv"), "back": reverse("compliance:reports"), "units": reverse("compliance:units")}
    context = {**movements_page(user, request), "links": links, "own": False}
    found = halves(context["rows"])
    for row in context["rows"]:
        row.half = found.get(row.pk)
    return render(request, "custody/movements.html", context)


@requires(Permission.SEE_MOVEMENTS)
@require_GET
@exports("movements")
def movements_export(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    user: User = request.user  # type: ignore[assignment]
    if user.organisation is None:
        raise Http404
    return movements_csv(user, request, user.organisation)
