"""The root address: the landing page for strangers, one's own first page for people who are signed in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from certifications.people.permissions import public, signed_in
from portal.navigation import frame


@public
def landing(request: HttpRequest) -> HttpResponse:
    """GET /. Signed-in people are taken to their first page; `?about=1` shows the landing page to them too."""
    shown = frame(request)
    if shown.is_signed_in and shown.items and "about" not in request.GET:
        return redirect(shown.items[0].url)
    return render(request, "landing.html")


@signed_in
def start(request: HttpRequest) -> HttpResponse:
    """GET /start/, where a sign-in ends: the first page of one's own, or the account's pages for who has none yet."""
    shown = frame(request)
    links = [*shown.items, *shown.account]
    return redirect(links[0].url if links else "landing")


@signed_in
def closed(request: HttpRequest) -> HttpResponse:
    """An address that a library brings and the portal does not offer."""
    raise Http404
