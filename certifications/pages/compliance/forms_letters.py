"""What a person says when it decides on a tender letter."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


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

    def __init__(self, *args: Any, outcome: str, **kwargs: Any) -> None:
        super().__init__(*args, prefix=outcome, initial={"outcome": outcome}, **kwargs)
        # Not `outcome`: a template would take the hidden field for it.
        self.decides = outcome
        if outcome == "release":
            del self.fields["public_reason"]
        else:
            self.must = frozenset({"explanation", "public_reason"})
