"""Limits on views, counted on the shared cache; past one the answer is 429 with Retry-After."""

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from certifications.people.limits import over, place
from certifications.people.security import note, user_id_of

from .errors import too_many

View = Callable[..., HttpResponse]
DAY = 24 * 3600


def _address(request: HttpRequest) -> str:
    """The client's address, behind as many proxies as are trusted; of IPv6 its network of 64 bits, all of which one household has."""
    text = str(get_adapter().get_client_ip(request))
    try:
        told = ipaddress.ip_address(text)
    except ValueError:
        return text
    return str(ipaddress.ip_network((told, 64), strict=False)) if told.version == 6 and told.ipv4_mapped is None else text  # noqa: PLR2004


def client_of(request: HttpRequest) -> str:
    """Address and program of whoever asks, as a hash: the same client gives the same text."""
    told = f"{_address(request)}\n{request.META.get('HTTP_USER_AGENT', '')}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


def unnamed(request: HttpRequest) -> str:
    """The client's address as a hash under the day's salt, which lies in the cache alone and is forgotten after the day.

    Addresses are few enough to try each: without the salt, what was counted tells nobody who asked.
    """
    now = int(time.time())
    salt = cache.get_or_set(f"limit-salt:{now // DAY}", lambda: secrets.token_hex(32), DAY - now % DAY + 60)
    return hmac.new(str(salt).encode(), _address(request).encode(), "sha256").hexdigest()[:32]


def refused(request: HttpRequest, rule: str, key: str, limit: int, seconds: int) -> HttpResponse | None:
    """Count one call; the answer to give instead of the page when it is one too many."""
    so_far, wait = over(f"{rule}:{key}", limit, seconds)
    if not wait:
        return None
    if so_far == limit + 1:  # once a window: a flood must not become a flood of rows
        note("limit.reached", user_id=user_id_of(request.user), rule=rule)
    return too_many(request, wait)


def limited(rule: str, limit: int, seconds: int, *, free: tuple[str, ...] = ()) -> Callable[[View], View]:
    """Limit a view per client address. Every method counts but the `free` ones: a method forgotten is a way around."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            stop = None if request.method in free else refused(request, rule, _address(request), limit, seconds)
            return stop or view(request, *args, **kwargs)

        return guarded

    return decorate


def limited_unnamed(rule: str, limit: int, seconds: int, *, free: tuple[str, ...] = (), is_noted: bool = True) -> Callable[[View], View]:
    """Limit a view per client where nobody may learn which client it was: no address is kept, not even as a key.

    `is_noted`: whether an event says that a limit was reached; it would say the hour.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in free:
                return view(request, *args, **kwargs)
            so_far, wait = over(f"{rule}:{unnamed(request)}", limit, seconds)
            if is_noted and so_far == limit + 1:
                note("limit.reached", rule=rule)
            return too_many(request, wait) if wait else view(request, *args, **kwargs)

        return guarded

    return decorate


def refused_in_total(request: HttpRequest, rule: str, limit: int, seconds: int) -> HttpResponse | None:
    """Count one of what everybody together may do, and give the answer when it is one too many. Asked once what was sent is in order:
    else a handful of clients could use up everybody's share with empty forms.
    """
    _so_far, wait = over(f"{rule}:all", limit, seconds)
    return too_many(request, wait) if wait else None


def limited_per_person(
    rule: str, limit: int, seconds: int, *, only_with: str | tuple[str, ...] = (), free: tuple[str, ...] = ()
) -> Callable[[View], View]:
    """Limit a view per signed-in person; with `only_with`, only where one of those parameters was given something (a search).

    As above, every method counts but the `free` ones.
    """
    names = (only_with,) if isinstance(only_with, str) else only_with

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            asked = not names or any(request.GET.get(name, "").strip() for name in names)
            counts = request.method not in free and request.user.is_authenticated and asked
            stop = refused(request, rule, user_id_of(request.user), limit, seconds) if counts else None
            return stop or view(request, *args, **kwargs)

        return guarded

    return decorate


def at_once(rule: str, places: int, seconds: int, *, free: tuple[str, ...] = ()) -> Callable[[View], View]:
    """At most so many of these at the same time per client address: one check costs a fifth of a second of a processor."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in free:
                return view(request, *args, **kwargs)
            with place(f"{rule}:{_address(request)}", places, seconds) as mine:
                return view(request, *args, **kwargs) if mine else too_many(request, 5)

        return guarded

    return decorate


searches = limited_per_person("search", 60, 60, only_with="q")
# The same count, where narrowing by how somebody is screened looks at rows one by one.
searches_screened = limited_per_person("search", 60, 60, only_with=("q", "screened"))
# What a form asks while it is filled in.
checks = limited_per_person("check", 120, 60)
# A dry run reads two thousand declarations: on a form sent to try it, and on pages where it is asked for.
tries = limited_per_person("dry_run", 20, 60)
tries_asked = limited_per_person("dry_run", 20, 60, only_with="try")
# A file of all parts is ten of them at once.
tries_whole = limited_per_person("dry_run_file", 2, 60)


# A mail to an address that somebody typed: outside the house, in the manufacturer's name.
mails_out = limited_per_person("mails_out", 60, 3600, free=("GET", "HEAD"))


def exports(what: str) -> Callable[[View], View]:
    """A view that hands out a file of many rows: ten an hour per person, each kept as a security event."""

    def decorate(view: View) -> View:
        @limited_per_person("export", 10, 3600)
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            if response.status_code == 200:  # noqa: PLR2004
                note("export", user_id=user_id_of(request.user), rule=what)
            return response

        return guarded

    return decorate
