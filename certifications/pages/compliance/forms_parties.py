"""Forms of a party's aliases. They check shape; what may be recorded is asked of the room below."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.parties.aliases import END_REASONS, LEAST_EXPLAINED, MOST_LONG, REASONS
from certifications.parties.models_aliases import PartyAlias


def _explanation() -> forms.CharField:
    return forms.CharField(
        label=_("How it is known"),
        min_length=LEAST_EXPLAINED,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Where the name stands, and why it is this party's. Both people read it, and it stays on record."),
    )


class AliasForm(forms.Form):
    """A further name."""

    text = forms.CharField(label=_("Further name"), max_length=MOST_LONG, help_text=_("As it stands in the source, in its own script."))
    reason = forms.ChoiceField(label=_("Known from"), choices=[("", _("Choose a reason")), *REASONS.items()])
    explanation = _explanation()

    def words(self) -> dict[str, Any]:
        """What is proposed."""
        return {**self.cleaned_data, "ends": None}


class EndAliasForm(forms.Form):
    """The end of an alias: fewer names are compared from then on."""

    alias = forms.ChoiceField(label=_("Alias to withdraw"))
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose a reason")), *END_REASONS.items()])
    explanation = _explanation()

    def __init__(self, *args: Any, choices: list[PartyAlias], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known = {alias.pk: alias for alias in choices}
        self.fields["alias"].choices = [("", _("Choose an alias")), *((alias.pk, alias.text) for alias in choices)]  # type: ignore[attr-defined]

    def words(self) -> dict[str, Any]:
        """What is proposed."""
        given = self.cleaned_data
        ends = self._known[given["alias"]]
        return {"text": ends.text, "ends": ends, "reason": given["reason"], "explanation": given["explanation"]}
