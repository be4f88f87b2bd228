"""What is known of one serial number or lot, and where instruments were seen: for compliance, with the same as CSV."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.catalogue.models import Product
from certifications.custody import sightings
from certifications.custody.models_sightings import Sighting
from certifications.flow import units
from certifications.flow.unit_entries import Entry
from certifications.ledger.actions import opened
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.uploads.values import figure
from portal.exports import csv_response
from portal.limits import exports, searches
from portal.words import word_for

PER_PAGE = 50
SHOWN = 200  # entries of one lot on the page; the file holds all of them
LOOKED_AT = 2_000  # sightings, the newest, among which those that differ are looked for
MOST = 20_000


def _asked(request: HttpRequest) -> dict[str, str]:
    given = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "kind", "differs")}
    given["kind"] = given["kind"] if given["kind"] in Sighting.Kind.values else ""
    return {name: value for name, value in given.items() if value}


def _sightings(user: User, asked: dict[str, str]) -> Any:
    rows = sightings.search(sightings.counting(sightings.visible_to(user)), asked.get("q", ""))
    if "kind" in asked:
        rows = rows.filter(kind=asked["kind"])
    return rows.select_related("product", "organisation", "upload").order_by("-happened_on", "-pk")


def _page(request: HttpRequest, user: User, asked: dict[str, str]) -> dict[str, Any]:
    """The newest sightings, or of the newest LOOKED_AT those that differ; `from` is how many came before."""
    start = request.GET.get("from", "")
    skip = int(start) if start.isascii() and start.isdecimal() and len(start) < 8 else 0  # noqa: PLR2004 - more than anybody pages through
    rows = _sightings(user, asked)
    if "differs" in asked:
        found = [pair for pair in units.seen_lately(list(rows[:LOOKED_AT])) if pair[1]][skip : skip + PER_PAGE + 1]
    else:
        found = units.seen_lately(list(rows[skip : skip + PER_PAGE + 1]))
    return {
        "rows": found[:PER_PAGE],
        "next_url": "?" + urlencode({**asked, "from": skip + PER_PAGE}) if len(found) > PER_PAGE else "",
        "first_url": "?" + urlencode(asked) if skip else "",
    }


def _found(user: User, text: str) -> list[dict[str, Any]]:
    """Each unit or lot of this number with its product and entries; what a notice alone names stands last."""
    every = [(unit, *units.entries(user, unit, most=SHOWN)) for unit in units.find(user, text)] if text else []
    products = Product.objects.in_bulk({unit.product for unit, _entries, _left in every})
    shown = [
        {
            "unit": unit,
            "product": products.get(unit.product),
            "entries": entries,
            "left": left,
            "differs": sum(bool(entry.differs) for entry in entries),
        }
        for unit, entries, left in every
    ]
    if text and not shown and (told := units.named_in_evidence(user, text)):
        shown.append({"unit": units.Unit("", "number", text), "product": None, "entries": told, "left": 0, "differs": 0})
    return shown


@requires(Permission.SEE_MOVEMENTS)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """One number's history where it is on record; below it, where instruments were seen."""
    user: User = request.user  # type: ignore[assignment]
    asked = _asked(request)
    context = {
        **_page(request, user, asked),
        "units": _found(user, asked.get("q", "")),
        "kept": asked,
        "query": urlencode(asked),
        "kinds": Sighting.Kind.values,
        "looked_at": LOOKED_AT,
        "may_upload": may(user, Permission.REPORT_SERVICE),
    }
    return render(request, "compliance/units.html", context)


def _rows(user: User, asked: dict[str, str]) -> Iterator[list[Any]]:
    """What the page shows as rows: the history of the number that was asked for, else the sightings."""
    found = [(unit, entry) for unit in units.find(user, asked["q"]) for entry in units.entries(user, unit)[0]] if "q" in asked else []
    numbers = dict(Product.objects.filter(pk__in={unit.product for unit, _entry in found}).values_list("pk", "catalogue_number"))
    for unit, entry in found:
        yield _cells(entry, numbers.get(unit.product, ""))
    if not found:
        for row, differs in units.seen_lately(list(_sightings(user, asked)[:MOST])):
            if differs or "differs" not in asked:
                yield _cells(next(iter(units.of_sightings([row]))), row.product.catalogue_number, differs)


def _cells(entry: Entry, number: str, differs: tuple[str, ...] | None = None) -> list[Any]:
    return [
        entry.on.isoformat(), word_for("unit", entry.what).text, number, entry.serial, entry.lot,
        "" if entry.quantity is None else figure(entry.quantity), entry.since, entry.to, entry.told.user, entry.told.code, entry.told.place,
        entry.words, entry.reporter, entry.source[1], entry.row or "", "; ".join(entry.differs if differs is None else differs),
        entry.taken_back_at.isoformat(timespec="seconds") if entry.taken_back_at else "",
    ]  # fmt: skip


@requires(Permission.SEE_MOVEMENTS)
@require_GET
@exports("units")
def export(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    user: User = request.user  # type: ignore[assignment]
    if user.organisation is None:
        raise Http404
    head = [
        _("Day"), _("What happened"), _("Catalogue number"), _("Serial number"), _("Lot"), _("Quantity"), _("From"), _("To"), _("User"),
        _("User's credit code"), _("Place"), _("In other words"), _("Reported by"), _("Stands in"), _("Row"), _("Difference"), _("Taken back"),
    ]  # fmt: skip
    asked = _asked(request)
    rows, is_cut = list(_rows(user, asked)), _sightings(user, asked)[MOST : MOST + 1].exists()
    opened(what="export", obj=user.organisation, by=user, data={"of": "units", "rows": len(rows)})
    return csv_response("units.csv", head, rows, is_cut=is_cut)
