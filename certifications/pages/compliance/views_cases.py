"""What is done with a case. Every act is asked of flow; a refusal comes back with everything that was typed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.flags import actions as flags
from certifications.flags import queries
from certifications.flags.models import Case, Decision
from certifications.flow import decide as flow
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, requires

from .forms import AskForm
from .views_queue import case_of, queue_context


def _back(case: Case, request: HttpRequest) -> str:
    return f"{reverse('compliance:queue')}?tab={request.GET.get('tab', 'due')}&case={case.number}"


def _next(case: Case, user: User) -> str:
    """After a decision the next case by due time is in focus."""
    following = queries.tab(user, "due").filter(status=Case.Status.OPEN).exclude(pk=case.pk).first()
    return reverse("compliance:queue") + (f"?case={following.number}" if following else "")


def _again(request: HttpRequest, case: Case, error: NotAllowed | FactorRefused, **typed: Any) -> HttpResponse:
    context = queue_context(request, case.number)
    field = getattr(error, "code", "") or "factor"
    context |= {"errors": [{"field": field, "message": str(error)}], "typed": request.POST, **typed}
    return render(request, "compliance/queue.html", context, status=409 if field in {"stale_state", "digest"} else 422)


@requires(Permission.DECIDE_CASES)
@require_POST
def assign(request: HttpRequest, number: str) -> HttpResponse:
    """Take the case, or give it back."""
    user: User = request.user  # type: ignore[assignment]
    case = case_of(user, number)
    try:
        flags.assign(case=case, by=user, to=None if request.POST.get("release") else user)
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect(_back(case, request))


def _over_these_words(request: HttpRequest, case: Case, user: User) -> dict[str, Any] | None:
    """The passkey's question over the decision as it was just typed; the page comes back with it and with the words."""
    words = {name: request.POST.get(name, "")[:2000] for name in ("outcome", "reason", "message")}
    digest = flags.decision_digest(case=case, explanation=request.POST.get("explanation", "")[:4000], **words)
    return begin(user, digest, request.session)


@requires(Permission.DECIDE_CASES)
@require_POST
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Decide, or propose where a second person is needed."""
    user: User = request.user  # type: ignore[assignment]
    case = case_of(user, number)
    try:
        decision = flow.propose(
            case=case,
            by=user,
            outcome=request.POST.get("outcome", ""),
            reason=request.POST.get("reason", ""),
            explanation=request.POST.get("explanation", "")[:4000],
            message=request.POST.get("message", "")[:2000],
            form_key=request.POST.get("form_key", "")[:26],
            **factor_of(request),
        )
    except FactorRefused as error:
        return _again(request, case, error, passkey=_over_these_words(request, case, user))
    except NotAllowed as error:
        return _again(request, case, error)
    if decision.state == Decision.State.PROPOSED:
        messages.success(request, _("%(n)s is proposed and awaits a second person.") % {"n": case.number})
    else:
        messages.success(request, _("%(n)s is decided.") % {"n": case.number})
    return redirect(_next(case, user))


def _with_proposal(act: Callable[[Decision, User, HttpRequest], None], done: str) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, number: str) -> HttpResponse:
        user: User = request.user  # type: ignore[assignment]
        case = case_of(user, number)
        decision = get_object_or_404(Decision, case=case, pk=request.POST.get("decision", ""))
        try:
            act(decision, user, request)
        except (NotAllowed, FactorRefused) as error:
            return _again(request, case, error)
        messages.success(request, done % {"n": case.number})
        return redirect(_next(case, user))

    return view


def _agree(decision: Decision, user: User, request: HttpRequest) -> None:
    flow.agree(
        decision=decision,
        by=user,
        **factor_of(request),
    )


def _disagree(decision: Decision, user: User, request: HttpRequest) -> None:
    flow.disagree(decision=decision, by=user, reason=request.POST.get("why", ""))


@requires(Permission.DECIDE_CASES)
@require_POST
def agree(request: HttpRequest, number: str) -> HttpResponse:
    """The second person agrees."""
    return _with_proposal(_agree, _("%(n)s is decided by two people."))(request, number)


@requires(Permission.DECIDE_CASES)
@require_POST
def disagree(request: HttpRequest, number: str) -> HttpResponse:
    """The proposal is taken back, or refused by another."""
    return _with_proposal(_disagree, _("The proposal on %(n)s is withdrawn; the case is open again."))(request, number)


@requires(Permission.DECIDE_CASES)
@require_POST
def unask(request: HttpRequest, number: str) -> HttpResponse:
    """Withdraw the open question; the clock runs again."""
    user: User = request.user  # type: ignore[assignment]
    case = case_of(user, number)
    try:
        flow.withdraw_question(case=case, by=user, reason=request.POST.get("unask", ""))
    except NotAllowed as error:
        return _again(request, case, error)
    messages.success(request, _("The question is withdrawn. The clock of %(n)s runs again.") % {"n": case.number})
    return redirect(_back(case, request))


@requires(Permission.DECIDE_CASES)
@require_POST
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """Look at a decided case again."""
    user: User = request.user  # type: ignore[assignment]
    case = case_of(user, number)
    try:
        flow.reopen(case=case, by=user, reason=request.POST.get("again", ""))
    except NotAllowed as error:
        return _again(request, case, error)
    messages.success(request, _("%(n)s is open again; its flags hold until people decide anew.") % {"n": case.number})
    return redirect(f"{reverse('compliance:queue')}?case={case.number}")


def asked_organisations(case: Case) -> list[Organisation]:
    """Whom a question may be put to: the declaration's distributor, or any distributor for a case on evidence."""
    if case.declaration is not None:
        return [case.declaration.organisation]
    return list(Organisation.objects.filter(kind="distributor").order_by("name"))


@requires(Permission.DECIDE_CASES)
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Put a question to the distributor; the case's clock stands still."""
    user: User = request.user  # type: ignore[assignment]
    case = case_of(user, number)
    organisations = asked_organisations(case)
    form = AskForm(request.POST or None)
    first = [("", _("Choose a distributor"))] if case.declaration is None else []
    form.fields["organisation"].choices = [*first, *((str(o.pk), str(o)) for o in organisations)]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        organisation = next(o for o in organisations if str(o.pk) == form.cleaned_data["organisation"])
        try:
            flow.ask(
                case=case,
                by=user,
                organisation=organisation,
                text=form.cleaned_data["text"],
                due_on=form.cleaned_data["due_on"],
            )
        except NotAllowed as error:
            form.add_error("text" if error.code == "text" else None, str(error))
        else:
            messages.success(request, _("The question is sent. The clock of %(n)s stands still.") % {"n": case.number})
            return redirect(_back(case, request))
    status = 422 if form.is_bound else 200
    return render(request, "compliance/ask.html", {"case": case, "form": form}, status=status)
