"""Lists: which are in force, how old they are, what was refused and why; a lead imports and puts in force."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certifications.flow import lists as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.screening.importers import FORMATS, private
from certifications.screening.models import ListSource, ListVersion
from certifications.screening.queries import ListInForce, described, lists_in_force, newest_good, sources_visible_to
from certifications.work.models import Job
from portal.bodies import takes
from portal.paging import paged

from .forms import MAX_MB, ListFileForm, ReviewForm

PER_PAGE = 25
KINDS = {
    "dated": gettext_lazy("Dated"),
    "static": gettext_lazy("Static, for demonstration"),
    "reviewed": gettext_lazy("Our own, with a day of review"),
}


def state_of(held: ListInForce | None) -> str:
    """fresh, old or missing for a list in force; empty for one that is not."""
    if held is None:
        return ""
    if held.version is None:
        return "missing"
    return "fresh" if held.is_fresh else "old"


def summary(source: ListSource, held: ListInForce | None) -> dict[str, Any]:
    """What a row says of a list. A refusal counts until a good import came after it."""
    good = newest_good(source)
    bad = source.versions.filter(state=ListVersion.State.REFUSED).order_by("-imported_at").first()
    return {
        "source": source,
        "kind": KINDS[source.kind],
        "state": state_of(held),
        "version": good,
        "says": described(good) if good else "",
        "refused": bad if bad and (good is None or bad.imported_at > good.confirmed_at) else None,
    }


def imports_of(code: str) -> QuerySet[Job]:
    """Imports of this list that are not done yet."""
    return Job.objects.filter(kind="import_list", object_id__startswith=f"{code}:").exclude(state=Job.State.DONE).order_by("created_at")


@require_GET
@requires(Permission.SEE_LISTS)
def index(request: HttpRequest) -> HttpResponse:
    """Every list, those in force first."""
    user: User = request.user  # type: ignore[assignment]
    held = {entry.source.pk: entry for entry in lists_in_force()}
    rows = [summary(source, held.get(source.pk)) for source in sources_visible_to(user).order_by("-in_force", "code")]
    return render(request, "operators/lists.html", {"rows": rows, "may_import": may(user, Permission.IMPORT_LISTS)})


def source_for(user: User, code: str) -> ListSource:
    """The list, or 404 for whom it does not exist."""
    return get_object_or_404(sources_visible_to(user), pk=code)


@require_GET
@requires(Permission.SEE_LISTS)
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One list: its versions, its imports under way, and what a lead may do."""
    user: User = request.user  # type: ignore[assignment]
    source = source_for(user, code)
    held = next((entry for entry in lists_in_force() if entry.source.pk == source.pk), None)
    page = paged(request, source.versions.order_by("-imported_at", "-pk"), PER_PAGE)
    ids = {version.imported_by_id for version in page if version.imported_by_id}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    now = timezone.now()
    under_way: list[dict[str, Any]] = [
        {"job": job, "is_running": bool(job.lease_until and job.lease_until > now)} for job in imports_of(source.pk)
    ]
    context = {
        **summary(source, held),
        "page": page,
        "versions": [{"version": version, "by": names.get(version.imported_by_id, "")} for version in page],
        "under_way": under_way,
        "polls": any(row["job"].state == Job.State.WAITING for row in under_way),
        "may_import": may(user, Permission.IMPORT_LISTS) and source.kind != ListSource.Kind.STATIC,
        "may_review": may(user, Permission.IMPORT_LISTS) and source.kind == ListSource.Kind.REVIEWED,
        "review_form": ReviewForm(),
        "may_download": may(user, Permission.SEE_CASES),
        "takes": [FORMATS[code].words for code in source.takes if code in FORMATS],
        "may_put_in_force": may(user, Permission.IMPORT_LISTS) and not source.in_force,
    }
    return render(request, "operators/list_detail.html", context)


@takes(MAX_MB)
@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_LISTS)
def import_file(request: HttpRequest, code: str) -> HttpResponse:
    """Take a list file; a worker imports it. A static list comes with the program and is not uploaded."""
    user: User = request.user  # type: ignore[assignment]
    source = get_object_or_404(sources_visible_to(user).exclude(kind=ListSource.Kind.STATIC), pk=code)
    form = ListFileForm(request.POST or None, request.FILES or None, initial={"form_key": new_ulid()}, source=source)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        flow.upload(source=source, content=file.read(), name=file.name, by=user, form_key=form.cleaned_data["form_key"])
        if form.says:
            messages.success(request, _("This is %(w)s. A worker reads it now; what comes of it shows here.") % {"w": form.says})
        else:
            messages.success(request, _("The file was kept; a worker reads it now. What comes of it shows here."))
        return redirect("operators:list", code=source.pk)
    takes = [FORMATS[code].words for code in source.takes if code in FORMATS]
    context = {"form": form, "source": source, "takes": takes, "columns": private.COLUMNS if source.is_private else ()}
    return render(request, "operators/list_import.html", context, status=422 if form.is_bound else 200)


@requires(Permission.IMPORT_LISTS)
@require_POST
def in_force(request: HttpRequest, code: str) -> HttpResponse:
    """From now on everybody is screened against this list."""
    user: User = request.user  # type: ignore[assignment]
    source = source_for(user, code)
    try:
        flow.put_in_force(source=source, by=user)
    except NotAllowed as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The list is in force; every party that takes part in something is screened again."))
    return redirect("operators:list", code=source.pk)
