"""The desk: what one must do besides the queue, how old the backlog is and who has it, how it is decided, and how fresh the lists are."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.attestations.queries import awaiting_second
from certifications.catalogue.models_versions import CatalogueProposal
from certifications.custody.queries import calendars
from certifications.declarations import queries as declarations
from certifications.declarations.models import Objection
from certifications.declarations.queries_enduser import page_of, scans_to_check, to_check
from certifications.evidence import intake
from certifications.evidence import queries as evidence
from certifications.flags.desk import BANDS, RECENT_DAYS, WEEKS, Desk, desk
from certifications.flags.queries import tab
from certifications.flags.rules import BY_ID
from certifications.flow import resellers, without_start
from certifications.ledger.together import counted
from certifications.orders import queries as orders
from certifications.orders.rules import AWAITS
from certifications.parties.models_aliases import PartyAlias
from certifications.parties.models_owners import Ownership
from certifications.parties.models_register import AuthorisationChange
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.programme.queries import distributors
from certifications.resolution import queries as names
from certifications.screening.models import ListException
from certifications.screening.queries import ListInForce, lists_in_force
from portal.exports import csv_response
from portal.limits import exports
from portal.words import word_for

from .proposing import title_of

# Of each kind; the page behind it holds the others.
MOST = 20
PROPOSED = "proposed"


def _item(at: dt.datetime, what: str, detail: str, url: str, action: str) -> dict[str, Any]:
    day = timezone.localdate(at)
    return {"at": at, "day": date_format(day, "MONTH_DAY_FORMAT"), "left": "", "late": False, "what": what, "detail": detail, "url": url,
            "action": action}  # fmt: skip


def second_person(user: User) -> list[dict[str, Any]]:
    """What others proposed outside the queue and this person may agree to."""
    items = []
    if may(user, Permission.CHANGE_STATUS):
        for change in awaiting_second(user).exclude(proposed_by=user)[:MOST]:
            url, number = reverse("compliance:attestation", args=[change.attestation.number]), change.attestation.number
            items.append(_item(change.proposed_at, _("Change of status: %(n)s") % {"n": number}, change.proposed_by.name, url, _("Decide")))
    if may(user, Permission.CHANGE_AUTHORISATIONS):
        rights = AuthorisationChange.objects.filter(state=PROPOSED).exclude(proposed_by=user)
        for right in rights.select_related("authorisation", "proposed_by").order_by("proposed_at")[:MOST]:
            url, number = reverse("compliance:right", args=[right.authorisation.number]), right.authorisation.number
            items.append(
                _item(right.proposed_at, _("Change of authorisation: %(n)s") % {"n": number}, right.proposed_by.name, url, _("Decide"))
            )
    if may(user, Permission.CHANGE_ALIASES):
        aliases = PartyAlias.objects.filter(state=PROPOSED).exclude(proposed_by=user).select_related("proposed_by")
        for alias in aliases.order_by("proposed_at")[:MOST]:
            url = reverse("compliance:party", args=[alias.party_id])
            items.append(
                _item(alias.proposed_at, _("Further name: %(name)s") % {"name": alias.text}, alias.proposed_by.name, url, _("Decide"))
            )
    if may(user, Permission.EDIT_OWNERS):
        held = Ownership.objects.filter(held=True).exclude(let_go_by=user).select_related("ended_by", "let_go_by")
        for row in held.order_by("ended_at")[:MOST]:
            url = reverse("compliance:party", args=[row.party_id])
            who = row.let_go_by or row.ended_by
            items.append(_item(row.ended_at or timezone.now(), _("Ended statement on an owner"), who.name if who else "", url, _("Decide")))
    if may(user, Permission.AGREE_CATALOGUE):
        changes = CatalogueProposal.objects.filter(state=PROPOSED).exclude(proposed_by=user).select_related("proposed_by")
        for proposal in changes.order_by("proposed_at")[:MOST]:
            url = reverse("compliance:catalogue-proposal", args=[proposal.pk])
            items.append(_item(proposal.proposed_at, title_of(proposal), proposal.proposed_by.name, url, _("Decide")))
    if may(user, Permission.ACCEPT_LISTS):
        lists = ListException.objects.filter(state=PROPOSED).exclude(proposed_by=user).select_related("version__source", "proposed_by")
        for one in lists.order_by("proposed_at")[:MOST]:
            url, source = reverse("operators:list-version", args=[one.version.source_id, one.version_id]), one.version.source
            items.append(
                _item(one.proposed_at, _("Refused list: %(list)s") % {"list": source.title}, one.proposed_by.name, url, _("Decide"))
            )
    return items


def others(user: User) -> list[dict[str, Any]]:
    """What waits for anybody who may do it."""
    items = []
    if may(user, Permission.APPROVE_RESELLERS):
        for one in resellers.visible_to(user).filter(status="accepted").select_related("organisation").order_by("nominated_at")[:MOST]:
            url = reverse("compliance:nomination", args=[one.number])
            items.append(_item(one.nominated_at, _("Nomination: %(n)s") % {"n": one.number}, one.organisation.name, url, _("Open")))
    if may(user, Permission.EDIT_REGISTER):
        for organisation, line in without_start.pairs()[:MOST]:
            url = f"{reverse('compliance:programme-propose')}?{urlencode({'organisation': organisation.pk, 'line': line})}"
            what = _("No first day set: %(line)s") % {"line": word_for("line", line).text}
            items.append(_item(timezone.now(), what, organisation.name, url, _("Set the first day")))
    if may(user, Permission.CHECK_ANY_STATEMENTS):
        for scan in to_check(user, scans_to_check(user, declarations.visible_to(user))):
            url = reverse("compliance:end-user", args=[scan.statement.declaration.number]) + page_of(scan.statement)
            what = _("Compare the signed statement %(code)s") % {"code": scan.statement.code}
            items.append(_item(scan.filed_at, what, scan.filed_by.name, url, _("Open")))
    if may(user, Permission.DECIDE_CASES):
        asked = Objection.objects.filter(answered_at__isnull=True, declaration__in=declarations.visible_to(user))
        for objection in asked.select_related("declaration__organisation").order_by("sent_at")[:MOST]:
            number, organisation = objection.declaration.number, objection.declaration.organisation.name
            url = reverse("compliance:declaration", args=[number])
            items.append(_item(objection.sent_at, _("Answer a question on %(n)s") % {"n": number}, organisation, url, _("Answer")))
    if may(user, Permission.DECIDE_CASES) and (first := (held := orders.awaiting(orders.visible_to(user))).first()) is not None:
        # What was promised to whoever asked, and nobody else would see.
        what = _("Order lines held for compliance: %(n)d") % {"n": held.count()}
        url = f"{reverse('orders:list')}?status={AWAITS}"
        due = _("The first was promised an answer by %(day)s; when it is clear, whoever ordered asks again") % {
            "day": date_format(first.answer_by, "DATE_FORMAT")
        }
        items.append(_item(first.asked_at, what, due, url, _("Open")))
    if may(user, Permission.CONFIRM_EVIDENCE):
        open_names = names.visible_to(user).filter(state="ask").order_by("first_at")
        if (oldest := open_names.first()) is not None:
            what = _("Say whom names in evidence mean: %(n)d") % {"n": open_names.count()}
            items.append(_item(oldest.first_at, what, oldest.name, reverse("compliance:names"), _("Open")))
        for document in intake.narrowed(intake.in_queue(evidence.visible_to(user)))[:MOST]:
            url = reverse("compliance:evidence-detail", args=[document.number])
            items.append(
                _item(document.captured_at, _("Confirm what was read of %(n)s") % {"n": document.number}, document.title, url, _("Open"))
            )
    return items


def _figures(user: User, now: Desk) -> list[dict[str, Any]]:
    """The figures, each a link to what it counts."""
    due, second, ready = counted(tab(user, "due"), tab(user, "second"), declarations.visible_to(user).filter(status="ready"))
    queue, release = reverse("compliance:queue"), reverse("compliance:release") if may(user, Permission.RELEASE) else ""
    median = f"{now.median.total_seconds() / 86400:.1f}" if now.median is not None else "–"
    cleared, decided = sum(row[1] for row in now.rules), sum(row[2] for row in now.rules)
    return [
        {"value": due, "label": _("cases due"), "url": f"{queue}?tab=due"},
        {"value": now.late, "label": _("of the open cases late"), "url": f"{queue}?tab=due"},
        {"value": second, "label": _("await you as second person"), "url": f"{queue}?tab=second"},
        {"text": median, "unit": _("days"), "label": _("median time to decision"), "url": f"{queue}?tab=closed"},
        {
            "text": f"{100 * cleared / decided:.0f}" if decided else "–",
            "unit": "%",
            "label": _("flags cleared"),
            "url": f"{queue}?tab=closed",
        },
        *(
            [{"value": late, "label": _("distributors late with a sales report"), "url": f"{reverse('compliance:reports')}?status=overdue"}]
            if (late := sum(bool(calendar.late) for calendar in calendars(distributors())))
            else []
        ),
        *([{"value": ready, "label": _("ready to be released"), "url": release}] if release else []),
    ]


def _age_words() -> list[str]:
    return [_("today"), _("1 to 2"), _("3 to 5"), _("6 to 10"), _("11 to 20"), _("over 20")]


def _chart(now: Desk) -> dict[str, Any]:
    """Bars of 200 units at most; the scale ends at a whole number above the highest."""
    top = max((sum(bands.values()) for bands in now.ages), default=0)
    step = max(1, -(-top // 4))
    css = {"low": "c-calm", "medium": "c-wait", "high": "c-stop"}
    bars = []
    for n, (label, bands) in enumerate(zip(_age_words(), now.ages, strict=True)):
        y, pieces = 250.0, []
        for band in ("low", "medium", "high"):
            height = 200 * bands[band] / (step * 4)
            y -= height
            pieces.append({"css": css[band], "y": f"{y:.1f}", "height": f"{height:.1f}"})
        x = 56 + 118 * n
        bars.append(
            {"label": label, "x": x, "mid": x + 32, "top": f"{y - 8:.1f}", "total": sum(bands.values()), "bands": bands, "pieces": pieces}
        )
    rules = [{"y": 250 - 50 * n, "text": 254 - 50 * n, "value": step * n} for n in range(5)]
    return {"bars": bars, "rules": rules}


def _list_row(held: ListInForce) -> dict[str, Any]:
    state = "missing" if held.version is None else "fresh" if held.is_fresh else "old"
    return {"held": held, "state": state, "hours": int(held.age.total_seconds() // 3600) if held.age is not None else None}


def _rules(now: Desk) -> list[dict[str, Any]]:
    return [
        {"title": BY_ID[rule].title(), "share": round(100 * cleared / decided), "decided": decided}
        for rule, cleared, decided in now.rules
        if rule in BY_ID
    ]


@requires(Permission.SEE_CASES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The whole desk."""
    user: User = request.user  # type: ignore[assignment]
    now = desk()
    context = {
        "stats": _figures(user, now),
        "todo": sorted([*second_person(user), *others(user)], key=lambda item: item["at"]),
        "chart": _chart(now),
        "held": now.held,
        "bands": list(BANDS),
        "rules": _rules(now),
        "loads": now.loads,
        "days": RECENT_DAYS,
        "weeks": WEEKS,
        "lists": [_list_row(held) for held in lists_in_force()],
        "may_see_lists": may(user, Permission.SEE_LISTS),
        "now": timezone.now(),
    }
    return render(request, "compliance/desk.html", context)


@requires(Permission.SEE_CASES)
@require_GET
@exports("desk")
def export(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the desk is the same for everybody who may see it
    """The tables of the desk in one file: a section, a name, a measure, a value."""
    now = desk()
    rows: list[list[Any]] = [
        ["backlog", label, band, count] for label, bands in zip(_age_words(), now.ages, strict=True) for band, count in bands.items()
    ]
    for load in now.loads:
        values = {"open": load.held, "late": load.late, "decided": load.decided, "to_countersign": load.to_countersign}
        rows += [["workload", load.name, measure, value] for measure, value in values.items()]
    for rule, cleared, decided in now.rules:
        rows += [["rule", rule, "cleared", cleared], ["rule", rule, "decided", decided]]
    for row in map(_list_row, lists_in_force()):
        rows += [["list", row["held"].source.pk, "state", row["state"]], ["list", row["held"].source.pk, "hours", row["hours"]]]
    return csv_response(f"desk-{timezone.now():%Y%m%d}.csv", ["section", "name", "measure", "value"], rows)
