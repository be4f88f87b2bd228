"""The questionnaire about customers: the version in force, the draft of the next one question by question, and proposing it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.catalogue import questions
from certifications.catalogue.models_questions import QuestionDraft, Questionnaire
from certifications.catalogue.queries import product_lines
from certifications.catalogue.rules_questions import (
    MOST_QUESTIONS,
    QuestionData,
    QuestionnaireData,
    moved,
    question_problems,
    questionnaire_problems,
)
from certifications.flow import questions as flow
from certifications.ledger.moves import NotAllowed
from certifications.pages.questions import question_rows
from certifications.people.factors import has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires

from .forms_catalogue import ExplainedForm
from .forms_questions import HoldsForm, QuestionForm
from .proposing import proposed
from .views_proposals import awaiting

STEPS = {"up": -1, "down": 1, "remove": 0}


@requires(Permission.SEE_CATALOGUE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """A version word for word, the newest unless ?version= says another; and the others."""
    user: User = request.user  # type: ignore[assignment]
    versions = list(Questionnaire.objects.select_related("proposal__proposed_by", "proposal__agreed_by"))
    wanted = request.GET.get("version", "")
    shown = next((one for one in versions if str(one.version) == wanted), None) if wanted else next(iter(versions), None)
    if wanted and shown is None:
        raise Http404
    context = {
        "shown": shown,
        "versions": versions,
        "rows": question_rows(list(shown.questions.all())) if shown else [],
        "draft": QuestionDraft.objects.select_related("edited_by").first(),
        "waiting": [row for row in awaiting(user) if row["proposal"].kind == "questions"],
        "may_edit": may(user, Permission.EDIT_CATALOGUE),
    }
    return render(request, "compliance/questions.html", context)


def _keep(request: HttpRequest, data: QuestionnaireData) -> bool:
    """Keep the draft; what somebody else wrote meanwhile is never overwritten, and the page says so."""
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.keep_draft(data=data, shown=request.POST.get("shown", ""), by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
        return False
    return True


@requires(Permission.EDIT_CATALOGUE)
def draft(request: HttpRequest) -> HttpResponse:
    """The draft: its questions, what must be mended, whether it holds signatures; proposed from here."""
    user: User = request.user  # type: ignore[assignment]
    data = questions.draft()
    if request.method == "POST" and "holds" in request.POST:
        if _keep(request, QuestionnaireData(data.questions, "holds_signing" in request.POST)):
            messages.success(request, _("Kept."))
        return redirect("compliance:questions-draft")
    form = ExplainedForm(request.POST or None)
    held = questions.in_force()
    problems = [problem.message for problem in questionnaire_problems(data, product_lines())]
    context: dict[str, Any] = {
        "rows": question_rows(list(data.questions)),
        "data": data,
        "shown": questions.draft_digest(),
        "problems": problems,
        "differs": held is None or held.proposal.content != data.content(),
        "holds_form": HoldsForm(initial={"holds_signing": data.holds_signing}),
        "form": form,
        "passkey_next": has_passkey(user),
        "room": len(data.questions) < MOST_QUESTIONS,
    }
    if form.is_valid():
        if request.POST.get("shown") != context["shown"]:
            form.add_error(None, _("The draft changed since it was shown here. Read it as it is now; nothing was proposed."))
        elif proposed(request, form, kind="questions", subject=questions.SUBJECT, content=data.content(), more=context):
            messages.success(request, _("Proposed. Another person must agree before anything changes."))
            return redirect("compliance:questions")
    return render(request, "compliance/questions_draft.html", context, status=422 if form.errors else 200)


def _at(data: QuestionnaireData, number: str) -> int:
    """The number of a question of the draft, or it does not exist."""
    if not (number.isascii() and number.isdecimal() and len(number) < 4 and 0 < int(number) <= len(data.questions)):  # noqa: PLR2004
        raise Http404
    return int(number)


@requires(Permission.EDIT_CATALOGUE)
def new(request: HttpRequest) -> HttpResponse:
    """A further question, at the end."""
    data = questions.draft()
    return _question(request, data, len(data.questions) + 1)


@requires(Permission.EDIT_CATALOGUE)
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Other words for a question of the draft."""
    data = questions.draft()
    return _question(request, data, _at(data, number))


def _question(request: HttpRequest, data: QuestionnaireData, number: int) -> HttpResponse:
    before = list(data.questions[: number - 1])
    held = data.questions[number - 1] if number <= len(data.questions) else None
    offered = [(n, one.text) for n, one in enumerate(before, start=1) if one.kind in {"yes_no", "choice"}]
    form = QuestionForm(request.POST or None, before=offered, initial=held.__dict__ if held else None)
    if form.is_valid():
        given: QuestionData = form.data_object()
        for problem in question_problems(given, number, before, product_lines()):
            form.add_error(problem.field, problem.message)
        if not form.errors:
            kept = QuestionnaireData((*before, given, *data.questions[number:]), data.holds_signing)
            if _keep(request, kept):
                messages.success(request, _("Kept."))
                return redirect("compliance:questions-draft")
            form.add_error(None, _("What you typed is still here; look at the draft in another window and send it again."))
    context = {"form": form, "number": number, "is_new": held is None, "shown": questions.draft_digest()}
    return render(request, "compliance/question_form.html", context, status=422 if form.errors else 200)


@requires(Permission.EDIT_CATALOGUE)
@require_POST
def move(request: HttpRequest, number: str) -> HttpResponse:
    """A question of the draft one place up or down, or out of it."""
    data = questions.draft()
    at, step = _at(data, number), STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise Http404
    try:
        kept = moved(data, at, step)
    except ValueError as follower:
        told = {"n": int(str(follower))}
        messages.error(request, _("Question %(n)d follows from another; it stays below that one. Change it first.") % told)
    else:
        _keep(request, kept)
    return redirect("compliance:questions-draft")
