"""The list of uploads, searched, narrowed and sorted, and the same as CSV."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.flow.uploads import KINDS, kinds_of
from certifications.ledger.actions import opened
from certifications.people.models import User
from certifications.uploads import queries
from certifications.uploads.kinds import Kind
from certifications.uploads.models import Upload
from portal.exports import csv_response, first_of
from portal.lists import between, page_of
from portal.words import word_for

from .forms import UploadsForm
from .words import answer, at, counts_words

MOST_ROWS = 10_000
# Being taken back is one word, whether a commit that failed or a person's undo.
ALSO = {Upload.Status.UNDOING.value: (Upload.Status.UNDOING, Upload.Status.REVERTING)}


def _people(visible: QuerySet[Upload]) -> list[tuple[str, str]]:
    """Whoever sent a file that the person may see."""
    return [(pk, name) for pk, name in visible.order_by("sent_by__name").values_list("sent_by", "sent_by__name").distinct()]


def listed(user: User, request: HttpRequest, kinds: Iterable[Kind]) -> tuple[UploadsForm, QuerySet[Upload], QuerySet[Upload]]:
    """(what is asked for, all that the person may see, what was found of it)"""
    offered = list(kinds)
    visible = queries.visible_to(user, offered)
    form = UploadsForm(request.GET, kinds=offered, people=_people(visible))
    found = visible
    text, state = form.get("q"), form.get("state")
    if text:
        found = found.filter(Q(number__iexact=text) | Q(blob__name__icontains=text))
    if state:
        found = found.filter(status__in=ALSO.get(state, (state,)))
    if form.get("kind"):
        found = found.filter(kind=form.get("kind"))
    if form.get("who"):
        found = found.filter(sent_by=form.get("who"))
    return form, visible, between(found, "sent_at", form).select_related("blob", "sent_by", "program")


def index(request: HttpRequest) -> HttpResponse:
    """Uploads of the distributor, the newest first unless another order is asked for."""
    user: User = request.user  # type: ignore[assignment]
    kinds = kinds_of(user)
    form, visible, found = listed(user, request, kinds)
    page = page_of(request, form, visible=visible, found=found)
    rows = [{"upload": upload, "kind": KINDS[upload.kind].label, "counts": counts_words(upload)} for upload in page.rows]
    return answer(request, "index.html", {"listed": page, "rows": rows, "kinds": kinds, "own": at(request) == "distributors:"})


def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed and sorted, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    if user.organisation is None:
        raise Http404
    form, _visible, wanted = listed(user, request, kinds_of(user))
    found, is_cut = first_of(form.ordered(wanted), MOST_ROWS)
    head = [_("Number"), _("File"), _("Rows are"), _("State"), _("Rows"), _("Sent"), _("Sent by"), _("Program")]
    rows = [
        [
            one.number,
            one.blob.name,
            KINDS[one.kind].label,
            word_for("upload", one.status).text,
            counts_words(one),
            timezone.localtime(one.sent_at).isoformat(timespec="seconds"),
            one.sent_by.name,
            one.program.name if one.program is not None else "",
        ]
        for one in found
    ]
    opened(what="export", obj=user.organisation, by=user, data={"of": "uploads", "rows": len(rows)})
    return csv_response("uploads.csv", head, rows, is_cut=is_cut)
