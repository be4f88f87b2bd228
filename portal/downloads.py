"""Serves stored bytes so that a browser saves them and never runs them (security-and-reliability.md, section 4)."""

from typing import TypeVar
from urllib.parse import quote

from django.http import HttpResponse
from django.http.response import HttpResponseBase

Response = TypeVar("Response", bound=HttpResponseBase)


def attachment(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    """A response that is saved under `name`; its own policy allows nothing."""
    return as_download(HttpResponse(content, content_type=media_type), name=name)


def as_download(response: Response, *, name: str) -> Response:
    """The response with the headers by which a browser saves it and never runs it."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response
