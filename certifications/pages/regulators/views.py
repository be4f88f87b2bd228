"""Attestations within a regulator's jurisdiction: list, search, detail, PDF, export. Read only; each look is recorded."""

import csv
import io
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from certifications.attestations import queries
from certifications.attestations.lookups import log, lookups_of, numbers_of
from certifications.attestations.models import Attestation, StatusChange
from certifications.attestations.rules import STANDINGS
from certifications.files.actions import Damaged, read
from certifications.ledger.listed import listed
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from certifications.people.queries import scopes_of
from portal.downloads import attachment
from portal.limits import exports, searches
from portal.paging import paged
from portal.templatetags.kit import country
from portal.words import word_for

PER_PAGE = 25
MOST_ROWS = 5000
# What a spreadsheet would run as a formula, in its half-width and full-width forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BASES = {
    "exporter": gettext_lazy("exported from"),
    "destination": gettext_lazy("delivered to"),
    "place_of_use": gettext_lazy("used in"),
}
KINDS = {
    "list": gettext_lazy("Opened the list"),
    "search": gettext_lazy("Searched"),
    "open": gettext_lazy("Opened"),
    "pdf": gettext_lazy("Took the PDF of"),
    "export": gettext_lazy("Exported the list"),
}


def _scopes(user: User) -> list[dict[str, Any]]:
    """What the banner says, one line per live scope."""
    return [
        {
            "basis": BASES[scope.basis],
            "where": listed(
                [*(str(country(code)) for code in scope.countries), *(f"GB/T 2260 {prefix}" for prefix in scope.division_prefixes)]
            ),
            "law": scope.legal_basis,
            "until": scope.expires_on,
        }
        for scope in scopes_of(user).order_by("pk")
    ]


def _asked(request: HttpRequest) -> dict[str, str]:
    """The search and the facets as asked for; unknown values fall away."""
    status = request.GET.get("status", "")
    country = request.GET.get("country", "").upper()
    return {
        "q": request.GET.get("q", "").replace("\x00", "").strip()[:200],
        "status": status if status in STANDINGS else "",
        "country": country if len(country) == 2 and country.isascii() and country.isalpha() else "",  # noqa: PLR2004
    }


def _found(user: User, asked: dict[str, str]) -> tuple[QuerySet[Attestation], QuerySet[Attestation]]:
    """What the search finds within scope, and what the facets leave of it."""
    searched = queries.search(queries.visible_to(user), asked["q"])
    narrowed = searched
    if asked["status"]:
        narrowed = queries.with_standing(narrowed, asked["status"])
    if asked["country"]:
        narrowed = queries.used_in(narrowed, asked["country"])
    return searched, narrowed.order_by("-released_at", "-pk").select_related(
        "payload", "declaration__customer__party", "declaration__organisation"
    )


def _both_names(party: dict[str, Any]) -> str:
    return " / ".join(dict.fromkeys(name for name in (party["latin"], party["native"]) if name))


def _note(asked: dict[str, str]) -> str:
    return "; ".join(value if key == "q" else f"{key}: {value}" for key, value in asked.items() if value)


def _facet(found: QuerySet[Attestation], name: str, chosen: str) -> list[dict[str, Any]]:
    rows = found.order_by().values(name).annotate(n=Count("pk")).order_by(name)
    return [{"value": row[name], "count": row["n"], "on": row[name] == chosen} for row in rows]


@requires(Permission.SEE_SCOPED_ATTESTATIONS)
@require_safe
@searches
def attestations(request: HttpRequest) -> HttpResponse:
    """The list within scope: one search box, facets, pages."""
    user: User = request.user  # type: ignore[assignment]
    asked = _asked(request)
    searched, narrowed = _found(user, asked)
    page = paged(request, narrowed, PER_PAGE)
    log(user=user, kind="search" if any(asked.values()) else "list", query=_note(asked))
    context = {
        "scopes": _scopes(user),
        "asked": asked,
        "page": page,
        "rows": [{"attestation": one, "says": queries.public_view(one)} for one in page],
        "statuses": [
            {**row, "word": word_for("attestation", row["value"]).text} for row in _facet(queries.judged(searched), "word", asked["status"])
        ],
        "countries": [
            {"value": code, "count": n, "on": code == asked["country"]} for code, n in queries.countries_of_use(searched).items()
        ],
    }
    return render(request, "regulators/attestation_list.html", context)


def _one(user: User, number: str) -> Attestation:
    """Within scope, or it does not exist."""
    return get_object_or_404(queries.visible_to(user).select_related("payload"), number=number)


@requires(Permission.SEE_SCOPED_ATTESTATIONS)
@require_safe
def attestation(request: HttpRequest, number: str) -> HttpResponse:
    """One attestation: what it says, what was and was not checked, its seal and the history of its status."""
    user: User = request.user  # type: ignore[assignment]
    one = _one(user, number)
    log(user=user, kind="open", attestation=one)
    view = queries.public_view(one)
    context = {
        "scopes": _scopes(user),
        "attestation": one,
        "view": view,
        "p": view.payload,
        "events": _history(one),
        "read_at": timezone.now(),
    }
    return render(request, "regulators/attestation_detail.html", context)


def _history(one: Attestation) -> list[dict[str, Any]]:
    """The status from issue to now, newest first, with the public sentences."""
    events: list[dict[str, Any]] = [
        {
            "at": change.agreed_at,
            "text": f"{word_for('attestation', change.to).text}. {change.public_reason}",
            "kind": "bad" if change.to in {"suspended", "revoked"} else "",
        }
        for change in one.changes.filter(state=StatusChange.State.EFFECTIVE).order_by("-agreed_at")
    ]
    if hasattr(one, "seal"):
        events.append({"at": one.seal.timestamped_at, "text": _("Sealed and in force."), "kind": ""})
    events.append({"at": one.released_at, "text": _("Released by a person."), "kind": ""})
    events[0]["kind"] = events[0]["kind"] or "now"
    return events


@requires(Permission.SEE_SCOPED_ATTESTATIONS)
@require_safe
def pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The sealed PDF."""
    user: User = request.user  # type: ignore[assignment]
    one = _one(user, number)
    try:
        content = read(one.seal.pdf)
    except (Attestation.seal.RelatedObjectDoesNotExist, Damaged):  # type: ignore[attr-defined]
        messages.error(request, _("The sealed document cannot be read now. Try again later, or ask the issuer."))
        return redirect("regulators:attestation", number=number)
    log(user=user, kind="pdf", attestation=one)
    return attachment(content, name=f"{one.number}.pdf", media_type="application/pdf")


def _places(payload: Any) -> list[dict[str, str]]:
    """Every place of use: of several end users each its own, the first end user's first."""
    return [share["place_of_use"] for share in payload.get("shares", ())] or [payload["place_of_use"]]


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet runs: an apostrophe before whatever begins like a formula."""
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


@requires(Permission.SEE_SCOPED_ATTESTATIONS)
@require_safe
@exports("attestations")
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as CSV, UTF-8 with a mark so that spreadsheets read the scripts."""
    user: User = request.user  # type: ignore[assignment]
    asked = _asked(request)
    _searched, narrowed = _found(user, asked)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        [
            "number",
            "status",
            "valid_from",
            "valid_until",
            "distributor",
            "end_user",
            "goods",
            "end_use",
            "place_of_use",
            "declaration_sha256",
            "pdf_sha256",
        ]
    )
    for one in narrowed.select_related("seal")[:MOST_ROWS]:
        view = queries.public_view(one)
        p = view.payload
        goods = "; ".join(f"{item['quantity']} × {item['catalogue_number']} {item['name']}" for item in p["goods"])
        users = [p["end_user"], *p.get("other_end_users", ())]
        names = ["; ".join(_both_names(party) for party in side) for side in ([p["distributor"]], users)]
        row = [
            one.number,
            view.standing.word,
            one.valid_from,
            one.valid_until,
            *names,
            goods,
            p["end_use"],
            "; ".join(f"{place['address']} ({place['country']})" for place in _places(p)),
            p["declaration"]["sha256"],
            view.seal.sha256 if view.seal else "",
        ]
        writer.writerow([safe_cell(value) for value in row])
    log(user=user, kind="export", query=_note(asked))
    content = "\ufeff" + out.getvalue()
    return attachment(content.encode(), name=f"attestations-{timezone.now():%Y%m%d}.csv", media_type="text/csv; charset=utf-8")


@requires(Permission.SEE_SCOPED_ATTESTATIONS)
@require_safe
def lookups(request: HttpRequest) -> HttpResponse:
    """What this office searched and opened; no other office and no manufacturer reads it."""
    user: User = request.user  # type: ignore[assignment]
    page = paged(request, lookups_of(user), 50)
    rows = list(page)
    numbers = numbers_of(rows)
    context = {
        "scopes": _scopes(user),
        "page": page,
        "rows": [
            {
                "at": row.at,
                "who": row.user.name,
                "what": KINDS.get(row.kind, row.kind),
                "query": row.query,
                "number": numbers.get(row.attestation_id, ""),
            }
            for row in rows
        ],
    }
    return render(request, "regulators/lookups.html", context)
