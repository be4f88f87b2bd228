"""Forms of public verification, and the upload that never touches a disk."""

from typing import Any

from django import forms
from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload
from django.utils.translation import gettext_lazy as _

MAX_BYTES = 10 * 1024 * 1024


class InMemory(MemoryFileUploadHandler):
    """Keeps an upload in memory whatever its size, and stops reading past the limit, all files together."""

    most = MAX_BYTES

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.seen += len(raw_data)
        if self.seen > self.most:
            self.request.upload_too_large = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=False)
        result: bytes | None = super().receive_data_chunk(raw_data, start)
        return result


class NumberForm(forms.Form):
    """Number and code, as printed."""

    number = forms.CharField(
        label=_("Number of the attestation"),
        max_length=30,
        help_text=_("For example EUC-2026-7K2M4P, at the top right of the document."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": _("Enter the number at the top right of the document.")},
    )
    code = forms.CharField(
        label=_("Code printed beside the QR code"),
        max_length=20,
        help_text=_("Eight letters and digits; capitals and the dash do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": _("Enter the eight letters and digits printed beside the QR code.")},
    )


class FileForm(forms.Form):
    """The sealed PDF itself."""

    file = forms.FileField(
        label=_("The PDF"),
        allow_empty_file=True,
        help_text=_("At most 10 MB. It is read in memory and not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf,application/json,.json"}),
        error_messages={"required": _("Choose the PDF of the attestation.")},
    )
