"""Who asks: a bearer token of a program, its scopes, its limit. Cookies mean nothing here."""

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from certifications.machines.actions import touch
from certifications.machines.models import ApiClient
from certifications.machines.queries import live_token
from certifications.people.limits import over
from certifications.people.security import note

from .bodies import check_body
from .problems import Problem


class Program(HttpBearer):
    """A live token with the scope; `request.auth` is the program (ApiClient)."""

    def __init__(self, scope: str, check: Callable[[HttpRequest], None] = check_body) -> None:
        super().__init__()
        self.scope, self.check = scope, check

    def __call__(self, request: HttpRequest) -> Any:
        found = super().__call__(request)
        if found is None:
            raise Problem(
                401,
                "no_token",
                _("Send a token of yours: Authorization: Bearer ..."),
                headers={"WWW-Authenticate": 'Bearer realm="orders"'},
            )
        self.check(request)
        return found

    def authenticate(self, request: HttpRequest, token: str) -> ApiClient:
        held = live_token(token)
        if held is None:
            header = 'Bearer realm="orders", error="invalid_token"'
            raise Problem(
                401, "invalid_token", _("This token has run out or was revoked. Get a new one."), headers={"WWW-Authenticate": header}
            )
        client, scopes = held
        structlog.contextvars.bind_contextvars(actor=client.pk, organisation=client.organisation_id)
        limit_program(client)
        if self.scope not in scopes:
            header = f'Bearer realm="orders", error="insufficient_scope", scope="{self.scope}"'
            raise Problem(
                403,
                "insufficient_scope",
                _("This token does not have the scope %(s)s.") % {"s": self.scope},
                headers={"WWW-Authenticate": header},
            )
        touch(client)
        return client


def limit_program(client: ApiClient) -> None:
    """Raise a 429 past the minute's limit."""
    limit(client, "api", settings.API_PER_MINUTE, 60)


def limit(client: ApiClient, rule: str, most: int, seconds: int) -> None:
    """Raise a 429 where the program did it more often than that in so many seconds; the first of them is noted."""
    so_far, wait = over(f"{rule}:{client.pk}", most, seconds)
    if not wait:
        return
    if so_far == most + 1:
        note("limit.reached", rule=rule, object=client.pk)
    raise Problem(429, "too_many", _("Too many requests. Come back in %(n)d seconds.") % {"n": wait}, headers={"Retry-After": str(wait)})
