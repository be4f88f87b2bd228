"""The API: its addresses, its description at /api/openapi.json, its errors. No cookie is looked at, so no form key is asked for."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from certifications.evidence.readers.sniffing import LIMIT_MB
from certifications.uploads.readers.types import LIMIT_MB as EVENTS_MB

from . import events, evidence, orders, tokens
from .bodies import StrictParser
from .problems import Problem, answer, handle

api = NinjaAPI(
    title="End-use orders, events and evidence",
    version="1",
    description="Whether an order line may ship, and what became of it: no answer in time means hold. Documents sent as evidence: queued "
    "for a person, and trusted for nothing. Events (EPCIS) of what left and came back: read at once, committed by a person.",
    urls_namespace="api",
    docs_url=None,  # its page runs scripts of other sites; the description is read with any tool
    parser=StrictParser(),
)
api.add_router("", tokens.router)
api.add_router("", orders.router)
api.add_router("", evidence.router)
api.add_router("", events.router)
api.exception_handler(Problem)(handle)


@api.exception_handler(HttpError)
def _unread(request: HttpRequest, error: HttpError) -> HttpResponse:  # noqa: ARG001 - ninja's signature
    """What the parser refused: ninja wraps it in an error of its own."""
    cause = error.__cause__
    return answer(cause if isinstance(cause, Problem) else Problem(error.status_code, "bad_request", str(error)))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:  # noqa: ARG001 - ninja's signature
    """422: each field that does not fit its description."""
    found = []
    for one in error.errors[:50]:
        steps = [step for step in one["loc"] if step not in {"body", "order", "amount", "wanted", "query", "form", "file_params"}]
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".") or _("the body")
        found.append((where, str(one["msg"]), _("Send it as the description at /api/openapi.json says.")))
    return answer(Problem(422, "invalid", _("Some fields do not fit."), errors=found))


def _marked(entries: Any) -> None:
    """Say of every address what it asks for, for docs/permissions.md and the matrix of the tests."""
    for entry in entries:
        view = entry.callback
        view.megabytes = {"send": LIMIT_MB, "send_events": EVENTS_MB}.get(entry.name, 0)
        view.permission = None if entry.name in {"openapi-json", "api-root", "token"} else "program"


urls = api.urls
_marked(urls[0])
