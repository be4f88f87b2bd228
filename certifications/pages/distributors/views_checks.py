"""Numbers and divisions checked while a form of a customer, an owner or a letter is filled in."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from certifications.pages.checked import answered
from certifications.people.permissions import Permission, requires
from portal.limits import checks


@requires(Permission.EDIT_CUSTOMERS, Permission.ASK_LETTERS)
@require_POST
@checks
def check(request: HttpRequest) -> HttpResponse:
    """A piece of a page: what there is to say of the field that was sent. Nothing is kept."""
    return answered(request)
