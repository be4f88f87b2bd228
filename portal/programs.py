"""What programs get where people get a page: problem details in place of HTML, and no answer at all in the clear."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

PREFIX = "/api/"


def asks(request: HttpRequest) -> bool:
    """Whether a program asks, by the address."""
    return request.path_info.startswith(PREFIX)


def problem(status: int, code: str, title: str) -> HttpResponse:
    """RFC 9457, as the API's own errors are."""
    body = {"type": f"urn:end-use-portal:problem:{code}", "code": code, "title": title, "status": status}
    return JsonResponse(body, status=status, content_type="application/problem+json")


class Programs:
    """Answers to programs: kept by no cache, and none in the clear.

    A redirect to https would have a program send its token in the clear every time; it is refused so that somebody mends it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not asks(request):
            return self.get_response(request)
        if settings.PORTAL_HTTPS and not request.is_secure():
            return problem(403, "no_tls", "Use https. Whatever secret came with this request has been sent in the clear: revoke it.")
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
