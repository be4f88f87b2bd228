"""What is done with an upload from its page: cells mended, rows said to be right or left out, committed, cancelled, taken back, saved as files."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from certifications.flow.uploads import kinds_of
from certifications.ledger.actions import opened
from certifications.ledger.listed import mark
from certifications.ledger.moves import NotAllowed
from certifications.pages.uploading.forms import MendForm, TableForm
from certifications.people.models import User
from certifications.uploads import actions, queries
from certifications.uploads.kinds import Kind
from certifications.uploads.models import Upload, UploadRow
from certifications.uploads.rules import LEFT_OUT, columns_from_json
from certifications.uploads.workbook import MEDIA_TYPE, rows_book, workbook
from portal.downloads import attachment
from portal.exports import csv_response, safe_cell
from portal.limits import exports

from .views import upload_of
from .words import answer, at

REASONS = 20


def _back(request: HttpRequest, upload: Upload) -> HttpResponseRedirect:
    """To the group that the person was looking at."""
    group = request.POST.get("group", "")[:160]
    page = request.POST.get("page", "")[:6]
    query = {"group": group, "page": page} if group and page else {"group": group} if group else {}
    address = reverse(at(request, "upload"), args=[upload.number])
    return HttpResponseRedirect(f"{address}?{urlencode(query)}#work" if query else f"{address}#work")


@require_POST
def mend(request: HttpRequest, number: str) -> HttpResponse:
    """Put a value into a cell, take a proposal, say that a row is right, leave it out, or take it in again."""
    upload, kind, user = upload_of(request, number)
    form = MendForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This could not be understood; load the page again."))
        return _back(request, upload)
    data = form.cleaned_data
    about: dict[str, Any] = {"upload": upload, "kind": kind, "by": user}
    try:
        match data["act"] or "mend":
            case "accept":
                changed = actions.accept(**about, field=data["field"], code=data["code"], number=data["row"])
            case "leave_out":
                changed = actions.leave_out(**about, number=data["row"], field=data["field"], code=data["code"])
            case "take_in":
                changed = actions.leave_out(**about, number=data["row"], back=True)
            case "proposals":
                changed = actions.take_proposals(**about, field=data["field"], code=data["code"])
            case _:
                field, equals, value = data["fix"].partition("=")
                if not equals:
                    field, value = data["field"], data["value"]
                changed = actions.mend(**about, number=data["row"] or 0, field=field, value=value, everywhere=data["everywhere"])
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            ngettext("%(n)d row was changed and looked at again.", "%(n)d rows were changed and looked at again.", changed)
            % {"n": changed},
        )
    if (data["act"] or "") == "take_in":
        return redirect(at(request, "upload-rows"), number=number)
    return _back(request, upload)


@require_POST
def commit(request: HttpRequest, number: str) -> HttpResponse:
    """Have the rows written: all of them or none, or those that are ready."""
    upload, kind, user = upload_of(request, number)
    try:
        actions.commit(upload=upload, kind=kind, by=user, mode=request.POST.get("mode", ""))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect(at(request, "upload"), number=number)


@require_POST
def again(request: HttpRequest, number: str) -> HttpResponse:
    """Read a file that could not be read once more, from another sheet or with other headings."""
    upload, kind, user = upload_of(request, number)
    form = TableForm(request.POST, sheets=upload.reading.get("sheets", []))
    try:
        if form.is_valid():
            data = form.cleaned_data
            actions.choose_table(upload=upload, kind=kind, by=user, sheet=data.get("sheet", ""), header_row=data["header_row"])
        else:
            messages.error(request, _("Enter the number of a row, or leave it empty."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect(at(request, "upload"), number=number)


def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Ask, then give the upload up, or stop its commit."""
    upload, kind, user = upload_of(request, number)
    if request.method == "POST":
        try:
            actions.cancel(upload=upload, kind=kind, by=user)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        return redirect(at(request, "upload"), number=number)
    stops = upload.status == Upload.Status.COMMITTING
    context = {
        "title": _("Stop the commit of %(n)s?") % {"n": number} if stops else _("Cancel %(n)s?") % {"n": number},
        "text": _("What was written so far is taken back, and the rows wait as before.")
        if stops
        else _("Nothing was written. The file stays on record."),
        "action": _("Stop and take back") if stops else _("Cancel the upload"),
        "back_url": reverse(at(request, "upload"), args=[number]),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


def undo(request: HttpRequest, number: str) -> HttpResponse:
    """Say what taking back would do, or why it cannot be done; then do it."""
    upload, kind, user = upload_of(request, number)
    if upload.status != Upload.Status.COMMITTED:
        return redirect(at(request, "upload"), number=number)
    if request.method == "POST":
        try:
            actions.undo(upload=upload, kind=kind, by=user)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        return redirect(at(request, "upload"), number=number)
    reasons = actions.undo_reasons(upload=upload, kind=kind)
    context = {"upload": upload, "kind": kind, "reasons": reasons[:REASONS], "count": len(reasons), "counts": upload.counts}
    return answer(request, "undo.html", context)


def _rejected(upload: Upload, kind: Kind) -> tuple[list[str], Iterator[list[str]]]:
    """The rows that need attention as they stood in the file, with what was mended, and what is wrong with each."""
    labels = {field.code: str(field.label) for field in kind.fields()}
    columns = columns_from_json(upload.columns)
    place_of = {code: place for place, code in columns.columns.items() if code != LEFT_OUT}
    header = [str(cell) for cell in upload.reading.get("header", [])]
    open_rows = upload.rows.filter(state=UploadRow.State.ATTENTION).order_by("number").prefetch_related("problems")
    extra = sorted({code for row in open_rows for code in row.mended if code not in place_of and code in labels})

    def rows() -> Iterator[list[str]]:
        key = ""
        for row in open_rows:
            cells = [*row.cells, *[""] * (len(header) - len(row.cells))]
            # The row that a blank cell meant may not be in this file; more goods of one declaration still stand under its first row.
            above = {} if kind.groups and row.key == key else row.filled
            key = row.key
            for code, text in (above | row.mended).items():
                if code in place_of:
                    cells[place_of[code]] = text
            said = [
                f"{labels[p.field]}{mark(':')}{queries.said(p.texts)}" if p.field in labels else queries.said(p.texts)
                for p in row.problems.all()
                if p.blocks
            ]
            yield [*cells, *(row.mended.get(code, "") for code in extra), "; ".join(said)]

    return [*header, *(labels[code] for code in extra), _("error")], rows()


@exports("rejected")
def rejected(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """Only the rows that need attention, with a column that says why; the file comes back in as it is."""
    upload, kind, user = upload_of(request, number)
    head, rows = _rejected(upload, kind)
    opened(what="export", obj=upload, by=user, data={"of": "rejected rows", "rows": upload.counts.get("attention", 0)})
    if form == "xlsx":
        safe = [[safe_cell(cell) for cell in row] for row in rows]
        content = rows_book(str(kind.label), [safe_cell(cell) for cell in head], safe)
        return attachment(content, name=f"{number}-rejected.xlsx", media_type=MEDIA_TYPE)
    return csv_response(f"{number}-rejected.csv", head, rows)


@exports("answers")
def answers(request: HttpRequest, number: str) -> HttpResponse:
    """What each row that asked something was answered, as CSV; of another kind there is none."""
    upload, kind, user = upload_of(request, number)
    if not kind.asks:
        raise Http404
    head, rows = kind.answers(upload)
    opened(what="export", obj=upload, by=user, data={"of": "answers", "rows": upload.counts.get("done", 0)})
    return csv_response(f"{number}-answers.csv", head, rows)


@exports("workbook")
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An Excel workbook with one's own customers or lists, to be filled in and sent back."""
    user: User = request.user  # type: ignore[assignment]
    known = next((one for one in kinds_of(user) if one.code == kind), None)
    if known is None:
        return redirect(at(request, "uploads"))
    rows = [{name: safe_cell(text) for name, text in row.items()} for row in known.prefilled(by=user)]
    if user.organisation is not None:
        opened(what="export", obj=user.organisation, by=user, data={"of": f"workbook {kind}", "rows": len(rows)})
    lists = {name: [safe_cell(text) for text in texts] for name, texts in known.lists(by=user).items()}
    content = workbook(known, rows=rows, lists=lists)
    return attachment(content, name=f"{kind}.xlsx", media_type=MEDIA_TYPE)
