"""Confirmation by a sample: choosing a set, checking its sample one by one, what that says, and the rest in one act; taking it back."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.evidence import bulk as sets
from certifications.evidence import intake, queries
from certifications.evidence.models_intake import BulkCheck, BulkLimit, BulkRow
from certifications.evidence.rules_intake import GRAVE, least_sample
from certifications.flow import bulk as flow
from certifications.flow.intake import set_limit
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.factor import factor_of
from certifications.pages.polling import polled
from certifications.people.factors import FactorRefused, begin, has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to

from .forms_intake import DrawForm, LimitForm, UndoForm

NEWEST, MOST_GROUPS = 25, 50
FIRST_CONFIDENCE = Decimal("0.7")


def _groups(user: User) -> list[tuple[str, str]]:
    """Sets that there are: the key of the choice, and what is alike in words with how many."""
    documents = intake.in_queue(queries.visible_to(user)).filter(status="read", weighing__is_whole=True, weighing__rank__lt=GRAVE)
    alike = documents.values("reader", "weighing__source", "weighing__template").annotate(n=Count("pk"), least=Min("weighing__confidence"))
    found = []
    for row in alike.order_by("-n")[:MOST_GROUPS]:
        reader, source, template = row["reader"], row["weighing__source"], row["weighing__template"]
        words = _("%(n)d: %(source)s, %(template)s, %(reader)s; least sure %(least)s") % {
            "n": row["n"],
            "source": source or _("no address"),
            "template": template,
            "reader": reader,
            "least": f"{row['least']:.2f}",
        }
        found.append((f"{reader}|{source}|{template}", words))
    return found


@requires(Permission.SEE_EVIDENCE)
def index(request: HttpRequest) -> HttpResponse:
    """Sets so far, a new one, and the limit."""
    user: User = request.user  # type: ignore[assignment]
    limit = intake.limit_now()
    groups = _groups(user)
    posted = request.POST if request.method == "POST" and may(user, Permission.CONFIRM_EVIDENCE) else None
    first = {"form_key": new_ulid(), "least_confidence": FIRST_CONFIDENCE, "sample_size": least_sample(limit)}
    form = DrawForm(posted, groups=groups, initial=first)
    if posted is not None and form.is_valid():
        data = form.cleaned_data
        reader, source, template = data["alike"].split("|", 2)
        try:
            made = flow.draw(
                alike=sets.Alike(reader, source, template, data["least_confidence"]),
                sample_size=data["sample_size"],
                by=user,
                form_key=data["form_key"],
            )
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            return redirect("compliance:bulk-set", number=made.number)
    return _page(request, form, LimitForm(), 422 if form.errors else 200)


def _page(request: HttpRequest, form: DrawForm | None, limit_form: LimitForm, status: int) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    limit = intake.limit_now()
    groups = _groups(user)
    form = form or DrawForm(
        groups=groups, initial={"form_key": new_ulid(), "least_confidence": FIRST_CONFIDENCE, "sample_size": least_sample(limit)}
    )
    made = sets.visible_to(user).select_related("drawn_by", "confirmed_by").order_by("-drawn_at", "-pk")[:NEWEST]
    context = {
        "form": form if groups and may(user, Permission.CONFIRM_EVIDENCE) else None,
        "groups": groups,
        "limit": limit * 100,
        "least": [(wrong, least_sample(limit, wrong)) for wrong in range(3)],
        "limits": BulkLimit.objects.select_related("set_by").order_by("-set_at", "-pk")[:5],
        "limit_form": limit_form if may(user, Permission.SET_BULK_LIMIT) else None,
        "sets": [{"bulk": one, "told": sets.measured(one)} for one in made],
    }
    return render(request, "compliance/bulk.html", context, status=status)


@requires(Permission.SET_BULK_LIMIT)
@require_POST
def limit(request: HttpRequest) -> HttpResponse:
    """Set how high the error rate may be."""
    user: User = request.user  # type: ignore[assignment]
    form = LimitForm(request.POST)
    if form.is_valid():
        try:
            set_limit(limit=form.cleaned_data["limit"] / 100, reason=form.cleaned_data["reason"], by=user)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(request, _("The limit is set."))
            return redirect("compliance:bulk")
    return _page(request, None, form, 422)


def working(bulk: BulkCheck) -> dict[str, Any] | None:
    """How far workers are with the set, for the page; None when they have nothing to do with it."""
    rows = bulk.rows.filter(in_sample=False)
    if bulk.status == BulkCheck.Status.CONFIRMING:
        total, done = rows.count(), rows.exclude(outcome="").count()
    elif bulk.status == BulkCheck.Status.UNDOING:
        done = rows.filter(outcome=BulkRow.Outcome.UNDONE).count()
        total = done + rows.filter(outcome=BulkRow.Outcome.CONFIRMED).count()
    else:
        return None
    return {"bulk": bulk, "rows_done": done, "rows_total": total, "percent": done * 100 // total if total else None}


@requires(Permission.SEE_EVIDENCE)
@require_GET
def state(request: HttpRequest, number: str) -> HttpResponse:
    """The progress; once the work is done, word to load the page again."""
    user: User = request.user  # type: ignore[assignment]
    left = working(_bulk(user, number))
    return polled(request, left, template="compliance/_bulk_working.html", page="compliance:bulk-set", number=number)


def _bulk(user: User, number: str) -> BulkCheck:
    found: BulkCheck = get_object_or_404(sets.visible_to(user).select_related("drawn_by", "confirmed_by", "ended_by"), number=number)
    return found


@requires(Permission.SEE_EVIDENCE)
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """The sample, what it says, and the rows that the act would confirm, each listed; confirming them."""
    user: User = request.user  # type: ignore[assignment]
    bulk = _bulk(user, number)
    error = ""
    if request.method == "POST" and may(user, Permission.CONFIRM_EVIDENCE):
        digest = request.POST.get("digest", "")
        try:
            flow.confirm_rest(bulk=bulk, by=user, digest=digest, **factor_of(request))
        except (NotAllowed, FactorRefused) as refused:
            error = str(refused)
        else:
            messages.success(request, _("Confirmed by the sample. Workers write the rows now, and the register is asked about each."))
            return redirect("compliance:bulk-set", number=number)
    return _set(request, bulk, error=error)


def _set(request: HttpRequest, bulk: BulkCheck, *, error: str = "", undo_form: UndoForm | None = None) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    told = sets.measured(bulk)
    may_confirm = may(user, Permission.CONFIRM_EVIDENCE)
    ready = bulk.status == BulkCheck.Status.CHECKING and told.will_do and may_confirm
    digest = sets.act_digest(bulk) if ready else ""
    parts = ("document__weighing",)
    sample = list(bulk.rows.filter(in_sample=True).select_related(*parts).order_by("position"))
    rows = sets.rest(bulk) if bulk.status == BulkCheck.Status.CHECKING else bulk.rows.filter(in_sample=False).exclude(outcome="")
    out = sets.left_out(bulk) if bulk.status == BulkCheck.Status.CHECKING else bulk.rows.none()
    context: dict[str, Any] = {
        "bulk": bulk,
        "told": told,
        "rate": told.rate * 100,
        "upper": told.upper * 100,
        "limit": told.limit * 100,
        "kept_upper": bulk.upper * 100 if bulk.upper is not None else None,
        "kept_limit": bulk.limit * 100 if bulk.limit is not None else None,
        "sample": sample,
        "next": next((row for row in sample if not row.verdict), None),
        "rows": list(rows.select_related(*parts).order_by("position")),
        "out": list(out.select_related(*parts)),
        "ready": ready,
        "digest": digest,
        "error": error,
        "passkey": begin(user, digest, request.session) if digest else None,
        "passkey_next": has_passkey(user),
        "may_confirm": may_confirm,
        "undo_form": (undo_form or UndoForm()) if may_confirm and bulk.status == BulkCheck.Status.CONFIRMED else None,
        "events": told_to(user, history(bulk)),
    }
    left = working(bulk)
    context |= {"working": left is not None, **(left or {})}
    return render(request, "compliance/bulk_set.html", context, status=422 if error or (undo_form and undo_form.errors) else 200)


@requires(Permission.CONFIRM_EVIDENCE)
@require_POST
def abandon(request: HttpRequest, number: str) -> HttpResponse:
    """Give a set up."""
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.abandon(bulk=_bulk(user, number), by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Given up. Its documents wait as before."))
    return redirect("compliance:bulk-set", number=number)


@requires(Permission.CONFIRM_EVIDENCE)
@require_POST
def undo(request: HttpRequest, number: str) -> HttpResponse:
    """Take a whole act back."""
    user: User = request.user  # type: ignore[assignment]
    bulk = _bulk(user, number)
    form = UndoForm(request.POST)
    if form.is_valid():
        try:
            flow.undo(bulk=bulk, by=user, reason=form.cleaned_data["reason"])
        except NotAllowed as error:
            form.add_error("reason" if error.code == "reason" else None, str(error))
        else:
            messages.success(request, _("Being taken back: every document is withdrawn and waits in the queue again."))
            return redirect("compliance:bulk-set", number=number)
    return _set(request, bulk, undo_form=form)
