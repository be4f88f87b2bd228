"""How pages for people without an account are answered: found by no search engine, in the language of the address, in even time."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
View = Callable[..., HttpResponse]


def unindexed(view: View) -> View:
    """No search engine and no cache keeps the page, whatever the answer is."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Cache-Control"] = "no-store"
        return response

    return guarded


def unlisted(view: View) -> View:
    """No search engine, no cache and no other site ever learns the address, whatever the answer is."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return unindexed(guarded)


def spoken(view: View) -> View:
    """In the language of `?lang=` where the reader chose one, else as their browser asks. By the address: no cookie is needed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = request.GET.get("lang", "")
        if chosen not in LANGUAGES:
            return view(request, *args, **kwargs)
        with translation.override(chosen):
            response = view(request, *args, **kwargs)
            response["Content-Language"] = chosen
            return response

    return guarded


def even(seconds: float, *, free: tuple[str, ...] = ()) -> Callable[[View], View]:
    """Answer at the next whole multiple of `seconds` after the request came: how long it took tells nothing of what was found."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in free:
                return view(request, *args, **kwargs)
            began = time.monotonic()
            response = view(request, *args, **kwargs)
            time.sleep(seconds - (time.monotonic() - began) % seconds)
            return response

        return guarded

    return decorate
