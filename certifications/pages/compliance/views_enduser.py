"""The end user's own word as compliance sees it: what was asked and answered, statements, and their check as a second person."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from certifications.declarations.queries import get_visible
from certifications.pages import enduser as shared
from certifications.people.models import User
from certifications.people.permissions import Permission, requires

SPACE = "compliance"


@requires(Permission.SEE_CASES)
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """How far the declaration rests on the end user's word, and what is awaited."""
    user: User = request.user  # type: ignore[assignment]
    return shared.page(request, get_visible(user, number), SPACE)


@requires(Permission.CHECK_ANY_STATEMENTS)
@require_POST
def check(request: HttpRequest, number: str, pk: str) -> HttpResponse:
    """Accept or refuse a scan."""
    user: User = request.user  # type: ignore[assignment]
    return shared.check(request, get_visible(user, number), pk, SPACE)


@requires(Permission.SEE_CASES)
@require_GET
def statement(request: HttpRequest, number: str) -> HttpResponse:
    """The printed statement."""
    user: User = request.user  # type: ignore[assignment]
    return shared.statement_file(request, get_visible(user, number), SPACE)


@requires(Permission.SEE_CASES)
@require_GET
def scan(request: HttpRequest, number: str, pk: str, position: str) -> HttpResponse:
    """A file of a scan."""
    user: User = request.user  # type: ignore[assignment]
    return shared.scan_file(request, get_visible(user, number), pk, position, SPACE)
