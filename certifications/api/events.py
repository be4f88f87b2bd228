"""Events (EPCIS 2.0) sent by a program, over HTTP. Read and checked at once; a person commits what is good, and mends what is not."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Router
from ninja.files import UploadedFile

from certifications.flow import uploads as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.machines.models import ApiClient
from certifications.uploads.models import Upload, UploadRow
from certifications.uploads.queries import said, texts_by_field
from certifications.uploads.readers import UNREADABLE, Unreadable
from certifications.uploads.readers.types import LIMIT_MB

from . import schemas
from .auth import Program, limit
from .bodies import check_form
from .files import keep_once, whole
from .problems import Problem

router = Router(tags=["events"])
SEND = Program("events:send", check_form)
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422, 429), schemas.ProblemOut)
MOST_ERRORS = 200
FILES_AN_HOUR = 60


def _shown(upload: Upload) -> dict[str, Any]:
    problem, counts = upload.problem, upload.counts
    return {
        "number": upload.number,
        "sha256": upload.sha256,
        "status": upload.status,
        "problem": _(UNREADABLE[problem["code"]]) % problem.get("params", {}) if problem.get("code") in UNREADABLE else "",
        "things": counts.get("rows", upload.total),
        "ready": counts.get("ready", 0) - counts.get("will_skip", 0),
        "attention": counts.get("attention", 0),
        "known": counts.get("will_skip", 0),
        "errors": list(_errors(upload)),
    }


def _errors(upload: Upload) -> Any:
    rows: dict[int, tuple[UploadRow, dict[str, str]]] = {}
    for one in upload.problems.select_related("row").order_by("number", "pk")[:MOST_ERRORS]:
        _row, texts = rows.setdefault(one.number, (one.row, texts_by_field(upload, one.row)))
        where = {"event": texts.get("event", ""), "where": texts.get("item", "")}
        yield {**where, "field": one.field, "code": one.code, "what": said(one.texts), "stops": one.blocks}


@router.post("/events", auth=SEND, response={202: schemas.EventsOut, **PROBLEMS}, summary="Send events (EPCIS 2.0)")
def send_events(request: HttpRequest, file: File[UploadedFile]) -> HttpResponse:
    """Keeps the document and has it read. An event is counted once by its eventID, however often it is sent.

    An EPCISDocument in JSON, at most 20 MB, in the field `file`, whose name ends in .json or .jsonld. Needs an Idempotency-Key.
    """
    program: ApiClient = request.auth  # type: ignore[attr-defined]
    limit(program, "events", FILES_AN_HOUR, 3600)
    content, key = whole(file, LIMIT_MB), new_ulid()

    def act() -> tuple[int, dict[str, Any]]:
        return 202, _shown(flow.receive_events(program=program, content=content, name=file.name or "", form_key=key))

    try:
        return keep_once(request, act, content=content, name=file.name or "", unreadable=Unreadable)
    except NotAllowed as refusal:
        raise Problem(409 if refusal.code == "too_many" else 403, refusal.code, str(refusal)) from refusal


@router.get("/events/{number}", auth=SEND, response={200: schemas.EventsOut, **PROBLEMS}, summary="How far a document of events is")
def events_sent(request: HttpRequest, number: str) -> dict[str, Any]:
    """What became of a document that this program sent, and what is wrong with which field of which event."""
    program: ApiClient = request.auth  # type: ignore[attr-defined]
    upload = Upload.objects.filter(number=number[:20], program=program).first()
    if upload is None:
        raise Problem(404, "not_found", _("There is no such document, or this program did not send it."))
    return _shown(upload)
