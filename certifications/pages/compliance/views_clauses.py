"""Clause sets: what is in force and what was, the draft of a next version, what it changes, and proposing it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.catalogue import clauses
from certifications.catalogue.models import ClauseSet
from certifications.catalogue.models_versions import ClauseDraft
from certifications.catalogue.rules_clauses import SetData, difference
from certifications.flow import catalogue as flow
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.pages.places import line_words, reach_words
from certifications.pages.rights import put
from certifications.people.factors import has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires

from .forms_catalogue import ExplainedForm
from .forms_clauses import CodeForm, DraftForm
from .proposing import proposed


def _rows(sets: Iterable[ClauseSet]) -> list[dict[str, Any]]:
    today = civil_today()
    now = {one.pk for one in clauses.in_force(today)}

    def row(one: ClauseSet) -> dict[str, Any]:
        state = "to_come" if one.from_date > today else "in_force" if one.pk in now else "over"
        return {"set": one, "state": state, "lines": line_words(one.lines), "where": reach_words(one)}

    return [row(one) for one in sets]


@requires(Permission.SEE_CATALOGUE)
def index(request: HttpRequest) -> HttpResponse:
    """Every set with its newest version; a lead starts the draft of a new one."""
    user: User = request.user  # type: ignore[assignment]
    may_edit = may(user, Permission.EDIT_CATALOGUE)
    form = CodeForm(request.POST if request.method == "POST" and may_edit else None)
    if form.is_valid():
        return redirect(reverse("compliance:clauses-draft", args=[form.cleaned_data["code"]]) + "?new=1")
    newest = ClauseSet.objects.order_by("code", "-version").distinct("code")
    context = {
        "rows": _rows(newest),
        "drafts": ClauseDraft.objects.select_related("edited_by").order_by("code"),
        "form": form,
        "may_edit": may_edit,
    }
    return render(request, "compliance/clauses.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_CATALOGUE)
@require_GET
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One version of a set, word for word, with what changed from the one before; the newest unless ?version= says another."""
    user: User = request.user  # type: ignore[assignment]
    versions = ClauseSet.objects.filter(code=code).order_by("-version")
    wanted = request.GET.get("version", "")
    shown = versions.filter(version=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 6 else versions.first()  # noqa: PLR2004
    if shown is None:
        raise Http404
    old, rows = clauses.before(shown), _rows(versions)
    context = {
        "shown": next(row for row in rows if row["set"].pk == shown.pk),
        "old": old,
        "changes": difference(clauses.texts(old), clauses.texts(shown)),
        "versions": rows,
        "may_edit": may(user, Permission.EDIT_CATALOGUE),
    }
    return render(request, "compliance/clause_set.html", context)


def _start(kept: ClauseDraft | None, last: ClauseSet | None) -> tuple[dict[str, Any], int]:
    """First values of the draft's form and its number of undertakings: the kept draft, else the newest version."""
    if kept is not None:
        data = SetData.of(kept.content)
        days = {"from_date": data.from_date, "old_until": data.old_until}
        return DraftForm.initial_of(data.scope, list(data.clauses)) | days, len(data.clauses)
    texts = clauses.texts(last)
    return (DraftForm.initial_of(last, texts) if last else {}), len(texts)


@requires(Permission.EDIT_CATALOGUE)
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """Write the next version; it is kept as it stands, complete or not, unless another kept one meanwhile."""
    user: User = request.user  # type: ignore[assignment]
    last = clauses.last_of(code)
    kept = ClauseDraft.objects.select_related("edited_by").filter(code=code).first()
    # A set begins by giving it a code: an address that somebody mistyped does not begin one.
    if last is None and kept is None and not ("new" in request.GET and CodeForm({"code": code}).is_valid()):
        raise Http404
    initial, count = _start(kept, last)
    # The other's draft may hold fewer undertakings than were typed.
    sent = request.method == "POST"
    form = DraftForm(request.POST or None, clauses=DraftForm.typed(request.POST) if sent else count, initial=initial)
    context: dict[str, Any] = {
        "form": form,
        "code": code,
        "last": last,
        "seen": request.POST.get("seen", "") if sent else clauses.mark_of(kept),
    }
    if form.is_valid():
        data = form.data_given()
        try:
            flow.keep_clauses(code=code, by=user, data=data, seen=context["seen"])
        except StaleState as error:
            put(form, error)
            # Saved once more, what was typed takes the other's place: by then it was seen here.
            context["seen"] = clauses.mark_of(kept)
            before = list(SetData.of(kept.content).clauses) if kept else clauses.texts(context["last"])
            context |= {"theirs": kept, "differs": difference(before, list(data.clauses))}
        else:
            return redirect("compliance:clauses-draft" if "more" in request.POST else "compliance:clauses-check", code=code)
    return render(request, "compliance/clause_draft.html", context, status=422 if form.errors else 200)


@requires(Permission.EDIT_CATALOGUE)
def check(request: HttpRequest, code: str) -> HttpResponse:
    """What the draft changes, clause by clause; proposed from here."""
    user: User = request.user  # type: ignore[assignment]
    kept = get_object_or_404(ClauseDraft, code=code)
    data, last = SetData.of(kept.content), clauses.last_of(code)
    form = ExplainedForm(request.POST or None)
    context: dict[str, Any] = {
        "code": code,
        "form": form,
        "draft": kept,
        # Another may be writing: what is proposed is what this page showed.
        "sha256": sha256_hex(canonical(kept.content)),
        "lines": line_words(data.scope.lines),
        "where": reach_words(data.scope),
        "data": data,
        "last": last,
        "changes": difference(clauses.texts(last), list(data.clauses)),
        "passkey_next": has_passkey(user),
        "problems": flow.problems_of_clauses(code, data),
    }
    if form.is_valid():
        try:
            if request.POST.get("sha256") != context["sha256"]:
                raise NotAllowed(_("The draft changed since it was shown here. Read it as it is now; nothing was proposed."))
            flow.check_clauses(code, data)
            if proposed(request, form, kind="clauses", subject=code, content=kept.content, more=context):
                messages.success(request, _("Proposed. Another person must agree before anything changes."))
                return redirect("compliance:catalogue-proposals")
        except NotAllowed as error:
            put(form, error)
    return render(request, "compliance/clause_check.html", context, status=422 if form.errors else 200)
