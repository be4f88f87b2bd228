"""Pages for what goes wrong. Each says what happened, that nothing was lost, and what can be done next."""

import secrets
import sys

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from . import programs
from .logs import QUIET, route_of

log = structlog.get_logger("portal.errors")

# Read aloud over the telephone: no letter or digit that looks or sounds like another.
_ALPHABET = "23456789CFGHJMPQRVWX"


def reference() -> str:
    """A reference for one failure, such as 7F3K-22Q9; it names the fault, nobody's data."""
    digits = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{digits[:4]}-{digits[4:]}"


# Somebody else's trouble and not this page's: the database or the broker is away.
OUTAGES = (OperationalError, InterfaceError, RedisError)
RETRY_AFTER = "10"


def bad_request(request: HttpRequest, exception: Exception | None = None, *, said: str = "") -> HttpResponse:
    """400: the browser sent something that no page of ours makes; `said` names what and where.

    Too much of it is a 413. It comes here too, wherever the body is first read, the check of the form's key included.
    """
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    if programs.asks(request):
        return programs.problem(400, "bad_request", said or _("This request cannot be read."))
    return render(request, "errors/400.html", {"detail": said}, status=400)


def too_large(request: HttpRequest, megabytes: float = 0) -> HttpResponse:
    """413: more than this page takes. Says how much it takes."""
    if programs.asks(request):
        return programs.problem(413, "too_large", _("The body is too large."))
    return render(request, "errors/413.html", {"megabytes": megabytes}, status=413)


def out_of_reach(request: HttpRequest, problem: BaseException) -> HttpResponse:
    """503: a part of the portal does not answer; never a half answer, and when to come back."""
    log.warning("outage", error=type(problem).__name__, route=route_of(request))
    if programs.asks(request):
        response = programs.problem(503, "out_of_reach", _("A part of the portal does not answer. Nothing was decided: treat it as hold."))
    else:
        response = render(request, "errors/503.html", status=503)
    response["Retry-After"] = RETRY_AFTER
    return response


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403: signed in, but not for this."""
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404: not there, or not for you; the two look the same on purpose."""
    if programs.asks(request):
        return programs.problem(404, "not_found", _("There is nothing here, or it is not yours."))
    return render(request, "errors/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """500: ours. The reference is logged beside the trace. An outage is told apart here, because here alone it arrives
    from everywhere: a middleware that asks for the person fails before any view, and Django turns that into an answer
    before a middleware further out could see it.
    """
    problem = sys.exc_info()[1]
    if isinstance(problem, OUTAGES):
        return out_of_reach(request, problem)
    number = reference()
    log.error("page_failed", reference=number, route=route_of(request), method=request.method, exc_info=problem)
    if programs.asks(request):
        return programs.problem(
            500, "failed", _("This failed, and nothing was decided: treat it as hold. Reference: %(n)s") % {"n": number}
        )
    return render(request, "errors/500.html", {"reference": number}, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose key is missing or too old; what was typed is still in the browser."""
    if (route := route_of(request)) not in QUIET:
        log.warning("form_key_refused", route=route)
    return render(request, "errors/csrf.html", status=403)


def too_many(request: HttpRequest, retry_after: int = 60) -> HttpResponse:
    """429: past a limit. Says when to come back, to people in the page and to programs in the header."""
    response = render(request, "errors/429.html", {"minutes": max(1, -(-retry_after // 60))}, status=429)
    response["Retry-After"] = str(max(1, retry_after))
    return response
