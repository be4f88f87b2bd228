"""Forms of orders. They check shape; whether an order may ship is asked of flow."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.queries import current_products
from certifications.flow.order_facts import LineRequest, retired_and_left
from certifications.flow.orders import OrderRequest
from certifications.ledger.listed import mark
from certifications.orders.models import OrderLine
from certifications.orders.rules import AWAITS, MARKS, PLAIN
from certifications.pages.places import DivisionField
from certifications.parties.queries import customers_visible_to, display, own_customers
from certifications.people.models import Organisation, User
from portal.countries import COUNTRIES
from portal.forms import DayField
from portal.lists import ListForm, Sort
from portal.templatetags.kit import local
from portal.words import word_for

ACTS = {"ship": _("Ship"), "return": _("Take back"), "release": _("Cancel")}


def _typed(**kwargs: Any) -> forms.CharField:
    """Text as programs may send it."""
    return forms.CharField(validators=[RegexValidator(PLAIN, MARKS)], **kwargs)


def _quantity(**kwargs: Any) -> forms.DecimalField:
    return forms.DecimalField(min_value=Decimal("0.0001"), max_digits=14, decimal_places=4, **kwargs)


class CheckForm(forms.Form):
    """One line of an order."""

    order_number = _typed(label=_("Order number"), max_length=40)
    line = _typed(label=_("Line"), max_length=10, initial="10")
    catalogue_number = forms.ChoiceField(label=_("Product"))
    quantity = _quantity(label=_("Quantity"))
    unit = _typed(label=_("Unit"), max_length=20, help_text=_("The product's own unit, a further one of the catalogue, or samples."))
    country = forms.ChoiceField(label=_("Country"), choices=list(COUNTRIES.items()), initial="CN")
    division = DivisionField(
        label=_("Division of the place of use"), help_text=_("For China: a name such as 宁波 or Ningbo, or the six digits of GB/T 2260.")
    )
    date = DayField(label=_("Day of shipment"))

    field_order = ("distributor", "customer")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.must = {"division"}
        own = user.organisation
        # The order desk orders for any distributor; what is left of it is asked of the one that it chooses.
        of_all = own is not None and own.kind == Organisation.Kind.MANUFACTURER
        goods = [*current_products(), *retired_and_left(None if of_all else own)]
        products = [(p.catalogue_number, f"{local(p, 'name')}{mark(',')}{p.catalogue_number} ({local(p, 'unit')})") for p in goods]
        self.fields["catalogue_number"].choices = [("", _("Choose a product")), *products]  # type: ignore[attr-defined]
        if own is not None and own.kind == Organisation.Kind.MANUFACTURER:
            distributors = Organisation.objects.filter(kind=Organisation.Kind.DISTRIBUTOR).order_by("name").values_list("pk", "name")
            self.fields["distributor"] = forms.ChoiceField(label=_("Distributor"), choices=[("", _("Choose a distributor")), *distributors])
            self.fields["customer"] = _typed(
                label=_("Customer"), max_length=60, help_text=_("The distributor's own customer id, or the customer's registration number.")
            )
        else:
            customers = customers_visible_to(user).select_related("party").prefetch_related("party__names").order_by("-registered_at")
            names = [(c.pk, " · ".join(n for n in (display(c.party).native, display(c.party).latin) if n)) for c in customers]
            # What was declared for stock is the distributor's own to draw on.
            stock = [(c.pk, _("Our own stock")) for c in own_customers(own)] if own is not None else []
            self.fields["customer"] = forms.ChoiceField(label=_("Customer"), choices=[("", _("Choose a customer")), *stock, *names])
        self.order_fields(self.field_order)

    def request(self) -> OrderRequest:
        """The cleaned values as flow takes them."""
        data = self.cleaned_data
        day: dt.date = data["date"]
        return OrderRequest(
            distributor=data.get("distributor", ""),
            customer=data["customer"],
            order_number=data["order_number"],
            country=data["country"],
            division=data["division"],
            wanted_on=day,
            lines=(LineRequest(data["line"], data["catalogue_number"], data["quantity"], data["unit"]),),
        )


class ActForm(forms.Form):
    """Part or all of an order line: shipped, taken back, cancelled, or another product in its place."""

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    quantity = _quantity(label=_("Quantity"), required=False, help_text=_("Empty means all of it."))

    def __init__(self, *args: Any, line: OrderLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if line.product is not None:
            self.fields["quantity"].label = _("Quantity in: %(u)s") % {"u": local(line.product, "unit")}


class OrdersForm(ListForm):
    """Order lines. Whoever sees those of every distributor may ask for one's; the order of statuses says nothing, so nobody sorts by it."""

    sorts = (
        # By the key, which is given out in the order in which lines were asked.
        Sort("asked", _("Asked"), "id", is_down=True),
        Sort("order", _("Order line"), "order_number"),
        Sort("day", _("Day of shipment"), "wanted_on"),
    )
    default = "-asked"

    status = forms.ChoiceField(label=_("Status"), required=False)
    distributor = forms.ChoiceField(label=_("Distributor"), required=False)
    since = DayField(label=_("Asked from"), required=False)
    until = DayField(label=_("Asked until"), required=False)

    def __init__(self, data: Mapping[str, str], *, distributors: list[tuple[str, str]]) -> None:
        self.distributors = distributors
        super().__init__(data)

    def choose(self) -> None:
        self.fields["q"].label = _("Order, product, customer or declaration")
        words = [(status, word_for("orderline", status).text) for status in OrderLine.Status.values]
        self.choices("status", [*words, (AWAITS, _("Held for compliance"))])
        if self.distributors:
            self.choices("distributor", self.distributors)
        else:
            self.leave_out("distributor")
