"""Errors as problem details (RFC 9457): what is wrong, where, and how to mend it. Codes are stable, sentences are for people."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse

TYPE = "application/problem+json"


class Problem(Exception):
    """An answer that is an error. `errors` are (where, what, how to mend it)."""

    def __init__(
        self, status: int, code: str, title: str, *, errors: Sequence[tuple[str, str, str]] = (), headers: dict[str, str] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(code)
        self.status, self.code, self.title = status, code, title
        self.errors, self.headers, self.more = tuple(errors), headers or {}, more or {}


def answer(problem: Problem) -> JsonResponse:
    """The problem as an answer."""
    body: dict[str, Any] = {
        "type": f"urn:end-use-portal:problem:{problem.code}",
        "code": problem.code,
        "title": problem.title,
        "status": problem.status,
    }
    if problem.errors:
        body["errors"] = [{"where": where, "what": what, "mend": mend} for where, what, mend in problem.errors]
    response = JsonResponse(body | problem.more, status=problem.status, content_type=TYPE)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def handle(request: HttpRequest, problem: Problem) -> JsonResponse:  # noqa: ARG001 - ninja's signature
    """For NinjaAPI.exception_handler."""
    return answer(problem)
