"""Documents sent as evidence, over HTTP. A program is no trusted source: what it sends is queued, and a person confirms it."""

import datetime as dt
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Form, Router
from ninja.files import UploadedFile

from certifications.evidence.models import EvidenceDocument
from certifications.evidence.readers import Unreadable
from certifications.evidence.readers.sniffing import LIMIT_MB
from certifications.flow import evidence as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.machines.models import ApiClient

from . import schemas
from .auth import Program
from .bodies import check_form
from .files import keep_once, whole
from .problems import Problem

router = Router(tags=["evidence"])
SEND = Program("evidence:send", check_form)
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422, 429), schemas.ProblemOut)


def _shown(document: EvidenceDocument, *, is_new: bool) -> dict[str, Any]:
    proposal = document.proposal
    return {
        "number": document.number,
        "sha256": document.sha256,
        "status": document.status,
        "problem": document.problem,
        "proposed": len(proposal.get("lines", ())) if proposal.get("package") else int(bool(proposal)),
        "faults": proposal.get("fault_count", 0),
        "captures": document.captures.count(),
        "new": is_new,
    }


@router.post("/evidence", auth=SEND, response={202: schemas.EvidenceOut, **PROBLEMS}, summary="Send a document as evidence")
def send(request: HttpRequest, file: File[UploadedFile], about: Form[schemas.EvidenceIn]) -> HttpResponse:
    """Keeps the document whole and has it read. The same bytes are one document, however often they are sent.

    HTML, text, a PDF with a text layer, a Word document (.docx), an OCDS package (JSON) or an eForms award notice (XML), at most 25 MB, in the field `file`. Needs an Idempotency-Key.
    """
    program: ApiClient = request.auth  # type: ignore[attr-defined]
    for name in request.POST.keys() - schemas.EvidenceIn.model_fields.keys():
        where = (name[:60], _("The description knows no such field."), _("Send it as the description at /api/openapi.json says."))
        raise Problem(422, "invalid", _("Some fields do not fit."), errors=[where])
    if about.taken_at is not None and about.taken_at.tzinfo is None:
        where = ("taken_at", _("It has no zone."), _("Write it like 2026-11-27T08:30:00Z."))
        raise Problem(422, "invalid", _("Some fields do not fit."), errors=[where])
    if about.taken_at is not None and about.taken_at > dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=10):
        where = ("taken_at", _("It lies in the future."), _("Set the clock of the sending machine."))
        raise Problem(422, "invalid", _("Some fields do not fit."), errors=[where])
    content, key = whole(file, LIMIT_MB), new_ulid()

    def act() -> tuple[int, dict[str, Any]]:
        document = flow.receive(program=program, content=content, name=file.name or "", form_key=key, **about.dict())
        return 202, _shown(document, is_new=document.form_key == key)

    told = json.dumps(about.dict(), default=str, sort_keys=True).encode()
    try:
        return keep_once(request, act, content=content, name=file.name or "", told=told, unreadable=Unreadable)
    except NotAllowed as refusal:
        raise Problem(403, refusal.code, str(refusal)) from refusal


@router.get("/evidence/{number}", auth=SEND, response={200: schemas.EvidenceOut, **PROBLEMS}, summary="How far a document is")
def sent(request: HttpRequest, number: str) -> dict[str, Any]:
    """What became of a document that this program sent. Names, flags and decisions are told to people alone."""
    program: ApiClient = request.auth  # type: ignore[attr-defined]
    document = EvidenceDocument.objects.filter(number=number[:20], captures__program=program).first()
    if document is None:
        raise Problem(404, "not_found", _("There is no such document, or this program did not send it."))
    return _shown(document, is_new=False)
