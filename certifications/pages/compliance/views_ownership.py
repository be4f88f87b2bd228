"""Rules of ownership: each interval with its source, tried on everybody who has a listed owner before two people agree."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.catalogue.dated import not_ended
from certifications.catalogue.models_ownership import OwnershipRule
from certifications.catalogue.ownership import check_rule, data_of
from certifications.catalogue.rules_ownership import RuleData
from certifications.flow.ownership import dry_run, percent
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.rights import put
from certifications.parties.queries import display
from certifications.people.factors import has_passkey
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from portal.limits import tries, tries_asked

from .forms_ownership import OwnershipRuleForm
from .forms_policies import PolicyEndForm
from .proposing import ownership_words, proposed


def tried(data: RuleData) -> dict[str, Any]:
    """Whom the rule would reach, for the page."""
    run = dry_run(data, civil_today())
    rows = [{"party": p, "name": display(p), "percent": percent(r.low), "word": "reached"} for p, r in run.reached]
    rows += [{"party": p, "name": display(p), "percent": percent(r.high), "word": "open"} for p, r in run.open]
    return {"owner_run": run, "owner_rows": rows}


@requires(Permission.SEE_CATALOGUE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every interval of every rule, by rule and then by day; how each stands today."""
    user: User = request.user  # type: ignore[assignment]
    today = civil_today()
    rows = [{"rule": rule, "state": _state(rule, today)} for rule in OwnershipRule.objects.order_by("authority", "name", "from_date")]
    return render(
        request, "compliance/ownership_rules.html", {"rows": rows, "today": today, "may_edit": may(user, Permission.EDIT_CATALOGUE)}
    )


def _state(rule: OwnershipRule, today: Any) -> str:
    if rule.until is not None and rule.until <= today:
        return "over"
    return "to_come" if rule.from_date > today else "in_force"


@requires(Permission.EDIT_CATALOGUE)
@tries
def new(request: HttpRequest) -> HttpResponse:
    """A new interval, begun from an earlier one where `from` names it: tried as often as wanted, then proposed."""
    user: User = request.user  # type: ignore[assignment]
    held = list(not_ended(OwnershipRule, civil_today()))
    earlier = OwnershipRule.objects.filter(number=request.GET.get("from", "")).first()
    initial: dict[str, Any] = {"from_date": civil_today(), "threshold": 50, "is_aggregated": True}
    if earlier is not None:
        initial |= data_of(earlier).__dict__ | {
            "programmes": "\n".join(earlier.programmes),
            "from_date": earlier.until or civil_today(),
            "until": None,
        }
    form = OwnershipRuleForm(request.POST or None, held=held, initial=initial)
    context: dict[str, Any] = {"form": form, "passkey_next": has_passkey(user)}
    if form.is_valid():
        data = form.data_given()
        try:
            check_rule(data.name, data.content())
            context |= tried(data)
            if "propose" in request.POST and proposed(
                request, form, kind="owners", subject=data.name.strip(), content=data.content(), more=context
            ):
                messages.success(request, _("Proposed. Another person must agree before anything changes."))
                return redirect("compliance:catalogue-proposals")
        except NotAllowed as error:
            put(form, error)
    return render(request, "compliance/ownership_rule_new.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_CATALOGUE)
@tries_asked
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One interval, whom it reaches where asked for (`try`), and proposing its end."""
    user: User = request.user  # type: ignore[assignment]
    rule = get_object_or_404(OwnershipRule.objects.select_related("proposal__proposed_by", "proposal__agreed_by"), number=number)
    today = civil_today()
    may_end = may(user, Permission.EDIT_CATALOGUE) and (rule.until is None or rule.until > today)
    form = PolicyEndForm(request.POST if request.method == "POST" and may_end else None, initial={"until": today})
    context: dict[str, Any] = {
        "rule": rule,
        "state": _state(rule, today),
        "said": ownership_words(data_of(rule)),
        "may_end": may_end,
        "may_edit": may(user, Permission.EDIT_CATALOGUE),
        "form": form,
        "passkey_next": has_passkey(user),
        "events": told_to(user, history(rule)),
    }
    if request.GET.get("try"):
        context |= tried(data_of(rule))
    if form.is_valid():
        content = {"until": form.cleaned_data["until"].isoformat()}
        if proposed(request, form, kind="owners_end", subject=rule.number, content=content, more=context):
            messages.success(request, _("Proposed. Another person must agree before anything changes."))
            return redirect("compliance:catalogue-proposals")
    return render(request, "compliance/ownership_rule.html", context, status=422 if form.errors else 200)
