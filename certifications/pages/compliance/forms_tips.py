"""Forms of named readers of tips, and of who names them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.people.models import User
from certifications.people.tip_readers import candidates
from certifications.tips.models import Tip
from portal.words import word_for


class AskForm(forms.Form):
    """A question, or a word, to whoever sent the tip."""

    text = forms.CharField(
        label=_("Ask back"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is read with the receipt code alone. Ask nothing whose answer would say who it is."),
        error_messages={"required": _("Write your question.")},
    )


class CloseForm(forms.Form):
    """Why it is closed."""

    outcome = forms.ChoiceField(label=_("What became of it"))
    reason = forms.CharField(label=_("Why"), max_length=300, help_text=_("For the record; whoever sent the tip does not see it."))
    words = forms.CharField(
        label=_("Last words to whoever sent it"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(code, word_for("tip_outcome", code).text) for code in Tip.Outcome.values]  # type: ignore[attr-defined]


class TipCaptureForm(forms.Form):
    """What of the tip becomes evidence: what stands here and nothing else."""

    text = forms.CharField(
        label=_("What becomes evidence"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("Everybody in compliance reads exactly this. Take out whatever could point to whoever told it."),
        error_messages={"required": _("Write down what becomes evidence.")},
    )
    title = forms.CharField(label=_("Title"), max_length=300, required=False)
    source_url = forms.URLField(
        label=_("Address of a public page"),
        max_length=600,
        required=False,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)


class ReaderForm(forms.Form):
    """Who is to read tips."""

    reader = forms.ChoiceField(label=_("Who is to read tips"))
    explanation = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reader"].choices = [(user.pk, user.name) for user in candidates() if user.pk != by.pk]  # type: ignore[attr-defined]
