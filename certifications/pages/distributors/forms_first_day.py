"""Forms of a distributor's first day: opening stock and certificates from before. They check shape; the rules are asked of the rooms below."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.queries import current_products
from certifications.ledger.days import civil_today
from certifications.parties.queries import customers_visible_to, display
from certifications.people.models import User
from certifications.programme.rules import CertificateData, StockData
from portal.forms import DayField
from portal.templatetags.kit import local


class CountedForm(forms.Form):
    """How many, on which day."""

    quantity = forms.DecimalField(label=_("Quantity"), max_digits=14, decimal_places=2, help_text=_("In the product's own unit."))
    counted_on = DayField(label=_("Counted on"))


class StockForm(CountedForm):
    """One row of the opening stock."""

    product = forms.ChoiceField(label=_("Product"))
    lot = forms.CharField(label=_("Lot"), max_length=60, required=False)
    serial = forms.CharField(label=_("Serial number"), max_length=60, required=False, help_text=_("Of one unit; the quantity is 1 then."))
    field_order = ("product", "lot", "serial", "quantity", "counted_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        goods = [(p.pk, f"{local(p, 'name')} ({p.catalogue_number})") for p in current_products()]
        self.fields["product"].choices = [("", _("Choose a product")), *goods]  # type: ignore[attr-defined]
        self.fields["counted_on"].widget.attrs["max"] = str(civil_today())

    def data_given(self) -> StockData:
        """The row as typed."""
        given = self.cleaned_data
        return StockData(given["lot"], given["serial"], given["quantity"], given["counted_on"])


class CorrectionForm(CountedForm):
    """Another quantity in place of the one that counts."""

    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("It stays on record."))


class CertificateForm(forms.Form):
    """A certificate from before the programme."""

    must = frozenset({"products", "goods"})

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    number = forms.CharField(label=_("Number"), max_length=60, help_text=_("As its issuer wrote it; it is no number of this portal."))
    issuer = forms.CharField(label=_("Issued by"), max_length=200)
    dated_on = DayField(label=_("Dated"))
    valid_until = DayField(label=_("First day after it"), help_text=_("The day on which it no longer held."))
    customer = forms.ChoiceField(label=_("End user"), help_text=_("One of your customers; register it first where it is new."))
    named = forms.CharField(
        label=_("Others named on it"),
        required=False,
        max_length=3100,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line. Everybody named is screened."),
    )
    products = forms.MultipleChoiceField(label=_("Products"), widget=forms.CheckboxSelectMultiple(attrs={"class": "many"}), required=False)
    goods = forms.CharField(
        label=_("Goods as the paper calls them"), max_length=500, required=False, help_text=_("Where the catalogue does not have them.")
    )
    file = forms.FileField(label=_("The certificate"), help_text=_("PDF, JPEG or PNG, at most 10 MB."))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        goods = [(p.catalogue_number, f"{local(p, 'name')} ({p.catalogue_number})") for p in current_products()]
        self.fields["products"].choices = goods  # type: ignore[attr-defined]
        own = customers_visible_to(user).select_related("party").prefetch_related("party__names").order_by("-registered_at")
        named = sorted(((c.pk, display(c.party).title) for c in own), key=lambda pair: pair[1])
        self.fields["customer"].choices = [("", _("Choose a customer")), *named]  # type: ignore[attr-defined]

    def data_given(self) -> CertificateData:
        """The certificate as typed."""
        given = self.cleaned_data
        return CertificateData(
            customer_id=given["customer"],
            number=given["number"],
            issuer=given["issuer"],
            dated_on=given["dated_on"],
            valid_until=given["valid_until"],
            products=tuple(given["products"]),
            goods=given["goods"],
            named=tuple(line.strip() for line in given["named"].splitlines() if line.strip()),
        )


class PaperForm(forms.Form):
    """The paper of a certificate that came by a file of rows."""

    file = forms.FileField(label=_("The certificate"), help_text=_("PDF, JPEG or PNG, at most 10 MB."))


class WhyForm(forms.Form):
    """Why something is taken out of use."""

    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("It stays on record."))
