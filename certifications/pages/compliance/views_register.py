"""The register as of a day, as known at a moment: the list, its CSV, what was recorded when, and one right with its tree."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.flow import register as flow
from certifications.ledger.actions import opened
from certifications.ledger.days import civil_today
from certifications.pages.papers import served
from certifications.pages.places import line_words, reach_words
from certifications.pages.rights import branches, row_of
from certifications.parties import register
from certifications.parties.changes import last_change
from certifications.parties.checking import counts_since
from certifications.parties.models_register import Authorisation, AuthorisationChange, AuthorisationTerms
from certifications.parties.queries import display
from certifications.parties.register import Register
from certifications.parties.rules_register import CHANGE_REASONS, CHINA, possible_changes
from certifications.parties.there import standing_there
from certifications.people.factors import begin, has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.exports import csv_response, first_of
from portal.limits import exports, searches
from portal.paging import paged
from portal.words import word_for

from .forms_register import PaperForm, RegisterForm, StandingForm, TrainingForm

PER_PAGE, MOST_COUNTED, MOST_ROWS = 25, 1000, 20_000
CHECK_DAYS = 30


def asked(request: HttpRequest) -> tuple[RegisterForm, Register, dict[str, Any]]:
    """The form, the register it asks for, and what to look for; what cannot be read falls back to today, and says so."""
    form = RegisterForm(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {k: v for k, v in getattr(form, "cleaned_data", {}).items() if v}
    wanted = {name: wanted.get(name) or "" for name in RegisterForm.base_fields}
    return form, register.as_of(wanted["on"] or civil_today(), wanted["known"] or None), wanted


def _place(wanted: dict[str, Any]) -> dict[str, str]:
    """The line and the place that are asked about; a division lies in China."""
    country = CHINA if wanted["division"] else wanted["country"]
    return {"line": wanted["line"], "country": country, "division": wanted["division"]}


def _found(held: Register, wanted: dict[str, Any]) -> QuerySet[AuthorisationTerms]:
    rows = standing_there(held, wanted["standing"], **_place(wanted))
    rows = register.search(rows, str(wanted["q"]).strip()).select_related("authorisation__party", "authorisation__parent__party")
    return register.ordered(rows, wanted["sort"]).prefetch_related("authorisation__party__names", "authorisation__parent__party__names")


def times(held: Register) -> str:
    """The two times as the end of an address; empty for today as known now."""
    given = {"on": held.valid_on.isoformat() if held.valid_on != civil_today() else ""}
    if held.known_at is not None:
        given["known"] = timezone.localtime(held.known_at).strftime("%Y-%m-%dT%H:%M:%S")
    return urlencode({name: value for name, value in given.items() if value})


@requires(Permission.SEE_REGISTER)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """Who may sell what where on a day, as known at a moment."""
    user: User = request.user  # type: ignore[assignment]
    form, held, wanted = asked(request)
    rows = _found(held, wanted)
    number = request.GET.get("page", "1")
    page = min(max(int(number), 1), 400) if number.isdecimal() and len(number) < 5 else 1  # noqa: PLR2004
    start = (page - 1) * PER_PAGE
    shown = [entry.there(**_place(wanted), on=held.valid_on) for entry in held.judged(rows[start : start + PER_PAGE + 1])]
    count = rows.order_by()[: MOST_COUNTED + 1].count()
    context = {
        "form": form if form.is_bound else RegisterForm(initial={"on": held.valid_on, "sort": "end"}),
        "held": held,
        "times": times(held),
        "rows": [row_of(entry) for entry in shown[:PER_PAGE]],
        "first": start + 1,
        "last": start + min(len(shown), PER_PAGE),
        "count": min(count, MOST_COUNTED),
        "is_more": count > MOST_COUNTED,
        "previous": page - 1,
        "next": page + 1 if len(shown) > PER_PAGE else 0,
        "may_edit": may(user, Permission.EDIT_REGISTER),
        "checks": counts_since(civil_today() - dt.timedelta(days=CHECK_DAYS)),
        "check_days": CHECK_DAYS,
    }
    return render(request, "compliance/register.html", context, status=422 if form.is_bound and form.errors else 200)


@requires(Permission.SEE_REGISTER)
@require_GET
def ending(request: HttpRequest) -> HttpResponse:
    """What ends within 60 days, or ended in the last week, and was not renewed: rights, parts, papers, trainings."""
    user: User = request.user  # type: ignore[assignment]
    page = paged(request, flow.ending(), PER_PAGE)
    today = civil_today()
    rows = [
        {
            "one": one,
            "name": display(one.entry.authorisation.party),
            "lines": line_words(one.entry.terms.lines),
            "is_over": one.day <= today,
        }
        for one in page
    ]
    context = {"page": page, "rows": rows, "may_edit": may(user, Permission.EDIT_REGISTER)}
    return render(request, "compliance/register_ending.html", context)


@requires(Permission.SEE_REGISTER)
@require_GET
@exports("register_ending")
def ending_csv(_request: HttpRequest) -> HttpResponse:
    """All of it as CSV, by day."""
    head = [_("Holder"), _("Latin name"), _("What ends"), _("Title"), _("Day"), _("Authorisation"), _("Product lines")]
    rows = []
    for one in flow.ending():
        name, terms = display(one.entry.authorisation.party), one.entry.terms
        what = word_for("ending", one.kind).text
        rows.append([name.native, name.latin, what, one.title, one.day, one.entry.authorisation.number, line_words(terms.lines)])
    return csv_response(f"ending-{civil_today():%Y%m%d}.csv", head, rows)


def _cells(row: AuthorisationTerms) -> list[Any]:
    return [
        row.authorisation.number,
        *(display(row.authorisation.party).native, display(row.authorisation.party).latin),
        row.authorisation.parent.number if row.authorisation.parent else "",
        " ".join(row.lines),
        " ".join(row.countries),
        " ".join(row.divisions),
        row.valid_from,
        row.valid_until,
    ]


_HEAD = ["number", "name", "name_latin", "below", "lines", "countries", "divisions", "valid_from", "valid_until"]


@requires(Permission.SEE_REGISTER)
@require_GET
@exports("register")
def export(request: HttpRequest) -> HttpResponse:
    """The same as CSV, with both times in every row, so that a file tells what it is an answer to."""
    _form, held, wanted = asked(request)
    place = _place(wanted)
    known = held.known_at or timezone.now()
    found, is_cut = first_of(_found(held, wanted), MOST_ROWS)
    rows = [
        [
            *_cells(entry.terms),
            entry.standing,
            min(filter(None, (entry.valid_until, entry.ended_for(**place, on=held.valid_on)))),
            entry.terms.conditions,
            held.valid_on,
            known.isoformat(timespec="seconds"),
        ]
        for entry in (one.there(**place, on=held.valid_on) for one in held.judged(found))
    ]
    head = [*_HEAD, "standing", "ends_on", "conditions", "as_of", "as_known_at"]
    return csv_response(f"register-{held.valid_on:%Y%m%d}.csv", head, rows, is_cut=is_cut)


def _recorded(request: HttpRequest) -> tuple[str, QuerySet[AuthorisationTerms], QuerySet[AuthorisationChange]]:
    """The search, the terms it finds, and the changes of standing of the same rights."""
    text = request.GET.get("q", "").strip()[:100]
    rows = register.search(register.history(Authorisation.objects.all()), text)
    rights = Authorisation.objects.filter(pk__in=rows.order_by().values("authorisation")) if text else Authorisation.objects.all()
    changes = register.changes_of(rights).prefetch_related("authorisation__party__names")
    return text, rows.prefetch_related("authorisation__party__names", "authorisation__parent"), changes


@requires(Permission.SEE_REGISTER)
@require_GET
@searches
def history(request: HttpRequest) -> HttpResponse:
    """Everything that was ever recorded, the newest first: terms and corrections as written, and changes of standing."""
    text, rows, changes = _recorded(request)
    page = paged(request, rows, PER_PAGE)
    changed = paged(request, changes, PER_PAGE, "changes")
    context = {
        "q": text,
        "page": page,
        "rows": [history_row(row) for row in page],
        "changed": changed,
        "changes": [{"change": one, "name": display(one.authorisation.party), "reason": CHANGE_REASONS[one.reason]} for one in changed],
    }
    return render(request, "compliance/register_history.html", context)


def history_row(row: AuthorisationTerms) -> dict[str, Any]:
    """One row of terms as it was written."""
    return {"terms": row, "name": display(row.authorisation.party), "lines": line_words(row.lines), "where": reach_words(row)}


@requires(Permission.SEE_REGISTER)
@require_GET
@exports("register_history")
def history_export(request: HttpRequest) -> HttpResponse:
    """What was recorded, as CSV: terms and changes of standing in one table, each with the moment from which it was known."""
    _text, rows, changes = _recorded(request)
    head = ["recorded_at", "recorded_by", "what", *_HEAD, "conditions", "instead_of", "reason"]
    cells = [
        [
            row.recorded_at,
            row.recorded_by.name if row.recorded_by else "",
            "terms",
            *_cells(row),
            row.conditions,
            row.supersedes.recorded_at.isoformat(timespec="microseconds") if row.supersedes else "",
            row.reason,
        ]
        for row in rows[: MOST_ROWS + 1]
    ]
    for one in changes[: MOST_ROWS + 1]:
        name = display(one.authorisation.party)
        who = f"{one.proposed_by.name}; {one.agreed_by.name if one.agreed_by else ''}"
        covers = [one.authorisation.number, name.native, name.latin, "", "", "", "", one.holds_from, ""]
        cells.append([one.agreed_at, who, one.to, *covers, "", "", f"{one.reason}: {one.explanation}"])
    newest, is_cut = first_of(sorted(cells, key=lambda row: row[0], reverse=True), MOST_ROWS)
    written = ([row[0].isoformat(timespec="microseconds"), *row[1:]] for row in newest)
    return csv_response(f"register-history-{timezone.now():%Y%m%d}.csv", head, written, is_cut=is_cut)


def right(user: User, number: str) -> Authorisation:
    """The right under this number, or it does not exist."""
    found = register.visible_to(user).select_related("party", "parent__party", "renews")
    return get_object_or_404(found, number=number)


@requires(Permission.SEE_REGISTER)
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One right: what it covers, how it stands, what is above and below, its papers, and everything that was recorded."""
    user: User = request.user  # type: ignore[assignment]
    held = right(user, number)
    opened(what="authorisation", obj=held, by=user)
    return detail_page(request, held)


def detail_page(request: HttpRequest, held: Authorisation, status: int = 200, **forms: Any) -> HttpResponse:
    """The page, with the forms as they were sent where one was refused."""
    user: User = request.user  # type: ignore[assignment]
    _form, book, _wanted = asked(request)
    last = last_change(held)
    proposed = held.changes.filter(state=AuthorisationChange.State.PROPOSED).select_related("proposed_by").first()
    entry = book.one(held)
    context = {
        "held": held,
        "book": book,
        "times": times(book),
        "entry": entry,
        "row": row_of(entry) if entry else None,
        "above": [row_of(book.one(row.authorisation)) for row in reversed(entry.above)] if entry else [],  # type: ignore[arg-type]
        "tree": branches(book.tree([held])),
        "papers": held.documents.select_related("blob", "recorded_by").order_by("-dated_on"),
        "trainings": held.trainings.order_by("-held_on"),
        "today": civil_today(),
        "history": [history_row(row) for row in register.history(Authorisation.objects.filter(pk=held.pk))],
        "changes": [
            {"change": change, "reason": CHANGE_REASONS[change.reason]}
            for change in held.changes.exclude(state=AuthorisationChange.State.PROPOSED)
            .select_related("proposed_by", "agreed_by", "voided_by")
            .order_by("-proposed_at")
        ],
        "change": proposed,
        "change_reason": CHANGE_REASONS[proposed.reason] if proposed else "",
        "own_change": bool(proposed and proposed.proposed_by_id == user.pk),
        "passkey": begin(user, proposed.digest, request.session) if proposed and proposed.proposed_by_id != user.pk else None,
        "passkey_next": has_passkey(user),
        "renewals": held.renewals.all(),
        "may_edit": may(user, Permission.EDIT_REGISTER),
        "may_change": may(user, Permission.CHANGE_AUTHORISATIONS) and bool(possible_changes(last.to if last else "")),
        "form": StandingForm(last=last.to if last else "", initial={"holds_from": civil_today()}),
        "paper_form": PaperForm(prefix="paper"),
        "training_form": TrainingForm(prefix="training"),
        **forms,
    }
    return render(request, "compliance/right.html", context, status=status)


@requires(Permission.SEE_REGISTER)
@require_GET
def paper(request: HttpRequest, number: str, pk: str) -> HttpResponse:
    """A paper behind a right, to be saved and never shown as a page."""
    user: User = request.user  # type: ignore[assignment]
    held = right(user, number)
    found = get_object_or_404(held.documents.select_related("blob"), pk=pk)
    return served(request, blob=found.blob, obj=found, back=reverse("compliance:right", args=[number]))
