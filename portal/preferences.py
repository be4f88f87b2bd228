"""What a person chooses about the pages themselves: language and theme. Both by POST, so that they need no script."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from certifications.people.models import User
from certifications.people.permissions import public

THEMES = ("light", "dark", "auto")
THEME_COOKIE = "theme"
_YEAR = 365 * 24 * 3600


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        target = "/"
    return HttpResponseRedirect(target)


def _keep(response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(name, value, max_age=_YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")
    return response


@public
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """POST theme=light|dark|auto; back to where one was. An unknown theme means "as the device"."""
    theme = request.POST.get("theme", "auto")
    if request.headers.get("X-Requested-With") == "fetch":  # frame.js has changed the page already
        return _keep(HttpResponse(status=204), THEME_COOKIE, theme if theme in THEMES else "auto")
    return _keep(_back(request), THEME_COOKIE, theme if theme in THEMES else "auto")


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """POST language=en|zh-hans; kept in a cookie, and for a signed-in person as the language of their mail."""
    language = request.POST.get("language", "")
    response = _back(request)
    if language not in dict(settings.LANGUAGES) or not translation.check_for_language(language):
        return response
    if isinstance(request.user, User) and request.user.language != language:
        User.objects.filter(pk=request.user.pk).update(language=language)
    return _keep(response, settings.LANGUAGE_COOKIE_NAME, language)


def theme_of(request: HttpRequest) -> str:
    """The theme kept in the cookie, or "auto"."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"
