"""Forms about lists: a list file, a list of our own, the day of its review, and accepting what was refused.

They check shape; whether a file is whole is the importer's to say, whether an act may be done the rooms' below.
"""

import datetime as dt
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from certifications.screening.importers import FORMATS, recognise
from certifications.screening.models import ListSource
from certifications.screening.rules import EXCEPTION_REASONS

MAX_MB = 100
# What a person picks by mistake: a PDF, a zipped or gzipped download, an old spreadsheet.
WRONG_STARTS = {b"%PDF": "PDF", b"PK\x03\x04": "ZIP", b"\x1f\x8b": "gzip", b"\xd0\xcf\x11\xe0": "Excel"}


class ListFileForm(forms.Form):
    """A list as it is published."""

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("List file"),
        help_text=_("Exactly as published, at most 100 MB. A worker reads it; a file that is not whole is refused."),
    )

    def __init__(self, *args: Any, source: ListSource, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        self.says = ""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size and file.size > MAX_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("%(name)s is larger than 100 MB. Download it again, or import it on the server: manage.py import_list."),
                params={"name": file.name},
            )
        start = file.read(16_384)
        file.seek(0)
        for mark, kind in WRONG_STARTS.items():
            if start.startswith(mark):
                raise forms.ValidationError(
                    _("%(name)s is a %(kind)s file. Choose the list as it is published: JSON, XML or CSV."),
                    params={"name": file.name, "kind": kind},
                )
        self._recognise(start)
        return file

    def _recognise(self, start: bytes) -> None:
        """Say which list it is; another list's file is refused at once. What is not recognised, its own reader refuses by name."""
        found = recognise(start)
        if found is None:
            return
        if found.code not in self.source.takes:
            raise forms.ValidationError(
                _("This is %(w)s; here belongs %(t)s."),
                params={"w": found.words, "t": FORMATS[self.source.takes[0]].words},
            )
        self.says = str(found.words)


class PrivateListForm(forms.Form):
    """A list of our own: what it is called, what it rests on, how long it is good."""

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("For example: Is-informed letter of 12 November 2026."))
    basis = forms.CharField(
        label=_("Law or contract that it rests on"),
        max_length=300,
        help_text=_("For example: 15 CFR 744.21(b); supply contract 4711, section 9. Everybody who decides reads it."),
    )
    good_for = forms.ChoiceField(
        label=_("Good for"),
        choices=[("review", _("until a person looks through it on a day")), ("hours", _("some hours since its last import"))],
    )
    review_on = forms.DateField(label=_("Day of the next review"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    fresh_hours = forms.IntegerField(label=_("Hours"), required=False, min_value=1, max_value=8784)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        wanted = "review_on" if data.get("good_for") == "review" else "fresh_hours"
        other = "fresh_hours" if wanted == "review_on" else "review_on"
        if wanted not in self.errors and not data.get(wanted):
            self.add_error(wanted, _("Give the day of the next review.") if wanted == "review_on" else _("Give the hours."))
        data[other] = None
        return data

    def code(self) -> str:
        """The list's code: of the title what fits, and the end of the form's key, so that a form sent twice is one list."""
        key = "".join(c for c in self.cleaned_data["form_key"].lower() if c.isalnum())
        return "_".join(filter(None, ("own", slugify(self.cleaned_data["title"]).replace("-", "_")[:16].strip("_"), key[-7:])))


class ReviewForm(forms.Form):
    """Looked through today; good until."""

    review_on = forms.DateField(label=_("Day of the next review"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean_review_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["review_on"]
        return day


class ExceptionForm(forms.Form):
    """Why a refused file is right all the same."""

    reason = forms.ChoiceField(label=_("Reason"), choices=list(EXCEPTION_REASONS.items()))
    explanation = forms.CharField(
        label=_("Explanation"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you compared, and with what. The second person and the auditor read it."),
    )
