"""Files of rows: sent, read, mapped, checked, committed. The page of an upload shows whatever comes next, and asks again while a worker is at it.

For distributors and the maker alike; urls.py says who may open it where, and every query asks for the kinds that the person may file.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.flow.uploads import KINDS, kind_of, kinds_of
from certifications.ledger.ids import new_ulid
from certifications.ledger.listed import in_chinese, mark
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.uploading.forms import TableForm, UploadForm
from certifications.people.models import User
from certifications.uploads import actions, queries
from certifications.uploads.kinds import SENTENCES, Kind
from certifications.uploads.models import Upload, UploadProblem, UploadRow
from certifications.uploads.readers import UNREADABLE, Unreadable
from certifications.uploads.readers.types import LIMIT_MB
from certifications.uploads.rules import LEFT_OUT, Columns, columns_from_json
from certifications.uploads.steps import lost_fields
from certifications.uploads.workbook import column_letters
from portal.bodies import takes
from portal.limits import refused
from portal.paging import paged

from .words import answer, at, done_words

PER_PAGE = 25
ROWS_PER_PAGE = 50
GROUPS_PER_PAGE = 8
FEW = 3  # rows of a group that are shown beside the others
SAMPLES = 3
FILES_AN_HOUR = 60
WHAT = ("create", "update", "skip", "attention", "left_out", "done")


def upload_of(request: HttpRequest, number: str) -> tuple[Upload, Kind, User]:
    """The upload with its kind, or 404 alike for another's and for nobody's."""
    user: User = request.user  # type: ignore[assignment]
    upload = queries.get_visible(user, kinds_of(user), number)
    return upload, kind_of(upload), user


@takes(LIMIT_MB)
def new(request: HttpRequest) -> HttpResponse:
    """Send a file."""
    user: User = request.user  # type: ignore[assignment]
    kinds = kinds_of(user)
    chosen = request.GET.get("kind", "")
    initial = {"form_key": new_ulid(), "kind": chosen if chosen in KINDS else (kinds[0].code if kinds else "")}
    form = UploadForm(request.POST if request.method == "POST" else None, request.FILES or None, kinds=kinds, initial=initial)
    if request.method == "POST":
        stop = refused(request, "upload", user.pk, FILES_AN_HOUR, 3600)
        if stop is not None:
            return stop
        if form.is_valid():
            data = form.cleaned_data
            try:
                upload = actions.receive(
                    by=user, kind=KINDS[data["kind"]], content=data["file"].read(), name=data["file"].name, form_key=data["form_key"]
                )
            except Unreadable as problem:
                form.add_error("file", _(problem.message_key) % problem.params)
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect(at(request, "upload"), number=upload.number)
    context = {"form": form, "kinds": kinds}
    return answer(request, "new.html", context, status=422 if form.is_bound else 200)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """Where the upload is, and what to do next."""
    upload, kind, user = upload_of(request, number)
    if upload.status == Upload.Status.COLUMNS:
        return redirect(at(request, "upload-columns"), number=number)
    counts = upload.counts
    context: dict[str, Any] = {
        "upload": upload,
        "kind": kind,
        "title": title_of(upload, kind),
        "moving": upload.status in Upload.MOVING,
        "percent": min(99, upload.done * 100 // upload.total) if upload.total else 0,
        "same": queries.same_bytes(upload),
        "events": history(upload),
        "counts": counts,
        "open": upload.status in actions.MENDABLE,
        "done_words": done_words(counts),
        "left_words": left_words(upload),
        "remarks": [queries.said(remark["texts"]) for remark in upload.remarks],
        "mapped": sum(code != LEFT_OUT for code in columns_from_json(upload.columns).columns.values()),
    }
    if upload.status == Upload.Status.UNREADABLE:
        context["problem"] = sentence_of(upload)
        context["table"] = TableForm(sheets=upload.reading.get("sheets", []))
    if context["open"]:
        context |= groups_of(request, upload, kind)
    del user
    return answer(request, "detail.html", context)


def sentence_of(upload: Upload) -> str:
    """Why a file could not be read, in the language of the page."""
    problem = upload.problem
    return _(UNREADABLE[problem["code"]]) % problem.get("params", {}) if problem.get("code") in UNREADABLE else ""


def title_of(upload: Upload, kind: Kind) -> str:
    """The page's heading, a sentence."""
    counts, total = upload.counts, upload.counts.get("rows", upload.total)
    match upload.status:
        case Upload.Status.RECEIVED:
            return _("The file is being read")
        case Upload.Status.CHECKING:
            return ngettext("%(n)d row is being checked", "%(n)d rows are being checked", upload.total) % {"n": upload.total}
        case Upload.Status.COMMITTING:
            return ngettext("%(n)d row is being committed", "%(n)d rows are being committed", upload.total) % {"n": upload.total}
        case Upload.Status.REVERTING | Upload.Status.UNDOING:
            return _("What was written is being taken back")
        case Upload.Status.COMMITTED:
            return _("Committed: %(what)s") % {"what": done_words(counts)}
        case Upload.Status.UNREADABLE:
            return _("The file could not be read")
        case Upload.Status.UNDONE:
            return _("Taken back")
        case Upload.Status.CANCELLED:
            return _("Cancelled; nothing was written")
    del kind
    return ngettext(
        "%(total)d row: %(ready)d ready, %(attention)d needs attention",
        "%(total)d rows: %(ready)d ready, %(attention)d need attention",
        total,
    ) % {"total": total, "ready": counts.get("ready", 0), "attention": counts.get("attention", 0)}


def left_words(upload: Upload) -> list[str]:
    """Rows of the file that are no data: how many and why, so that nothing vanishes without a word."""
    words = {
        "title": lambda n: ngettext("%(n)d row above the headings", "%(n)d rows above the headings", n),
        "total": lambda n: ngettext("%(n)d row of totals", "%(n)d rows of totals", n),
        "note": lambda n: ngettext("%(n)d note under the table", "%(n)d notes under the table", n),
        "repeated": lambda n: ngettext("%(n)d repeated row of headings", "%(n)d repeated rows of headings", n),
    }
    left: dict[str, int] = upload.reading.get("left_out", {})
    return [words[why](n) % {"n": n} for why, n in left.items() if why in words]


def headings_of(upload: Upload, kind: Kind) -> dict[str, str]:
    """By field: the heading in the file, with the portal's word beside it where that is another."""
    labels = {field.code: str(field.label) for field in kind.fields()}
    header: list[str] = upload.reading.get("header", [])
    found = dict(labels)
    for place, code in columns_from_json(upload.columns).columns.items():
        if code in labels:
            heading = header[place] if place < len(header) and header[place] else column_letters(place)
            beside = f"（{labels[code]}）" if in_chinese() else f" ({labels[code]})"
            found[code] = heading if heading == labels[code] else heading + beside
    return found


def groups_of(request: HttpRequest, upload: Upload, kind: Kind) -> dict[str, Any]:
    """What needs attention, by what would mend it; one group in full where the address asks for it. Always a bounded page."""
    headings = headings_of(upload, kind)
    every = queries.groups(upload)
    wanted = request.GET.get("group", "")
    if wanted:
        every = [group for group in every if f"{group.field}.{group.code}" == wanted]
    page = paged(request, every, GROUPS_PER_PAGE, "groups")
    shown = []
    for number, group in enumerate(page):
        found = queries.problems_of(upload, group.field, group.code)
        part = paged(request, found, PER_PAGE) if wanted else None
        problems = part.object_list if part is not None else list(found[:FEW])
        shown.append(
            {
                "group": group,
                "id": f"g{number}",
                "address": f"{group.field}.{group.code}",
                "title": heading_of(kind, group, headings),
                "rows": [problem_row(upload, problem, headings) for problem in problems],
                "page": part,
                "more": group.rows - FEW,
                "one_fix": any(len(problem.fixes) == 1 for problem in problems),
            }
        )
    return {"groups": shown, "groups_page": page, "wanted": wanted, "group_count": len(every)}


def heading_of(kind: Kind, group: queries.Group, headings: dict[str, str]) -> str:
    """The heading of a group: the column, and what holds for every row of it; else what is said of the first."""
    sentence = {**SENTENCES, **kind.sentences}.get(group.code, group.sentence)
    return f"{headings[group.field]}{mark(':')}{sentence}" if group.field in headings else str(sentence)


def problem_row(upload: Upload, problem: UploadProblem, headings: dict[str, str]) -> dict[str, Any]:
    """A row of a group's table: where, the value, what is wrong, what would mend it."""
    texts = queries.texts_by_field(upload, problem.row)
    return {
        "number": problem.number,
        "field": problem.field,
        "code": problem.code,
        "heading": headings.get(problem.field, ""),
        "value": texts.get(problem.field, ""),
        "from_above": problem.field in problem.row.filled,
        "sentence": queries.said(problem.texts),
        "fixes": [
            {"value": f"{fix['field']}={fix['value']}", "label": queries.said(fix["labels"]) or fix["value"]} for fix in problem.fixes
        ],
        "accept": queries.said(problem.accept),
        "blocks": problem.blocks,
    }


def _first_texts(upload: Upload, row: UploadRow) -> str:
    """What a row without a name or number of its own says first: one of its texts, such as the day, tells few rows apart."""
    texts = [text for text in queries.texts_by_field(upload, row).values() if text]
    return " · ".join(texts[:SAMPLES])


def rows(request: HttpRequest, number: str) -> HttpResponse:
    """Every row with what will be, or was, done with it: the preview."""
    upload, kind, _user = upload_of(request, number)
    found = upload.rows.order_by("number")
    wanted = request.GET.get("what", "")
    if wanted in UploadRow.State.values:
        found = found.filter(state=wanted)
    elif wanted in {"create", "update", "skip"}:
        found = found.filter(outcome=wanted, state__in=[UploadRow.State.READY, UploadRow.State.DONE])
    page = paged(request, found, ROWS_PER_PAGE)
    labels = {field.code: field.label for field in kind.fields()}
    shown = [
        {
            "row": row,
            "word": row.outcome if row.state in {"ready", "done"} else row.state,
            "changes": [(labels.get(name, name), before, after) for name, before, after in row.changes],
            "title": row.title or _first_texts(upload, row),
            "said": kind.said(row.answer) if row.answer else [],
            # What a row that asked something became has a page of its own.
            "url": reverse("orders:line", args=[row.object_id]) if row.answer else "",
        }
        for row in page
    ]
    context = {
        "upload": upload,
        "kind": kind,
        "page": page,
        "rows": shown,
        "what": wanted,
        "choices": WHAT,
        "open": upload.status in actions.MENDABLE,
    }
    return answer(request, "rows.html", context)


def columns(request: HttpRequest, number: str) -> HttpResponse:
    """Which column is which field."""
    upload, kind, user = upload_of(request, number)
    if upload.status not in {Upload.Status.COLUMNS, Upload.Status.CHECKED}:
        return redirect(at(request, "upload"), number=number)
    held = columns_from_json(upload.columns)
    table = TableForm(
        request.POST if request.POST.get("act") == "table" else None, sheets=upload.reading.get("sheets", []), initial=_table(upload)
    )
    error = ""
    if request.method == "POST":
        try:
            if request.POST.get("act") == "table":
                if table.is_valid():
                    data = table.cleaned_data
                    actions.choose_table(upload=upload, kind=kind, by=user, sheet=data.get("sheet", ""), header_row=data["header_row"])
                    return redirect(at(request, "upload"), number=number)
            else:
                held = _typed_columns(request, upload, kind)
                actions.map_columns(upload=upload, kind=kind, by=user, columns=held)
                return redirect(at(request, "upload"), number=number)
        except NotAllowed as refusal:
            error = str(refusal)
    context = {
        "upload": upload,
        "kind": kind,
        "table": table,
        "error": error,
        "columns": _columns(upload, held),
        "fields": kind.fields(),
        "constants": [
            {"field": field, "value": held.constants.get(field.code, field.default), "choices": field.choices()}
            for field in kind.fields()
            if field.choices
        ],
        "above": held.above,
        "lost": [field.label for field in kind.fields() if field.code in lost_fields(upload.reading, kind, set(held.columns.values()))],
        "left_out": LEFT_OUT,
        "left_words": left_words(upload),
    }
    return answer(request, "columns.html", context, status=422 if request.method == "POST" else 200)


def _table(upload: Upload) -> dict[str, Any]:
    return {"sheet": upload.reading.get("sheet", ""), "header_row": next(iter(upload.reading.get("header_rows", [])), None)}


def _columns(upload: Upload, held: Columns) -> list[dict[str, Any]]:
    """Each column with its heading, its letter, what it is and a few of its cells."""
    header: list[str] = upload.reading.get("header", [])
    first = list(upload.rows.order_by("number").values_list("cells", flat=True)[:20])
    unknown = set(upload.reading.get("unknown", []))
    return [
        {
            "place": place,
            "letter": column_letters(place),
            "heading": header[place],
            "field": held.columns.get(place, LEFT_OUT),
            "unknown": place in unknown,
            "samples": [cells[place][:60] for cells in first if place < len(cells) and cells[place]][:SAMPLES],
        }
        for place in range(len(header))
    ]


def _typed_columns(request: HttpRequest, upload: Upload, kind: Kind) -> Columns:
    width = len(upload.reading.get("header", []))
    given = {place: request.POST.get(f"column_{place}", LEFT_OUT) for place in range(width)}
    constants = {field.code: request.POST.get(f"all_{field.code}", "") for field in kind.fields() if field.choices}
    taken = set(given.values())
    return Columns(
        given,
        {code: value for code, value in constants.items() if value and code not in taken},
        frozenset(request.POST.getlist("above")),
    )


def memory(request: HttpRequest, kind: str) -> HttpResponse:
    """What is remembered of the distributor's columns, to be changed or forgotten."""
    user: User = request.user  # type: ignore[assignment]
    known = next((one for one in kinds_of(user) if one.code == kind), None)
    if known is None:
        return redirect(at(request, "uploads"))
    if request.method == "POST":
        given = {name.removeprefix("column_"): value for name, value in request.POST.items() if name.startswith("column_")}
        actions.change_columns(by=user, kind=known, columns={key: str(value) for key, value in given.items()})
        messages.success(request, _("Saved. The next file is read by it."))
        return redirect(at(request, "upload-memory"), kind=kind)
    said = queries.remembered(user.organisation, known)
    headings: dict[str, str] = said.get("headings", {})
    rows_ = [{"key": key, "heading": headings.get(key, key), "field": field} for key, field in sorted(said.get("columns", {}).items())]
    context = {"kind": known, "rows": rows_, "fields": known.fields(), "left_out": LEFT_OUT}
    return answer(request, "memory.html", context)
