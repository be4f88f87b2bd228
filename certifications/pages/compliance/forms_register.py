"""Forms of the register. They check shape; what may be recorded is asked of the room below."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certifications.pages.papers import PaperField
from certifications.pages.places import DivisionField
from certifications.pages.rights import TermsForm, line_choices
from certifications.parties.models_register import AuthorisationDocument
from certifications.parties.register import STANDINGS
from certifications.parties.rules_register import CHANGE_REASONS, CHANGES, possible_changes
from portal.countries import COUNTRIES
from portal.forms import DayField
from portal.words import word_for

SORT_WORDS = {
    "end": _("Ends first"),
    "recorded": _("Newest record first"),
    "number": _("By number"),
    "name": _("By name of the holder"),
}


class RegisterForm(forms.Form):
    """Which day, as known when, and what to look for. A GET form; empty means today, and as known now."""

    # Every filter may stay empty: eight times "optional" would say nothing.
    must = frozenset({"q", "on", "known", "line", "country", "division", "standing", "sort"})

    q = forms.CharField(label=_("Number, name or code"), max_length=100, required=False)
    on = DayField(label=_("Valid on"), required=False)
    known = forms.DateTimeField(
        label=_("As known at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    line = forms.ChoiceField(label=_("Product line"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    division = DivisionField(label=_("Division of China"))
    standing = forms.ChoiceField(label=_("Standing"), required=False)
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=list(SORT_WORDS.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", _("All"))
        self.fields["line"].choices = [everything, *line_choices()]  # type: ignore[attr-defined]
        self.fields["country"].choices = [everything, *COUNTRIES.items()]  # type: ignore[attr-defined]
        self.fields["standing"].choices = [everything, *((word, word_for("register", word).text) for word in STANDINGS)]  # type: ignore[attr-defined]

    def clean_known(self) -> dt.datetime | None:
        known: dt.datetime | None = self.cleaned_data["known"]
        if known is not None and known > timezone.now():
            raise forms.ValidationError(_("Nobody knows yet what will be known then; choose a moment that is over."))
        return known


class RightForm(TermsForm):
    """Terms as compliance records them: with the holder where it is new, with a reason where it corrects."""

    def __init__(self, *args: Any, correcting: bool = False, holders: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if correcting:
            self.fields["reason"] = forms.CharField(
                label=_("Why it is corrected"), max_length=500, help_text=_("Stays on record beside the old terms and the new ones.")
            )
        if holders is not None:
            self.fields["party"] = forms.ChoiceField(label=_("Holder"), choices=[("", _("Choose a distributor")), *holders])
            self.order_fields(["party"])


class PaperForm(forms.Form):
    """A contract, a letter or another paper behind an authorisation."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (AuthorisationDocument.Kind.CONTRACT, _("Contract")),
            (AuthorisationDocument.Kind.LETTER, _("Letter")),
            (AuthorisationDocument.Kind.OTHER, _("Other paper")),
        ],
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    dated_on = DayField(label=_("Dated"))
    good_until = DayField(
        label=_("Good until"), required=False, help_text=_("The first day on which it is no longer good; empty for one without an end.")
    )
    file = PaperField(label=_("File"))


class TrainingForm(forms.Form):
    """A training of the holder's people."""

    topic = forms.CharField(label=_("What it was about"), max_length=200)
    held_on = DayField(label=_("Held on"))
    good_until = DayField(label=_("Good until"))
    people = forms.IntegerField(
        label=_("People trained"), min_value=1, max_value=9999, help_text=_("How many; names stay in the holder's papers.")
    )


class StandingForm(forms.Form):
    """Suspend, revoke or lift, from a day."""

    to = forms.ChoiceField(label=_("Change"))
    holds_from = DayField(label=_("From"), help_text=_("The first day on which it counts."))
    reason = forms.ChoiceField(label=_("Reason"))
    explanation = forms.CharField(
        label=_("Explanation"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Seen by compliance and the auditor."),
    )
    public_reason = forms.CharField(
        label=_("Sentence for the holder"), max_length=200, help_text=_("Neutral words; no names of others, no list, no score.")
    )

    def __init__(self, *args: Any, last: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [to for to in CHANGES if to in possible_changes(last)]
        words = {to: CHANGE_WORDS[to] for to in offered}
        reasons = [(words[to], [(code, CHANGE_REASONS[code]) for code in CHANGES[to]]) for to in offered]
        self.fields["to"].choices = [("", _("Choose a change")), *words.items()]  # type: ignore[attr-defined]
        self.fields["reason"].choices = [("", _("Choose a reason")), *reasons]  # type: ignore[attr-defined]


CHANGE_WORDS = {"suspended": _("Suspend"), "revoked": _("Revoke for good"), "authorised": _("Lift the suspension")}
