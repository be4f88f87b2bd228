"""Evidence intake: the reader's proposal beside the source, confirmation by a person, and what it raised."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import BaseFormSet, formset_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.evidence import intake, queries
from certifications.evidence.actions import Incomplete
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.proposed import in_parts, initial_lines, line_places, part_of
from certifications.evidence.rules import MAX_LINES, LineData, standing_of_source
from certifications.files.actions import Damaged, read
from certifications.flow import evidence as flow
from certifications.ledger.actions import opened
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.prices import sees_prices
from certifications.people.queries import told_to
from certifications.work.queries import unfinished
from portal.downloads import attachment
from portal.limits import searches
from portal.paging import paged

from .comparison import names_of
from .forms import LineForm, product_choices
from .packages import faults_of, heading_of, skipped_of
from .proposals import Excerpt, explanation, notes_of, reasons_beside
from .views_evidence_state import working

PER_PAGE = 25


def filtered(request: HttpRequest) -> tuple[QuerySet[EvidenceDocument], str, str]:
    """(documents that the user may see under the filters of the address, the search, the state)."""
    user: User = request.user  # type: ignore[assignment]
    text, state = request.GET.get("q", "").strip()[:100], request.GET.get("state", "")
    documents = queries.search(queries.visible_to(user), text)
    if state in EvidenceDocument.Status.values:
        documents = documents.filter(status=state)
    return documents, text, state


@requires(Permission.SEE_EVIDENCE)
@searches
def index(request: HttpRequest) -> HttpResponse:
    """Captured documents, newest first, by state and search."""
    user: User = request.user  # type: ignore[assignment]
    documents, text, state = filtered(request)
    documents = documents.select_related("captured_by").order_by("-captured_at", "-pk")
    page = paged(request, documents, PER_PAGE)
    standings = queries.source_standings(page.object_list)
    for document in page.object_list:
        document.source_standing = standings[document.pk]
    context = {
        "page": page,
        "q": text,
        "state": state,
        "states": EvidenceDocument.Status.choices,
        "may_capture": may(user, Permission.CAPTURE_EVIDENCE),
    }
    return render(request, "compliance/evidence_list.html", context)


def _document(user: User, number: str) -> EvidenceDocument:
    documents = queries.visible_to(user).select_related("blob", "captured_by", "confirmed_by")
    return get_object_or_404(documents, number=number)


def _line(data: dict[str, Any], spans: dict[str, Any]) -> LineData:
    fields = {name: data.get(name) for name in LineForm.base_fields if name not in {"product", "other_bidders"}}
    fields["other_bidders"] = tuple(data.get("other_bidders") or ())
    return LineData(product_id=data.get("product") or "", extraction=spans, **fields)


@requires(Permission.SEE_EVIDENCE)
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """Waiting for the reader, to be confirmed, or confirmed with what it raised."""
    user: User = request.user  # type: ignore[assignment]
    document = _document(user, number)
    if request.method == "GET" and document.status != "captured":  # until it is read, the page only asks whether it is
        opened(what="evidence", obj=document, by=user)
    context: dict[str, Any] = {
        "document": document,
        "events": told_to(user, history(document)),
        "same": queries.same_bytes(document)[:5],
        "may_confirm": may(user, Permission.CONFIRM_EVIDENCE),
        **source_context(document, user),
    }
    by_hand = document.status == "nothing" and (request.method == "POST" or "add" in request.GET)
    looking_back = document.status == "partly" and "confirmed" in request.GET and request.method == "GET"
    if context["may_confirm"] and not looking_back and (document.status in {"read", "partly", "unreadable"} or by_hand):
        return _confirm(request, document, user, context)
    if document.status in {*EvidenceDocument.OPEN, "captured"} and request.method == "POST":
        raise Http404
    if document.status in {"confirmed", "partly", "withdrawn"}:
        lines = lines_of(document)
        context["rows"] = [{"line": line, "names": names} for line, names in zip(lines, names_of(lines), strict=True)]
        context["asking"] = unfinished("match", lines)
        context["cases"] = document.cases.order_by("opened_at")
        context["sees_prices"] = sees_prices(user)
        context["following"] = intake.narrowed(intake.in_queue(queries.visible_to(user))).first() if context["may_confirm"] else None
    left = working(document)
    context |= {"working": left is not None, **(left or {})}
    context["excerpt"] = Excerpt.of(document)
    if document.proposal.get("package"):
        context |= {"skipped": skipped_of(document), "faults": faults_of(document), "notes": notes_of(document)}
    return render(request, "compliance/evidence_detail.html", context)


def lines_of(document: EvidenceDocument) -> list[EvidenceLine]:
    """Confirmed lines with their flags, and the sale that each speaks of."""
    lines = list(document.lines.select_related("product").prefetch_related("flags__case").order_by("position"))
    sales = queries.sales_about(lines)
    for line in lines:
        line.sale = sales[line.pk]  # type: ignore[attr-defined]
    return lines


def source_context(document: EvidenceDocument, user: User) -> dict[str, Any]:
    """Every capture, and how far the source is attested by them."""
    captures = queries.captures_of(document)
    return {
        "captures": captures,
        "source_standing": standing_of_source(captures),
        "may_capture": may(user, Permission.CAPTURE_EVIDENCE),
    }


def _one_more(count: str) -> int:
    """One line more than the form says it has, whatever it says."""
    return min(int(count) + 1, MAX_LINES) if count.isascii() and count.isdecimal() and len(count) < 4 else 1  # noqa: PLR2004


def _confirm(request: HttpRequest, document: EvidenceDocument, user: User, context: dict[str, Any]) -> HttpResponse:
    initial, places = initial_lines(document), line_places(document)
    part = part_of(document) if in_parts(document) else None
    begins, ends = (part.begins, part.ends) if part else (document.handled, None)
    LineFormSet = formset_factory(LineForm, extra=0 if initial else 1, max_num=MAX_LINES, absolute_max=MAX_LINES, can_delete=True)  # noqa: N806
    shared = {"form_kwargs": {"products": product_choices()}, "initial": initial or None, "prefix": "line"}
    if request.method == "POST" and request.POST.get("begins", str(begins)) != str(begins):
        messages.error(request, _("Somebody else went on with these lines meanwhile; here are the next ones."))
        return redirect("compliance:evidence-detail", number=document.number)
    lines: BaseFormSet[Any] = LineFormSet(request.POST or None, **shared)
    status = 200
    if request.method == "POST" and "add_line" in request.POST:
        data = request.POST.copy()
        data["line-TOTAL_FORMS"] = str(_one_more(data.get("line-TOTAL_FORMS", "1")))
        lines = LineFormSet(data, **shared)
    elif request.method == "POST":
        status = 422
        if lines.is_valid():
            kept = [f for f in lines.forms if f.cleaned_data and not f.cleaned_data.get("DELETE")]
            counted = {} if len(kept) == len(places) else {"lines": {"corrected": True}}  # one was left out or added
            said = [_line(f.cleaned_data, _spans(f, document, places) | counted) for f in kept]
            try:
                flow.confirm(document=document, by=user, lines=said, begins=begins, ends=ends)
            except Incomplete as error:
                for problem in error.problems:
                    target = kept[problem.line] if kept else None
                    if target is not None:
                        target.add_error(problem.field if problem.field in target.fields else None, problem.message)
                    else:
                        messages.error(request, problem.message)
            except NotAllowed as error:
                messages.error(request, str(error))
                status = 409
            else:
                if said:
                    messages.success(request, _("Confirmed. The register is being asked about every line."))
                else:
                    messages.success(request, _("None of these lines was taken; that is on record."))
                return redirect("compliance:evidence-detail", number=document.number)
    context |= {"formset": lines, "notes": notes_of(document), "part": part, "excerpt": Excerpt.of(document)}
    context["sees_prices"] = sees_prices(user)
    context["before"] = queries.announced_before(
        [line.get("project_no") or "" for line in initial], [line.get("buyer") or "" for line in initial], but=document
    )[:20]
    if document.proposal.get("package"):
        context |= {"skipped": skipped_of(document), "faults": faults_of(document)}
    for form, line in zip(lines.forms, part.lines if part else (), strict=False):
        form.heading = heading_of(line)
    for number, form in enumerate(lines.forms, part.first if part else 1):
        form.number = number
        if part:
            form.fields["DELETE"].label = _("Leave this line out")
    for form, line in zip(lines.forms, () if document.proposal.get("package") else initial, strict=False):
        for field, text in reasons_beside(document, line).items():
            form.fields[field].help_text = text
    for form, found in zip(lines.forms, places, strict=False):
        for field, name in found.items():
            form.fields[field].help_text = explanation(document, name, str(form.fields[field].label), context["excerpt"].length)
    return render(request, "compliance/evidence_confirm.html", context, status=status)


def _spans(form: Any, document: EvidenceDocument, places: list[dict[str, str]]) -> dict[str, Any]:
    """Where the reader saw each field of the line, and which fields the person corrected: all of a line of the person's own."""
    number = int(form.prefix.rpartition("-")[2])
    if number >= len(places):
        return {field: {"corrected": True} for field in form.changed_data if field != "DELETE"}
    fields: dict[str, Any] = document.proposal.get("fields", {})
    spans = {field: {**fields[name], "corrected": field in form.changed_data} for field, name in places[number].items()}
    # What the reader left out and the person entered is a correction too, without a place.
    return spans | {field: {"corrected": True} for field in form.changed_data if field not in spans and field != "DELETE"}


@requires(Permission.CONFIRM_EVIDENCE)
@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take a document out of use, with a reason."""
    user: User = request.user  # type: ignore[assignment]
    document = _document(user, number)
    try:
        flow.withdraw(document=document, by=user, reason=request.POST.get("reason", ""))
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The document is withdrawn; it stays on record."))
    return redirect("compliance:evidence-detail", number=document.number)


@requires(Permission.SEE_EVIDENCE)
def source(request: HttpRequest, number: str) -> HttpResponse:
    """The captured bytes, to be saved and never shown as a page."""
    user: User = request.user  # type: ignore[assignment]
    document = _document(user, number)
    try:
        content = read(document.blob)
        opened(what="source", obj=document, by=user)
        return attachment(content, name=document.blob.name, media_type="application/octet-stream")
    except Damaged as problem:
        messages.error(request, str(problem))
        return redirect("compliance:evidence-detail", number=document.number)
