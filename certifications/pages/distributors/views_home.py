"""The first page: what must be done, by date; the authorisation; counts that are links; the newest declarations."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.attestations.queries import visible_to as attestations_visible_to
from certifications.attestations.queries import with_standing
from certifications.catalogue.models_policies import Policy
from certifications.catalogue.policies import in_force
from certifications.catalogue.rules_policies import is_enough
from certifications.custody.queries import calendar_from, calendar_rows
from certifications.declarations import queries
from certifications.declarations.models import Declaration
from certifications.declarations.models_enduser import StatementScan
from certifications.declarations.models_parts import DeclarationParty
from certifications.declarations.queries_enduser import page_of, scans_to_check, signer_of, to_check
from certifications.flags.models import Question
from certifications.flags.queries import questions_visible_to
from certifications.flow.decide import answer
from certifications.flow.facts import least_of
from certifications.flow.questions import signing_problems
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.ledger.together import hand_over, read_together
from certifications.mail.queries import notices, told_lately
from certifications.pages import visits
from certifications.parties.models import PartyName, Site
from certifications.parties.models_card import CustomerPaper
from certifications.parties.models_resellers import Nomination
from certifications.parties.nominating import open_with, waits_for
from certifications.parties.queries import customers_visible_to, display
from certifications.parties.queries_card import ending_papers
from certifications.parties.register import Entry, own_terms, still_told, today
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.templatetags.kit import territory_words

from .filing import RENEW_DAYS, WAITING, Filing, filings_of, parts_of, with_rows
from .views_reports import reports_todo

NEWEST, DUE = 6, 20  # declarations on the page


def _left(days: int) -> str:
    """Days left, or late, in words."""
    if days < 0:
        return ngettext("%(n)d day late", "%(n)d days late", -days) % {"n": -days}
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else _("today")


def lamp(row: Entry) -> dict[str, Any]:
    """An authorisation as a lamp: until when, for which lines, where; suspended or ended, and why where somebody said why."""
    text = _("for %(territory)s") % {"territory": territory_words(row.terms.lines, row.terms.countries, row.terms.divisions)}
    told = {"text": text, "number": row.authorisation.number}
    match row.standing:
        case "authorised":
            title = _("Authorised until %(day)s") % {"day": date_format(row.valid_until, "DATE_FORMAT")}
            return {**told, "kind": "ok", "title": title}
        case "suspended":
            said = row.change.public_reason if row.change else ""
            return {**told, "kind": "wait", "title": _("Authorisation suspended"), "text": f"{text}. {said}".rstrip(". ") + "."}
        case "not_yet":
            title = _("Authorised from %(day)s") % {"day": date_format(row.terms.valid_from, "DATE_FORMAT")}
            return {**told, "kind": "wait", "title": title}
        case "ended":
            why = _("It ended on %(day)s; ask the manufacturer for its renewal.") % {"day": date_format(row.valid_until, "DATE_FORMAT")}
        case "stopped":
            why = _("The authorisation that it comes from does not hold now.")
        case _:
            why = row.change.public_reason if row.change else ""
    return {**told, "kind": "stop", "title": _("Not authorised now"), "text": f"{text}. {why}".rstrip(". ") + "."}


def _acts(user: User) -> dict[str, tuple[str, str, str]]:
    """By status of a declaration: what this person must do with it, the words on the button, and where."""
    acts = {}
    if may(user, Permission.SIGN_DECLARATIONS):
        acts["draft"] = (_("Sign"), _("Read and sign"), "distributors:declaration-sign")
    if may(user, Permission.EDIT_DECLARATIONS):
        acts["unfinished"] = (_("Fill in"), _("Go on"), "distributors:declaration-edit")
        acts["returned"] = (_("Correct"), _("Open"), "distributors:declaration")
    return acts


def _todo(
    user: User, rows: list[Filing], entries: list[Entry], questions: list[Question], scans: list[StatementScan]
) -> list[dict[str, Any]]:
    """What this person must do."""
    today, items = civil_today(), renewals(entries)
    for question in questions:
        items.append(
            {"at": question.due_on, "day": date_format(question.due_on, "MONTH_DAY_FORMAT"), "left": _left((question.due_on - today).days),
             "late": question.due_on < today,
             "what": _("Answer a question"), "detail": question.text[:140],
             "url": reverse("distributors:question", args=[question.pk]), "action": _("Answer")}
        )  # fmt: skip
    acts = _acts(user)
    for row in rows:
        act = row.declaration.status
        if act == "draft" and not row.version.is_filled_in:
            act = "unfinished"
        if act in acts:
            what, action, url = acts[act]
            made = timezone.localdate(row.declaration.created_at)
            items.append(
                {"at": made, "day": date_format(made, "MONTH_DAY_FORMAT"), "left": "", "late": False,
                 "what": f"{what} {row.declaration.number}", "detail": row.name.title,
                 "url": reverse(url, args=[row.declaration.number]), "action": action}
            )  # fmt: skip
        elif row.word == "attested" and row.attestation is not None and row.step.url and not row.declaration.is_renewed:  # type: ignore[attr-defined]
            end = row.attestation.valid_until
            items.append(
                {"at": end, "day": date_format(end, "MONTH_DAY_FORMAT"), "left": _left((end - today).days), "late": False,
                 "what": _("Renew %(number)s") % {"number": row.declaration.number}, "detail": row.name.title,
                 "url": row.step.url, "action": _("Renew")}
            )  # fmt: skip
    for scan in scans:
        day, declaration = timezone.localdate(scan.filed_at), scan.statement.declaration
        items.append(
            {"at": day, "day": date_format(day, "MONTH_DAY_FORMAT"), "left": "", "late": False,
             "what": _("Compare the signed statement %(code)s") % {"code": scan.statement.code}, "detail": display(signer_of(scan.statement).party).title,
             "url": reverse("distributors:end-user", args=[declaration.number]) + page_of(scan.statement), "action": _("Open")}
        )  # fmt: skip
    return items


def _to_accept(nominations: list[Nomination], own: str) -> list[dict[str, Any]]:
    """Terms of a reseller's right that this person's organisation accepts next."""
    items = []
    for one in nominations:
        if waits_for(one, own):
            day = timezone.localdate(one.nominated_at)
            items.append(
                {"at": day, "day": date_format(day, "MONTH_DAY_FORMAT"), "left": "", "late": False,
                 "what": _("Accept the terms of nomination %(n)s") % {"n": one.number}, "detail": territory_words(one.lines, one.countries, one.divisions),
                 "url": reverse("distributors:nomination", args=[one.number]), "action": _("Open")}
            )  # fmt: skip
    return items


def _unheard(user: User, rows: list[Filing], asking: Sequence[Policy]) -> list[dict[str, Any]]:
    """Declarations that wait for nothing but the word of their end users, which a policy asks for; of stock nobody can be asked."""
    said = {
        "single": _("Ask the end user of %(number)s for its word"),
        "several": _("Ask the end users of %(number)s for their word"),
        "stockist": _("%(number)s is for stock and cannot be released: a policy asks for an end user's word"),
    }
    items = []
    for row in rows if asking and may(user, Permission.ASK_END_USER) else ():
        one = row.declaration
        if one.status == "ready" and not is_enough(row.assurance.level, least_of(asking, row.version)):
            day = timezone.localdate(one.created_at)
            items.append(
                {"at": day, "day": date_format(day, "MONTH_DAY_FORMAT"), "left": "", "late": False,
                 "what": said[row.version.kind] % {"number": one.number}, "detail": row.name.title,
                 "url": reverse("distributors:end-user", args=[one.number]), "action": _("Open")}
            )  # fmt: skip
    return items


def _ending_papers(user: User) -> QuerySet[CustomerPaper]:
    """Papers of customers that end within 60 days or are over, and that nothing follows: for whoever may file the next one."""
    found = ending_papers(soon()).filter(customer__organisation=user.organisation)
    return found[:DUE] if may(user, Permission.EDIT_CUSTOMERS) else found.none()


def _papers_ending(papers: list[CustomerPaper]) -> list[dict[str, Any]]:
    today = civil_today()
    return [
        {"at": paper.good_until, "day": date_format(paper.good_until, "MONTH_DAY_FORMAT"), "left": _left((paper.good_until - today).days),
         "late": paper.good_until <= today, "what": _("Ask for what follows a paper: %(title)s") % {"title": paper.title},
         "detail": display(paper.customer.party).title,
         "url": f"{reverse('distributors:customer', args=[paper.customer_id])}#papers", "action": _("Open")}
        for paper in papers
        if paper.good_until is not None
    ]  # fmt: skip


def _questions_open(user: User, rows: list[Filing]) -> list[dict[str, Any]]:
    """Drafts that cannot be signed before questions about their customer are answered: for whoever may answer them."""
    if not may(user, Permission.EDIT_CUSTOMERS):
        return []
    drafts = {row.declaration.number: row for row in rows if row.declaration.status == "draft"}
    found = {}
    for number in signing_problems([row.declaration for row in drafts.values()]):
        row = drafts[number]
        made = timezone.localdate(row.declaration.created_at)
        found[row.declaration.customer_id] = {
            "at": made, "day": date_format(made, "MONTH_DAY_FORMAT"), "left": "", "late": False,
            "what": _("Answer questions about a customer"), "detail": row.name.title,
            "url": reverse("distributors:questions", args=[row.declaration.customer_id]), "action": _("Answer")
        }  # fmt: skip
    return list(found.values())


def renewals(entries: list[Entry]) -> list[dict[str, Any]]:
    """Own rights that end within 60 days and that nothing follows: somebody must ask for a renewal."""
    today, followed = civil_today(), {entry.authorisation.renews_id for entry in entries}
    return [
        {"at": entry.valid_until, "day": date_format(entry.valid_until, "MONTH_DAY_FORMAT"), "left": _left((entry.valid_until - today).days),
         "late": False, "what": _("Ask for the renewal of %(number)s") % {"number": entry.authorisation.number},
         "detail": territory_words(entry.terms.lines, entry.terms.countries, entry.terms.divisions),
         "url": reverse("distributors:right", args=[entry.authorisation.number]), "action": _("Open")}
        for entry in entries
        if entry.standing == "authorised" and entry.valid_until <= soon() and entry.authorisation.pk not in followed
    ]  # fmt: skip


def _wanted(user: User) -> QuerySet[Declaration]:
    """The newest declarations and those this person must act on; the newest first."""
    declarations = queries.visible_to(user)
    acts = _acts(user)
    parts = [declarations.order_by("-created_at", "-pk").values("pk")[:NEWEST]]
    parts.append(declarations.filter(status__in=acts).order_by("created_at").values("pk")[:DUE])
    if "unfinished" in acts:
        parts.append(declarations.filter(queries.is_unfinished(), status="draft").order_by("created_at").values("pk")[:DUE])
    if may(user, Permission.ASK_END_USER):
        parts.append(declarations.filter(status="ready").order_by("created_at").values("pk")[:DUE])
    if may(user, Permission.EDIT_DECLARATIONS):
        ending = with_standing(attestations_visible_to(user), "valid").filter(valid_until__lte=soon(), declaration__status="attested")
        parts.append(ending.filter(~queries.is_renewed("declaration_id")).order_by("valid_until").values("declaration_id")[:DUE])
    # One set of keys: of conditions that are joined by OR, PostgreSQL would look at every declaration.
    wanted = parts[0].union(*parts[1:])
    found = with_rows(declarations.filter(pk__in=wanted)).annotate(is_renewed=queries.is_renewed("pk"))
    return found.order_by("-created_at", "-pk")


def _counted(user: User) -> list[tuple[QuerySet[Any], str, str]]:
    """What is counted, the words under the figure, and the list that it leads to."""
    declarations, attested = queries.visible_to(user), with_standing(attestations_visible_to(user), "valid")
    url, attestations_url = reverse("distributors:declarations"), reverse("distributors:attestations")
    return [
        (declarations.filter(status="draft"), _("declarations in preparation"), f"{url}?status=draft"),
        (declarations.filter(status__in=WAITING), _("with compliance"), f"{url}?status=waiting"),
        (attested, _("attestations in force"), f"{attestations_url}?status=valid"),
        (attested.filter(valid_until__lte=soon()), _("expire in 60 days"), f"{attestations_url}?status=valid&soon=1"),
        (customers_visible_to(user), _("registered customers"), reverse("distributors:customers")),
    ]


def soon() -> dt.date:
    """Until when something counts as about to expire."""
    return civil_today() + dt.timedelta(days=RENEW_DAYS)


@requires(Permission.SEE_OWN_DECLARATIONS)
def home(request: HttpRequest) -> HttpResponse:
    """GET the first page. Few statements, for it is opened more often than any other.

    Two, one more for each tier above a right's giver, and two more where several end users of a declaration have said something.
    """
    user: User = request.user  # type: ignore[assignment]
    counted, may_check = _counted(user), may(user, Permission.CHECK_OWN_STATEMENTS)
    party = getattr(user.organisation, "party", None) if may(user, Permission.ACCEPT_TERMS) else None
    own = party.pk if party else ""
    reporter = [user.organisation.pk] if user.organisation is not None and may(user, Permission.REPORT_SALES) else []
    declarations, questions, scans, papers, terms, nominations, told, *custody, counts = read_together(
        _wanted(user),
        questions_visible_to(user).filter(answered_at__isnull=True, withdrawn_at__isnull=True),
        scans_to_check(user, queries.visible_to(user) if may_check else Declaration.objects.none()),
        _ending_papers(user),
        own_terms(user),
        open_with(own) if own else Nomination.objects.none(),
        told_lately(user),
        *calendar_rows(reporter),
        counts=[found for found, _label, _url in counted],
    )
    register = today()
    ready = [one for one in declarations if one.status == "ready"]
    parties = [*(signer_of(scan.statement).party for scan in scans), *(paper.customer.party for paper in papers)]
    current = Q(version__number=F("version__declaration__version_number"))
    taking = DeclarationParty.objects.filter(current, version__declaration__in=ready).select_related("customer__party")
    others = Q(party__in=taking.values("customer__party"))
    names, above, changes, asking, further, sites, *parts = read_together(
        PartyName.objects.filter(others | Q(party__in=[party.pk for party in parties])),
        *register.with_these(terms),
        in_force(civil_today()).filter(effect="assurance"),
        taking,
        Site.objects.filter(others | Q(party__in=[one.customer.party_id for one in ready])),
        *parts_of(declarations),
    )
    reached = [one.customer.party for one in further]
    for party in (*reached, *(one.customer.party for one in ready)):
        hand_over(party, "sites", [site for site in sites if site.party_id == party.pk])
    for party in (*reached, *parties):
        hand_over(party, "names", [name for name in names if name.party_id == party.pk])
    rows, entries = filings_of(user, declarations, parts), still_told(register.judged(terms, above=above, changes=changes))
    for row in rows:
        if row.declaration.status == "ready":
            hand_over(row.version, "parties", [one for one in further if one.version_id == row.version.pk])
    todo = [*_todo(user, rows, entries, questions, to_check(user, scans)), *_papers_ending(papers), *_questions_open(user, rows)]
    owed = [one for pk in reporter for one in calendar_from(pk, *custody).open]
    todo += reports_todo(owed, civil_today(), _left)
    context = {
        "todo": sorted(
            [*todo, *_unheard(user, rows, asking), *_to_accept(nominations, own)], key=lambda item: (not item["late"], item["at"])
        ),
        "authorisations": [lamp(row) for row in entries],
        "today": timezone.localdate(),
        "stats": [{"value": count, "label": label, "url": url} for count, (_found, label, url) in zip(counts, counted, strict=True)],
        "rows": rows[:NEWEST],
        "may_edit": may(user, Permission.EDIT_DECLARATIONS),
        "several": may(user, Permission.SIGN_DECLARATIONS) and sum(row.declaration.status == "draft" for row in rows) > 1,
        "organisation": user.organisation,
        "notices": notices(told, visits.before(request)),
    }
    return visits.keep(request, render(request, "distributors/home.html", context))


@requires(Permission.ANSWER_QUESTIONS)
def question(request: HttpRequest, pk: str) -> HttpResponse:
    """Read a question and answer it."""
    user: User = request.user  # type: ignore[assignment]
    found = get_object_or_404(questions_visible_to(user).select_related("declaration"), pk=pk)
    error = ""
    if request.method == "POST":
        try:
            answer(question=found, by=user, text=request.POST.get("answer", "")[:4000])
        except NotAllowed as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("Your answer is sent."))
            return redirect("distributors:home")
    context = {"question": found, "error": error, "typed": request.POST.get("answer", "")}
    return render(request, "distributors/question.html", context, status=422 if error else 200)
