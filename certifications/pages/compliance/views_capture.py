"""Capture of notices by a person: pasted, or as files, of which each becomes a document of its own."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from certifications.evidence.models import EvidenceDocument
from certifications.evidence.readers import MAX_BYTES, Unreadable
from certifications.evidence.readers.sniffing import LIMIT_MB
from certifications.flow import evidence as flow
from certifications.ledger.ids import new_ulid
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from portal.bodies import takes

from .forms import MOST_FILES, MOST_MB, CaptureForm

KEY = 26  # characters of a form's key


@dataclass(frozen=True)
class Result:
    """What became of one file: the document that it is, new or known before, or why it is none."""

    name: str
    document: EvidenceDocument | None = None
    is_new: bool = False
    refused: str = ""


@takes(MOST_MB, files=MOST_FILES + 10)  # a few more, so that its form can say how many
@requires(Permission.CAPTURE_EVIDENCE)
def new(request: HttpRequest) -> HttpResponse:
    """Capture a notice by paste or upload; of several files one that is bad keeps none of the others out."""
    form = CaptureForm(request.POST or None, request.FILES or None, initial={"form_key": new_ulid()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        files = data["file"] or []
        if len(files) > 1:
            results = [_one_of_several(request, data, number, file) for number, file in enumerate(files)]
            kept = sum(one.document is not None for one in results)
            context = {"results": results, "kept": kept, "refused": len(results) - kept}
            return render(request, "compliance/evidence_captured.html", context, status=200 if kept else 422)
        file = files[0] if files else None
        try:
            document = _captured(
                request,
                data,
                content=file.read() if file else data["text"].encode(),
                name=file.name if file else "pasted.txt",
                origin="upload" if file else "paste",
                title=data["title"],
                form_key=data["form_key"],
            )
        except Unreadable as problem:
            form.add_error("file" if file else "text", _(problem.message_key) % problem.params)
        else:
            if document.form_key != data["form_key"]:
                messages.success(
                    request, _("The same bytes were captured before. This is that document; your capture is on record with it.")
                )
            return redirect("compliance:evidence-detail", number=document.number)
    return render(request, "compliance/evidence_new.html", {"form": form}, status=422 if form.is_bound else 200)


def _captured(request: HttpRequest, data: dict[str, Any], **given: Any) -> EvidenceDocument:
    user: User = request.user  # type: ignore[assignment]
    about = {"source_url": data["source_url"], "source_note": data["source_note"], "tool": request.headers.get("User-Agent", "")}
    return flow.capture(by=user, **{**about, **given})


def _one_of_several(request: HttpRequest, data: dict[str, Any], number: int, file: UploadedFile) -> Result:
    """One file, under a key of its own that is the same when the form is sent again with that file. A title typed is of none of them in particular."""
    name = file.name or ""
    note = " · ".join(filter(None, (data["source_note"], data["title"])))[:300]
    try:
        if (file.size or 0) > MAX_BYTES:
            raise Unreadable("too_large", limit=str(LIMIT_MB))
        content = file.read()
        # With what it holds: another choice of files under the same form is another capture.
        told = f"{data['form_key']}:{number}:{hashlib.sha256(content).hexdigest()}"
        key = hashlib.sha256(told.encode()).hexdigest()[:KEY]
        document = _captured(request, data, content=content, name=name, origin="upload", source_note=note, form_key=key)
    except Unreadable as problem:
        return Result(name, refused=_(problem.message_key) % problem.params)
    return Result(name, document, document.form_key == key)
