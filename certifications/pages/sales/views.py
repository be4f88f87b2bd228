"""What the manufacturer's sales people see: distributors, what each may sell where, what it ordered. No end user, no customer, no price.

Values are chosen here one by one and never handed over as whole rows, so that a template cannot show more than was meant.
"""

from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.ledger.actions import opened
from certifications.orders.models import OrderLine
from certifications.pages.rights import row_of
from certifications.parties import register
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may, requires
from portal.exports import csv_response, first_of
from portal.limits import exports, searches
from portal.paging import paged
from portal.words import word_for

# Lines in one file.
MOST_ROWS = 50_000
PER_PAGE = 50
# Of an order line: nothing that says for whom or where.
SHOWN = ("order_number", "line", "catalogue_number", "quantity", "unit", "status", "wanted_on", "shipped", "returned")


def visible_to(user: User) -> QuerySet[Organisation]:
    """Distributors, for whoever may see the channel; none for anybody else."""
    found = Organisation.objects.filter(kind=Organisation.Kind.DISTRIBUTOR)
    return found.order_by("name") if may(user, Permission.SEE_CHANNEL) else found.none()


def _rights(organisation: Organisation) -> list[dict[str, Any]]:
    """The distributor's own rights. Those below it name its customers and stay with compliance."""
    party = getattr(organisation, "party", None)
    entries = register.today().of([party.pk]) if party is not None else []
    return [
        {
            "number": one.authorisation.number,
            "standing": one.standing,
            "from": one.terms.valid_from,
            "until": one.valid_until,
            **_words(one),
        }
        for one in entries
    ]


def _words(entry: register.Entry) -> dict[str, Any]:
    row = row_of(entry)
    return {"lines": row["lines"], "where": row["where"]}


def _lines(organisation: Organisation, request: HttpRequest) -> tuple[QuerySet[OrderLine, dict[str, Any]], str, str]:
    text, status = request.GET.get("q", "").strip()[:60], request.GET.get("status", "")
    found = OrderLine.objects.filter(organisation=organisation)
    if text:
        found = found.filter(order_number__startswith=text) | found.filter(catalogue_number__iexact=text)
    if status in OrderLine.Status.values:
        found = found.filter(status=status)
    return found.order_by("-pk").values(*SHOWN), text, status


@requires(Permission.SEE_CHANNEL)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """Distributors with how their rights stand."""
    user: User = request.user  # type: ignore[assignment]
    text = request.GET.get("q", "").strip()[:100]
    found = visible_to(user).select_related("party")
    if text:
        found = found.filter(name__icontains=text) | found.filter(name_native__icontains=text)
    page = paged(request, found, PER_PAGE)
    rows = [{"organisation": one, "rights": _rights(one)} for one in page]
    return render(request, "sales/distributors.html", {"page": page, "rows": rows, "q": text})


@requires(Permission.SEE_CHANNEL)
@require_GET
@searches
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One distributor: its rights, what it ordered of each product, its order lines."""
    user: User = request.user  # type: ignore[assignment]
    organisation = get_object_or_404(visible_to(user).select_related("party"), pk=pk)
    found, text, status = _lines(organisation, request)
    sums = OrderLine.objects.filter(organisation=organisation).values("catalogue_number", "product__name", "product__name_zh", "unit")
    context = {
        "organisation": organisation,
        "rights": _rights(organisation),
        "products": sums.annotate(held=Sum("reserved"), sent=Sum("shipped"), back=Sum("returned")).order_by("catalogue_number", "unit"),
        "page": paged(request, found, PER_PAGE),
        "q": text,
        "status": status,
        "statuses": OrderLine.Status.values,
        "query": request.GET.urlencode(),
    }
    return render(request, "sales/distributor.html", context)


@requires(Permission.SEE_CHANNEL)
@require_GET
@exports("channel orders")
def export(request: HttpRequest, pk: str) -> HttpResponse:
    """The same order lines as CSV."""
    user: User = request.user  # type: ignore[assignment]
    organisation = get_object_or_404(visible_to(user), pk=pk)
    head = [
        _("Order"),
        _("Line"),
        _("Catalogue number"),
        _("Quantity"),
        _("Unit"),
        _("Status"),
        _("Day of shipment"),
        _("Shipped"),
        _("Came back"),
    ]
    found, _text, _status = _lines(organisation, request)
    lines, is_cut = first_of(found, MOST_ROWS)
    opened(what="export", obj=organisation, by=user, data={"of": "order lines", "rows": len(lines)})
    rows = [[word_for("orderline", row[name]).text if name == "status" else row[name] for name in SHOWN] for row in lines]
    return csv_response("orders.csv", head, rows, is_cut=is_cut)
