"""Forms about the end user's own word: whom to ask by mail, the scan of a signed statement."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from certifications.declarations.confirming import ContactData
from certifications.declarations.papers import SignedData
from certifications.files.rules import MAX_PAPER_MB
from portal.forms import DayField, ManyFilesInput


class AskForm(forms.Form):
    """A named person at the end user."""

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    contact_name = forms.CharField(label=_("Name of the person"), max_length=120, help_text=_("At the end user, who may speak for it."))
    email = forms.EmailField(
        label=_("Their e-mail address"), max_length=254, help_text=_("At the end user itself; an address of your own firm is refused.")
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def contact(self) -> ContactData:
        """The cleaned values as the room takes them."""
        data = self.cleaned_data
        return ContactData(data["contact_name"], data["email"], data["language"])


class ManyFiles(forms.FileField):
    """One file or several, as a list in their order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=ManyFilesInput, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        one = super().clean
        return [one(item, initial) for item in data] if isinstance(data, list | tuple) and data else [one(None, initial)]


class ScanForm(forms.Form):
    """The signed paper, and what stands under the signature."""

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    signed_name = forms.CharField(label=_("Signed by"), max_length=120, help_text=_("The name as on the paper."))
    signed_role = forms.CharField(label=_("Function"), max_length=120)
    signed_on = DayField(label=_("Signed on"))
    files = ManyFiles(
        label=_("Scan of the signed paper"),
        help_text=_(
            "One PDF of all pages, or a JPEG or PNG of each page in order; at most 20 MB together. It is kept whole, with its hash."
        ),
    )

    def clean_files(self) -> Any:
        files = self.cleaned_data["files"]
        if sum(file.size or 0 for file in files) > MAX_PAPER_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("The files are larger than %(limit)d MB together. Scan them in fewer colours."), params={"limit": MAX_PAPER_MB}
            )
        return files

    def signed(self) -> SignedData:
        """Who signed, as the room takes it."""
        data = self.cleaned_data
        return SignedData(data["signed_name"], data["signed_role"], data["signed_on"])
