"""Forms of a distributor. They check shape; completeness is asked of the rooms below."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certifications.declarations.models import Withdrawal
from certifications.pages.checked import check_as_typed
from certifications.pages.places import DivisionField
from certifications.parties.rules import CustomerData
from portal.countries import COUNTRIES
from portal.words import word_for


class CustomerForm(forms.Form):
    """A customer: names in several scripts, identifiers, one site, line of business."""

    # One of the two names, and a division in China: parties.rules says so with a sentence of its own.
    must = frozenset({"native_name", "latin_name", "address", "division", "line_of_business"})

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    native_name = forms.CharField(
        label=_("Name in its own script"),
        max_length=300,
        required=False,
        help_text=_("As on the business licence or the seal, such as 宁波江南医院. Enter this name, the Latin one, or both."),
    )
    latin_name = forms.CharField(
        label=_("Name in Latin letters"), max_length=300, required=False, help_text=_("English or pinyin, as the customer writes it.")
    )
    other_names = forms.CharField(
        label=_("Other names"),
        required=False,
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line, ten at most: short forms, former names, other scripts."),
    )
    kind = forms.ChoiceField(
        label=_("It is"),
        choices=[("end_user", _("an end user")), ("reseller", _("a reseller")), ("consignee", _("a consignee or forwarder"))],
    )
    uscc = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        required=False,
        help_text=_("18 characters. A check character that does not fit warns and is kept as typed."),
    )
    lei = forms.CharField(
        label=_("Legal entity identifier"), max_length=40, required=False, help_text=_("20 characters, where the customer has one.")
    )
    address = forms.CharField(label=_("Address of the site"), max_length=300, required=False)
    country = forms.ChoiceField(label=_("Country"), choices=list(COUNTRIES.items()))
    division = DivisionField(
        label=_("Division of the site"), help_text=_("For China: a name such as 宁波 or Ningbo, or the six digits of GB/T 2260.")
    )
    line_of_business = forms.CharField(
        label=_("Line of business"), max_length=200, required=False, help_text=_("What the customer does, in a few words.")
    )
    note = forms.CharField(label=_("Your own note"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        check_as_typed(self, reverse("distributors:customer-check"))

    def data_object(self) -> CustomerData:
        """The cleaned values as the room takes them."""
        data = self.cleaned_data
        others = tuple(line.strip() for line in data["other_names"].splitlines() if line.strip())
        return CustomerData(
            native_name=data["native_name"],
            latin_name=data["latin_name"],
            other_names=others,
            kind=data["kind"],
            uscc=data["uscc"],
            lei=data["lei"],
            address=data["address"],
            country=data["country"],
            division=data["division"].strip(),
            line_of_business=data["line_of_business"],
            note=data["note"],
        )


class WithdrawForm(forms.Form):
    """Why a declaration is taken back. What is taken back with its upload says so itself."""

    must = frozenset({"reason"})

    reason = forms.ChoiceField(label=_("Why"), required=False)
    text = forms.CharField(
        label=_("In your own words"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept with the declaration."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [(value, word_for("withdrawal", value).text) for value in Withdrawal.Reason.values if value != "upload"]
        self.fields["reason"].choices = [("", _("Choose a reason")), *reasons]  # type: ignore[attr-defined]


class ObjectionForm(forms.Form):
    """What the signatory cannot agree to, and why."""

    clauses = forms.MultipleChoiceField(label=_("I cannot agree to"), widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(
        label=_("Why, and what you could agree to"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The compliance team reads exactly this and answers. Nothing is signed by it."),
    )
