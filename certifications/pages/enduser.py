"""The end user's own word on pages, for its distributor and for compliance alike: what is awaited, scans and their check."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration, DeclarationVersion, Objection
from certifications.declarations.models_enduser import PrintedStatement, ScanFile, StatementScan
from certifications.declarations.papers import CheckData
from certifications.declarations.queries import version_of
from certifications.declarations.queries_enduser import EndUserWord, EndUserWords, end_user_words, of_shown, story_of
from certifications.declarations.rules_enduser import REFUSALS
from certifications.files.actions import Damaged, read
from certifications.flow import statements as flow
from certifications.flow.facts import least_level
from certifications.ledger.actions import opened
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.parties.queries import display
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.people.permissions import Permission, may
from certifications.people.queries import independent, told_to
from portal.downloads import attachment


class AcceptForm(forms.Form):
    """What the second person saw on every page of the scan."""

    statement_code = forms.CharField(
        label=gettext_lazy("Code at the foot of the scanned pages"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("Type it off the scan, such as EUS-2026-7K3M9Q; do not copy it from here."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    all_pages = forms.BooleanField(label=gettext_lazy("Every page is there, and each bears this code"), required=False)
    signed = forms.BooleanField(
        label=gettext_lazy("It bears signature and seal, and name, function and day are those stated above"), required=False
    )
    must = frozenset({"statement_code"})


class RefuseForm(forms.Form):
    """Why the scan is not what it should be."""

    refusal = forms.ChoiceField(label=gettext_lazy("What is wrong"), required=False)
    text = forms.CharField(label=gettext_lazy("How to mend it"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    must = frozenset({"refusal", "text"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["refusal"].choices = [("", gettext_lazy("Choose what is wrong")), *REFUSALS.items()]  # type: ignore[attr-defined]


def put_all(form: forms.Form, error: NotAllowed) -> None:
    """Each problem at its field; what concerns no field of the form, above it."""
    problems = [(p.field, p.message) for p in error.problems] if isinstance(error, Incomplete) else [(error.code, str(error))]
    for field, message in problems:
        form.add_error(field if field in form.fields else None, message)


def chosen(request: HttpRequest, words: EndUserWords, about: str | None = "") -> EndUserWord | None:
    """Of several end users the one that the page is about: `about` or the one asked for, else whoever waits for somebody. None for stock."""
    return words.of(about or request.GET.get("end_user", "")) or words.first_to_see()


def back(declaration: Declaration, space: str, about: str | None) -> HttpResponse:
    """To the page, at this end user where there are several."""
    address = reverse(f"{space}:end-user", args=[declaration.number])
    several = version_of(declaration).kind == DeclarationVersion.Kind.SEVERAL
    return redirect(f"{address}?{urlencode({'end_user': about})}" if several and about else address)


def page(
    request: HttpRequest, declaration: Declaration, space: str, status: int = 200, about: str | None = "", **more: Any
) -> HttpResponse:
    """The page about the end users' own word. `space`: the audience's namespace of addresses, `about` the customer it is about."""
    user: User = request.user  # type: ignore[assignment]
    words = more.pop("words", None) or end_user_words(declaration)
    word = chosen(request, words, about)
    waiting = word.waiting if word else None
    may_check = waiting is not None and may(user, flow.right_to_check(user)) and independent(waiting.filed_by, user)
    context = {
        "space": space,
        "declaration": declaration,
        "name": word.name if word else display(declaration.customer.party),
        "words": words,
        "word": word,
        "end_user_needed": least_level(declaration, version_of(declaration)),
        "open": word.open if word else None,
        "waiting": waiting,
        "may_check": may_check,
        "own_scan": bool(waiting and waiting.filed_by_id == user.pk),
        "refusals": REFUSALS,
        "passkey": begin(user, waiting.digest, request.session) if waiting and may_check else None,
        "accept_form": AcceptForm(),
        "refuse_form": RefuseForm(),
        "objections": _objections(declaration, word),
        "events": told_to(user, story_of(word, declaration)) if word else [],
        "sees_names": may(user, Permission.SEE_CASES),
        **more,
    }
    return render(request, f"{space}/end_user.html", context, status=status)


def _objections(declaration: Declaration, word: EndUserWord | None) -> list[Objection]:
    """What the end user asked about undertakings, the newest first."""
    if word is None:
        return []
    requests = declaration.end_user_requests.filter(of_shown(word.customer, declaration))
    asked = declaration.objections.filter(end_user__request__in=requests)
    return list(asked.select_related("answered_by").order_by("-sent_at"))


def check(request: HttpRequest, declaration: Declaration, pk: str, space: str) -> HttpResponse:
    """Accept or refuse a scan; what cannot be done comes back on the page with what was typed."""
    user: User = request.user  # type: ignore[assignment]
    scan = get_object_or_404(
        StatementScan.objects.select_related("statement__declaration", "filed_by"), statement__declaration=declaration, pk=pk
    )
    about = scan.statement.customer_id
    refuses = request.POST.get("verdict") == "refuse"
    form: forms.Form = RefuseForm(request.POST) if refuses else AcceptForm(request.POST)
    if not form.is_valid():
        return page(request, declaration, space, 422, about, **{"refuse_form" if refuses else "accept_form": form})
    given = form.cleaned_data
    # A refusal without a reason is no acceptance: the room below says what is missing.
    data = (
        CheckData(refusal=given["refusal"] or "?", text=given["text"])
        if refuses
        else CheckData(code=given["statement_code"], all_pages=given["all_pages"], signed=given["signed"])
    )
    try:
        flow.check_scan(
            scan=scan,
            by=user,
            data=data,
            **factor_of(request),
        )
    except FactorRefused as error:
        told = {"refuse_error" if refuses else "accept_error": str(error), "refuse_form" if refuses else "accept_form": form}
        return page(request, declaration, space, 422, about, **told)
    except NotAllowed as error:
        put_all(form, error)
        return page(request, declaration, space, 422, about, **{"refuse_form" if refuses else "accept_form": form})
    messages.success(request, _("The scan is refused; whoever filed it is told.") if refuses else _("The signed statement is accepted."))
    return back(declaration, space, about)


def statement_file(request: HttpRequest, declaration: Declaration, space: str) -> HttpResponse:
    """A printed statement of the declaration by its code; without one the newest, where all are of one end user."""
    written = PrintedStatement.objects.select_related("pdf").filter(declaration=declaration, pdf__isnull=False)
    code = request.GET.get("code", "")
    if not code and written.order_by().values("customer").distinct().count() > 1:
        raise Http404
    found = get_object_or_404((written.filter(code=code) if code else written).order_by("-made_at")[:1])
    return _file(request, found, found.pdf, declaration=declaration, space=space, what="statement")


def scan_file(request: HttpRequest, declaration: Declaration, pk: str, position: str, space: str) -> HttpResponse:
    """One file of a scan, to be saved and never shown as a page."""
    if not (position.isascii() and position.isdecimal() and len(position) == 1):
        raise Http404
    found = get_object_or_404(
        ScanFile.objects.select_related("blob", "scan"), scan__statement__declaration=declaration, scan=pk, position=int(position)
    )
    return _file(request, found.scan, found.blob, declaration=declaration, space=space, what="scan")


def _file(request: HttpRequest, obj: Any, blob: Any, *, declaration: Declaration, space: str, what: str) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    try:
        content = read(blob)
    except Damaged as problem:
        messages.error(request, str(problem))
        return redirect(f"{space}:end-user", number=declaration.number)
    opened(what=what, obj=obj, by=user)
    return attachment(content, name=blob.name, media_type=blob.media_type)
