"""Fixed-window limits on the shared cache: exactly the limit under any number of threads."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from .errors import too_many


def over(key: str, limit: int, seconds: int) -> int:
    """0 when the call is within `limit` per `seconds`, else the seconds until the window ends."""
    window = int(time.time()) // seconds
    name = f"limit:{key}:{window}"
    cache.add(name, 0, seconds + 1)
    if cache.incr(name) <= limit:
        return 0
    return max(1, (window + 1) * seconds - int(time.time()))


def limited(name: str, limit: int, seconds: int, methods: tuple[str, ...] = ("POST",)) -> Callable[..., Any]:
    """Limit a view per client address; past it the answer is 429 with Retry-After."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods:
                wait = over(f"{name}:{get_adapter().get_client_ip(request)}", limit, seconds)
                if wait:
                    return too_many(request, wait)
            return view(request, *args, **kwargs)

        return guarded

    return decorate
