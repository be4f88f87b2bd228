"""Pages for what goes wrong. Each says what happened, that nothing was lost, and what can be done next."""

import secrets

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = structlog.get_logger("portal.errors")

# Read aloud over the telephone: no letter or digit that looks or sounds like another.
_ALPHABET = "23456789CFGHJMPQRVWX"


def reference() -> str:
    """A reference for one failure, such as 7F3K-22Q9; it names the fault, nobody's data."""
    digits = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{digits[:4]}-{digits[4:]}"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """400: the browser sent something that no page of ours makes."""
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403: signed in, but not for this."""
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404: not there, or not for you; the two look the same on purpose."""
    return render(request, "errors/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """500: ours. The reference is logged beside the trace."""
    number = reference()
    log.error("page_failed", reference=number, path=request.path, method=request.method)
    return render(request, "errors/500.html", {"reference": number}, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose key is missing or too old; what was typed is still in the browser."""
    log.warning("form_key_refused", reason=reason, path=request.path)
    return render(request, "errors/csrf.html", status=403)


def too_many(request: HttpRequest, retry_after: int = 60) -> HttpResponse:
    """429: past a limit. Says when to come back, to people in the page and to programs in the header."""
    response = render(request, "errors/429.html", {"minutes": max(1, -(-retry_after // 60))}, status=429)
    response["Retry-After"] = str(max(1, retry_after))
    return response
