"""Custody movements on pages, for distributors and compliance alike: a list by search and filters, and the same as CSV. No price is shown."""

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from certifications.custody import queries
from certifications.custody.models import Movement
from certifications.custody.rules import next_month
from certifications.ledger.actions import opened
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may
from certifications.uploads.values import figure
from portal.exports import csv_response, first_of
from portal.words import word_for

PER_PAGE = 50
MOST = 100_000


def _month(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def listed(user: User, request: HttpRequest) -> tuple[QuerySet[Movement], dict[str, str]]:
    """The movements as the address filters them, the newest first, and the filters that count."""
    given = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "kind", "month", "standing", "distributor")}
    rows = queries.search(queries.visible_to(user), given["q"])
    if given["kind"] in Movement.Kind.values:
        rows = rows.filter(kind=given["kind"])
    period = _month(given["month"])
    if period is not None:
        # The manufacturer's shipments stand in no report: the month in which they left.
        rows = rows.filter(Q(report__period=period) | Q(report=None, happened_on__gte=period, happened_on__lt=next_month(period)))
    # What was taken back is shown to whoever asks for it.
    rows = rows.filter(taken_back_at__isnull=given["standing"] != "taken_back") if given["standing"] != "all" else rows
    if given["distributor"]:
        whose = Q(organisation=given["distributor"]) | Q(kind="sell_in", to_organisation=given["distributor"])
        rows = rows.filter(whose | Q(kind="sell_back", from_organisation=given["distributor"]))
    return rows.order_by("-happened_on", "-pk"), {name: value for name, value in given.items() if value}


def page_of(user: User, request: HttpRequest) -> dict[str, Any]:
    """A page of the list; `before` is the last row of the page before."""
    found, kept = listed(user, request)
    day, _dot, pk = request.GET.get("before", "")[:40].partition(".")
    try:
        last = dt.date.fromisoformat(day)
    except ValueError:
        last = None
    if last is not None:
        found = found.filter(Q(happened_on__lt=last) | Q(happened_on=last, pk__lt=pk))
    maker = may(user, Permission.SEE_MOVEMENTS)
    page = list(found.select_related("product", "organisation", "report", "upload", "taken_back_by")[: PER_PAGE + 1])
    shown = page[:PER_PAGE]
    after = {"before": f"{shown[-1].happened_on}.{shown[-1].pk}"} if len(page) > PER_PAGE else {}
    return {
        "rows": shown,
        "kept": kept,
        "query": urlencode(kept),
        "kinds": [kind for kind in Movement.Kind.values if maker or kind not in Movement.SHIPMENTS],
        "standings": ("counts", "taken_back", "all"),
        "next_url": "?" + urlencode(kept | after) if after else "",
        "first_url": "?" + urlencode(kept) if last is not None else "",
    }


def movements_csv(user: User, request: HttpRequest, of: Organisation) -> HttpResponse:
    """The list as filtered, as CSV."""
    found, _kept = listed(user, request)
    head = [
        _("Reported by"), _("Month"), _("Kind"), _("Day"), _("Invoice date"), _("Catalogue number"), _("Product"), _("Lot"), _("Serial number"), _("Quantity"),
        _("Unit"), _("As reported"), _("Buyer or sender"), _("Credit code of buyer or sender"), _("End user"), _("End user's credit code"), _("Address"),
        _("Province"), _("City"), _("Invoice number"), _("Contract or project number"), _("Declaration number"), _("Note"), _("Upload"),
        _("Row"), _("Recorded"), _("Taken back"),
    ]  # fmt: skip
    rows = [
        [
            one.organisation.name, f"{one.report.period:%Y-%m}" if one.report else "", word_for("movement", one.kind).text, one.happened_on.isoformat(), one.invoiced_on.isoformat() if one.invoiced_on else "",
            one.product.catalogue_number, one.product.name, one.lot, one.serial, figure(one.quantity), one.product.unit, one.reported,
            one.buyer_name, one.buyer_uscc, one.end_user_name, one.end_user_uscc, one.address, one.province, one.city, one.invoice_no,
            one.contract_no, one.declaration_no, one.note, one.upload.number, one.row, one.recorded_at.isoformat(timespec="seconds"),
            one.taken_back_at.isoformat(timespec="seconds") if one.taken_back_at else "",
        ]
        for one in found.select_related("product", "organisation", "report", "upload")[: MOST + 1].iterator(chunk_size=5000)
    ]  # fmt: skip
    rows, is_cut = first_of(rows, MOST)
    opened(what="export", obj=of, by=user, data={"of": "movements", "rows": len(rows)})
    return csv_response("movements.csv", head, rows, is_cut=is_cut)
