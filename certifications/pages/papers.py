"""The field for a paper, and serving one so that a browser saves it and never runs it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from certifications.files.actions import Damaged, read
from certifications.files.models import Blob
from certifications.files.rules import MAX_PAPER_MB
from certifications.ledger.actions import opened
from certifications.people.models import User
from portal.downloads import attachment


class PaperField(forms.FileField):
    """One file of at most MAX_PAPER_MB; what it is by its first bytes is asked of files.actions.store_paper."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("PDF, JPEG or PNG, at most 20 MB. It is kept whole, with its hash."))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file and file.size and file.size > MAX_PAPER_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("%(name)s is larger than %(limit)d MB. Scan it in fewer colours, or in parts."),
                params={"name": file.name, "limit": MAX_PAPER_MB},
            )
        return file


def served(request: HttpRequest, *, blob: Blob, obj: models.Model, back: str) -> HttpResponse:
    """The file to be saved; that it was taken is on record. One that is damaged on disk is said, at the address `back`, and never served."""
    user: User = request.user  # type: ignore[assignment]
    try:
        content = read(blob)
    except Damaged as problem:
        messages.error(request, str(problem))
        return redirect(back)
    opened(what="paper", obj=obj, by=user)
    return attachment(content, name=blob.name, media_type=blob.media_type)
