"""When a person was here before, kept in the person's own browser: it is about what to show first, and is no record of anybody's hours."""

import datetime as dt

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "here"
# Whoever comes back sooner is still on the same visit.
APART = dt.timedelta(minutes=30)
_YEAR = 365 * 24 * 3600


def _moment(text: str) -> dt.datetime | None:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= 11):  # noqa: PLR2004 - seconds until the year 5138
        return None
    return dt.datetime.fromtimestamp(int(text), dt.UTC)


def before(request: HttpRequest) -> dt.datetime | None:
    """When the visit before this one ended; None where the browser does not say."""
    earlier, _dot, last = request.COOKIES.get(COOKIE, "").partition(".")
    ended = _moment(last)
    return ended if ended is not None and timezone.now() - ended > APART else _moment(earlier)


def keep(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Note in the browser that the person is here now."""
    ended = before(request)
    value = f"{int(ended.timestamp()) if ended else ''}.{int(timezone.now().timestamp())}"
    response.set_cookie(COOKIE, value, max_age=_YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")
    return response
