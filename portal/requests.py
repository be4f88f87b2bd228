"""One log line per request: an id for it, who asked, the name of the address, the outcome."""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress

import structlog
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from .logs import QUIET, route_of

log = structlog.get_logger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]


class Requests:
    """Outermost, so that every line written under it carries the request's id."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=secrets.token_hex(8))
        started = time.monotonic()
        try:
            response = self.get_response(request)
            if request.resolver_match is None:  # refused before anybody asked whose address it is
                with suppress(Resolver404):
                    request.resolver_match = resolve(request.path_info)
            route = route_of(request)
            # "Not ready" is an answer; whoever asked for it has it.
            if route not in QUIET or response.status_code == 500:  # noqa: PLR2004
                log.info(
                    "request",
                    route=route,
                    method=request.method,
                    status=response.status_code,
                    ms=round((time.monotonic() - started) * 1000),
                )
            return response
        finally:
            structlog.contextvars.clear_contextvars()


def say_who(request: HttpRequest) -> None:
    """From here on the lines name the person and the organisation, by id."""
    user = request.user
    organisation = getattr(user, "organisation", None)
    structlog.contextvars.bind_contextvars(actor=str(user.pk), organisation=str(organisation.pk) if organisation else "")
