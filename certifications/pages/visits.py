"""When a person was here before, kept in the person's own browser: it is about what to show first, and is no record of anybody's hours."""

import datetime as dt

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

_COOKIE = "here"
# Whoever comes back sooner is still on the same visit.
APART = dt.timedelta(minutes=30)
_YEAR = 365 * 24 * 3600


def _moment(text: str) -> dt.datetime | None:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= 11):  # noqa: PLR2004 - seconds until the year 5138
        return None
    return dt.datetime.fromtimestamp(int(text), dt.UTC)


def cookie_of(request: HttpRequest) -> str:
    """The cookie's name: each person's own, for several may use one browser, and none that tells who they are."""
    return f"{_COOKIE}-{salted_hmac(_COOKIE, str(request.user.pk)).hexdigest()[:16]}"


def before(request: HttpRequest) -> dt.datetime | None:
    """When the visit before this one ended; None where the browser does not say."""
    earlier, _dot, last = request.COOKIES.get(cookie_of(request), "").partition(".")
    ended = _moment(last)
    return ended if ended is not None and timezone.now() - ended > APART else _moment(earlier)


def keep(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Note in the browser that the person is here now."""
    ended = before(request)
    value = f"{int(ended.timestamp()) if ended else ''}.{int(timezone.now().timestamp())}"
    response.set_cookie(cookie_of(request), value, max_age=_YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")
    return response
