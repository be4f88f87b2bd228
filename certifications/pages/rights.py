"""Rights on pages, for compliance and distributors alike: the form of terms, terms in words, rows of tables and of the tree."""

from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.queries import product_lines
from certifications.ledger.moves import NotAllowed
from certifications.pages.places import DivisionsField, line_words, reach_words
from certifications.parties.models_register import AuthorisationTerms
from certifications.parties.queries import display
from certifications.parties.register import Branch, Entry
from certifications.parties.rules_register import Risk, TermsData
from portal.countries import COUNTRIES
from portal.forms import DayField
from portal.templatetags.kit import local
from portal.words import word_for

FIELD_WORDS = ("lines", "where", "valid_from", "valid_until", "conditions")


def line_choices() -> list[tuple[str, Any]]:
    """Product lines of the catalogue, in words."""
    return [(line, str(word_for("line", line).text).capitalize()) for line in product_lines()]


class TermsForm(forms.Form):
    """What an authorisation covers."""

    must = frozenset({"lines", "countries", "divisions"})

    lines = forms.MultipleChoiceField(label=_("Product lines"), widget=forms.CheckboxSelectMultiple, required=False)
    divisions = DivisionsField(
        label=_("Divisions of China"),
        help_text=_(
            "One a line, by code or name, such as 330200 or 浙江. With China chosen below and none here, the whole country counts."
        ),
    )
    countries = forms.MultipleChoiceField(
        label=_("Countries"), widget=forms.CheckboxSelectMultiple(attrs={"class": "many"}), required=False, choices=list(COUNTRIES.items())
    )
    valid_from = DayField(label=_("First day"))
    valid_until = DayField(label=_("First day after it"), help_text=_("The day on which it no longer holds."))
    conditions = forms.CharField(
        label=_("Conditions"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The holder reads exactly this, and whoever is nominated below it accepts it."),
    )

    def __init__(self, *args: Any, risks: list[Risk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.risks = risks
        self.fields["lines"].choices = line_choices()  # type: ignore[attr-defined]
        for risk in risks:
            self.fields[f"risk_{risk.code}"] = DayField(
                label=_("Ends for %(risk)s on") % {"risk": local(risk, "title")},
                required=False,
                help_text=_("At most %(n)d days after the first day; left empty, exactly that.") % {"n": risk.most_days},
            )

    def data_given(self) -> TermsData:
        """The terms as typed; divisions without a country mean China."""
        given = self.cleaned_data
        countries = tuple(given["countries"])
        if given["divisions"] and "CN" not in countries:
            countries = ("CN", *countries)
        ends = {risk.code: given[f"risk_{risk.code}"] for risk in self.risks if given[f"risk_{risk.code}"]}
        return TermsData(
            tuple(given["lines"]), countries, given["divisions"], given["valid_from"], given["valid_until"], given["conditions"], ends
        )

    @staticmethod
    def initial_of(data: TermsData) -> dict[str, Any]:
        """The form's first values from terms."""
        names = ("lines", "countries", "divisions", "valid_from", "valid_until", "conditions")
        ends = {f"risk_{code}": day for code, day in data.risk_until.items()}
        return {name: getattr(data, name) for name in names} | ends


def row_of(entry: Entry) -> dict[str, Any]:
    """A right as the tables show it."""
    parent = entry.authorisation.parent
    return {
        "entry": entry,
        "name": display(entry.authorisation.party),
        "below": display(parent.party) if parent else None,
        "lines": line_words(entry.terms.lines),
        "where": reach_words(entry.terms),
    }


def branches(tree: list[Branch]) -> list[dict[str, Any]]:
    """The tree as nested rows."""
    return [{**row_of(branch.entry), "children": branches(list(branch.below))} for branch in tree]


def _said(row: Any) -> dict[str, str]:
    """Terms in words, by what a person would call the field."""
    return {
        "lines": line_words(sorted(row.lines)),
        "where": reach_words(row),
        "valid_from": date_format(row.valid_from, "DATE_FORMAT"),
        "valid_until": date_format(row.valid_until, "DATE_FORMAT"),
        "conditions": row.conditions.strip(),
    }


def compared(old: AuthorisationTerms | None, new: TermsData) -> list[dict[str, Any]]:
    """Each field of the terms as it would be, and as it was where that differs."""
    words = {
        "lines": gettext("Product lines"),
        "where": gettext("Where"),
        "valid_from": gettext("First day"),
        "valid_until": gettext("First day after it"),
        "conditions": gettext("Conditions"),
    }
    after, before = _said(new), _said(old) if old else {}
    return [
        {"label": words[name], "new": after[name], "old": before.get(name, ""), "changed": bool(old) and before[name] != after[name]}
        for name in FIELD_WORDS
    ]


def put(form: forms.Form, error: NotAllowed) -> None:
    """The refusal beside its field."""
    for problem in getattr(error, "problems", None) or [None]:
        field, text = (problem.field, problem.message) if problem else (error.code, str(error))
        form.add_error(field if field in form.fields else None, text)
