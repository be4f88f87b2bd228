"""Health: the same questions as /readyz, with words and how to mend; jobs that wait for a person, with a button."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.work.actions import retry
from certifications.work.models import Job
from certifications.work.queries import overdue, stuck
from portal.health import Check, checks

LATE = dt.timedelta(minutes=5)
MOST = 50
STATES = {"ok": "ok", "waiting": "wait", "failed": "stop"}
ORDER = ("failed", "waiting", "ok")
# One for every task that takes a job.
KINDS = {
    "advance": gettext_lazy("Take a declaration on"),
    "read": gettext_lazy("Read a captured notice"),
    "match": gettext_lazy("Ask the register about an evidence line"),
    "weigh": gettext_lazy("Work out what confirming a notice would open"),
    "bulk": gettext_lazy("Confirm notices by a sample"),
    "names": gettext_lazy("Find whom names in evidence mean"),
    "received": gettext_lazy("Ask the register who sent what a distributor received"),
    "rescreen": gettext_lazy("Screen a party again"),
    "delta": gettext_lazy("Find out whom a new list version touches"),
    "rescreen_chunk": gettext_lazy("Screen some parties of a round"),
    "index_parties": gettext_lazy("Build the index over parties"),
    "policies": gettext_lazy("Ask again what policies ask for"),
    "import_list": gettext_lazy("Import a list"),
    "render": gettext_lazy("Write a PDF"),
    "seal": gettext_lazy("Seal a PDF"),
    "seal_letter": gettext_lazy("Seal a tender letter"),
    "receipt": gettext_lazy("Seal a receipt"),
    "letter": gettext_lazy("Screen whom a tender letter names, or write it"),
    "statement": gettext_lazy("Write the statement that an end user signs"),
    "declare": gettext_lazy("Open the balances of a declaration"),
    "uncap": gettext_lazy("Give back what an amendment had taken over"),
    "ownership": gettext_lazy("Weigh everybody who has a listed owner"),
    "identities": gettext_lazy("Find who may be one entity"),
    "upload": gettext_lazy("Read, check, write or take back a file of rows"),
    "webhook": gettext_lazy("Tell an address of a change"),
}


def lamp_of(found: list[Check]) -> dict[str, str]:
    """One lamp over everything: its kind, title and sentence."""
    red = sum(check.code == "failed" for check in found)
    amber = sum(check.code == "waiting" for check in found)
    if red:
        title = ngettext("%(n)d part is down", "%(n)d parts are down", red) % {"n": red}
        return {"kind": "stop", "title": title, "text": _("What is down stands first below, with how to mend it.")}
    if amber:
        title = ngettext("%(n)d part is late", "%(n)d parts are late", amber) % {"n": amber}
        return {"kind": "wait", "title": title, "text": _("The portal works; what is late stands first below.")}
    return {"kind": "ok", "title": _("Everything works"), "text": _("Every part answered just now.")}


def job_rows(jobs: Any, *, whole: bool) -> list[dict[str, Any]]:
    """Jobs with words. Operators see no customer, so an error shows its kind alone where it may hold a name."""
    return [
        {
            "job": job,
            "what": KINDS.get(job.kind, job.kind),
            "error": job.last_error if whole else job.last_error.partition(":")[0],
        }
        for job in jobs
    ]


@require_GET
@requires(Permission.SEE_HEALTH)
def health(request: HttpRequest) -> HttpResponse:
    """Every check, worst first, and the jobs that are stuck or late."""
    user: User = request.user  # type: ignore[assignment]
    found = sorted(checks(), key=lambda check: ORDER.index(check.code))
    whole = may(user, Permission.SEE_CASES)
    given_up, late = stuck(), overdue(LATE)
    context = {
        "now": timezone.now(),
        "lamp": lamp_of(found),
        "rows": [{"check": check, "state": STATES[check.code]} for check in found],
        "stuck": job_rows(given_up[:MOST], whole=whole),
        "stuck_count": given_up.count(),
        "late": job_rows(late[:MOST], whole=whole),
        "late_count": late.count(),
        "may_operate": may(user, Permission.OPERATE),
        "shortened": not whole,
    }
    return render(request, "operators/health.html", context)


@requires(Permission.OPERATE)
@require_POST
def retry_job(request: HttpRequest, job_id: str) -> HttpResponse:
    """Send a job that gave up back to the workers; pressed twice, it is sent once."""
    user: User = request.user  # type: ignore[assignment]
    job = get_object_or_404(Job, pk=job_id)
    if retry(job=job, by=user):
        messages.success(request, _("The job was given back to the workers."))
    else:
        messages.info(request, _("The job is not waiting for a person any more; nothing was changed."))
    return redirect("operators:health")
