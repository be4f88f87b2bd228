"""The form of an answer on two parties. It checks shape; what may be recorded is asked of the room below."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.parties.identities import LEAST_EXPLAINED, REASONS
from certifications.parties.models_identities import IdentityAnswer
from portal.words import word_for


class IdentityForm(forms.Form):
    """Whether two parties are one entity, and what shows it."""

    answer = forms.ChoiceField(label=_("Are they one entity?"))
    reason = forms.ChoiceField(label=_("Known from"), choices=[("", _("Choose a reason")), *REASONS.items()])
    explanation = forms.CharField(
        label=_("What shows it"),
        min_length=LEAST_EXPLAINED,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever looks at the two again reads it, and it stays on record."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        answers = ((code, word_for("identity", code).text) for code in IdentityAnswer.Answer.values)
        self.fields["answer"].choices = [("", _("Choose an answer")), *answers]  # type: ignore[attr-defined]
