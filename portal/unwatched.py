"""Pages on which nobody is anybody: a session that a browser happens to hold is not looked up, so no line, no row and no limit names its person."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .bodies import view_of

Handler = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]


def unwatched(view: View) -> View:
    """Mark a view that must not know who is signed in."""
    view.unwatched = True  # type: ignore[attr-defined]
    return view


class Unwatched:
    """Drops the session's cookie from a request to such a view. Runs before the session is looked up."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if getattr(view_of(request), "unwatched", False):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return self.get_response(request)
