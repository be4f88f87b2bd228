"""The form of the public check. It checks shape alone: whether anybody goes by the name is no business of a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models import Product
from certifications.pages.places import DivisionField
from certifications.pages.rights import line_choices
from certifications.parties.rules import MAX_NAME, clean_name, division_problem
from portal.countries import COUNTRIES

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class CheckForm(forms.Form):
    """Who, what, where. Cleans to `line`, also where a catalogue number was given."""

    must = frozenset({"number", "line", "division"})

    name = forms.CharField(
        label=_("Name of the seller"),
        max_length=MAX_NAME,
        help_text=_("Exactly as it is registered, in any script. Capitals, spaces, width and kinds of brackets do not matter."),
        widget=forms.TextInput(attrs=PLAIN),
        error_messages={"required": _("Enter the registered name of the seller.")},
    )
    number = forms.CharField(
        label=_("Catalogue number"),
        max_length=40,
        required=False,
        help_text=_("From the label or the offer. Leave it empty if you choose a product line."),
        widget=forms.TextInput(attrs={**PLAIN, "autocapitalize": "characters"}),
    )
    line = forms.ChoiceField(label=_("Product line"), required=False)
    country = forms.ChoiceField(label=_("Country"), choices=list(COUNTRIES.items()), initial="CN")
    division = DivisionField(
        label=_("Division of China"),
        help_text=_("For China: the province or city that the goods are sold to, by name or code. Leave it empty for other countries."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [("", _("By catalogue number")), *line_choices()]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """The name without what no name holds; an empty rest is none."""
        name = clean_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Enter the registered name of the seller."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        number, line = data.get("number", "").strip(), data.get("line", "")
        if number:
            # A number that two people agreed to and whose day has not come is nobody's business yet.
            found = Product.objects.filter(catalogue_number__iexact=number, version_number__gte=1).first()
            if found is None:
                self.add_error("number", _("The catalogue has no such number. Read it again, or choose the product line."))
            elif line and line != found.line:
                self.add_error("line", _("This number belongs to another product line. Leave one of the two empty."))
            else:
                data["line"], data["number"] = found.line, found.catalogue_number
        elif not line and "line" in data:
            self.add_error("number", _("Enter the catalogue number, or choose the product line."))
        self._place(data)
        return data

    def _place(self, data: dict[str, Any]) -> None:
        if "division" not in data or "country" not in data:
            return
        division = data["division"]
        if data["country"] != "CN":
            if division:
                self.add_error("division", _("Division codes are for China alone; leave this empty."))
        elif not division:
            self.add_error("division", _("Enter the province or city, such as 浙江 or Ningbo: in China authorisations go by division."))
        elif problems := division_problem(division):
            self.add_error("division", problems[0])
