"""Tips: sent without an account, without an address, and asked about again by a receipt code alone.

No log line, no event and no session knows of these requests (portal/unwatched.py, portal/logs.py); files are made anew before
anything of them is kept.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certifications.files.actions import safe_name
from certifications.files.cleaning import SENTENCES, Cleaned, Unclean, clean
from certifications.ledger.listed import mark
from certifications.ledger.moves import NotAllowed
from certifications.people.limits import place
from certifications.people.permissions import public
from certifications.people.tip_readers import readers
from certifications.tips import actions, queries
from certifications.tips.models import Tip
from certifications.tips.rules import receipt_code
from portal.bodies import takes
from portal.errors import too_many
from portal.limits import limited_unnamed, refused_in_total
from portal.unwatched import unwatched

from .answering import spoken, unindexed
from .forms_tips import MEGABYTES, AnswerForm, CodeForm, TipFiles, TipForm

SENDS, ALL_SENDS, LOOKS, ALL_LOOKS, PER_SECONDS = 10, 200, 30, 1000, 3600
# So many tips' files are made anew at the same time; a place of a process that was killed is free again after three minutes.
PLACES, PLACE_SECONDS = 3, 180
SHOWS_THE_FORM = ("GET", "HEAD")


@public
@unwatched
@unindexed
@spoken
@takes(MEGABYTES, upload_handler=TipFiles)
@require_http_methods(["GET", "HEAD", "POST"])
@limited_unnamed("tip", SENDS, PER_SECONDS, free=SHOWS_THE_FORM, is_noted=False)
def tip(request: HttpRequest) -> HttpResponse:
    """The form; POST keeps a tip and shows its receipt code, this once."""
    if not readers().exists():
        return _page(request, "public/tip_closed.html", {}, 200 if request.method != "POST" else 422)
    form = TipForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if getattr(request, "upload_too_large", False):
        form.add_error(
            None, _("The files have more than %(n)d MB together. Choose fewer or smaller ones, and send again.") % {"n": MEGABYTES}
        )
    if not form.is_valid():
        return _form(request, form)
    if stop := refused_in_total(request, "tip", ALL_SENDS, PER_SECONDS):
        return stop
    with place("tip-files", PLACES, PLACE_SECONDS) as mine:
        if not mine:
            return too_many(request, 20)
        files, originals = _cleaned(form)
    if form.errors:
        return _form(request, form)
    data = form.data_of_tip
    code = receipt_code(form.cleaned_data["form_key"], data, originals)
    try:
        actions.receive(data=data, files=files, code=code)
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form)
    return _page(request, "public/tip_sent.html", {"code": code, "files": len(files)})


def _cleaned(form: TipForm) -> tuple[list[Cleaned], list[bytes]]:
    """Every file made anew, and as it came; what cannot be is an error of its field."""
    files, originals = [], []
    for field in form.file_fields():
        given = form.cleaned_data.get(field.name)
        if not given:
            continue
        content = given.read()
        try:
            files.append(clean(content))
        except Unclean as problem:
            form.add_error(field.name, f"{safe_name(given.name)}{mark(':')}{SENTENCES[problem.code]}")
        originals.append(content)
    return files, originals


def _form(request: HttpRequest, form: TipForm) -> HttpResponse:
    context = {"form": form, "lost_files": bool(form.is_bound and form.files), "days": settings.TIP_DAYS}
    return _page(request, "public/tip.html", context, 422 if form.is_bound else 200)


def _page(request: HttpRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    # The language by the address: no cookie but that of the form's protection.
    return render(request, template, {**context, "languages": settings.LANGUAGES, "address": request.get_full_path()}, status=status)


@public
@unwatched
@unindexed
@spoken
@require_http_methods(["GET", "HEAD", "POST"])
@limited_unnamed("tip-again", LOOKS, PER_SECONDS, free=SHOWS_THE_FORM, is_noted=False)
def again(request: HttpRequest) -> HttpResponse:
    """By the receipt code: what became of the tip, questions, and answers to them."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, "public/tip_again.html", {"form": form}, 422 if form.is_bound else 200)
    if stop := refused_in_total(request, "tip-again", ALL_LOOKS, PER_SECONDS):
        return stop
    code = form.cleaned_data["code"]
    held = queries.by_receipt(code)
    if held is None:
        form.add_error("code", _("No tip has this receipt code. Compare it with what you wrote down."))
        return _page(request, "public/tip_again.html", {"form": form}, 422)
    if "text" not in request.POST:
        return _seen(request, held, code, AnswerForm())
    answer, status = AnswerForm(request.POST), 422
    if answer.is_valid():
        try:
            actions.answer(tip=held, text=answer.cleaned_data["text"])
        except NotAllowed as refusal:
            answer.add_error("text" if refusal.code == "text" else None, str(refusal))
        else:
            answer, status = AnswerForm(), 200
    return _seen(request, Tip.objects.get(pk=held.pk), code, answer, status, is_sent=status == 200)  # noqa: PLR2004


def _seen(request: HttpRequest, held: Tip, code: str, form: AnswerForm, status: int = 200, *, is_sent: bool = False) -> HttpResponse:
    context = {
        "tip": held,
        "code": code,
        "messages_of_tip": held.messages.all(),
        "form": form if held.status in {Tip.Status.WAITING, Tip.Status.OPEN} else None,
        "is_sent": is_sent,
        "days": settings.TIP_DAYS,
    }
    return _page(request, "public/tip_seen.html", context, status)
