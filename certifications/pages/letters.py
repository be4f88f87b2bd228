"""Tender letters, for distributors and compliance alike: rows of a page, the same as CSV, and the sealed document."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from certifications.files.actions import read
from certifications.ledger.actions import opened
from certifications.letters import queries
from certifications.letters.models import Letter
from certifications.people.models import User
from portal.downloads import attachment
from portal.exports import csv_response, first_of
from portal.words import word_for

PER_PAGE = 25
MOST_ROWS = 10_000
STATES = tuple(Letter.Status.values)
ORDERS = {"new": "-asked_at", "end": "valid_until"}


def letters_page(request: HttpRequest, letters: QuerySet[Letter]) -> dict[str, Any]:
    """One page of letters by search (`q`), status (`state`) and order, each with what it is worth today."""
    text, state, order = request.GET.get("q", "").strip()[:100], request.GET.get("state", ""), request.GET.get("order", "new")
    found = queries.search(letters, text).select_related("organisation")
    if state in STATES:
        found = found.filter(status=state)
    page = Paginator(found.order_by(ORDERS.get(order, "-asked_at"), "pk"), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    words = queries.standings(rows)
    return {
        "page": page,
        "rows": [{"letter": letter, "word": words[letter.pk]} for letter in rows],
        "q": text,
        "state": state,
        "states": STATES,
        "order": order,
    }


def letters_csv(user: User, letters: QuerySet[Letter]) -> HttpResponse:
    """Every letter that the person may see, the newest first, with its standing of today."""
    found, is_cut = first_of(letters.select_related("organisation").order_by("-asked_at", "pk"), MOST_ROWS)
    words = queries.standings(found)
    rows = [
        [
            letter.number,
            letter.organisation.name,
            word_for("letter", words[letter.pk]).text,
            letter.project_no,
            letter.buyer_native,
            letter.buyer_latin,
            letter.buyer_uscc,
            "; ".join(item["catalogue_number"] for item in letter.goods),
            letter.country,
            letter.division,
            letter.valid_until.isoformat(),
            letter.asked_at.isoformat(timespec="seconds"),
        ]
        for letter in found
    ]
    head = [
        _("Number"), _("Distributor"), _("Status"), _("Project number"), _("Buyer"), _("Latin name"), "USCC", _("Products"), _("Country"),
        _("Division"), _("Holds until"), _("Asked for"),
    ]  # fmt: skip
    if user.organisation is not None:
        opened(what="export", obj=user.organisation, by=user, data={"of": "letters", "rows": len(rows)})
    return csv_response("letters.csv", head, rows, is_cut=is_cut)


def sealed_pdf(request: HttpRequest, letter: Letter, *, page: str) -> HttpResponse:
    """The sealed PDF of a letter that the person may see, the look recorded; back to its `page` where it is not sealed yet."""
    user: User = request.user  # type: ignore[assignment]
    seal = getattr(letter, "seal", None)
    if seal is None:
        messages.error(request, _("The letter is not sealed yet."))
        return redirect(page, number=letter.number)
    opened(what="pdf", obj=letter, by=user)
    return attachment(read(seal.pdf), name=f"{letter.number}.pdf", media_type="application/pdf")
