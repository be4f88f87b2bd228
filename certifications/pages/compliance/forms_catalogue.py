"""Forms of the catalogue. They check shape; what may be recorded is asked of the room below."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.proposals import LEAST_EXPLAINED
from certifications.catalogue.rules_products import WORDS, ProductData, read_units
from certifications.pages.rights import line_choices
from portal.forms import DayField

SORTS = {"number": _("By number"), "name": _("By name"), "line": _("By product line"), "changed": _("Changed last")}


class CatalogueForm(forms.Form):
    """What to look for. A GET form; empty means everything."""

    must = frozenset({"q", "line", "sold", "sort"})

    q = forms.CharField(label=_("Number, name or classification"), max_length=100, required=False)
    line = forms.ChoiceField(label=_("Product line"), required=False)
    sold = forms.ChoiceField(
        label=_("May be declared"), required=False, choices=[("", _("All")), ("yes", _("Today")), ("no", _("Not today"))]
    )
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=list(SORTS.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [("", _("All")), *line_choices()]  # type: ignore[attr-defined]


class UnitsField(forms.CharField):
    """Names with a number each, one a line; cleans to a mapping of Decimals."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def clean(self, value: Any) -> dict[str, Decimal]:  # type: ignore[override]
        try:
            return read_units(super().clean(value))
        except ValueError as wrong:
            raise forms.ValidationError(
                _("“%(line)s” cannot be read, or comes twice; write a name, =, and a number."), params={"line": str(wrong)[:60]}
            ) from None

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name} = {number}" for name, number in value.items()) if isinstance(value, dict) else value


class ExplainedForm(forms.Form):
    """Why something that needs two people is proposed."""

    explanation = forms.CharField(
        label=_("Why"),
        min_length=LEAST_EXPLAINED,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Both people read it, and it stays on record."),
    )


class ProductForm(ExplainedForm):
    """What is said of a product from a day on; with its number where it is new."""

    name = forms.CharField(label=_("Name in English"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120)
    line = forms.CharField(label=_("Product line"), max_length=20, help_text=_("Rights to sell, undertakings and policies go by it."))
    unit = forms.CharField(label=_("Unit in English"), max_length=20, help_text=_("What a quantity counts, such as kit."))
    unit_zh = forms.CharField(label=_("Unit in Chinese"), max_length=20)
    units = UnitsField(
        label=_("Further units"),
        required=False,
        max_length=500,
        help_text=_("One a line, with how many of the product's own units it holds, such as: carton = 10."),
    )
    samples_per_unit = forms.IntegerField(
        label=_("Samples per unit"), required=False, min_value=1, max_value=1_000_000, help_text=_("Empty for what is no kit.")
    )
    classification = forms.CharField(
        label=_("Classification"),
        max_length=40,
        required=False,
        help_text=_("As the manufacturer states it, such as EAR99. It is never worked out here."),
    )
    is_current = forms.BooleanField(label=_("It may be declared"), required=False, initial=True)
    from_date = DayField(
        label=_("From"),
        help_text=_("The first day on which this holds, by which another person must have agreed; what held before stays on record."),
    )

    def __init__(self, *args: Any, is_new: bool = False, is_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["explanation"].label = _("Why, and who stated it")
        self.order_fields([name for name in self.fields if name != "explanation"])
        if is_new:
            self.fields["catalogue_number"] = forms.CharField(label=_("Catalogue number"), max_length=40)
            self.order_fields(["catalogue_number"])
        for name in ("line", "unit", "unit_zh") if is_fixed else ():
            self.fields[name].disabled = True
            self.fields[name].help_text = _("Declarations name this number; this stays.")

    def data_given(self) -> ProductData:
        """The version as typed."""
        return ProductData(**{name: self.cleaned_data[name] for name in (*WORDS, "from_date", "units")})


class GroupForm(ExplainedForm):
    """Products that stand in for one another."""

    name = forms.CharField(label=_("Name of the group"), max_length=80)
    measures = UnitsField(
        label=_("Products and what one unit of each measures"),
        max_length=2000,
        help_text=_(
            "One a line: catalogue number = measure, such as CI-2440-100 = 100. Twice the measure is worth two units of the other."
        ),
    )
    field_order = ("name", "measures", "explanation")


class GroupEndForm(ExplainedForm):
    """The end of a group."""

    group = forms.ChoiceField(label=_("Group to end"))
    field_order = ("group", "explanation")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [("", _("Choose a group")), *choices]  # type: ignore[attr-defined]
