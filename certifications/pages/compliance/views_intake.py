"""The queue of documents that wait for confirmation: ordered by what that would open, its age said, and what is set aside."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.evidence import intake, queries
from certifications.evidence.models import EvidenceDocument
from certifications.evidence.rules_intake import RANKS, word_of
from certifications.flags.rules import BY_ID
from certifications.flow import intake as flow
from certifications.ledger.moves import NotAllowed
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.exports import csv_response, first_of
from portal.limits import exports, searches
from portal.paging import paged

PER_PAGE = 25
MOST_ROWS = 10_000
OPENS = tuple(word or "nothing" for word in RANKS)


def _asked(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET
    return {
        "q": asked.get("q", "").strip()[:100],
        "opens": asked.get("opens", "") if asked.get("opens", "") in OPENS else "",
        "source": asked.get("source", "*")[:120],
        "order": asked.get("order", "grave") if asked.get("order", "grave") in intake.ORDERS else "grave",
        "aside": asked.get("aside", "") == "1",
    }


def _found(user: User, asked: dict[str, Any]) -> Any:
    documents = queries.visible_to(user)
    documents = intake.set_aside(documents) if asked["aside"] else intake.in_queue(documents)
    source = None if asked["source"] == "*" else asked["source"]
    found = intake.narrowed(documents, text=asked["q"], opens=asked["opens"], source=source, order=asked["order"])
    return found.select_related("weighing", "captured_by")


def told_of(document: EvidenceDocument) -> dict[str, Any]:
    """A row: what the confirmation would open, in words, the gravest first."""
    weighing = getattr(document, "weighing", None)
    opens = (
        [{"severity": one["severity"], "title": BY_ID[one["rule"]].title(), "rule": one["rule"]} for one in weighing.opens]
        if weighing
        else []
    )
    return {
        "document": document,
        "weighing": weighing,
        "word": word_of(weighing.rank) if weighing else "",
        "first": opens[0] if opens else None,
        "more": opens[1:],
        "age": timesince(document.captured_at, depth=1),
    }


@requires(Permission.SEE_EVIDENCE)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """What waits, the gravest first; or what is set aside."""
    user: User = request.user  # type: ignore[assignment]
    asked = _asked(request)
    documents = queries.visible_to(user)
    page = paged(request, _found(user, asked), PER_PAGE)
    now, counts = intake.backlog(documents), intake.by_rank(documents)
    again = intake.to_weigh(flow.state_key()).count()
    here = reverse("compliance:intake")
    stats = [
        {"value": now.count, "label": _("wait for confirmation"), "url": here},
        {"text": _age(now.longest), "label": _("the longest wait"), "url": f"{here}?order=old"},
        {"text": _age(now.nine_in_ten), "label": _("nine in ten wait at most"), "url": f"{here}?order=old"},
        {"value": now.aside, "label": _("set aside: none of our goods"), "url": f"{here}?aside=1"},
    ]
    context = {
        "page": page,
        "rows": [told_of(document) for document in page],
        "stats": stats,
        "opens_counts": [(word or "nothing", counts.get(rank, 0)) for word, rank in RANKS.items()],
        "sources": intake.sources(documents),
        "orders": list(intake.ORDERS),
        "again": again,
        "may_confirm": may(user, Permission.CONFIRM_EVIDENCE),
        **asked,
    }
    return render(request, "compliance/intake.html", context)


def _age(age: Any) -> str:
    hours = age.total_seconds() / 3600
    return _("%(n)d h") % {"n": round(hours)} if hours < 48 else _("%(n)d days") % {"n": round(hours / 24)}  # noqa: PLR2004


@requires(Permission.SEE_EVIDENCE)
@require_GET
@exports("intake")
def export(request: HttpRequest) -> HttpResponse:
    """The queue as it is filtered, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    head = [_("Number"), _("Title"), _("Would open"), _("Rules"), _("Seller"), _("Buyer"), _("Source"), _("Captured")]
    lines = []
    found, is_cut = first_of(_found(user, _asked(request)), MOST_ROWS)
    for document in found:
        told = told_of(document)
        held = told["weighing"]
        rules = " ".join(one["rule"] for one in held.opens) if held else ""
        said = [held.seller, held.buyer, held.source] if held else ["", "", ""]
        lines.append([document.number, document.title, told["word"], rules, *said, document.captured_at.date()])
    return csv_response("to-confirm.csv", head, lines, is_cut=is_cut)


@requires(Permission.CONFIRM_EVIDENCE)
@require_POST
def bring_back(request: HttpRequest, number: str) -> HttpResponse:
    """Put what was set aside back into the queue."""
    user: User = request.user  # type: ignore[assignment]
    document = get_object_or_404(queries.visible_to(user), number=number)
    try:
        flow.bring_back(document=document, by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(n)s is back in the queue.") % {"n": document.number})
    return redirect(f"{reverse('compliance:intake')}?aside=1")
