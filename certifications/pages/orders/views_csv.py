"""Orders out and in as CSV, for those without a program."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from certifications.flow import orders
from certifications.flow.orders import Answer
from certifications.ledger.actions import opened
from certifications.ledger.moves import NotAllowed
from certifications.orders.queries import customer_shown
from certifications.orders.rules import REASONS
from certifications.people.models import User
from certifications.people.permissions import requires
from portal.exports import csv_response, first_of
from portal.limits import exports, limited_per_person
from portal.words import word_for

from .forms import FileForm
from .table import COLUMNS, RowError, Unreadable, orders_in, rows_of
from .views import CHECK, SEE, listed, sees_names

MOST = 10_000


@requires(*SEE)
@exports("orders")
def export(request: HttpRequest) -> HttpResponse:
    """The list as filtered, at most 10,000 lines."""
    user: User = request.user  # type: ignore[assignment]
    wanted, _text, _status = listed(user, request)
    found, is_cut = first_of(wanted, MOST)
    names = sees_names(user)
    rows = []
    for line in found:
        shown = [n.text for n in line.customer.party.names.all()][:1] if names and line.customer is not None else []
        rows.append(
            [
                line.order_number, line.line, line.organisation.name, customer_shown(line, as_typed=names), *(shown or [""]), line.catalogue_number,
                line.quantity.normalize().__format__("f"), line.unit, word_for("orderline", line.status).text,
                "; ".join(dict.fromkeys(str(REASONS[r["code"]].sentence) for r in line.reasons if r["code"] in REASONS)),
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


def _answered(user: User, content: bytes) -> tuple[list[Answer], list[RowError]]:
    """Every line of the file answered, all or nothing. Raises Unreadable."""
    wanted, errors = orders_in(rows_of(content))
    answers: list[Answer] = []
    try:
        with transaction.atomic():
            # In one order for everybody: two files that name the same customers must not wait for one another.
            for one in sorted(wanted, key=lambda o: (o.customer, o.order_number)):
                try:
                    answers += orders.check(by=user, request=one)
                except NotAllowed as refusal:
                    column = {"wanted_on": "date", "different": "line", "lines": "line"}.get(refusal.code, refusal.code)
                    errors.append(RowError(0, column, one.order_number, str(refusal)))
            if errors:
                raise _Nothing
    except _Nothing:
        return [], errors
    return answers, []


class _Nothing(Exception):
    """Rolls the file back: with one wrong row nothing is reserved."""


def _answers_csv(answers: list[Answer]) -> HttpResponse:
    rows = [
        [
            a.line.order_number, a.line.line, a.line.catalogue_number, a.line.quantity.normalize().__format__("f"), a.line.unit, a.answer,
            "; ".join(dict.fromkeys(str(REASONS[r.code].sentence) for r in a.reasons)), "" if a.left is None else a.left.normalize().__format__("f"),
            a.line.answer_by or "", a.line.pk,
        ]
        for a in answers
    ]  # fmt: skip
    head = ["order_number", "line", "catalogue_number", "quantity", "unit", "answer", "reasons", "left", "answer_by", "order_line"]
    return csv_response("answers.csv", head, rows)


@requires(*CHECK)
@limited_per_person("order-file", 60, 3600)
def upload(request: HttpRequest) -> HttpResponse:
    """A file of order lines: all answered, or every wrong cell named and nothing done."""
    user: User = request.user  # type: ignore[assignment]
    form = FileForm(request.POST or None, request.FILES or None)
    answers: list[Answer] = []
    errors: list[RowError] = []
    if request.method == "POST" and form.is_valid():
        try:
            answers, errors = _answered(user, form.cleaned_data["file"].read())
        except Unreadable as problem:
            form.add_error("file", str(problem))
        if answers and form.cleaned_data["back"] == "csv":
            return _answers_csv(answers)
    context: dict[str, Any] = {
        "form": form,
        "columns": COLUMNS,
        "answers": [{"answer": a, "reasons": dict.fromkeys(str(REASONS[r.code].sentence) for r in a.reasons)} for a in answers],
        "errors": errors[:200],
        "more": max(0, len(errors) - 200),
    }
    wrong = request.method == "POST" and not answers
    return render(request, "orders/upload.html", context, status=422 if wrong else 200)
