"""A page that asks again while workers are at something: how far they are, and word to load it anew when they are done."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def polled(request: HttpRequest, left: dict[str, Any] | None, *, template: str, page: str, number: str) -> HttpResponse:
    """The piece `template` with what is `left`; None: the page is loaded again. Whoever opens the address by itself is sent to the `page`."""
    if "HX-Request" not in request.headers:
        return redirect(page, number=number)
    if left is None:
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    return render(request, template, left)
