"""Custody movements on pages, for distributors and compliance alike: a list by search and filters, and the same as CSV. No price is shown."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.custody import queries
from certifications.custody.models import Movement
from certifications.custody.rules import next_month
from certifications.ledger.actions import opened
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may
from certifications.programme.queries import distributors
from certifications.uploads.values import figure
from portal.exports import csv_response, first_of
from portal.lists import ListForm, Sort, page_of
from portal.words import word_for

PER_PAGE = 50
MOST = 100_000


def _month(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


class MonthInput(forms.TextInput):
    """A month, as browsers offer one."""

    input_type = "month"


class MovementsForm(ListForm):
    """Movements, the newest first; those that were taken back are shown to whoever asks for them."""

    sorts: ClassVar[tuple[Sort, ...]] = (Sort("day", gettext_lazy("Day"), "happened_on", is_down=True),)
    default = "-day"

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    distributor = forms.ChoiceField(label=gettext_lazy("Distributor"), required=False)
    month = forms.RegexField(
        r"^[0-9]{4}-(0[1-9]|1[0-2])$",
        label=gettext_lazy("Month"),
        required=False,
        widget=MonthInput,
        error_messages={"invalid": gettext_lazy("Write a month as year-month, such as 2026-10.")},
    )
    standing = forms.ChoiceField(label=gettext_lazy("Taken back or not"), required=False)

    def __init__(self, data: Mapping[str, str], *, distributors: list[tuple[str, str]], kinds: list[str]) -> None:
        self.distributors, self.kinds = distributors, kinds
        super().__init__(data)

    def choose(self) -> None:
        self.fields["q"].label = gettext_lazy("Buyer or sender, product, lot, serial number, invoice or declaration")
        self.choices("kind", [(kind, word_for("movement", kind).text) for kind in self.kinds])
        words = [(word, word_for("movementstanding", word).text) for word in ("counts", "taken_back", "all")]
        self.fields["standing"].choices = [("", words[0][1]), *words[1:]]  # type: ignore[attr-defined]
        if self.distributors:
            self.choices("distributor", self.distributors)
        else:
            self.leave_out("distributor")


class OwnMovementsForm(MovementsForm):
    """One distributor's own, which also stand by whom the goods went to or came from."""

    sorts = (*MovementsForm.sorts, Sort("buyer", gettext_lazy("Buyer or sender"), "buyer_name"))


def _listed(user: User, request: HttpRequest) -> tuple[MovementsForm, QuerySet[Movement]]:
    """(what is asked for, the movements that were found)"""
    maker = may(user, Permission.SEE_MOVEMENTS)
    form = (MovementsForm if maker else OwnMovementsForm)(
        request.GET,
        distributors=list(distributors().values_list("pk", "name")) if maker else [],
        kinds=[kind for kind in Movement.Kind.values if maker or kind not in Movement.SHIPMENTS],
    )
    rows = queries.search(queries.visible_to(user), form.get("q"))
    if form.get("kind"):
        rows = rows.filter(kind=form.get("kind"))
    period = _month(form.get("month"))
    if period is not None:
        # The manufacturer's shipments stand in no report: the month in which they left.
        rows = rows.filter(Q(report__period=period) | Q(report=None, happened_on__gte=period, happened_on__lt=next_month(period)))
    standing, whose = form.get("standing"), form.get("distributor")
    if standing != "all":
        rows = rows.filter(taken_back_at__isnull=standing != "taken_back")
    if whose:
        shipped = Q(kind="sell_in", to_organisation=whose) | Q(kind="sell_back", from_organisation=whose)
        rows = rows.filter(Q(organisation=whose) | shipped)
    return form, rows.select_related("product", "organisation", "report", "upload", "taken_back_by")


def movements_page(user: User, request: HttpRequest) -> dict[str, Any]:
    """A page of the list."""
    form, found = _listed(user, request)
    page = page_of(request, form, visible=queries.visible_to(user), found=found, per_page=PER_PAGE)
    return {"listed": page, "rows": page.rows}


def movements_csv(user: User, request: HttpRequest, of: Organisation) -> HttpResponse:
    """The list as it is narrowed and sorted, as CSV."""
    form, found = _listed(user, request)
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
        for one in form.ordered(found)[: MOST + 1].iterator(chunk_size=5000)
    ]  # fmt: skip
    rows, is_cut = first_of(rows, MOST)
    opened(what="export", obj=of, by=user, data={"of": "movements", "rows": len(rows)})
    return csv_response("movements.csv", head, rows, is_cut=is_cut)
