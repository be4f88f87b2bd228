"""Tips as their named readers see them; for everybody else in compliance there is nothing here. Each look is on record."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from certifications.evidence.readers import Unreadable
from certifications.flow import tips as flow
from certifications.ledger.actions import opened
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history, reads
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from certifications.tips import actions, queries
from certifications.tips.models import Tip, TipFile
from portal.downloads import attachment
from portal.limits import searches
from portal.paging import paged

from .forms_tips import AskForm, CloseForm, TipCaptureForm

PER_PAGE = 25
MOST_AT_ONCE = 100


@requires(Permission.READ_TIPS)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """Tips by day, those that wait first; those that are no tips can be closed together."""
    user: User = request.user  # type: ignore[assignment]
    text, state = request.GET.get("q", "").strip()[:100], request.GET.get("state", "")
    tips = queries.search(queries.visible_to(user), text)
    if state in Tip.Status.values:
        tips = tips.filter(status=state)
    page = paged(request, queries.listed(tips), PER_PAGE)
    context = {
        "page": page,
        "q": text,
        "state": state,
        "states": Tip.Status.choices,
        "may_close": any(tip.status == Tip.Status.WAITING for tip in page),
        "may_name": may(user, Permission.NAME_TIP_READERS),
    }
    return render(request, "compliance/tips.html", context)


def _tip(request: HttpRequest, number: str) -> tuple[Tip, User]:
    user: User = request.user  # type: ignore[assignment]
    return get_object_or_404(queries.visible_to(user), number=number), user


def _page(request: HttpRequest, tip: Tip, user: User, status: int = 200, **forms: Any) -> HttpResponse:
    works = tip.status in {Tip.Status.WAITING, Tip.Status.OPEN}
    context = {
        "tip": tip,
        "rows": [(label, getattr(tip, name), "") for name, label in _labels() if getattr(tip, name)],
        "files": tip.files.defer("content"),
        "talk": tip.messages.select_related("reader"),
        "events": told_to(user, history(tip)),
        "looks": told_to(user, reads(tip)),
        "ask": forms.get("ask", AskForm()) if works else None,
        "close": forms.get("close", CloseForm()) if works else None,
        "may_capture": works and may(user, Permission.CAPTURE_EVIDENCE),
        "may_reopen": tip.status == Tip.Status.CLOSED,
    }
    return render(request, "compliance/tip.html", context, status=status)


def _labels() -> list[tuple[str, str]]:
    return [
        ("place", _("Where")),
        ("seen_when", _("About when")),
        ("product", _("Product")),
        ("seller", _("Who sold it")),
        ("buyer", _("Who bought or uses it")),
        ("link", _("Address of a public page")),
    ]


@requires(Permission.READ_TIPS)
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One tip; that it was opened is on record."""
    tip, user = _tip(request, number)
    opened(what="tip", obj=tip, by=user)
    return _page(request, tip, user)


@requires(Permission.READ_TIPS)
@require_GET
def file(request: HttpRequest, number: str, position: str) -> HttpResponse:
    """A file as it was made anew, to be saved; that it was taken is on record."""
    tip, user = _tip(request, number)
    held = get_object_or_404(
        TipFile, tip=tip, position=int(position) if position.isascii() and position.isdecimal() and len(position) < 4 else -1
    )  # noqa: PLR2004
    opened(what="tip_file", obj=tip, by=user, data={"file": held.position})
    kind = held.media_type.rpartition("/")[2].replace("jpeg", "jpg")
    return attachment(bytes(held.content), name=f"{tip.number}-{held.position + 1}.{kind}", media_type=held.media_type)


@requires(Permission.READ_TIPS)
@require_POST
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Ask whoever sent it."""
    tip, user = _tip(request, number)
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            actions.ask(tip=tip, by=user, text=form.cleaned_data["text"])
        except NotAllowed as error:
            form.add_error("text" if error.code == "text" else None, str(error))
        else:
            messages.success(request, _("Kept. It is read when somebody comes with the receipt code."))
            return redirect("compliance:tip", number=number)
    return _page(request, tip, user, 422, ask=form)


@requires(Permission.READ_TIPS)
@require_POST
def close(request: HttpRequest, number: str) -> HttpResponse:
    """Close it with a reason."""
    tip, user = _tip(request, number)
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            actions.close(tip=tip, by=user, **form.cleaned_data)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(request, _("The tip is closed. It can be opened again until it is erased."))
            return redirect("compliance:tip", number=number)
    return _page(request, tip, user, 422, close=form)


@requires(Permission.READ_TIPS)
@require_POST
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """Take it up again."""
    tip, user = _tip(request, number)
    try:
        actions.reopen(tip=tip, by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The tip is open again."))
    return redirect("compliance:tip", number=number)


@requires(Permission.READ_TIPS)
@require_POST
def spam(request: HttpRequest) -> HttpResponse:
    """Close what was chosen as no tips."""
    user: User = request.user  # type: ignore[assignment]
    numbers = list(
        queries.visible_to(user).filter(number__in=request.POST.getlist("number")[:MOST_AT_ONCE]).values_list("number", flat=True)
    )
    if numbers:
        closed = actions.close_as_spam(numbers=numbers, by=user)
        said = ngettext("%(n)d tip is closed as spam.", "%(n)d tips are closed as spam.", closed) % {"n": closed}
        messages.success(request, said + " " + _("Each can be opened again until it is erased."))
    else:
        messages.error(request, _("Choose the tips that are none first."))
    return redirect("compliance:tips")


@requires(Permission.READ_TIPS)
def capture(request: HttpRequest, number: str) -> HttpResponse:
    """Write down what becomes evidence; nothing else of the tip goes along."""
    tip, user = _tip(request, number)
    if not may(user, Permission.CAPTURE_EVIDENCE) or tip.status not in {Tip.Status.WAITING, Tip.Status.OPEN}:
        return redirect("compliance:tip", number=number)
    form = TipCaptureForm(request.POST if request.method == "POST" else None, initial={"form_key": new_ulid(), "text": _told(tip)})
    if request.method == "POST" and form.is_valid():
        try:
            document = flow.capture(tip=tip, by=user, **form.cleaned_data)
        except Unreadable as problem:
            form.add_error("text", _(problem.message_key) % problem.params)
        else:
            messages.success(request, _("Captured. The reader proposes what it says; the tip stays open until you close it."))
            return redirect("compliance:evidence-detail", number=document.number)
    if request.method != "POST":
        opened(what="tip", obj=tip, by=user)
    return render(request, "compliance/tip_capture.html", {"form": form, "tip": tip}, status=422 if form.is_bound else 200)


def _told(tip: Tip) -> str:
    """The tip's words as a text to be gone through; its link is left out, for an address may name whoever followed it."""
    lines = [tip.what, "", *(f"{label}: {getattr(tip, name)}" for name, label in _labels() if name != "link" and getattr(tip, name))]
    return "\n".join(lines).strip()
