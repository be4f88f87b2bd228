"""Forms of clause sets: a code, then the draft of a version with as many undertakings as it needs and two empty ones more."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.rules_clauses import MOST_CLAUSES, MOST_TEXT, MOST_TITLE, WORDS, ScopeData, SetData
from certifications.pages.places import DivisionsField
from certifications.pages.rights import line_choices
from portal.countries import COUNTRIES
from portal.forms import DayField

SPARE = 2


class CodeForm(forms.Form):
    """The code of a new set."""

    code = forms.CharField(
        label=_("Code of the set"), max_length=20, help_text=_("Short, such as CN-kits; it stands on every declaration that uses the set.")
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip()
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{1,19}", code):
            raise forms.ValidationError(_("Letters, digits and dashes alone, two at least."))
        return code


class ScopeFields(forms.Form):
    """What a set or a policy is about; nothing chosen means everything."""

    lines = forms.MultipleChoiceField(
        label=_("Product lines"), widget=forms.CheckboxSelectMultiple, required=False, help_text=_("None chosen: every line.")
    )
    countries = forms.MultipleChoiceField(
        label=_("Countries of use"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "many"}),
        required=False,
        choices=list(COUNTRIES.items()),
        help_text=_("None chosen: every country."),
    )
    divisions = DivisionsField(
        label=_("Divisions of China"), help_text=_("One a line, by code or name; only with China chosen. None: the whole country.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].choices = line_choices()  # type: ignore[attr-defined]

    def scope(self) -> ScopeData:
        """As typed."""
        given = self.cleaned_data
        return ScopeData(tuple(given["lines"]), tuple(given["countries"]), given["divisions"])


class DraftForm(ScopeFields):
    """The next version of a set. An undertaking whose four fields are emptied is left out; the others are numbered anew."""

    must = frozenset({"lines", "countries", "divisions"})

    from_date = DayField(label=_("First day"), help_text=_("Tomorrow or later: declarations begun from then on carry it."))
    old_until = DayField(
        label=_("Old text may be signed until"),
        required=False,
        help_text=_("The first day on which drafts of the version before can no longer be signed. Empty: from the first day on."),
    )

    def __init__(self, *args: Any, clauses: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = min(clauses + SPARE, MOST_CLAUSES)
        labels = {
            "title": _("Title in English"),
            "title_zh": _("Title in Chinese"),
            "text": _("Text in English"),
            "text_zh": _("Text in Chinese"),
        }
        for number in range(1, self.rows + 1):
            for name in WORDS:
                long = name.startswith("text")
                self.fields[f"{name}_{number}"] = forms.CharField(
                    label=labels[name],
                    required=False,
                    max_length=MOST_TEXT if long else MOST_TITLE,
                    widget=forms.Textarea(attrs={"rows": 3}) if long else forms.TextInput(),
                )
        self.must = self.must | {name for name in self.fields if name.rpartition("_")[0] in WORDS}

    @staticmethod
    def typed(post: Mapping[str, Any]) -> int:
        """How many undertakings a sent form holds, beside the empty ones at the end."""
        numbers = [int(name[6:]) for name in post if re.fullmatch(r"title_[0-9]{1,2}", name)]
        return max(max(numbers, default=0) - SPARE, 0)

    def clauses(self) -> list[dict[str, Any]]:
        """The fields of each undertaking, for the page."""
        return [{"number": n, "fields": [self[f"{name}_{n}"] for name in WORDS]} for n in range(1, self.rows + 1)]

    def data_given(self) -> SetData:
        """The version as typed."""
        given = self.cleaned_data
        rows = [{name: given[f"{name}_{n}"].strip() for name in WORDS} for n in range(1, self.rows + 1)]
        return SetData(self.scope(), given["from_date"], tuple(row for row in rows if any(row.values())), given["old_until"])

    @staticmethod
    def initial_of(scope: Any, clauses: list[dict[str, str]]) -> dict[str, Any]:
        """The form's first values."""
        rows = {f"{name}_{n}": clause[name] for n, clause in enumerate(clauses, start=1) for name in WORDS}
        return {"lines": list(scope.lines), "countries": list(scope.countries), "divisions": list(scope.divisions), **rows}
