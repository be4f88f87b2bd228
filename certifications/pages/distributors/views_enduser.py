"""The end user's own word, as its distributor asks for it: by mail, or on a printed statement that comes back as a scan."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.declarations.models import Declaration
from certifications.declarations.models_enduser import EndUserRequest, PrintedStatement
from certifications.declarations.queries import get_visible
from certifications.declarations.queries_enduser import end_user_words
from certifications.files.rules import MAX_PAPER_MB
from certifications.flow import enduser as flow
from certifications.flow import statements
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.pages import enduser as shared
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.bodies import takes
from portal.limits import mails_out

from .forms_enduser import AskForm, ScanForm

SPACE = "distributors"


def _page(request: HttpRequest, declaration: Declaration, status: int = 200, about: str = "", **forms: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    words = end_user_words(declaration)
    word = shared.chosen(request, words, about)
    last = word.asked[0].request if word and word.asked else None
    contact = {"contact_name": last.contact_name, "email": last.email, "language": last.language} if last else {"language": "zh-hans"}
    given: dict[str, Any] = {
        "ask_form": AskForm(initial={**contact, "form_key": new_ulid()}),
        "scan_form": ScanForm(initial={"form_key": new_ulid()}),
        "may_ask": may(user, Permission.ASK_END_USER),
        **forms,
    }
    return shared.page(request, declaration, SPACE, status, word.customer.pk if word else "", words=words, **given)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """How far the declaration rests on the end user's word, what is awaited, and what can be done."""
    user: User = request.user  # type: ignore[assignment]
    return _page(request, get_visible(user, number))


@requires(Permission.ASK_END_USER)
@mails_out
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Send the question to a named person, or send it anew."""
    user: User = request.user  # type: ignore[assignment]
    declaration = get_visible(user, number)
    if request.method != "POST":  # asked after whose it is: to a stranger it is not there, however it is asked for
        return HttpResponseNotAllowed(["POST"])
    form, about = AskForm(request.POST), request.POST.get("end_user", "")
    if form.is_valid():
        key = form.cleaned_data["form_key"]
        try:
            made = flow.ask(declaration=declaration, by=user, contact=form.contact(), form_key=key, end_user=about)
        except NotAllowed as error:
            shared.put_all(form, error)
        else:
            messages.success(
                request, _("The question is on its way to %(email)s. You are told when it is answered.") % {"email": made.email}
            )
            return shared.back(declaration, SPACE, made.customer_id)
    return _page(request, declaration, 422, about, ask_form=form)


@requires(Permission.ASK_END_USER)
def revoke(request: HttpRequest, number: str) -> HttpResponse:
    """Take the open question back."""
    user: User = request.user  # type: ignore[assignment]
    declaration = get_visible(user, number)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    held = get_object_or_404(EndUserRequest, declaration=declaration, pk=request.POST.get("request", ""))
    try:
        flow.revoke(request=held, by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back: the link does not work any more."))
    return shared.back(declaration, SPACE, held.customer_id)


@requires(Permission.ASK_END_USER)
def print_statement(request: HttpRequest, number: str) -> HttpResponse:
    """Have the statement written that the end user signs by hand."""
    user: User = request.user  # type: ignore[assignment]
    declaration = get_visible(user, number)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    about = request.POST.get("end_user", "")
    try:
        made = statements.print_statement(declaration=declaration, by=user, end_user=about)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Statement %(code)s is being written; it stands here in a moment.") % {"code": made.code})
    return shared.back(declaration, SPACE, about)


@takes(MAX_PAPER_MB)
@requires(Permission.ASK_END_USER)
def file_scan(request: HttpRequest, number: str) -> HttpResponse:
    """File the scan of the signed statement for a second person."""
    user: User = request.user  # type: ignore[assignment]
    declaration = get_visible(user, number)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    statement = get_object_or_404(PrintedStatement, declaration=declaration, pk=request.POST.get("statement", ""))
    form = ScanForm(request.POST, request.FILES)
    if form.is_valid():
        contents = [(file.name or "", file.read()) for file in form.cleaned_data["files"]]
        try:
            statements.file_scan(
                statement=statement, by=user, signed=form.signed(), contents=contents, form_key=form.cleaned_data["form_key"]
            )
        except NotAllowed as error:
            shared.put_all(form, error)
        else:
            messages.success(request, _("Filed. A second person compares it with the printed statement."))
            return shared.back(declaration, SPACE, statement.customer_id)
    return _page(request, declaration, 422, statement.customer_id, scan_form=form)


@requires(Permission.CHECK_OWN_STATEMENTS)
def check(request: HttpRequest, number: str, pk: str) -> HttpResponse:
    """Accept or refuse a scan that another of the distributor's people filed."""
    user: User = request.user  # type: ignore[assignment]
    declaration = get_visible(user, number)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return shared.check(request, declaration, pk, SPACE)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def statement(request: HttpRequest, number: str) -> HttpResponse:
    """The statement to print."""
    user: User = request.user  # type: ignore[assignment]
    return shared.statement_file(request, get_visible(user, number), SPACE)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def scan(request: HttpRequest, number: str, pk: str, position: str) -> HttpResponse:
    """A file of a scan."""
    user: User = request.user  # type: ignore[assignment]
    return shared.scan_file(request, get_visible(user, number), pk, position, SPACE)
