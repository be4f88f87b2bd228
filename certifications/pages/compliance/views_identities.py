"""Who may be one entity, across distributors: a queue for compliance, two rows side by side, and people's answers. No distributor sees any of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.flow import identities as flow
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.parties import identities
from certifications.parties.linked import newest_answers, one_entity
from certifications.parties.models import Party
from certifications.parties.models_identities import IdentityAnswer, IdentityCandidate
from certifications.parties.queries import display, search_parties
from certifications.people.factors import FactorRefused, begin, has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.exports import csv_response, first_of
from portal.limits import exports, searches
from portal.paging import paged

from .comparison import Feature, ordered, same_words
from .forms_identities import IdentityForm

PER_PAGE = 25
# What the queue can be narrowed to; "again": answered, and a name or number changed since.
STATES = ("open", "again", "proposed", "same", "different", "unsure")
SORTS = {"likely": ("-score", "pk"), "new": ("-found_at", "-pk"), "old": ("found_at", "pk")}
MOST_ROWS = 10_000


@dataclass(frozen=True)
class Pair:
    """A candidate with what people said of it."""

    candidate: IdentityCandidate
    state: str
    answer: IdentityAnswer | None


def pairs(user: User, *, text: str, order: str, state: str) -> list[Pair]:
    """Every candidate in one state, sorted; `text` is looked for in either party's names and numbers."""
    found = identities.candidates_visible_to(user).select_related("left", "right").prefetch_related("left__names", "right__names")
    if text:
        wanted = search_parties(Party.objects.all(), text)
        found = found.filter(left__in=wanted) | found.filter(right__in=wanted)
    rows = list(found.order_by(*SORTS.get(order, SORTS["likely"])))
    told = told_of(rows)
    return [one for one in told if not state or one.state == state]


def told_of(rows: Sequence[IdentityCandidate]) -> list[Pair]:
    """The state of each, in four queries for any number of them."""
    answers = newest_answers()
    proposed = {(a.left_id, a.right_id) for a in IdentityAnswer.objects.filter(state=IdentityAnswer.State.PROPOSED)}
    keys = identities.keys_of({pk for row in rows if (row.left_id, row.right_id) in answers for pk in (row.left_id, row.right_id)})
    told = []
    for row in rows:
        pair = (row.left_id, row.right_id)
        held = answers.get(pair)
        if pair in proposed:
            state = "proposed"
        elif held is None:
            state = "open"
        else:
            state = held.answer if held.keys == {pk: keys[pk] for pk in pair} else "again"
        told.append(Pair(row, state, held))
    return told


def identity_of(user: User, party: Party) -> dict[str, Any]:
    """What a party's page shows: who is one entity with it, and the pairs of it that people answered otherwise or not yet."""
    others = Party.objects.filter(pk__in=one_entity([party.pk]) - {party.pk}).prefetch_related("names").order_by("pk")
    holders = identities.holder_names([other.pk for other in others])
    own = identities.candidates_visible_to(user)
    told = told_of(list((own.filter(left=party) | own.filter(right=party)).order_by("-score")[:PER_PAGE]))
    return {"one_entity": [_side(other, holders) for other in others], "candidates": [one for one in told if one.state != "same"]}


@requires(Permission.SEE_PARTIES)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """The queue: what nobody has answered first."""
    user: User = request.user  # type: ignore[assignment]
    asked = request.GET
    text, order, state = asked.get("q", "").strip()[:100], asked.get("order", "likely"), asked.get("state", "open")
    every = pairs(user, text=text, order=order, state="")
    counts = {name: sum(one.state == name for one in every) for name in STATES}
    state = state if state in STATES else ""
    page = paged(request, [one for one in every if not state or one.state == state], PER_PAGE)
    shown = list(page)
    holders = identities.holder_names({pk for one in shown for pk in (one.candidate.left_id, one.candidate.right_id)})
    rows = [{"pair": one, "left": _side(one.candidate.left, holders), "right": _side(one.candidate.right, holders)} for one in shown]
    tabs = [(name, counts[name]) for name in STATES]
    context = {"page": page, "rows": rows, "tabs": tabs, "state": state, "q": text, "order": order, "orders": list(SORTS)}
    return render(request, "compliance/identities.html", context)


def _side(party: Party, holders: dict[str, list[str]]) -> dict[str, Any]:
    return {"party": party, "name": display(party), "holders": holders.get(party.pk, [])}


@requires(Permission.SEE_PARTIES)
@require_GET
@exports("identities")
def export(request: HttpRequest) -> HttpResponse:
    """The queue in every state as CSV."""
    user: User = request.user  # type: ignore[assignment]
    rows, is_cut = first_of(pairs(user, text="", order="likely", state=""), MOST_ROWS)
    head = [
        _("Key of the party"),
        _("Party"),
        _("Key of the party"),
        _("Party"),
        _("Found by"),
        _("Likeness"),
        _("State"),
        _("Answered on"),
    ]
    lines = [
        [
            one.candidate.left_id,
            display(one.candidate.left).title,
            one.candidate.right_id,
            display(one.candidate.right).title,
            one.candidate.why,
            one.candidate.score,
            one.state,
            one.answer.proposed_at.date() if one.answer else "",
        ]
        for one in rows
    ]
    return csv_response("identities.csv", head, lines, is_cut=is_cut)


def _candidate(user: User, pk: str) -> IdentityCandidate:
    rows = identities.candidates_visible_to(user).select_related("left", "right")
    sides = [f"{side}__{part}" for side in ("left", "right") for part in ("names", "identifiers", "sites")]
    found: IdentityCandidate = get_object_or_404(rows.prefetch_related(*sides), pk=pk)
    return found


@requires(Permission.SEE_PARTIES)
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """Two rows side by side, why they may be one, and what was answered; answering."""
    user: User = request.user  # type: ignore[assignment]
    row = _candidate(user, pk)
    form = IdentityForm(request.POST or None)
    if request.method == "POST" and may(user, Permission.RESOLVE_IDENTITIES) and form.is_valid():
        words = {"left": row.left_id, "right": row.right_id, **form.cleaned_data}
        try:
            made = flow.answer(by=user, **words, **factor_of(request))
        except FactorRefused as error:
            form.add_error(None, str(error))
            digest = identities.answer_digest(keys=identities.keys_of([row.left_id, row.right_id]), **words)
            return _page(request, row, form, 422, passkey_next=begin(user, digest, request.session))
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(
                request,
                _("Proposed. Another person must agree before anything changes.")
                if made.needs_second
                else _("Answered. It stays on record."),
            )
            return redirect("compliance:identity", pk=pk)
    return _page(request, row, form, 422 if form.errors else 200)


def _page(request: HttpRequest, row: IdentityCandidate, form: IdentityForm, status: int = 200, **more: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    answers = list(
        IdentityAnswer.objects.filter(left=row.left, right=row.right)
        .select_related("proposed_by", "agreed_by", "voided_by")
        .order_by("-pk")
    )
    waiting = next((one for one in answers if one.state == IdentityAnswer.State.PROPOSED), None)
    own = waiting is not None and waiting.proposed_by_id == user.pk
    may_answer = may(user, Permission.RESOLVE_IDENTITIES)
    [told] = told_of([row])
    holders = identities.holder_names([row.left_id, row.right_id])
    context = {
        "row": row,
        "told": told,
        "left": display(row.left),
        "right": display(row.right),
        "left_holders": holders.get(row.left_id, []),
        "right_holders": holders.get(row.right_id, []),
        "score_pieces": [(piece["text"], piece["points"]) for piece in row.explanation],
        "least": identities.ASK,
        "features": _features(row),
        "changes": identities.changed_since(told.answer) if told.answer and told.state == "again" else [],
        "past": [{"answer": one, "reason": identities.REASONS.get(one.reason, one.reason)} for one in answers if one is not waiting],
        "waiting": waiting,
        "waiting_reason": identities.REASONS.get(waiting.reason, waiting.reason) if waiting else "",
        "own": own,
        "may_answer": may_answer,
        "passkey": begin(user, waiting.digest, request.session) if waiting and may_answer and not own else None,
        "passkey_next": has_passkey(user),
        "form": form,
        **more,
    }
    return render(request, "compliance/identity.html", context, status=status)


def _features(row: IdentityCandidate) -> list[Feature]:
    """One row per feature, conflicts first."""
    left, right = display(row.left), display(row.right)
    found = [
        Feature(_("Name"), left.native, right.native, same_words(left.native, right.native)),
        Feature(_("Latin name"), left.latin, right.latin, same_words(left.latin, right.latin)),
    ]
    codes = [{i.scheme: i.value for i in side.identifiers.all()} for side in (row.left, row.right)]
    for scheme in ("uscc", "lei", "other"):
        a, b = (side.get(scheme, "") for side in codes)
        result = "missing" if not a or not b else "match" if a == b else "conflict"
        found.append(Feature(scheme.upper() if scheme != "other" else _("Other number"), a, b, result))
    places = [listed(site.address for site in side.sites.all()) for side in (row.left, row.right)]
    found.append(Feature(_("Address"), *places, same_words(*places)))
    found.append(
        Feature(_("Country"), row.left.country, row.right.country, "match" if row.left.country == row.right.country else "conflict")
    )
    work = (row.left.line_of_business, row.right.line_of_business)
    found.append(Feature(_("Line of business"), *work, same_words(*work)))
    return ordered(found)


def _waiting(user: User, pk: str) -> tuple[IdentityCandidate, IdentityAnswer]:
    row = _candidate(user, pk)
    return row, get_object_or_404(IdentityAnswer, left=row.left, right=row.right, state=IdentityAnswer.State.PROPOSED)


@requires(Permission.RESOLVE_IDENTITIES)
@require_POST
def agree(request: HttpRequest, pk: str) -> HttpResponse:
    """Another person agrees; whoever is screened by other names now is screened at once."""
    user: User = request.user  # type: ignore[assignment]
    row, waiting = _waiting(user, pk)
    try:
        flow.agree(row=waiting, by=user, **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        messages.error(request, str(error))
        return _page(request, row, IdentityForm(), 422)
    messages.success(request, _("Done: two people agreed, and it is on record."))
    return redirect("compliance:identity", pk=pk)


@requires(Permission.RESOLVE_IDENTITIES)
@require_POST
def void(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a proposed answer back, or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    _row, waiting = _waiting(user, pk)
    try:
        flow.void(row=waiting, by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is withdrawn."))
    return redirect("compliance:identity", pk=pk)
