"""Forms around an uploaded file. They check shape; what a row may say is asked of its kind."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from certifications.uploads.kinds import Kind
from certifications.uploads.models import Upload
from certifications.uploads.readers.types import LIMIT_MB
from portal.forms import DayField
from portal.lists import ListForm, Sort
from portal.words import word_for


class UploadsForm(ListForm):
    """The files that were sent, by what their rows are, how far they are, and who sent them."""

    sorts = (
        Sort("sent", _("Sent"), "sent_at", is_down=True),
        Sort("file", _("File"), "blob__name"),
        Sort("kind", _("Rows are"), "kind"),
        Sort("state", _("State"), "status"),
    )
    default = "-sent"

    kind = forms.ChoiceField(label=_("Rows are"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    who = forms.ChoiceField(label=_("Sent by"), required=False)
    since = DayField(label=_("Sent from"), required=False)
    until = DayField(label=_("Sent until"), required=False)

    def __init__(self, data: Mapping[str, str], *, kinds: list[Kind], people: list[tuple[str, str]]) -> None:
        self.kinds, self.people = kinds, people
        super().__init__(data)

    def choose(self) -> None:
        self.fields["q"].label = _("Number or name of the file")
        self.choices("kind", [(kind.code, kind.label) for kind in self.kinds])
        self.choices("state", [(word, word_for("upload", word).text) for word in Upload.Status.values if word != "reverting"])
        self.choices("who", self.people)


class UploadForm(forms.Form):
    """A file, and what its rows are."""

    form_key = forms.CharField(max_length=26, min_length=26, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What the rows are"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_(
            "Excel (.xlsx, .xls) or CSV in any encoding, at most 20 MB. Any names of columns: they are asked about once. Events also as JSON (EPCIS 2.0)."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.json,.jsonld"}),
    )

    def __init__(self, *args: Any, kinds: list[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.code, kind.label) for kind in kinds]  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile:
        """Told here and not by the room below, so that nothing larger is read into memory."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > LIMIT_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB. Split it, and send the parts one after the other.") % {"limit": LIMIT_MB}
            )
        return file


class TableForm(forms.Form):
    """Which sheet, and in which row the headings stand."""

    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    header_row = forms.IntegerField(
        label=_("Row of the headings"),
        required=False,
        min_value=0,
        max_value=200_000,
        help_text=_("Leave it empty to have it found; 0 if the table has no headings."),
    )

    def __init__(self, *args: Any, sheets: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(sheet["name"], f"{sheet['name']} ({_('hidden')})" if sheet["hidden"] else sheet["name"]) for sheet in sheets]
        self.fields["sheet"].choices = [("", _("Have it found")), *names]  # type: ignore[attr-defined]
        if not names:
            del self.fields["sheet"]


class MendForm(forms.Form):
    """A value for one cell, or a word about one row or about every row with the same problem."""

    row = forms.IntegerField(min_value=1, max_value=200_000, required=False)
    field = forms.CharField(max_length=60, required=False)
    code = forms.CharField(max_length=80, required=False)
    value = forms.CharField(required=False, strip=True)
    everywhere = forms.BooleanField(required=False)
    # The field and the value of a proposal, as "field=value".
    fix = forms.CharField(required=False)
    act = forms.ChoiceField(choices=[(a, a) for a in ("mend", "accept", "leave_out", "take_in", "proposals")], required=False)
