"""Whom the names in evidence mean: a queue of what is not sure, what was written beside what is on record, and people's answers."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.custody.models import Movement
from certifications.custody.models_sightings import Sighting
from certifications.evidence.models import EvidenceLine
from certifications.flow import resolution as flow
from certifications.ledger.listed import apart, listed
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.matching import classify, division_name
from certifications.parties.identities import keys_of
from certifications.parties.models import Party
from certifications.parties.queries import display
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from certifications.resolution import queries
from certifications.resolution.models import NameAnswer, NameCandidate, NameUse, ReportedName
from certifications.resolution.rules import LIKE, REASONS
from portal.exports import csv_response, first_of
from portal.limits import exports, searches
from portal.paging import paged

from .comparison import Feature, ordered, same_words
from .forms_names import AnswerForm, WithdrawAnswerForm

PER_PAGE = 25
STATES = ("ask", "unsure", "nobody", "bound")
ORDERS = ("uses", "likely", "old", "new")
MOST_ROWS, MOST_USES = 10_000, 10
NUMBERS = {"same": "match", "other": "conflict", "missing": "missing"}


def _asked(request: HttpRequest) -> dict[str, str]:
    asked = request.GET
    state, order = asked.get("state", "ask"), asked.get("order", "uses")
    return {
        "q": asked.get("q", "").strip()[:100],
        "role": asked.get("role", "") if asked.get("role", "") in ReportedName.Role.values else "",
        "state": state if state in STATES else "",
        "order": order if order in ORDERS else "uses",
    }


def _listed(user: User, asked: dict[str, str]) -> Any:
    found = queries.listed(queries.visible_to(user), text=asked["q"], role=asked["role"], order=asked["order"])
    return found.filter(state=asked["state"]) if asked["state"] else found


@requires(Permission.SEE_PARTIES)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """The queue: what a person is asked first."""
    user: User = request.user  # type: ignore[assignment]
    asked = _asked(request)
    page = paged(request, _listed(user, asked), PER_PAGE)
    nearest = _nearest([row.pk for row in page])
    rows = [{"reported": row, "near": nearest.get(row.pk)} for row in page]
    counts = queries.counts(queries.visible_to(user))
    context = {
        "page": page,
        "rows": rows,
        "tabs": [(state, counts.get(state, 0)) for state in STATES],
        "roles": ReportedName.Role.values,
        "orders": ORDERS,
        **asked,
    }
    return render(request, "compliance/names.html", context)


def _nearest(ids: list[str]) -> dict[str, NameCandidate]:
    """By name its likeliest party, one that it is bound to first."""
    found: dict[str, NameCandidate] = {}
    rows = NameCandidate.objects.filter(reported__in=ids).select_related("party").prefetch_related("party__names")
    for row in rows.order_by("-is_bound", "-score", "pk"):
        found.setdefault(row.reported_id, row)
    return found


@requires(Permission.SEE_PARTIES)
@require_GET
@exports("names")
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    found, is_cut = first_of(_listed(user, _asked(request)), MOST_ROWS)
    nearest = _nearest([row.pk for row in found])
    head = [
        _("Name as written"),
        _("Registration number"),
        _("Role"),
        _("State"),
        _("Stands in"),
        _("Party"),
        _("Key of the party"),
        _("Likeness"),
    ]
    lines = []
    for row in found:
        near = nearest.get(row.pk)
        party = [near.party_text, near.party_id, near.score] if near else ["", "", ""]
        lines.append([row.name, row.code, row.role, row.state, row.use_count, *party])
    return csv_response("names.csv", head, lines, is_cut=is_cut)


def _reported(user: User, pk: str) -> ReportedName:
    found: ReportedName = get_object_or_404(queries.visible_to(user), pk=pk)
    return found


@requires(Permission.SEE_PARTIES)
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """The name as written beside a party on record; answering, and taking an answer back."""
    user: User = request.user  # type: ignore[assignment]
    row = _reported(user, pk)
    if request.method == "POST" and may(user, Permission.RESOLVE_IDENTITIES):
        return _take_back(request, row) if "withdraw" in request.POST else _answer(request, row)
    return _page(request, row)


def _answer(request: HttpRequest, row: ReportedName) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    form = AnswerForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data
        seen = [text for text in words["seen"].split("\n") if text] if words["seen"] else None
        try:
            made = flow.answer(
                reported=row,
                by=user,
                party_id=words["party"],
                answer=words["answer"],
                reason=words["reason"],
                explanation=words["explanation"],
                seen=seen,
            )
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            following = _listed(user, {"q": "", "role": "", "state": "ask", "order": "uses"}).exclude(pk=row.pk).first()
            row.refresh_from_db()
            said = _("Answered. What rested on it is worked out again.")
            if made.answer == NameAnswer.Answer.SAME:
                said = _("Answered: %(name)s is bound. What rested on it is worked out again.") % {"name": row.name}
            messages.success(request, said)
            if row.state == ReportedName.State.ASK or following is None:
                return redirect("compliance:name", pk=row.pk)
            return redirect("compliance:name", pk=following.pk)
    return _page(request, row, form=form, chosen=request.POST.get("party", ""), status=422)


def _take_back(request: HttpRequest, row: ReportedName) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    form = WithdrawAnswerForm(request.POST)
    held = get_object_or_404(NameAnswer, reported=row, pk=request.POST.get("answer", ""))
    if form.is_valid():
        try:
            flow.withdraw(answer=held, by=user, reason=form.cleaned_data["withdrawn_reason"])
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(request, _("The answer is taken back; what rested on it is worked out again."))
            return redirect("compliance:name", pk=row.pk)
    return _page(request, row, chosen=held.party_id, back_form=form, status=422)


def _page(
    request: HttpRequest,
    row: ReportedName,
    *,
    form: AnswerForm | None = None,
    back_form: WithdrawAnswerForm | None = None,
    chosen: str = "",
    status: int = 200,
) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    found = row.candidates.select_related("party")
    parts = [f"party__{part}" for part in ("names", "identifiers", "sites")]
    candidates = list(found.prefetch_related(*parts).order_by("-is_bound", "-is_exact", "-score", "pk"))
    answers = list(row.answers.select_related("answered_by", "withdrawn_by", "party").prefetch_related("party__names").order_by("-pk"))
    standing = {answer.party_id: answer for answer in answers if answer.withdrawn_at is None}
    wanted = chosen or request.GET.get("party", "")
    unanswered = (one for one in candidates if one.party_id not in standing)
    shown = next((one for one in candidates if one.party_id == wanted), None) or next(unanswered, next(iter(candidates), None))
    held = standing.get(shown.party_id) if shown else None
    seen = "\n".join(text for some in keys_of([shown.party_id])[shown.party_id].values() for text in some) if shown else ""
    initial = {"party": shown.party_id, "seen": seen} if shown else {}
    context = {
        "row": row,
        "candidates": [
            {
                "candidate": one,
                "name": display(one.party),
                "answer": standing.get(one.party_id),
                "is_asked": one.score >= LIKE or one.number == "same",
            }
            for one in candidates
        ],
        "shown": shown,
        "shown_name": display(shown.party) if shown else None,
        "features": _features(row, shown) if shown else [],
        "score_pieces": [(piece["text"], piece["points"]) for piece in shown.explanation] if shown else [],
        "least": LIKE,
        "held": held,
        "changes": queries.changed_since(held) if held else {},
        "past": [{"answer": one, "reason": REASONS.get(one.reason, one.reason), "name": display(one.party)} for one in answers],
        "uses": _uses(row),
        "may_answer": may(user, Permission.RESOLVE_IDENTITIES) and shown is not None,
        "form": form or AnswerForm(initial=initial),
        "back_form": back_form or (WithdrawAnswerForm(initial={"answer": held.pk}) if held else None),
        "events": told_to(user, history(row)),
    }
    return render(request, "compliance/name.html", context, status=status)


def _uses(row: ReportedName) -> list[dict[str, Any]]:
    """Where the name stands, the newest first: the first few of evidence, movements and sightings."""
    ids: dict[str, list[str]] = {kind: [] for kind in NameUse.Kind.values}
    for kind, object_id in row.uses.order_by("-pk").values_list("kind", "object_id")[:MOST_USES]:
        ids[kind].append(object_id)
    lines = EvidenceLine.objects.filter(pk__in=ids["evidence_line"]).select_related("document", "product").prefetch_related("flags__case")
    found = [
        {
            "number": line.document.number,
            "url": reverse("compliance:evidence-detail", args=[line.document.number]),
            "on": line.happened_on,
            "to": line.buyer if row.role == "seller" else "",
            "since": line.seller if row.role != "seller" else "",
            "product": line.product,
            "flags": [flag for flag in line.flags.all() if flag.state == "open"],
        }
        for line in lines.order_by("-pk")
    ]
    moved = Movement.objects.filter(pk__in=ids["movement"]).select_related("product", "upload", "organisation")
    seen = Sighting.objects.filter(pk__in=ids["sighting"]).select_related("product", "upload", "organisation")
    for one in (*moved.order_by("-pk"), *seen.order_by("-pk")):
        where = "compliance:units" if one.serial else "compliance:movements"
        found.append(
            {
                "number": one.upload.number,
                "url": f"{reverse(where)}?{urlencode({'q': one.serial or row.name})}",
                "on": one.happened_on,
                "to": one.organisation.name if row.role == "seller" else "",
                "since": one.organisation.name if row.role != "seller" else "",
                "product": one.product,
                "flags": [],
                "taken_back_at": one.taken_back_at,
            }
        )
    return found


def _features(row: ReportedName, candidate: NameCandidate) -> list[Feature]:
    """One row per feature, conflicts first: on record beside as written."""
    party: Party = candidate.party
    shown = display(party)
    alike = "match" if candidate.is_exact else "similar" if candidate.score >= LIKE else "conflict"
    found = [Feature(_("Name compared"), candidate.party_text, row.name, alike)]
    others = [name for name in shown.names if name != candidate.party_text]
    found.append(Feature(_("Other names"), apart(others), "", "missing"))
    codes = listed(i.value for i in party.identifiers.all())
    found.append(Feature(_("Registration number"), codes, row.code, NUMBERS[candidate.number]))
    places = apart(site.address for site in party.sites.all() if site.is_live)
    found.append(Feature(_("Address"), places, row.address, same_words(places, row.address)))
    divisions = sorted(classify(row.name).divisions, key=lambda code: len(code.rstrip("0")))
    theirs = divisions[-1] if divisions else ""
    result = "missing" if not theirs or not party.division else "match" if _inside(theirs, party.division) else "conflict"
    found.append(
        Feature(_("Division, by the name"), division_name(party.division) if party.division else "", division_name(theirs), result)
    )
    found.append(Feature(_("Line of business"), party.line_of_business, "", "missing"))
    return ordered(found)


def _inside(one: str, other: str) -> bool:
    """Whether one division lies in the other, or they are the same."""
    short = min(one.rstrip("0"), other.rstrip("0"), key=len)
    return one.startswith(short) and other.startswith(short)
