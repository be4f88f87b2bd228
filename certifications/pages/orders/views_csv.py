"""Orders out as CSV, for those without a program; they come in as every file of rows does (pages/uploading)."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from certifications.ledger.actions import opened
from certifications.orders.queries import customer_shown
from certifications.orders.rules import sentences
from certifications.people.models import User
from certifications.people.permissions import requires
from portal.exports import csv_response, first_of
from portal.limits import exports
from portal.words import word_for

from .views import SEE, listed, sees_names

MOST = 10_000


@requires(*SEE)
@exports("orders")
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed and sorted, at most 10,000 lines."""
    user: User = request.user  # type: ignore[assignment]
    form, wanted = listed(user, request)
    found, is_cut = first_of(form.ordered(wanted), MOST)
    names = sees_names(user)
    rows = []
    for line in found:
        shown = [n.text for n in line.customer.party.names.all()][:1] if names and line.customer is not None else []
        rows.append(
            [
                line.order_number, line.line, line.organisation.name, customer_shown(line, as_typed=names), *(shown or [""]), line.catalogue_number,
                line.quantity.normalize().__format__("f"), line.unit, word_for("orderline", line.status).text,
                "; ".join(sentences(reason["code"] for reason in line.reasons)),
                line.reserved.normalize().__format__("f"), line.shipped.normalize().__format__("f"), line.returned.normalize().__format__("f"),
                line.balance.declaration.number if line.balance is not None else "", line.wanted_on, line.asked_at.isoformat(timespec="seconds"),
            ]
        )  # fmt: skip
    head = [
        _("Order number"), _("Line"), _("Distributor"), _("Customer as ordered"), _("Customer"), _("Catalogue number"), _("Quantity"), _("Unit"),
        _("Status"), _("Reasons"), _("Reserved"), _("Shipped"), _("Came back"), _("Declaration"), _("Day of shipment"), _("Asked"),
    ]  # fmt: skip
    if user.organisation is not None:
        opened(what="export", obj=user.organisation, by=user, data={"of": "orders", "rows": len(rows)})
    return csv_response("orders.csv", head, rows, is_cut=is_cut)
