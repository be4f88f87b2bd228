"""Forms of an answer on a reported name. They check shape; what may be recorded is asked of the room below."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.resolution.models import NameAnswer
from certifications.resolution.rules import LEAST_EXPLAINED, REASONS
from portal.words import word_for

KEYS = {"same": "s", "different": "d", "unsure": "u"}


class AnswerForm(forms.Form):
    """Whether the name means the party, and what shows it."""

    party = forms.CharField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    answer = forms.ChoiceField(label=_("Does the name mean this party?"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(label=_("Known from"), choices=[("", _("Choose a reason")), *REASONS.items()])
    explanation = forms.CharField(
        label=_("What shows it"),
        min_length=LEAST_EXPLAINED,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever looks at the name again reads it, and it stays on record."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["answer"].choices = [(code, word_for("nameanswer", code).text) for code in NameAnswer.Answer.values]  # type: ignore[attr-defined]


class WithdrawAnswerForm(forms.Form):
    """Why an answer is taken back."""

    answer = forms.CharField(widget=forms.HiddenInput)
    withdrawn_reason = forms.CharField(label=_("Why the answer is taken back"), min_length=LEAST_EXPLAINED, max_length=300)
