"""What every answer carries and what every session must have: headers, ends, the second factor."""

import time
import zoneinfo
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone

from certifications.people.models import User
from certifications.people.witness import refusal

from .accounts import has_second_factor, needs_second_factor
from .errors import OUTAGES, out_of_reach
from .limits import client_of
from .logs import route_of
from .requests import say_who

Handler = Callable[[HttpRequest], HttpResponse]

IDLE_SECONDS = {"manufacturer": 30 * 60, "regulator": 30 * 60, "distributor": 2 * 3600}
NOTED_SECONDS = 60
# What a person without the second factor may still open: setting it up, proving who one is, leaving.
OPEN_NAMES = ("mfa_", "account_logout", "account_reauthenticate", "account_confirm", "set-language", "set-theme", "demo-codes")


class Headers:
    """Policy headers, no caching of signed-in pages, and 405 for TRACE, which Django would answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "TRACE":
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # `Sessions` has asked who it is; where it could not, nobody may keep the answer, and asking again would fail again.
        if response.status_code >= 500 or getattr(getattr(request, "_cached_user", None), "is_authenticated", False):  # noqa: PLR2004
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _witnessed(request: HttpRequest, user: User, response: HttpResponse) -> HttpResponse:
    """A refusal on a guarded view is kept."""
    match = request.resolver_match
    if response.status_code in {403, 404} and match is not None and getattr(match.func, "permission", None):
        refusal(user, route=route_of(request), status=response.status_code)
    return response


class Outages:
    """What a view could not ask is an outage and no failure of ours. What fails outside of views: errors.failed."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return out_of_reach(request, exception) if isinstance(exception, OUTAGES) else None


class Sessions:
    """Idle and absolute ends, the person's time zone, and the second factor before anything else."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        say_who(request)
        now = int(time.time())
        started = request.session.setdefault("started", now)
        seen = request.session.get("seen", now)
        idle = IDLE_SECONDS.get(user.organisation.kind if user.organisation else "", 1800)
        # Here and not at log-in alone: a passkey, or a session older than the end of a demonstration, comes by no password.
        refused = not user.is_active or (user.is_demo and not settings.PORTAL_DEMO)
        if refused or now - seen > idle or now - started > settings.SESSION_COOKIE_AGE:
            logout(request)
            return redirect(settings.LOGIN_URL)
        client = client_of(request)
        # Where one is signed in is noted once a minute, and at once where a session is used from elsewhere.
        if now - seen > NOTED_SECONDS or "seen" not in request.session or request.session.get("client") != client:
            request.session["seen"], request.session["client"] = now, client
            UserSession.objects.create_from_request(request)
        try:
            timezone.activate(zoneinfo.ZoneInfo(user.time_zone))
        except zoneinfo.ZoneInfoNotFoundError:
            timezone.activate(zoneinfo.ZoneInfo("UTC"))
        try:
            return _witnessed(request, user, self.get_response(request))
        finally:
            timezone.deactivate()

    def process_view(
        self,
        request: HttpRequest,
        view: Any,
        args: Any,
        kwargs: Any,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User) or not needs_second_factor(user):
            return None
        name = request.resolver_match.url_name or "" if request.resolver_match else ""
        if name.startswith(OPEN_NAMES) or request.path.startswith(("/static/", "/healthz", "/readyz")):
            return None
        if request.session.get("has_factor") or has_second_factor(user):
            request.session.setdefault("has_factor", True)
            return None
        return redirect("mfa_index")
