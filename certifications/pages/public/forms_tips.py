"""Forms for whoever sends a tip. Nothing in them asks who it is."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.tips.rules import CODE_LENGTH, MOST_FILES, TipData, normal_code, what_problem

from .forms import InMemory

MEGABYTES = 20
OFF = {"autocomplete": "off"}
# A key as the form makes it: random, and unlike a ULID without a time in it.
KEY_LENGTH = 43


class TipFiles(InMemory):
    """Files of a tip, in memory alone."""

    most = MEGABYTES * 1024 * 1024


class Trap(forms.CharField):
    """A field that people do not see and programs fill in."""

    def __init__(self) -> None:
        attrs = {"tabindex": "-1", "autocomplete": "off"}
        super().__init__(label=_("Leave this empty"), required=False, max_length=200, widget=forms.TextInput(attrs=attrs))

    def clean(self, value: Any) -> str:
        if super().clean(value):
            raise forms.ValidationError(_("Leave the field “Leave this empty” empty: it is there to tell programs from people."))
        return ""


class TipForm(forms.Form):
    """What was seen, where, when, of what, by whom; up to five files."""

    what = forms.CharField(
        label=_("What did you see?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6, **OFF}),
        help_text=_("Leave out what only you can know, if that might point to you."),
        error_messages={"required": _("Say in a sentence or two what you saw.")},
    )
    place = forms.CharField(label=_("Where"), max_length=300, required=False, widget=forms.TextInput(attrs=OFF))
    seen_when = forms.CharField(
        label=_("About when"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=OFF),
        help_text=_("A month and a year are enough, such as March 2026."),
    )
    product = forms.CharField(
        label=_("Product"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs=OFF),
        help_text=_("What stands on it: name, catalogue number, serial number."),
    )
    seller = forms.CharField(label=_("Who sold it"), max_length=300, required=False, widget=forms.TextInput(attrs=OFF))
    buyer = forms.CharField(label=_("Who bought or uses it"), max_length=300, required=False, widget=forms.TextInput(attrs=OFF))
    link = forms.CharField(
        label=_("Address of a public page"),
        max_length=600,
        required=False,
        widget=forms.TextInput(attrs={**OFF, "spellcheck": "false", "inputmode": "url"}),
        help_text=_("Cut off what follows a “?”, if the page opens without it: it may name you. Nobody opens it from here."),
    )
    website = Trap()
    form_key = forms.CharField(max_length=KEY_LENGTH, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"form_key": secrets.token_urlsafe(32)})
        super().__init__(*args, **kwargs)
        for number in range(1, MOST_FILES + 1):
            self.fields[f"file_{number}"] = forms.FileField(
                label=_("File %(n)d") % {"n": number},
                required=False,
                allow_empty_file=True,
                max_length=1000,
                widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf,.jpg,.jpeg,.png,.pdf"}),
            )

    def clean_what(self) -> str:
        """Long enough to be told apart from nothing."""
        what: str = self.cleaned_data["what"]
        if problem := what_problem(what):
            raise forms.ValidationError(problem)
        return what

    @property
    def data_of_tip(self) -> TipData:
        """The words of a valid form."""
        return TipData(**{name: self.cleaned_data[name] for name in TipData.__dataclass_fields__})

    def file_fields(self) -> list[Any]:
        """The fields for files, for the template."""
        return [self[f"file_{number}"] for number in range(1, MOST_FILES + 1)]


class CodeForm(forms.Form):
    """The receipt code."""

    code = forms.CharField(
        label=_("Receipt code"),
        max_length=60,
        help_text=_("Twenty-five letters and digits, shown once when the tip was sent. Capitals and dashes do not matter."),
        widget=forms.TextInput(attrs={**OFF, "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": _("Enter the receipt code.")},
    )

    def clean_code(self) -> str:
        """In one form."""
        code = normal_code(self.cleaned_data["code"])
        if len(code) != CODE_LENGTH:
            raise forms.ValidationError(_("A receipt code has 25 letters and digits; this has %(n)d.") % {"n": len(code)})
        return code


class AnswerForm(forms.Form):
    """More words from whoever sent the tip."""

    text = forms.CharField(
        label=_("Answer, or add something"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, **OFF}),
        error_messages={"required": _("Write your answer.")},
    )
