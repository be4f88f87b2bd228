"""The programme's first days: which lines of whom have begun, the dry run, the proposal and the second person."""

import datetime as dt
from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.files.actions import read
from certifications.flags.models import CountedSale
from certifications.flow import cutover
from certifications.flow import first_day as flow
from certifications.ledger.actions import opened
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.pages.first_day import certificate_rows, certificates_csv, stock_csv
from certifications.pages.rights import line_choices, put
from certifications.people.factors import FactorRefused, begin, has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.programme import queries
from certifications.programme.actions import start_digest
from certifications.programme.models import ProgrammeStart
from portal.downloads import attachment
from portal.exports import csv_response, first_of
from portal.limits import exports, searches, tries, tries_asked, tries_whole
from portal.paging import paged
from portal.words import word_for

from .forms_programme import StartForm

SHOWN = 100
# What one file looks at: a minute's work.
MOST_PARTS = 10
# Distributors in one file.
MOST_ROWS = 10_000
PER_PAGE = 50


def _row(
    organisation: Any, lines: list[tuple[str, Any]], starts: dict[tuple[str, str], ProgrammeStart], counted: Counter[str]
) -> dict[str, Any]:
    today = civil_today()

    def word(start: ProgrammeStart | None) -> str:
        return "not_started" if start is None else "started" if start.starts_on <= today else "to_come"

    cells = [{"line": code, "label": label, "start": starts.get((organisation.pk, code))} for code, label in lines]
    return {
        "organisation": organisation,
        "cells": [cell | {"word": word(cell["start"])} for cell in cells],
        "counted": counted[organisation.pk],
        "stock": queries.stock_state(organisation.pk).word,
    }


@requires(Permission.SEE_REGISTER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every distributor and line: begun, to come, or not started; what is proposed; what was counted."""
    user: User = request.user  # type: ignore[assignment]
    starts = {(row.organisation_id, row.line): row for row in queries.in_effect()}
    counted: Counter[str] = Counter(CountedSale.objects.values_list("organisation", flat=True))
    page = paged(request, queries.distributors(), PER_PAGE)
    proposed = queries.starts_visible_to(user).filter(state=ProgrammeStart.State.PROPOSED)
    waiting = [
        {
            "start": start,
            "own": start.proposed_by_id == user.pk,
            "passkey": begin(user, start.digest, request.session) if start.proposed_by_id != user.pk else None,
        }
        for start in proposed.select_related("organisation", "proposed_by").order_by("proposed_at")[:PER_PAGE]
    ]
    past = queries.starts_visible_to(user).exclude(state=ProgrammeStart.State.PROPOSED)
    context = {
        "page": page,
        "lines": line_choices(),
        "rows": [_row(organisation, line_choices(), starts, counted) for organisation in page],
        "waiting": waiting,
        "past": past.select_related("organisation", "proposed_by", "agreed_by", "voided_by").order_by("-proposed_at")[:PER_PAGE],
        "may_propose": may(user, Permission.EDIT_REGISTER),
        "may_agree": may(user, Permission.CHANGE_AUTHORISATIONS),
    }
    return render(request, "compliance/programme.html", context)


@requires(Permission.SEE_REGISTER)
@require_GET
@exports("first days")
def starts_csv(_request: HttpRequest) -> HttpResponse:
    """Every distributor and line as CSV: its first day, whether it has begun, the sales of the line that were counted, the opening stock.

    Counted sales whose notice does not say which line stand in a line of their own. The opening stock is the distributor's, not the line's.
    """
    starts = {(row.organisation_id, row.line): row for row in queries.in_effect()}
    found = CountedSale.objects.order_by().values_list("organisation", "product_line").annotate(n=Count("pk"))
    counted = {(organisation, line): n for organisation, line, n in found}
    head = [_("Distributor"), _("Product line"), _("First day"), _("State"), _("Counted sales"), _("Opening stock of the distributor")]
    organisations, is_cut = first_of(queries.distributors(), MOST_ROWS)
    cells: list[list[Any]] = []
    for organisation in organisations:
        row = _row(organisation, line_choices(), starts, Counter())
        stock = word_for("stock", row["stock"]).text
        for cell in row["cells"]:
            day, word = cell["start"].starts_on if cell["start"] else "", word_for("programme", cell["word"]).text
            cells.append([organisation.name, cell["label"], day, word, counted.get((organisation.pk, cell["line"]), 0), stock])
        if (organisation.pk, "") in counted:
            cells.append([organisation.name, _("not said"), "", "", counted[organisation.pk, ""], stock])
    return csv_response(f"first-days-{civil_today():%Y%m%d}.csv", head, cells, is_cut=is_cut)


@requires(Permission.EDIT_REGISTER)
@tries
def propose(request: HttpRequest) -> HttpResponse:
    """A first day: tried as often as wanted, then proposed."""
    user: User = request.user  # type: ignore[assignment]
    first = {"starts_on": civil_today(), **{name: request.GET.get(name, "") for name in ("organisation", "line")}}
    form = StartForm(request.POST or None, initial=first)
    context: dict[str, Any] = {"form": form, "passkey_next": has_passkey(user)}
    if form.is_valid():
        given = form.cleaned_data
        organisation = queries.distributors().get(pk=given["organisation"])
        words: dict[str, Any] = {"organisation": organisation, **{name: given[name] for name in ("line", "starts_on", "explanation")}}
        context |= _run(organisation, given["line"], given["starts_on"])
        if "propose" in request.POST:
            try:
                flow.propose_start(by=user, **words, **factor_of(request))
            except FactorRefused as error:
                form.add_error(None, str(error))
                # The passkey's question over exactly what was just typed.
                context["passkey"] = begin(user, start_digest(**words), request.session)
            except NotAllowed as error:
                put(form, error)
            else:
                messages.success(request, _("Proposed. Another person must agree before anything changes."))
                return redirect("compliance:programme")
    return render(request, "compliance/programme_propose.html", context, status=422 if form.errors else 200)


def _run(organisation: Any, line: str, starts_on: dt.date, part: str = "", page: str = "") -> dict[str, Any]:
    number = int(part) if part.isascii() and part.isdecimal() and len(part) <= 4 else 1  # noqa: PLR2004 - no run has so many parts
    run = cutover.dry_run(organisation=organisation, line=line, starts_on=starts_on, part=number)
    shown = Paginator(run.rows, SHOWN).get_page(page)
    return {
        "run": run,
        "shown": shown.object_list,
        "shown_page": shown,
        "organisation": organisation,
        "line": line,
        "starts_on": starts_on,
        "asked": urlencode({"organisation": organisation.pk, "line": line, "on": starts_on.isoformat()}),
        "counts": [{"kind": kind, "count": count} for kind, count in run.counts],
    }


def _asked(request: HttpRequest) -> tuple[Any, str, dt.date]:
    """Distributor, line and day in the address; None for no distributor, today for no day."""
    try:
        day = dt.date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        day = civil_today()
    return queries.distributors().filter(pk=request.GET.get("organisation", "")).first(), request.GET.get("line", "")[:40], day


def _start(pk: str) -> ProgrammeStart:
    return get_object_or_404(ProgrammeStart.objects.select_related("organisation", "proposed_by"), pk=pk)


@requires(Permission.CHANGE_AUTHORISATIONS)
@require_POST
def agree(request: HttpRequest, pk: str) -> HttpResponse:
    """Another person agrees."""
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.agree_start(start=_start(pk), by=user, **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Done: two people agreed, and it is on record."))
    return redirect("compliance:programme")


@requires(Permission.CHANGE_AUTHORISATIONS)
@require_POST
def void(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a proposal back, or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.void_start(start=_start(pk), by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is withdrawn."))
    return redirect("compliance:programme")


@requires(Permission.SEE_REGISTER)
@require_GET
@tries_asked
def dry_run(request: HttpRequest, pk: str) -> HttpResponse:
    """What a proposed or recorded first day brings up; whoever agrees to it looks here first."""
    start = _start(pk)
    context = _run(start.organisation, start.line, start.starts_on) | {"start": start}
    return render(request, "compliance/programme_run.html", context)


@requires(Permission.SEE_REGISTER)
@require_GET
@tries
def look_through(request: HttpRequest) -> HttpResponse:
    """A dry run page by page and part by part: `organisation`, `line`, `on`, `part` and `page` in the address."""
    organisation, line, day = _asked(request)
    if organisation is None:
        return redirect("compliance:programme")
    context = _run(organisation, line, day, request.GET.get("part", ""), request.GET.get("page", ""))
    return render(request, "compliance/programme_run.html", context)


@requires(Permission.SEE_REGISTER)
@tries_whole
@exports("dry run")
def dry_run_csv(request: HttpRequest) -> HttpResponse:
    """A dry run as CSV, all its parts: `organisation`, `line` and `on` in the address; without a distributor, back to where one is chosen."""
    user: User = request.user  # type: ignore[assignment]
    organisation, line, day = _asked(request)
    if organisation is None:
        return redirect("compliance:programme")
    found, is_cut = cutover.all_parts(organisation=organisation, line=line, starts_on=day, most=MOST_PARTS)
    opened(what="export", obj=organisation, by=user, data={"of": "dry run", "rows": len(found)})
    head = [_("Kind"), _("Reference"), _("About"), _("Day"), _("Rule"), _("Severity"), _("Reason"), _("Certificates, not attested")]
    rows = [
        [
            word_for("cutover", row.kind).text, row.reference, row.title, row.day.isoformat() if row.day else "", row.rule, row.severity, row.reason,
            "; ".join(row.certificates),
        ]
        for row in found
    ]  # fmt: skip
    return csv_response("dry-run.csv", head, rows, is_cut=is_cut)


@requires(Permission.SEE_REGISTER)
@require_GET
@searches
def distributor(request: HttpRequest, pk: str) -> HttpResponse:
    """What a distributor brought to its first day: the opening stock and the old certificates."""
    user: User = request.user  # type: ignore[assignment]
    organisation = get_object_or_404(queries.distributors(), pk=pk)
    text = request.GET.get("q", "").strip()[:100]
    stock = queries.search_stock(queries.counting(queries.stock_visible_to(user)).filter(organisation=organisation), text)
    kept = queries.search_certificates(queries.certificates_visible_to(user).filter(organisation=organisation), text)
    kept = kept.select_related("customer__party", "blob").prefetch_related("customer__party__names", "named__names")
    certificates = paged(request, kept.order_by("-dated_on", "-pk"), PER_PAGE, "certificates")
    counted = CountedSale.objects.filter(organisation=organisation)
    context = {
        "organisation": organisation,
        "q": text,
        "state": queries.stock_state(pk),
        "stock": paged(
            request, stock.select_related("product", "supersedes").order_by("product__catalogue_number", "lot", "serial"), PER_PAGE
        ),
        "certificates": certificates,
        "certificate_rows": certificate_rows(certificates),
        "counted": paged(request, counted.select_related("line__document").order_by("-happened_on", "-pk"), PER_PAGE, "counted"),
    }
    return render(request, "compliance/programme_distributor.html", context)


@requires(Permission.SEE_REGISTER)
@exports("stock")
def stock_export(request: HttpRequest, pk: str) -> HttpResponse:
    """A distributor's opening stock as CSV."""
    user: User = request.user  # type: ignore[assignment]
    organisation = get_object_or_404(queries.distributors(), pk=pk)
    opened(what="export", obj=organisation, by=user, data={"of": "stock"})
    return stock_csv(queries.stock_visible_to(user).filter(organisation=organisation))


@requires(Permission.SEE_REGISTER)
@exports("certificates")
def certificates_export(request: HttpRequest, pk: str) -> HttpResponse:
    """A distributor's old certificates as CSV."""
    user: User = request.user  # type: ignore[assignment]
    organisation = get_object_or_404(queries.distributors(), pk=pk)
    opened(what="export", obj=organisation, by=user, data={"of": "certificates"})
    kept = queries.certificates_visible_to(user).filter(organisation=organisation)
    return certificates_csv(kept.order_by("-dated_on", "-pk"))


@requires(Permission.SEE_REGISTER)
@require_GET
def certificate_file(request: HttpRequest, pk: str) -> HttpResponse:
    """The paper as it was kept."""
    user: User = request.user  # type: ignore[assignment]
    certificate = get_object_or_404(queries.certificates_visible_to(user).select_related("blob"), pk=pk)
    if certificate.blob is None:
        raise Http404
    opened(what="file", obj=certificate, by=user)
    return attachment(read(certificate.blob), name=certificate.blob.name, media_type=certificate.blob.media_type)
