"""The one form here: a list file. It checks shape; whether the file is whole is the importer's to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MAX_MB = 100
# What a person picks by mistake: a PDF, a zipped or gzipped download, an old spreadsheet.
WRONG_STARTS = {b"%PDF": "PDF", b"PK\x03\x04": "ZIP", b"\x1f\x8b": "gzip", b"\xd0\xcf\x11\xe0": "Excel"}


class ListFileForm(forms.Form):
    """A list as it is published."""

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("List file"),
        help_text=_("JSON or CSV exactly as published, at most 100 MB. A worker reads it; a file that is not whole is refused."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size and file.size > MAX_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("%(name)s is larger than 100 MB; the published list is not. Download it again."), params={"name": file.name}
            )
        start = file.read(4)
        file.seek(0)
        for mark, kind in WRONG_STARTS.items():
            if start.startswith(mark):
                raise forms.ValidationError(
                    _("%(name)s is a %(kind)s file. Choose the list as it is published, in JSON or CSV."),
                    params={"name": file.name, "kind": kind},
                )
        return file
