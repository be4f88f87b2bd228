"""Tender letters as compliance sees them: what waits, the decision by one person or two, the awards that may belong to one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certifications.flow import letters as flow
from certifications.flow.letter_policies import asked_of
from certifications.ledger.actions import opened
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.letters import queries
from certifications.letters.actions import decision_digest
from certifications.letters.models import Letter, LetterDecision
from certifications.letters.rules import OUTCOMES, possible_outcomes
from certifications.pages.factor import factor_of
from certifications.pages.letters import letters_csv, letters_page, sealed_pdf
from certifications.pages.rights import put
from certifications.people.factors import FactorRefused, begin, has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from certifications.screening.queries import party_states
from portal.limits import exports, searches

from .forms_letters import LetterDecisionForm

RIGHTS = {"release": Permission.RELEASE, "refuse": Permission.RELEASE, "revoke": Permission.CHANGE_STATUS}


@requires(Permission.SEE_ALL_ATTESTATIONS)
@require_GET
@searches
def index(request: HttpRequest) -> HttpResponse:
    """All letters, what waits for a person above."""
    user: User = request.user  # type: ignore[assignment]
    letters = queries.visible_to(user)
    context = letters_page(user, request) | {
        "waiting": set(queries.awaiting_second(user).values_list("letter_id", flat=True)),
        "waits": letters.filter(status=Letter.Status.WAITING).count(),
    }
    return render(request, "compliance/letters.html", context)


@requires(Permission.SEE_ALL_ATTESTATIONS)
@exports("letters")
def export(request: HttpRequest) -> HttpResponse:
    """Letters as the list shows them, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    return letters_csv(user, request)


def _letter(user: User, number: str) -> Letter:
    return get_object_or_404(queries.visible_to(user).select_related("organisation__party", "asked_by"), number=number)


@requires(Permission.SEE_ALL_ATTESTATIONS)
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One letter: what was asked for, whom it names, what keeps it, the decisions, the awards."""
    user: User = request.user  # type: ignore[assignment]
    letter = _letter(user, number)
    opened(what="letter", obj=letter, by=user)
    return _page(request, letter)


def _page(
    request: HttpRequest, letter: Letter, sent: LetterDecisionForm | None = None, status: int = 200, asked: Any = None
) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    change = letter.decisions.filter(state=LetterDecision.State.PROPOSED).select_related("proposed_by").first()
    own = bool(change and change.proposed_by_id == user.pk)
    outcomes = [] if change else [one for one in possible_outcomes(letter.status) if may(user, RIGHTS[one])]
    is_open = letter.status in {Letter.Status.SCREENING, Letter.Status.WAITING}
    named = list(letter.parties.select_related("party").prefetch_related("party__names").order_by("pk"))
    states = party_states([row.party for row in named] + [queries.own_party(letter)])
    context = {
        "letter": letter,
        "word": queries.standing_of(letter),
        "seal": getattr(letter, "seal", None),
        "parties": [{"row": row, "name": next(iter(row.party.names.all()), ""), "state": states[row.party_id].state} for row in named],
        # Of one in force too: whether it is revoked for them is for people to decide.
        "problems": flow.problems_with(letter) if is_open or letter.status == Letter.Status.VALID else [],
        "needs_second": is_open and asked_of(letter).needs_second,
        "change": change,
        "own": own,
        "may_agree": bool(change) and may(user, RIGHTS[change.outcome]) if change else False,
        "passkey": begin(user, change.digest, request.session) if change and not own else None,
        "forms": [
            sent if sent and sent.decides == one else LetterDecisionForm(outcome=one, policies=_to_answer(letter)) for one in outcomes
        ],
        "sent": sent,
        "asked": asked,
        "passkey_next": has_passkey(user),
        "decisions": letter.decisions.exclude(state=LetterDecision.State.PROPOSED)
        .select_related("proposed_by", "agreed_by", "voided_by")
        .order_by("-proposed_at"),
        "awards": queries.awards_of(letter),
        "events": told_to(user, history(letter)),
    }
    return render(request, "compliance/letter.html", context, status=status)


def _to_answer(letter: Letter) -> list[tuple[str, str]]:
    """(number, title) of the policies that ask whoever releases the letter to look."""
    return [(policy.number, policy.title) for policy in asked_of(letter).to_answer]


@requires(Permission.RELEASE)
@require_POST
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Release, refuse or revoke; or propose it where two people are needed."""
    user: User = request.user  # type: ignore[assignment]
    letter = _letter(user, number)
    outcome = next((one for one in OUTCOMES if f"{one}-outcome" in request.POST), OUTCOMES[0])
    form = LetterDecisionForm(request.POST, outcome=outcome, policies=_to_answer(letter))
    asked = None
    if form.is_valid():
        words = {
            "outcome": outcome,
            "explanation": form.cleaned_data["explanation"],
            "public_reason": form.cleaned_data.get("public_reason", ""),
            "answered": form.cleaned_data.get("policies", []),
        }
        try:
            made = flow.decide(letter=letter, by=user, **words, **factor_of(request))
        except FactorRefused as error:
            form.add_error(None, str(error))
            # The passkey's question over exactly what was just typed.
            asked = begin(user, decision_digest(letter=letter, **words), request.session)
        except NotAllowed as error:
            put(form, error)
        else:
            if made.state == LetterDecision.State.PROPOSED:
                messages.success(request, _("Proposed. Another person must agree before anything changes."))
            else:
                messages.success(request, _("Done. The distributor is told; a released letter is written and sealed now."))
            return redirect("compliance:letter", number=number)
    return _page(request, _letter(user, number), form, 422, asked)


def _proposed(request: HttpRequest, letter: Letter) -> LetterDecision:
    found: LetterDecision = get_object_or_404(
        LetterDecision.objects.select_related("letter__organisation__party"), letter=letter, pk=request.POST.get("change", "")
    )
    return found


@requires(Permission.RELEASE)
@require_POST
def agree(request: HttpRequest, number: str) -> HttpResponse:
    """Another person agrees."""
    user: User = request.user  # type: ignore[assignment]
    letter = _letter(user, number)
    try:
        flow.agree(decision=_proposed(request, letter), by=user, **factor_of(request))
    except (NotAllowed, FactorRefused) as error:
        messages.error(request, str(error))
        return _page(request, _letter(user, number), status=422)
    messages.success(request, _("Done: two people agreed, and it is on record."))
    return redirect("compliance:letter", number=number)


@requires(Permission.RELEASE)
@require_POST
def void(request: HttpRequest, number: str) -> HttpResponse:
    """Take a proposal back, or refuse it."""
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.void(decision=_proposed(request, _letter(user, number)), by=user)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is withdrawn."))
    return redirect("compliance:letter", number=number)


@requires(Permission.SEE_ALL_ATTESTATIONS)
@require_GET
def pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The sealed PDF."""
    user: User = request.user  # type: ignore[assignment]
    return sealed_pdf(request, _letter(user, number), page="compliance:letter")
