"""The short form of a tender letter. It checks shape; completeness is asked of the room below."""

import datetime as dt
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.queries import current_products
from certifications.ledger.days import civil_today
from certifications.letters.rules import LANGUAGES, MOST_DAYS, LetterData
from certifications.pages.checked import check_as_typed
from certifications.pages.places import DivisionField
from portal.countries import COUNTRIES
from portal.forms import DayField
from portal.templatetags.kit import local
from portal.words import word_for

PROPOSED_DAYS = 90


class LetterForm(forms.Form):
    """Whom the goods are offered to, in which tender, where, until when."""

    must = frozenset({"buyer_native", "buyer_latin", "division", "goods"})

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    buyer_native = forms.CharField(
        label=_("Buyer, in its own script"),
        max_length=300,
        required=False,
        help_text=_("As the tender names it. Enter this name, the Latin one, or both."),
    )
    buyer_latin = forms.CharField(label=_("Buyer, in Latin letters"), max_length=300, required=False)
    buyer_uscc = forms.CharField(label=_("Unified social credit code of the buyer"), max_length=40, required=False)
    others = forms.CharField(
        label=_("Others named in the tender"),
        required=False,
        max_length=3100,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Agents, and whoever bids with you; one a line. Everybody named is screened."),
    )
    project_no = forms.CharField(
        label=_("Project number"), max_length=120, help_text=_("As the tender writes it; awards are matched with it.")
    )
    goods = forms.MultipleChoiceField(label=_("Products"), widget=forms.CheckboxSelectMultiple(attrs={"class": "many"}), required=False)
    country = forms.ChoiceField(label=_("Country"), choices=list(COUNTRIES.items()))
    division = DivisionField(label=_("Division"), help_text=_("For China: where the buyer takes delivery, such as 宁波 or 330200."))
    valid_until = DayField(label=_("Holds until"), help_text=_("This day is not included; at most a year."))
    language = forms.ChoiceField(label=_("Language of the letter"))
    note = forms.CharField(label=_("To compliance"), max_length=500, required=False, help_text=_("It is not printed."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        goods = [(p.pk, f"{local(p, 'name')} ({p.catalogue_number})") for p in current_products()]
        self.fields["goods"].choices = goods  # type: ignore[attr-defined]
        self.fields["language"].choices = [(code, word_for("letterlanguage", code).text) for code in LANGUAGES]  # type: ignore[attr-defined]
        today = civil_today()
        check_as_typed(self, reverse("distributors:customer-check"))
        self.fields["valid_until"].widget.attrs.update(min=str(today + dt.timedelta(1)), max=str(today + dt.timedelta(MOST_DAYS)))

    def data_given(self) -> LetterData:
        """The letter as typed."""
        given = self.cleaned_data
        plain = {
            name: given[name]
            for name in ("buyer_native", "buyer_latin", "buyer_uscc", "project_no", "country", "valid_until", "language", "note")
        }
        others = tuple(line.strip() for line in given["others"].splitlines() if line.strip())
        return LetterData(goods=tuple(given["goods"]), division=given["division"].strip(), others=others, **plain)
