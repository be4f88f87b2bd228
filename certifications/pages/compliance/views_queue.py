"""The queue: two panes, cases by due time on the left, the chosen case with its evidence on the right."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from certifications.attestations.queries import awaiting_second
from certifications.evidence.queries import source_standings
from certifications.flags import queries
from certifications.flags.models import Case, Decision, Flag
from certifications.flags.outcomes import OUTCOME_WORDS, REASON_WORDS, Outcome, allowed_reasons, needs_second
from certifications.flags.rules import BY_ID, Severity
from certifications.flow.received_scope import is_gone
from certifications.ledger.ids import new_ulid
from certifications.ledger.queries import history
from certifications.people.factors import begin, has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from portal.countries import COUNTRIES
from portal.paging import paged
from portal.templatetags.kit import territory_words

from .comparison import compared, names_in

PER_PAGE = 25


def _as_read(inputs: dict[str, Any]) -> dict[str, Any]:
    """What a rule fired on, its territory in words: it is kept as codes ("kits, CN, 330000"), which outlive any wording."""
    codes = str(inputs.get("territory", "")).split(", ")
    if codes == [""]:
        return inputs
    countries, divisions = [c for c in codes if c in COUNTRIES], [c for c in codes if c.isdigit()]
    lines = [c for c in codes if c not in COUNTRIES and not c.isdigit()]
    return {**inputs, "territory": territory_words(lines, countries, divisions)}


def flag_rows(case: Case) -> list[dict[str, Any]]:
    """Each flag with its sentence, worst first, open ones before decided ones."""
    rows = []
    for flag in case.flags.all():
        rule = BY_ID[flag.rule]
        held = {"flag": flag, "title": rule.title(), "sentence": rule.explain(_as_read(flag.inputs)), "clears": rule.clears()}
        held["clearances"] = flag.clearances.order_by("-cleared_at")[:1] if flag.state == Flag.State.CLEARED else ()
        held["gone"] = flag.rule == "RECV" and flag.state == Flag.State.OPEN and is_gone(flag)
        rows.append(held)
    return sorted(rows, key=lambda r: (r["flag"].state != Flag.State.OPEN, -Severity(r["flag"].severity).rank, r["flag"].rule))


def case_context(case: Case, user: User, session: Any) -> dict[str, Any]:
    """Everything the right pane shows."""
    open_flags = [flag for flag in case.flags.all() if flag.state == Flag.State.OPEN]
    rules = [flag.rule for flag in open_flags]
    proposal = case.decisions.filter(state=Decision.State.PROPOSED).select_related("proposed_by").first()
    reasons = {outcome: allowed_reasons(outcome, rules) for outcome in Outcome}
    outcomes = [
        {
            "value": outcome.value,
            "word": OUTCOME_WORDS[outcome][0],
            "hint": OUTCOME_WORDS[outcome][1],
            "reasons": [(code, REASON_WORDS[code]) for code in reasons[outcome]],
            "second": needs_second(outcome, [flag.severity for flag in open_flags]),
        }
        for outcome in Outcome
        if reasons[outcome] and (outcome is not Outcome.RETURN or case.declaration_id)
    ]
    standing = source_standings([case.document]).get(case.document.pk) if case.document is not None else ""
    return {
        "case": case,
        "severity": queries.case_severity(case),
        "source_standing": standing,
        "flags": flag_rows(case),
        "comparison": compared(case),
        "names": names_in(case),
        "outcomes": outcomes,
        "proposal": proposal,
        "proposal_reason": REASON_WORDS.get(proposal.reason) if proposal else None,
        "proposal_outcome": OUTCOME_WORDS[Outcome(proposal.outcome)][0] if proposal else None,
        "own_proposal": bool(proposal and proposal.proposed_by_id == user.pk),
        "earlier": case.decisions.exclude(state=Decision.State.PROPOSED)
        .select_related("proposed_by", "agreed_by", "voided_by")
        .order_by("-proposed_at"),
        "questions": case.questions.select_related("organisation", "asked_by", "answered_by").order_by("-asked_at"),
        "events": told_to(user, history(case)),
        "may_reopen": case.status == Case.Status.CLOSED
        and any(f.state in {Flag.State.CLEARED, Flag.State.CONFIRMED} for f in case.flags.all())
        and (case.declaration is None or case.declaration.status in case.declaration.OPEN)
        and may(user, Permission.DECIDE_CASES),
        "may_decide": may(user, Permission.DECIDE_CASES),
        "form_key": new_ulid(),
        # The words of a proposal are there to be agreed to; those of a decision are still to be written.
        "passkey": begin(user, proposal.digest, session) if proposal and proposal.proposed_by_id != user.pk else None,
        "passkey_next": has_passkey(user),
    }


def case_of(user: User, number: str) -> Case:
    """The case, or 404 for what the user may not see."""
    cases = queries.visible_to(user).select_related("owner", "declaration__organisation", "declaration__customer__party", "document")
    return get_object_or_404(cases.prefetch_related("flags__line__document", "flags__party"), number=number)


def queue_context(request: HttpRequest, number: str = "") -> dict[str, Any]:
    """Both panes, for the queue itself and for forms that come back with an error."""
    user: User = request.user  # type: ignore[assignment]
    tab = request.GET.get("tab", "due")
    tab = tab if tab in queries.TABS else "due"
    text = request.GET.get("q", "").strip()[:100]
    cases = queries.tab(user, tab, text).select_related("owner").prefetch_related("flags")
    page = paged(request, cases, PER_PAGE)
    rows = [{"case": case, "severity": queries.case_severity(case), "first": (flag_rows(case) or [None])[0]} for case in page]
    context: dict[str, Any] = {"tab": tab, "q": text, "page": page, "rows": rows, "counts": queries.counts(user)}
    changes = list(awaiting_second(user))
    context["changes"] = [change for change in changes if change.proposed_by_id != user.pk] if tab == "second" else []
    context["counts"]["second"] += sum(change.proposed_by_id != user.pk for change in changes)
    number = number or request.GET.get("case", "")
    if number:
        context |= case_context(case_of(user, number), user, request.session)
    elif rows and not request.GET.get("list"):
        context |= case_context(case_of(user, rows[0]["case"].number), user, request.session)
        context["chosen_by_default"] = True
    return context


@requires(Permission.SEE_CASES)
def queue(request: HttpRequest) -> HttpResponse:
    """GET the queue."""
    return render(request, "compliance/queue.html", queue_context(request))
