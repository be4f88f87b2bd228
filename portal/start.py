"""The root address: the landing page for strangers, one's own first page for people who are signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from certifications.people.permissions import public
from portal.navigation import frame


@public
def landing(request: HttpRequest) -> HttpResponse:
    """GET /. Signed-in people are taken to their first page; `?about=1` shows the landing page to them too."""
    shown = frame(request)
    if shown.is_signed_in and shown.items and "about" not in request.GET:
        return redirect(shown.items[0].url)
    return render(request, "landing.html")
