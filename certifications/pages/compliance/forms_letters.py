"""What a person says when it decides on a tender letter."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.ledger.listed import mark


class LetterDecisionForm(forms.Form):
    """Release, refuse or revoke. The words are asked of the room below, by what is decided."""

    outcome = forms.CharField(max_length=7, widget=forms.HiddenInput)
    explanation = forms.CharField(
        label=_("Why"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Seen by compliance and the auditor."),
    )
    public_reason = forms.CharField(
        label=_("Sentence for the distributor"),
        max_length=200,
        required=False,
        help_text=_("Neutral words; no list, no score, nobody else's name. Of a revocation, whoever checks the letter reads it too."),
    )

    policies = forms.MultipleChoiceField(
        label=_("Looked at as these policies ask"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick each: a policy asks a person about such goods and such a buyer."),
    )

    def __init__(self, *args: Any, outcome: str, policies: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, prefix=outcome, initial={"outcome": outcome}, **kwargs)
        if outcome == "release" and policies:
            self.fields["policies"].choices = [(number, f"{number}{mark(':')}{title}") for number, title in policies]  # type: ignore[attr-defined]
            self.must = frozenset({"policies"})
        else:
            del self.fields["policies"]
        # Not `outcome`: a template would take the hidden field for it.
        self.decides = outcome
        if outcome == "release":
            del self.fields["public_reason"]
        else:
            self.must = frozenset({"explanation", "public_reason"})
