"""Rounds of rescreening: how far each has come, stopped or begun by a person, each act asked twice."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from certifications.flow import rescreening as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.screening.models_rescreening import Rescreening
from certifications.screening.queries import rescreenings_visible_to
from portal.forms import DayField
from portal.lists import ListForm, Sort, between, page_of
from portal.words import word_for

ULID_LENGTH = 26
CAUSES = {
    "nightly": gettext_lazy("Everybody, every night"),
    "asked": gettext_lazy("Everybody, asked for"),
    "lists": gettext_lazy("After a new list version"),
    "upload": gettext_lazy("After an uploaded file"),
}
# What Rescreening.state says, as a filter.
STATES = {
    "running": Q(finished_at__isnull=True, cancelled_at__isnull=True),
    "done": Q(finished_at__isnull=False),
    "cancelled": Q(cancelled_at__isnull=False),
}


class RescreeningsForm(ListForm):
    """Rounds of rescreening: nothing of them is searched, they are narrowed and sorted."""

    sorts = (
        Sort("begun", gettext_lazy("Begun"), "started_at", is_down=True),
        Sort("parties", gettext_lazy("Parties"), "total", is_down=True),
    )
    default = "-begun"

    cause = forms.ChoiceField(label=gettext_lazy("What for"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    since = DayField(label=gettext_lazy("Begun from"), required=False)
    until = DayField(label=gettext_lazy("Begun until"), required=False)

    def choose(self) -> None:
        self.leave_out("q")
        self.choices("cause", CAUSES.items())
        self.choices("state", [(state, word_for("rescreening", state).text) for state in STATES])


def row_of(held: Rescreening) -> dict[str, Any]:
    """A round with its counts; percent of the parties that were looked at."""
    counts = held.chunks.filter(finished_at__isnull=False).aggregate(done=Sum("done"), hits=Sum("hits"), failed=Sum("failed"))
    done = counts["done"] or 0
    if held.state == "done":
        percent = 100
    else:
        # Never a full bar while something is left.
        percent = min(99, done * 100 // held.total) if held.total else 0
    return {
        "held": held,
        "cause": CAUSES.get(held.cause, held.cause),
        "done": done,
        "hits": counts["hits"] or 0,
        "failed": counts["failed"] or 0,
        "percent": percent,
    }


@require_GET
@requires(Permission.SEE_LISTS)
def index(request: HttpRequest) -> HttpResponse:
    """Every round, the newest first unless another order is asked for; looks again by itself while one runs."""
    user: User = request.user  # type: ignore[assignment]
    rounds = rescreenings_visible_to(user)
    form = RescreeningsForm(request.GET)
    found = rounds.filter(cause=form.get("cause")) if form.get("cause") else rounds
    if form.get("state"):
        found = found.filter(STATES[form.get("state")])
    found = between(found, "started_at", form).select_related("started_by", "cancelled_by", "delta")
    page = page_of(request, form, visible=rounds, found=found)
    context = {
        "listed": page,
        "rows": [row_of(held) for held in page.rows],
        "polls": rounds.filter(finished_at__isnull=True, cancelled_at__isnull=True).exists(),
        "may_start": may(user, Permission.IMPORT_LISTS),
        "may_cancel": may(user, Permission.IMPORT_LISTS) or may(user, Permission.OPERATE),
    }
    return render(request, "operators/rescreenings.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_LISTS)
def start(request: HttpRequest) -> HttpResponse:
    """Ask once more, then have everybody compared anew."""
    user: User = request.user  # type: ignore[assignment]
    key = request.POST.get("form_key", "")
    if request.method == "POST" and len(key) == ULID_LENGTH and key.isalnum():
        flow.ask_for_all(by=user, form_key=key)
        messages.success(request, _("The rescreening has begun; it goes on when you leave this page."))
        return redirect("operators:rescreenings")
    context = {
        "title": _("Rescreen everything now?"),
        "text": _("Every party is compared anew with every list in force. Nothing is lost while it runs; declarations go on before it."),
        "action": _("Rescreen everything"),
        "back_url": reverse("operators:rescreenings"),
        "form_key": new_ulid(),
    }
    return render(request, "components/confirm.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_LISTS, Permission.OPERATE)
def cancel(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask once more, then stop the round where it stands."""
    user: User = request.user  # type: ignore[assignment]
    held = get_object_or_404(rescreenings_visible_to(user), pk=pk)
    if request.method == "POST":
        try:
            flow.cancel(rescreening=held, by=user)
        except NotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The rescreening is stopped. Parties that were not reached wait, as they did before it."))
        return redirect("operators:rescreenings")
    context = {
        "title": _("Stop this rescreening?"),
        "text": _(
            "What was screened stays. Parties that were not reached yet stay as they are: whoever waits goes on waiting, and blocks."
        ),
        "action": _("Stop it"),
        "back_url": reverse("operators:rescreenings"),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)
